"""Hold a mapping file against the structure of the catalogue: codes that do not exist there are named with the cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from akeneo_assets.mapping.attribute_types import NUMERIC_TYPES, PRICE_TYPES
from akeneo_assets.mapping.collections import place_text
from akeneo_assets.mapping.selection import select

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from akeneo_assets.mapping.collections import Mapping, Place
    from akeneo_assets.mapping.structure import Structure

_SHOWN = 10  # codes that a message lists at most


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the mapping file that the catalogue does not have.

    Args:
        place: Where in the file, e.g. ``product.custom_fields.attributes[2]``.
        message: What is wrong.
        cure: What to do.
    """

    place: str
    message: str
    cure: str


def check(mapping: Mapping, structure: Structure) -> list[Problem]:
    """Return everything in ``mapping`` that ``structure`` does not have, in the order of the file.

    Category attributes are not checked: Akeneo lists them nowhere.
    """
    return [*_settings(mapping, structure), *_attributes(mapping, structure)]


def _settings(mapping: Mapping, structure: Structure) -> Iterator[Problem]:
    settings = mapping.settings
    if settings.channel is not None and settings.channel not in structure.channels:
        yield _unknown(("settings", "channel"), "channel", settings.channel, structure.channels)
    else:
        yield from _channel(mapping, structure)
    if settings.price_attribute is not None:
        yield from _attribute(
            ("settings", "price_attribute"), settings.price_attribute, PRICE_TYPES, "a price or number", structure
        )
    for name in ("bundle_association_types", "related_association_types"):
        for index, code in enumerate(getattr(settings, name) or ()):
            if code not in structure.association_types:
                yield _unknown(("settings", name, index), "association type", code, structure.association_types)


def _channel(mapping: Mapping, structure: Structure) -> Iterator[Problem]:
    settings, code = mapping.settings, select(mapping.settings, structure).channel
    if code is None:
        return
    channel = structure.channels[code]
    places: list[tuple[Place, str | None]] = [(("settings", "locale"), settings.locale)]
    places += [
        (("settings", "locale_fallbacks", index), locale) for index, locale in enumerate(settings.locale_fallbacks)
    ]
    for place, locale in places:
        if locale is not None and locale not in channel.locales:
            yield _unknown(place, "locale", locale, channel.locales, f" in the channel {code}")
    if settings.currency is not None and settings.currency not in channel.currencies:
        yield _unknown(
            ("settings", "currency"), "currency", settings.currency, channel.currencies, f" in the channel {code}"
        )


def _attributes(mapping: Mapping, structure: Structure) -> Iterator[Problem]:
    for named in mapping.names():
        if named.place[0] != "category" and named.reading is not None:
            is_number = named.value_type == "number" and named.reading.record_attribute is None
            types = NUMERIC_TYPES if is_number else None
            yield from _attribute(named.place, named.name, types, "a number", structure)


def _attribute(
    place: Place, code: str, types: Collection[str] | None, wanted: str, structure: Structure
) -> Iterator[Problem]:
    attribute = structure.attributes.get(code)
    if attribute is None:
        yield _unknown(place, "attribute", code, structure.attributes)
    elif types is not None and attribute.type not in types:
        yield Problem(
            place_text(place),
            f"The attribute {code} has the type {attribute.type}, which gives no {wanted.removeprefix('a ')}.",
            f"Name {wanted} attribute instead.",
        )


def _unknown(place: Place, what: str, code: str, known: Collection[str], where: str = "") -> Problem:
    return Problem(
        place_text(place),
        f"There is no {what} {code}{where}.",
        f"{_suggestion(code, sorted(known))} Or remove it from the mapping file.",
    )


def _suggestion(code: str, known: Sequence[str]) -> str:
    by_folded = {each.casefold(): each for each in known}
    if close := get_close_matches(code.casefold(), by_folded, n=1):
        return f"Did you mean {by_folded[close[0]]}?"
    shown = ", ".join(known[:_SHOWN])
    return f"Choose one of {shown}{', …' if len(known) > _SHOWN else ''}." if known else "There is none at all."
