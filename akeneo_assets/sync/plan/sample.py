"""Shows a part of a plan."""

from __future__ import annotations

from akeneo_assets.objects import ObjectName
from akeneo_assets.store.store import Store
from akeneo_assets.sync.difference import in_words


def plan_sample(store: Store, object_name: ObjectName, partition_key: str, limit: int = 10) -> list[dict[str, str]]:
    """Return planned records of an object as a table: record, action, reason, and what differs.

    Args:
        store: The state.
        object_name: One of the six objects.
        partition_key: The partition.
        limit: The maximum number of records for each reason.
    """
    reasons = sorted({reason for _, reason in store.plan.counts(object_name, partition_key)})
    return [
        {
            "record": f"{row.kind} {row.key}",
            "action": row.action,
            "reason": row.reason,
            "differs": in_words(row.difference or {}),
        }
        for reason in reasons
        for page in store.plan.rows(object_name, partition_key, reason=reason, limit=limit)
        for row in page
    ]
