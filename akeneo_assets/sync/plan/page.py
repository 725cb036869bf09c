"""Decides for each record whether it is due and why, and writes the decisions in pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.http.stopping import stop_if_asked
from akeneo_assets.mapping.record.filter import FILTERED
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.fingerprints import CHANGED, SourceFingerprint
from akeneo_assets.store.records import Action, Attempt, Blocked, LedgerState, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.store.unreadable import UNREADABLE
from akeneo_assets.sync.difference import difference
from akeneo_assets.sync.plan.mapped_products import MappedProducts
from akeneo_assets.sync.plan.mapped_trees import MappedTrees
from akeneo_assets.sync.plan.planned_records import planned_record
from akeneo_assets.sync.results import StepResult

NEW: Final = "new"
RETRY: Final = "retry"
FORCED: Final = "forced"
RELATED: Final = "related products changed"
MOVED: Final = "moved to another product"


def refers_to_others(mapped: MappedRecord) -> bool:
    """Whether a record, or one of its variants, has related products or components."""
    return bool(mapped.related or mapped.components or any(variant.related for variant in mapped.variants))


@dataclass(frozen=True)
class PlanContext:
    """The context that all decisions of a step share.

    Attributes:
        store: The state.
        mapper: The mapping, with the structure it was loaded for.
        attempt: The partition that the plan rows belong to, the run, and a moment before the first record is looked
            at. Records that change later are due again.
        force: Also plan unchanged records.
        send_variants_alone: Whether a changed variant is sent without its whole product.
        trees: The product trees that the run has mapped.
        products: The results for the simple products that the run has mapped.
        planned_roots: Root models that were already planned, because several scopes may contain the same tree.
    """

    store: Store
    mapper: Mapper
    attempt: Attempt
    force: bool = False
    send_variants_alone: bool = True
    trees: MappedTrees = field(default_factory=MappedTrees)
    products: MappedProducts = field(default_factory=MappedProducts)
    planned_roots: set[str] = field(default_factory=set)

    def source(self, content: str) -> SourceFingerprint:
        """Return the fingerprint of a record's content together with the mapping and the structure."""
        return SourceFingerprint(content, *self.mapper.fingerprint)

    def is_settled(self, state: LedgerState | None, source: SourceFingerprint) -> bool:
        """Whether a record with this fingerprint was delivered, so that it does not have to be mapped."""
        return state is not None and state.is_current and state.source == source and not self.force

    def is_due(self, mapped: MappedRecord, state: LedgerState | None) -> bool:
        """Whether the payload without related products differs from what iPaaS.com accepted last."""
        return self.force or state is None or state.payload_hash != mapped.base_hash


@dataclass
class PlanPage:
    """The decisions for one page of records, written to the database together."""

    context: PlanContext
    object_name: ObjectName
    result: StepResult
    _rows: list[PlannedRecord] = field(default_factory=list)
    _settled: list[tuple[str, str]] = field(default_factory=list)
    _confirmed: dict[str, dict[str, SourceFingerprint | None]] = field(default_factory=dict)
    _blocked: list[Blocked] = field(default_factory=list)

    def unchanged(self, kind: str, key: str) -> None:
        """Note that the record does not have to be sent."""
        self._settled.append((kind, key))
        self.result.counts["unchanged"] += 1

    def confirm(self, kind: str, key: str, source: SourceFingerprint | None) -> None:
        """Remember that the record's source changed but its payload did not, so that it is not mapped again."""
        self._confirmed.setdefault(kind, {})[key] = source

    def block(self, kind: str, key: str, code: str, message: str) -> None:
        """Note that the record cannot be sent as it is in Akeneo, or that the filter of the mapping leaves it out."""
        filtered = code == FILTERED
        self._settled.append((kind, key))
        self._blocked.append(
            Blocked(
                kind,
                key,
                code,
                message,
                self.context.attempt,
                # Without content, so that it is mapped again. Until then, the rules that blocked it are known.
                source=self.context.source(""),
                filtered=filtered,
                # The planner of related products maps records of other objects.
                object=None if OBJECTS[self.object_name].kind != kind else self.object_name,
            )
        )
        self.result.counts["filtered" if filtered else "blocked"] += 1
        self.result.reasons[code] += 1
        if not filtered:
            self.result.add_problem(kind, key, code, message)

    def map(
        self, kind: str, key: str, mapping: Callable[[JsonObject], MappedRecord], document: JsonObject
    ) -> MappedRecord | None:
        """Map a record. If it cannot be mapped, block it and return None."""
        try:
            mapped = mapping(document)
        except RecordError as error:
            self.block(kind, key, error.code, str(error))
            return None
        self.warn(mapped)
        return mapped

    def warn(self, mapped: MappedRecord) -> None:
        """Count the parts of a record that the mapping left out or changed."""
        for warning in mapped.warnings:
            self.result.warnings[f"{warning.field}: {warning.reason}"] += 1

    def decide(
        self,
        mapped: MappedRecord,
        state: LedgerState | None,
        source: SourceFingerprint | None,
        *,
        sequence: int | None = None,
        model: str | None = None,
        also_due: bool = False,
        moved: bool = False,
        changed: str | None = None,
    ) -> bool:
        """Plan the record if its payload differs from what iPaaS.com has.

        Args:
            mapped: The record.
            state: Its state in the ledger.
            source: Its fingerprint; None if other records also decide whether it is settled.
            sequence: Its position in the order of delivery. By default, records that refer to others are sent last,
                when most of their targets exist.
            model: For a variant, the code of its root model.
            also_due: Plan the record even if its own payload is unchanged.
            moved: Whether it is in another iPaaS.com product than the one that it belongs to.
            changed: Why it maps differently than before, if the fingerprint of its product tree shows that.

        Returns:
            Whether it is planned.
        """
        if state is not None and state.error_code == UNREADABLE:
            # Its current content is not known, and the failure stays until it is.
            self.unchanged(mapped.kind, mapped.key)
            return False
        if not (self.context.is_due(mapped, state) or also_due or moved):
            self.unchanged(mapped.kind, mapped.key)
            if state is not None and state.related_hash == mapped.related_hash:
                self.confirm(mapped.kind, mapped.key, source)
            return False
        if mapped.payload.get("default_price") == 0:
            self.result.counts["zero_price"] += 1
        action, reason = self._why(mapped, state, source, changed)
        if moved and action == "update":
            reason = MOVED
        if sequence is None:
            sequence = 1 if refers_to_others(mapped) else 0
        self.put(mapped, action, reason, source, sequence=sequence, model=model)
        return True

    def put(
        self,
        mapped: MappedRecord,
        action: Action,
        reason: str,
        source: SourceFingerprint | None,
        *,
        sequence: int = 0,
        model: str | None = None,
    ) -> None:
        """Plan the record."""
        self._rows.append(
            planned_record(
                self.object_name,
                mapped,
                action,
                reason,
                partition_key=self.context.attempt.partition_key,
                looked_at=self.context.attempt.looked_at,
                planned_moment=self.context.attempt.looked_at,
                source=source,
                sequence=sequence,
                model=model,
            )
        )
        self.result.counts["created" if action == "create" else "updated"] += 1
        self.result.reasons[reason] += 1

    def write(self) -> None:
        """Write the page, and delete plan rows that are no longer due."""
        stop_if_asked()
        store = self.context.store
        store.plan.discard(self.object_name, self._settled)
        for kind, sources in self._confirmed.items():
            store.ledger.confirm(kind, sources, looked_at=self.context.attempt.looked_at)
        store.ledger.block(self._blocked)
        rows = self._rows_with_differences()
        store.plan.put(rows)
        # For whatever reason they are due, e.g. a new mapping, they stay due until this or another run delivers them.
        # New records are due anyway until they are delivered.
        store.ledger.mark_due((row.kind, row.key) for row in rows if row.reason != NEW)

    def _why(
        self, mapped: MappedRecord, state: LedgerState | None, source: SourceFingerprint | None, changed: str | None
    ) -> tuple[Action, str]:
        if state is None or (state.ipaas_id is None and state.state == "pending"):
            return "create", NEW
        if state.ipaas_id is None:
            return "create", RETRY
        if state.state != "sent" or state.payload_hash is None:
            return "update", RETRY
        if state.payload_hash == mapped.base_hash:
            return "update", FORCED if self.context.force else CHANGED
        return "update", changed or (CHANGED if source is None else source.reason_since(state.source))

    def _rows_with_differences(self) -> list[PlannedRecord]:
        updates: dict[str, list[str]] = {}
        for row in self._rows:
            if row.action == "update":
                updates.setdefault(row.kind, []).append(row.key)
        accepted = {
            (kind, key): entry.document
            for kind, keys in updates.items()
            for key, entry in self.context.store.ledger.entries(kind, keys).items()
        }
        return [
            replace(row, difference=difference(before, row.document)) if before is not None else row
            for row in self._rows
            for before in [accepted.get((row.kind, row.key)) if row.action == "update" else None]
        ]
