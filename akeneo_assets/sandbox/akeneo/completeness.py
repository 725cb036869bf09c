"""The completeness of a record by channel and locale, and the quality score derived from it."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.structure import Structure


def completenesses(values: JsonObject, family: str | None, structure: Structure) -> list[JsonObject]:
    """Return the percentage of required attributes that have a value; nothing without a family."""
    return [
        {"scope": scope, "locale": locale, "data": percent}
        for scope, locale, percent in _shares(values, family, structure)
    ]


def quality_scores(values: JsonObject, family: str | None, structure: Structure) -> list[JsonObject]:
    """Return a letter from A to E for each channel and locale."""
    return [
        {"scope": scope, "locale": locale, "data": "EDCBA"[min(4, percent // 20)]}
        for scope, locale, percent in _shares(values, family, structure)
    ]


def _shares(values: JsonObject, family: str | None, structure: Structure) -> Iterator[tuple[str, str, int]]:
    if family not in structure.families:
        return
    for scope, required in sorted(structure.families[family]["attribute_requirements"].items()):
        for locale in structure.channels[scope]["locales"] if scope in structure.channels else ():
            filled = sum(
                any(
                    entry["locale"] in {None, locale} and entry["scope"] in {None, scope}
                    for entry in values.get(code, ())
                )
                for code in required
            )
            yield scope, locale, 100 * filled // len(required) if required else 100
