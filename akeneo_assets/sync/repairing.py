"""Plans records whose links need repair, because a target now exists, no longer exists, or changed its SKU or id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from akeneo_assets.mapping.records import MappedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.custom_fields import RELATION, CustomField, CustomFieldDefinitions
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.planned_records import planned_record

REPAIRED: Final = "link repaired"

RELATIONS: Final[Mapping[ObjectName, tuple[str, ...] | None]] = {
    "categories": ("category", "parent", RELATION),
    "bundles": ("component",),
    "related_products": None,
}
"""Object → the relations that are repaired after its delivery: those that point to it, or all after the last step."""

_LAST: Final = ("categories", "related_products")
"""The last deliveries of a run, after which deferred custom fields are retried."""


def plan_repairs(
    store: Store, custom_fields: CustomFieldDefinitions, object_name: ObjectName, partition_key: str
) -> int:
    """Plan every delivered record with a link that is due.

    Args:
        store: The state.
        custom_fields: The custom fields that iPaaS.com knows.
        object_name: The object that the repairs are delivered for; a key of :data:`RELATIONS`.
        partition_key: The partition that delivers them.

    Returns:
        How many records were planned.
    """
    planned = 0
    if object_name in _LAST:
        _try_custom_fields(store, custom_fields)
    for page in store.links.due(RELATIONS[object_name]):
        keys: dict[str, list[str]] = {}
        for kind, key in page:
            keys.setdefault(kind, []).append(key)
        rows = [
            planned_record(
                object_name,
                MappedRecord.from_document(entry.document),
                "update",
                REPAIRED,
                partition_key=partition_key,
                looked_at=entry.looked_at,
                source=entry.source,
            )
            for kind, of_kind in keys.items()
            for entry in store.ledger.entries(kind, of_kind).values()
            if entry.document is not None and entry.ipaas_id is not None
        ]
        store.plan.put(rows)
        planned += len(rows)
    return planned


def _try_custom_fields(store: Store, custom_fields: CustomFieldDefinitions) -> None:
    """Retry custom fields that could not be defined. Records with a field that is now defined become due."""
    waiting = store.links.targets(RELATION)
    defined = [key for key in waiting if custom_fields.try_again(CustomField.of_key(key))]
    if waiting:
        store.links.tried(RELATION, due=defined, missing=[key for key in waiting if key not in defined])
