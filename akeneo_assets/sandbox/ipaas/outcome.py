"""The outcome of a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from akeneo_assets.documents import JsonObject


@dataclass(frozen=True)
class Written:
    """Outcome of a write.

    Args:
        table: Table of the record.
        record: The record after the write.
        changed: False if nothing but the ids of its children has changed.
        children_recreated: Children that were deleted and created again, because they were sent without an id.
        children_removed: Children that the request left out.
    """

    table: str
    record: JsonObject
    changed: bool = True
    children_recreated: int = 0
    children_removed: int = 0


def same_content(one: Any, other: Any) -> bool:
    """Return whether two records are equal, apart from the ids that the server assigned to them and their children."""
    return bool(_without_ids(one) == _without_ids(other))


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_ids(content) for name, content in value.items() if name != "id"}
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    return value
