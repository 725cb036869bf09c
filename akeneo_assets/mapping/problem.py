"""What can be wrong with a mapping file that was loaded, and the words for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from akeneo_assets.mapping.collections import place_text

if TYPE_CHECKING:
    from akeneo_assets.mapping.collections import Place

Severity: TypeAlias = Literal["error", "warning"]

Deleted: TypeAlias = Mapping[str, Collection[str]]
"""The keys of structure records that Akeneo had once, by kind."""

SHOWN: Final = 10
"""How many codes a message lists at most."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the mapping file that the catalogue does not have.

    Args:
        place: Where in the file, e.g. ``product.custom_fields.attributes[2]``.
        message: What is wrong.
        cure: What to do.
        severity: ``error``: nothing should be sent before it is cured; ``warning``: it costs single fields or records.
    """

    place: str
    message: str
    cure: str
    severity: Severity = "error"

    @classmethod
    def at(cls, place: Place, message: str, cure: str, severity: Severity = "error") -> Problem:
        """Return a problem at a place of the file."""
        return cls(place_text(place), message, cure, severity)


def listed(codes: Collection[str]) -> str:
    """Return the first codes as text."""
    shown = sorted(codes)[:SHOWN]
    return ", ".join(shown) + (", …" if len(codes) > SHOWN else "")


def unknown(
    place: Place, what: str, code: str, known: Collection[str], where: str = "", *, severity: Severity = "error"
) -> Problem:
    """Return the problem of a code that does not exist, with the one that may have been meant.

    Args:
        place: Where in the file.
        what: What the code should be of.
        code: The code.
        known: What there is.
        where: In what it was looked for.
        severity: Whether it is an error.
    """
    cure = f"{_suggestion(code, known)} Or remove it from the mapping file."
    return Problem.at(place, f"There is no {what} {code}{where}.", cure, severity)


def missing(
    place: Place, what: str, code: str, known: Collection[str], deleted: Collection[str], where: str = ""
) -> Problem:
    """Return the problem of a code that does not exist: a warning where it did once, else an error.

    A catalogue is changed without regard to the mapping file. What was right once must not stop everything else.

    Args:
        place: Where in the file.
        what: What the code should be of.
        code: The code.
        known: What there is.
        deleted: What there was.
        where: In what it was looked for.
    """
    if code not in deleted:
        return unknown(place, what, code, known, where)
    return Problem.at(
        place,
        f"The {what} {code}{where} was deleted in Akeneo; records are mapped as if they had none.",
        "Remove it from the mapping file.",
        "warning",
    )


def _suggestion(code: str, known: Collection[str]) -> str:
    by_folded = {each.casefold(): each for each in sorted(known)}
    if close := get_close_matches(code.casefold(), by_folded, n=1):
        return f"Did you mean {by_folded[close[0]]}?"
    return f"Choose one of {listed(known)}." if known else "There are none."
