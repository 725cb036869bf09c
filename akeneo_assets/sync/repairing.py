"""Plan the repair of links: records with a link whose target has come, changed its SKU or id, or gone since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from akeneo_assets.mapping.record.mapped_record import MappedRecord
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
"""Object → the links that its delivery repairs at its end: those that point to it; all, for the last step of a run."""

_LAST: Final = ("categories", "related_products")
"""The last delivery of a run, after which deferred custom fields are tried again."""


def plan_repairs(
    store: Store, custom_fields: CustomFieldDefinitions, object_name: ObjectName, partition_key: str
) -> int:
    """Put every delivered record with a link that is due into the plan.

    Args:
        store: The state.
        custom_fields: The custom fields that iPaaS.com knows.
        object_name: The object under whose name the repairs are delivered; one of :data:`RELATIONS`.
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
    """Try again to define the custom fields that records went without; the records of those that work are due."""
    waiting = store.links.targets(RELATION)
    defined = [key for key in waiting if custom_fields.try_again(CustomField.of_key(key))]
    if waiting:
        store.links.tried(RELATION, due=defined, missing=[key for key in waiting if key not in defined])
