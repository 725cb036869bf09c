"""Read JSON whose shape is not quite what it should be.

Akeneo is written in PHP: an empty map may arrive as ``[]``, a code made of digits as an integer, a list whose
first member was removed as a map of positions.
"""

from __future__ import annotations

from typing import Any

from akeneo_assets.documents import JsonObject


def as_map(value: Any) -> JsonObject:
    """Return a map; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a list; the members of a map count as one, anything else is empty."""
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else []


def as_text(value: Any) -> str | None:
    """Return a code or text; an integer counts as one, anything else and blank text is None."""
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_codes(value: Any) -> tuple[str, ...]:
    """Return the codes of a list in its order; members that are no codes, such as null, are left out."""
    return tuple(code for member in as_list(value) if (code := as_text(member)) is not None)
