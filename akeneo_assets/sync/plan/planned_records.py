"""Creates the plan row of a mapped record."""

from __future__ import annotations

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.objects import ObjectName
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import Action, PlannedRecord


def planned_record(
    object_name: ObjectName,
    mapped: MappedRecord,
    action: Action,
    reason: str,
    *,
    partition_key: str,
    looked_at: float,
    planned_moment: float,
    source: SourceFingerprint | None,
    sequence: int = 0,
    model: str | None = None,
) -> PlannedRecord:
    """Return the row of the plan for a mapped record.

    Args:
        object_name: The object under which it is delivered.
        mapped: What is sent.
        action: What has to be done.
        reason: Why, in a few words.
        partition_key: The partition that delivers it.
        looked_at: The moment at which its source was looked at.
        planned_moment: A moment before the state was read.
        source: What it was mapped from; None if its source was not looked at.
        sequence: Position in the order of delivery. Lower numbers are sent first.
        model: For a variant, the code of its root model.
    """
    return PlannedRecord(
        object=object_name,
        kind=mapped.kind,
        key=mapped.key,
        partition_key=partition_key,
        action=action,
        reason=reason,
        sequence=sequence,
        payload_hash=mapped.base_hash,
        source=source,
        document={**mapped.to_document(), "model": model},
        looked_at=looked_at,
        planned_moment=planned_moment,
    )
