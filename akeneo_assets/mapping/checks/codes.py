"""Findings about codes that do not exist in Akeneo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeAlias

from akeneo_assets.mapping.file.finding import Finding

if TYPE_CHECKING:
    from akeneo_assets.mapping.file.finding import Severity
    from akeneo_assets.mapping.file.place import Place

Deleted: TypeAlias = Mapping[str, Collection[str]]
"""The keys of structure records that were deleted in Akeneo, by kind."""

SHOWN: Final = 10
"""The maximum number of codes that a message lists."""


def listed(codes: Collection[str]) -> str:
    """Return the first codes as comma-separated text."""
    shown = sorted(codes)[:SHOWN]
    return ", ".join(shown) + (", …" if len(codes) > SHOWN else "")


def unknown(
    place: Place, what: str, code: str, known: Collection[str], where: str = "", *, severity: Severity = "error"
) -> Finding:
    """Return the finding for a code that does not exist, with a suggestion.

    Args:
        place: Its path in the file.
        what: The kind of code, e.g. ``attribute``.
        code: The unknown code.
        known: All codes that exist.
        where: Where it was looked for, e.g. `` in the channel print``.
        severity: Error or warning.
    """
    fix = f"{_suggestion(code, known)} Otherwise, remove it from the mapping file."
    return Finding.at(place, f"There is no {what} {code}{where}.", fix, severity)


def missing(
    place: Place, what: str, code: str, known: Collection[str], deleted: Collection[str], where: str = ""
) -> Finding:
    """Return the finding for a code that does not exist: a warning if it was deleted, otherwise an error.

    Catalogues change independently of the mapping file. A code that was valid before must not stop the sync.

    Args:
        place: Its path in the file.
        what: The kind of code, e.g. ``attribute``.
        code: The missing code.
        known: All codes that exist.
        deleted: Codes that were deleted.
        where: Where it was looked for, e.g. `` in the reference entity brands``.
    """
    if code not in deleted:
        return unknown(place, what, code, known, where)
    return Finding.at(
        place,
        f"The {what} {code}{where} was deleted in Akeneo. Records are mapped without it.",
        "Remove it from the mapping file.",
        "warning",
    )


def _suggestion(code: str, known: Collection[str]) -> str:
    by_folded = {each.casefold(): each for each in sorted(known)}
    if close := get_close_matches(code.casefold(), by_folded, n=1):
        return f"Did you mean {by_folded[close[0]]}?"
    return f"Choose one of {listed(known)}." if known else "None exist."
