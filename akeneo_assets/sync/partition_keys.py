"""The partition keys of changes: one an hour."""

from __future__ import annotations

from datetime import datetime


def changes_key(moment: datetime) -> str:
    """Return the partition key of what is seen to change at ``moment``, which is in UTC."""
    return f"changes:{moment:%Y-%m-%dT%H}"


def is_changes(partition_key: str) -> bool:
    """Whether a partition is what was seen to change in an hour."""
    return partition_key.startswith("changes:")
