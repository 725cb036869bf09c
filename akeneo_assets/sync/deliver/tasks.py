"""The planned records of one batch: what is known about each, and the order in which they are sent."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.objects import KINDS, OBJECTS, ObjectName
from akeneo_assets.store.ledger import Ledger
from akeneo_assets.store.mirror import Mirror
from akeneo_assets.store.records import Attempt, LedgerEntry, PlannedRecord
from akeneo_assets.sync.deliver.bundle_order import waves
from akeneo_assets.sync.deliver.conflicts import MustWaitError


@dataclass(frozen=True)
class DeliveryTask:
    """One row of the plan with what is needed to deliver it.

    Attributes:
        row: The row.
        mapped: The record to send.
        attempt: The partition and run that deliver it, and when its source was looked at.
        entry: The ledger's entry of the record; None for a record that is new to the ledger.
        variant_entries: Ledger entries of variants by key, among them those of this record's variants.
        other_places: Ledger entries under the other kind, by key: of a variant that was a simple product, or of a
            simple product that was a variant.
        edit_times: When records, or the product trees that they belong to, were last edited in Akeneo, by kind and key.
    """

    row: PlannedRecord
    mapped: MappedRecord
    attempt: Attempt
    entry: LedgerEntry | None = None
    variant_entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    other_places: Mapping[str, LedgerEntry] = field(default_factory=dict)
    edit_times: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def already_delivered(self) -> bool:
        """Whether another step sent exactly this since the state was read for the plan.

        For example, a variant was sent with its model, or another run planned and sent the same change.
        """
        entry = self.entry
        return (
            entry is not None
            and entry.state == "sent"
            and entry.payload_hash == self.row.payload_hash
            and entry.related_hash == self.mapped.related_hash
            and entry.sent_moment > self.row.planned_moment
        )

    @property
    def changes_only_links(self) -> bool:
        """Whether the related products are all that differs from what iPaaS.com accepted last."""
        entry = self.entry
        return (
            entry is not None
            and entry.state == "sent"
            and self.row.object == "related_products"
            and entry.payload_hash == self.row.payload_hash
            and entry.related_hash != self.mapped.related_hash
        )

    def other_place(self, key: str) -> LedgerEntry | None:
        """Return the ledger entry of a record that was sent as the other kind before; None if it was not.

        Args:
            key: Key of the record or of one of its variants.
        """
        other = self.other_places.get(key)
        return other if other is not None and other.ipaas_id is not None else None


def with_ledger_entries(ledger: Ledger, tasks: Sequence[DeliveryTask]) -> list[DeliveryTask]:
    """Return the tasks with the current ledger entries of their records and of the variants of their models."""
    keys: dict[str, list[str]] = {"variant": [variant.key for task in tasks for variant in task.mapped.variants]}
    for task in tasks:
        keys.setdefault(task.row.kind, []).append(task.row.key)
    entries = {kind: ledger.entries(kind, of_kind) for kind, of_kind in keys.items()}
    others = {
        **ledger.entries("product", keys["variant"]),
        **ledger.entries("variant", keys.get("product", ())),
    }
    return [
        replace(
            task,
            entry=entries[task.row.kind].get(task.row.key),
            variant_entries=entries["variant"],
            other_places=others,
        )
        for task in tasks
    ]


def edit_times_of(mirror: Mirror, records: Sequence[MappedRecord]) -> dict[tuple[str, str], float]:
    """Return when records and their variants were last edited in Akeneo, by kind and key, if it is known.

    An edit of a product model is an edit of its variants, and the reverse.
    """
    keys: dict[str, list[str]] = {}
    for record in records:
        for each in (record, *record.variants):
            keys.setdefault(KINDS[each.kind].source_kind, []).append(each.key)
    edited = {source_kind: mirror.edit_times(source_kind, of_kind) for source_kind, of_kind in keys.items()}

    def latest(*of_records: MappedRecord) -> float:
        return max(edited[KINDS[each.kind].source_kind].get(each.key, 0.0) for each in of_records)

    times = {
        (each.kind, each.key): latest(each, *each.variants) for record in records for each in (record, *record.variants)
    }
    return {identity: at for identity, at in times.items() if at}


def in_waves(object_name: ObjectName, tasks: Sequence[DeliveryTask]) -> Iterable[list[DeliveryTask]]:
    """Split a batch so that records are sent after the records that they refer to.

    Models are also sent before variants, so that a variant that was sent with its model is not sent again.
    """
    if OBJECTS[object_name].of_kits:
        by_key = {task.row.key: task for task in tasks}
        components = {
            key: {component.target.key for component in task.mapped.components} for key, task in by_key.items()
        }
        return [[by_key[key] for key in wave] for wave in waves(components)]
    groups = itertools.groupby(tasks, key=lambda task: (task.row.sequence, task.row.kind))
    return [list(wave) for _, wave in groups]


def in_turn(waiting: Mapping[str, tuple[DeliveryTask, MustWaitError]]) -> Iterator[DeliveryTask]:
    """Yield records that wait for another record's SKU, each after that record, unless they wait for each other.

    Args:
        waiting: Key of a record → its task, and the error that names the record it waits for.
    """
    left = dict(waiting)
    while left:
        key = next((key for key, (_, waits) in left.items() if waits.key not in left), next(iter(left)))
        yield left.pop(key)[0]
