"""Decide for single records whether they are due and why, and write a page of decisions down."""

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
from akeneo_assets.store.fingerprints import CHANGED, SourceFingerprint
from akeneo_assets.store.records import Action, Attempt, Blocked, LedgerState, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.store.unreadable import UNREADABLE
from akeneo_assets.sync.difference import difference
from akeneo_assets.sync.mapped_trees import MappedTrees
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.planned_records import planned_record
from akeneo_assets.sync.results import StepResult

NEW: Final = "new"
RETRY: Final = "tried again"
FORCED: Final = "forced"
RELATED: Final = "related products changed"
MOVED: Final = "moved to another product"


@dataclass(frozen=True)
class PlanContext:
    """What all decisions of one step share.

    Attributes:
        store: The state.
        mapper: The mapping, with the structure it was loaded for.
        attempt: The partition that the plan's rows belong to, the run, and a moment before the first record is looked
            at: what changes later is due again.
        force: Plan unchanged records too.
        send_variants_alone: Whether a changed variant goes without its whole product.
        trees: What the run has mapped of product trees.
        planned_roots: Root models that were planned already, when several scopes lead to the same tree.
    """

    store: Store
    mapper: Mapper
    attempt: Attempt
    force: bool = False
    send_variants_alone: bool = True
    trees: MappedTrees = field(default_factory=MappedTrees)
    planned_roots: set[str] = field(default_factory=set)

    def source(self, content: str) -> SourceFingerprint:
        """Return the fingerprint of a record's content together with the mapping and the structure."""
        return SourceFingerprint(content, *self.mapper.fingerprint)

    def is_settled(self, state: LedgerState | None, source: SourceFingerprint) -> bool:
        """Whether a record with this fingerprint was delivered, so that it need not be mapped to know."""
        return state is not None and state.is_current and state.source == source and not self.force

    def is_due(self, mapped: MappedRecord, state: LedgerState | None) -> bool:
        """Whether the payload, related products apart, is not what iPaaS.com accepted last."""
        return self.force or state is None or state.payload_hash != mapped.base_hash


@dataclass
class PlanPage:
    """The decisions on one page of records, written to the database in one go."""

    context: PlanContext
    object_name: ObjectName
    result: StepResult
    _rows: list[PlannedRecord] = field(default_factory=list)
    _settled: list[tuple[str, str]] = field(default_factory=list)
    _confirmed: dict[str, dict[str, SourceFingerprint | None]] = field(default_factory=dict)
    _blocked: list[Blocked] = field(default_factory=list)

    def unchanged(self, kind: str, key: str) -> None:
        """The record needs nothing."""
        self._settled.append((kind, key))
        self.result.counts["unchanged"] += 1

    def confirm(self, kind: str, key: str, source: SourceFingerprint | None) -> None:
        """The record's source changed, its payload did not: remember that, and do not map it again."""
        self._confirmed.setdefault(kind, {})[key] = source

    def block(self, kind: str, key: str, code: str, message: str) -> None:
        """The record cannot go as it is in Akeneo, or the filter of the mapping leaves it out."""
        filtered = code == FILTERED
        self._settled.append((kind, key))
        self._blocked.append(
            Blocked(
                kind,
                key,
                code,
                message,
                self.context.attempt,
                # No content: it is mapped again, and until then it is known by which rules it was blocked.
                source=self.context.source(""),
                filtered=filtered,
            )
        )
        self.result.counts["filtered" if filtered else "blocked"] += 1
        self.result.reasons[code] += 1
        if not filtered:
            self.result.note(kind, key, code, message)

    def map(
        self, kind: str, key: str, mapping: Callable[[JsonObject], MappedRecord], document: JsonObject
    ) -> MappedRecord | None:
        """Map a record; one that cannot be mapped is blocked, and None is returned."""
        try:
            mapped = mapping(document)
        except RecordError as error:
            self.block(kind, key, error.code, str(error))
            return None
        self.warn(mapped)
        return mapped

    def warn(self, mapped: MappedRecord) -> None:
        """Count what the mapping left out of a record."""
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
    ) -> None:
        """Plan the record, or find that its payload is what iPaaS.com has.

        Args:
            mapped: The record.
            state: What the ledger knows of it.
            source: Its fingerprint; None when more than this record decides whether it is settled.
            sequence: Its place in the order of delivery; default: records that point to others go after the rest,
                so that most of their targets are there by then.
            model: For a variant, the code of its root model.
            also_due: It goes although its own payload is unchanged.
            moved: It lives in another product of iPaaS.com than it belongs to.
            changed: Why it maps otherwise than before, where the fingerprint of its product tree tells.
        """
        if state is not None and state.error_code == UNREADABLE:
            # What it says now is not known, and the failure stays until it is.
            self.unchanged(mapped.kind, mapped.key)
            return
        if not (self.context.is_due(mapped, state) or also_due or moved):
            self.unchanged(mapped.kind, mapped.key)
            if state is not None and state.related_hash == mapped.related_hash:
                self.confirm(mapped.kind, mapped.key, source)
            return
        if mapped.payload.get("default_price") == 0:
            self.result.counts["zero_price"] += 1
        action, reason = self._why(mapped, state, source, changed)
        if moved and action == "update":
            reason = MOVED
        if sequence is None:
            sequence = 1 if mapped.related or mapped.components else 0
        self.put(mapped, action, reason, source, sequence=sequence, model=model)

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
                source=source,
                sequence=sequence,
                model=model,
            )
        )
        self.result.counts["created" if action == "create" else "updated"] += 1
        self.result.reasons[reason] += 1

    def write(self) -> None:
        """Write the page; rows of the plan that are no longer due leave it."""
        stop_if_asked()
        store = self.context.store
        store.plan.discard(self.object_name, self._settled)
        for kind, sources in self._confirmed.items():
            store.ledger.confirm(kind, sources, looked_at=self.context.attempt.looked_at)
        store.ledger.block(self._blocked)
        rows = self._rows_with_differences()
        store.plan.put(rows)
        # Whatever made them due, e.g. another mapping: they stay due until they are delivered, by this run or another.
        # New ones are due as long as nobody has delivered them.
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
