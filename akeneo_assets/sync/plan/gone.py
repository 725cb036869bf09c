"""Plans records that no longer exist in Akeneo to be sent once more, as ``Disabled``."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS, ObjectName, kinds_of, object_of
from akeneo_assets.store.records import LedgerEntry, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.plan.planned_records import planned_record

GONE: Final = "gone from Akeneo"


def plan_disabled(store: Store, partition_key: str) -> dict[ObjectName, int]:
    """Plan records that are gone from Akeneo to be sent once more, as ``Disabled``.

    Args:
        store: The state.
        partition_key: The partition that delivers them.

    Returns:
        How many were planned, by object.
    """
    planned: dict[ObjectName, int] = {}
    moment = store.mirror.moment()
    for source_kind in PRODUCT_SOURCE_KINDS:
        for keys in store.mirror.gone_keys(source_kind):
            for kind in kinds_of(source_kind):
                entries = store.ledger.entries(kind, keys).values()
                rows = [
                    _disabled(entry, MappedRecord.from_document(entry.document), partition_key, moment)
                    for entry in entries
                    if entry.document is not None
                    and entry.ipaas_id is not None
                    and entry.document["payload"].get("status") != "Disabled"
                ]
                store.plan.put(rows)
                for row in rows:
                    name: ObjectName = row.object  # type: ignore[assignment]  # written by object_of
                    planned[name] = planned.get(name, 0) + 1
    return planned


def _disabled(entry: LedgerEntry, mapped: MappedRecord, partition_key: str, moment: float) -> PlannedRecord:
    disabled = replace(mapped, payload={**mapped.payload, "status": "Disabled"})
    return planned_record(
        object_of(mapped.kind, is_kit=mapped.kit is not None),
        disabled,
        "update",
        GONE,
        partition_key=partition_key,
        looked_at=entry.looked_at,
        planned_moment=moment,
        source=None,
    )
