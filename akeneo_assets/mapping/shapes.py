"""Read JSON values whose type may vary.

Akeneo is written in PHP: an empty map may arrive as ``[]``, a numeric code as an integer, and a list whose first
member was removed as a map of positions.
"""

from __future__ import annotations

from typing import Any

from akeneo_assets.documents import JsonObject


def as_map(value: Any) -> JsonObject:
    """Return a map; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a list; the values of a map, and an empty list for anything else."""
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else []


def as_text(value: Any) -> str | None:
    """Return a code or text; integers become text, blank text and anything else becomes None."""
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_codes(value: Any) -> tuple[str, ...]:
    """Return the codes in a list, in order; other members, such as null, are left out."""
    return tuple(code for member in as_list(value) if (code := as_text(member)) is not None)
