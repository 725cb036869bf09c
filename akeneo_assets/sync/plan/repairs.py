"""Plans records whose links need repair, because a target now exists, no longer exists, or changed its SKU or id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.records import NOT_STORED
from akeneo_assets.store.store import Store
from akeneo_assets.sync.custom_fields import RELATION, CustomField, CustomFieldDefinitions
from akeneo_assets.sync.destination import Capabilities
from akeneo_assets.sync.not_stored import note_not_stored, stored_now
from akeneo_assets.sync.plan.planned_records import planned_record

REPAIRED: Final = "link repaired"


def plan_repairs(
    store: Store,
    custom_fields: CustomFieldDefinitions,
    object_name: ObjectName,
    partition_key: str,
    capabilities: Capabilities,
) -> int:
    """Plan every delivered record with a link that is due.

    If several variants of a model have one, the model is planned as well. Its write contains all its variants, so they
    are not sent alone.

    Args:
        store: The state.
        custom_fields: The custom fields that iPaaS.com knows.
        object_name: The object that the repairs are delivered for; its spec names the relations.
        partition_key: The partition that delivers them.
        capabilities: What the run relies on.

    Returns:
        How many records were planned.
    """
    moment = store.mirror.moment()
    planned, repairs = 0, OBJECTS[object_name].repairs
    if repairs == "all" or RELATION in repairs:
        _try_custom_fields(store, custom_fields)
    if repairs == "all":
        # A run that began before the last probe may have sent records without knowing it.
        note_not_stored(store)
        if stored := stored_now(store, capabilities):
            store.links.tried(NOT_STORED, due=stored, missing=[])
    for page in store.links.due(None if repairs == "all" else repairs):
        keys: dict[str, list[str]] = {}
        for kind, key in page:
            keys.setdefault(kind, []).append(key)
        for kind, of_kind in keys.items():
            planned += _plan(store, object_name, kind, of_kind, partition_key, moment)
    if repairs == "all":
        for models in store.links.models_due():
            _plan(store, object_name, "product_model", models, partition_key, moment)
    return planned


def _try_custom_fields(store: Store, custom_fields: CustomFieldDefinitions) -> None:
    """Retry custom fields that could not be defined. Records with a field that is now defined become due."""
    waiting = store.links.targets(RELATION)
    defined = [key for key in waiting if custom_fields.try_again(CustomField.of_key(key))]
    if waiting:
        store.links.tried(RELATION, due=defined, missing=[key for key in waiting if key not in defined])


def _plan(
    store: Store, object_name: ObjectName, kind: str, keys: Sequence[str], partition_key: str, moment: float
) -> int:
    rows = [
        planned_record(
            object_name,
            MappedRecord.from_document(entry.document),
            "update",
            REPAIRED,
            partition_key=partition_key,
            looked_at=entry.looked_at,
            planned_moment=moment,
            source=entry.source,
        )
        for entry in store.ledger.entries(kind, keys).values()
        if entry.document is not None and entry.ipaas_id is not None
    ]
    store.plan.put(rows)
    return len(rows)
