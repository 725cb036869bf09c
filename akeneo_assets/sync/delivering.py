"""Deliver: carry the plan out and record what iPaaS.com answered."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError, TransientError
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.mapping.records import MappedRecord, Reference
from akeneo_assets.store.records import Blocked, Failed, LedgerEntry, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.accepting import Bookkeeper
from akeneo_assets.sync.bundle_order import waves
from akeneo_assets.sync.composing import Composer, references_of
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.product_trees import assemble
from akeneo_assets.sync.progress import announce
from akeneo_assets.sync.results import StepResult
from akeneo_assets.sync.sending import Destination, Sender, Sent

_BATCH: Final = 200
_LEASE_SECONDS: Final = 900.0
_OUTAGE: Final = 8
"""Records in a row that fail for want of the server, before the step gives up instead of trying them all."""

EnsureComponents = Callable[[Sequence[Reference]], None]
"""Transfers records that a bundle is made of and that are not in iPaaS.com yet."""


@dataclass(frozen=True)
class _Task:
    """One row of the plan with what is needed to carry it out."""

    row: PlannedRecord
    mapped: MappedRecord
    entry: LedgerEntry | None

    @property
    def delivered_meanwhile(self) -> bool:
        """Whether another step sent just this since it was planned, e.g. a variant together with its model."""
        entry = self.entry
        return (
            entry is not None
            and entry.state == "sent"
            and entry.payload_hash == self.row.payload_hash
            and entry.related_hash == self.mapped.related_hash
            and (entry.sent_at or 0.0) > self.row.planned_at
        )


class Deliverer:
    """Delivers planned records of one partition (or of named records).

    Args:
        store: The state.
        ipaas: The iPaaS.com client.
        composer: Composes payloads; its targets are kept up to date here.
        custom_fields: The custom fields that iPaaS.com knows.
        partition_key: The partition whose plan is carried out.
        run_id: The run, for the ledger.
        workers: Records on their way at the same time.
        ensure_components: Transfers missing bundle components; None leaves their links parked.
    """

    def __init__(
        self,
        store: Store,
        ipaas: IpaasClient,
        composer: Composer,
        custom_fields: CustomFieldDefinitions,
        *,
        partition_key: str,
        run_id: str,
        workers: int,
        ensure_components: EnsureComponents | None = None,
    ) -> None:
        self._store = store
        self._sender = Sender(ipaas, run_id)
        self._composer = composer
        self._targets = composer.targets
        self._custom_fields = custom_fields
        self._partition_key = partition_key
        self._run_id = run_id
        self._workers = workers
        self._ensure_components = ensure_components
        self._books = Bookkeeper(store, self._targets, partition_key=partition_key, run_id=run_id)
        self._outage = 0

    def deliver(self, object_name: ObjectName, *, keys: Sequence[str] | None = None) -> StepResult:
        """Carry out what is planned for an object.

        Args:
            object_name: Which of the six.
            keys: Only these records; default: all of the partition.

        Returns:
            Records by outcome.

        Raises:
            TransientError: iPaaS.com is out of reach; the rest of the plan stays for the next run.
            ConfigurationError: Settings or permissions are wrong; likewise.
        """
        result = StepResult()
        claimant = f"{self._run_id}/{uuid.uuid4().hex[:8]}"
        partition_key = self._partition_key if keys is None else None
        try:
            with ThreadPoolExecutor(self._workers, thread_name_prefix="deliver") as pool:
                while rows := self._store.plan.claim(
                    object_name,
                    partition_key=partition_key,
                    keys=keys,
                    claimant=claimant,
                    lease_seconds=_LEASE_SECONDS,
                    limit=_BATCH,
                ):
                    self._deliver_batch(object_name, rows, pool, result)
        finally:
            self._store.plan.release(claimant)
        return result

    def _deliver_batch(
        self, object_name: ObjectName, rows: Sequence[PlannedRecord], pool: ThreadPoolExecutor, result: StepResult
    ) -> None:
        tasks = self._tasks(rows)
        self._targets.load(
            itertools.chain.from_iterable(references_of(task.mapped) for task in tasks),
        )
        self._targets.load(Reference("product_model", task.row.document["model"]) for task in tasks if task.row.model)
        if object_name == "bundles":
            self._ensure(tasks)
        for wave in self._waves(object_name, tasks):
            for task, step in zip(wave, pool.map(self._deliver_one, wave), strict=True):
                result.add(step)
                self._store.plan.discard(object_name, [(task.row.kind, task.row.key)])
            announce("deliver", object_name, len(wave))

    def _tasks(self, rows: Sequence[PlannedRecord]) -> list[_Task]:
        keys: dict[str, list[str]] = {}
        for row in rows:
            keys.setdefault(row.kind, []).append(row.key)
        entries = {kind: self._store.ledger.entries(kind, of_kind) for kind, of_kind in keys.items()}
        return [_Task(row, MappedRecord.from_document(row.document), entries[row.kind].get(row.key)) for row in rows]

    def _waves(self, object_name: ObjectName, tasks: Sequence[_Task]) -> Iterable[list[_Task]]:
        """Split a batch so that whoever is pointed to goes before who points to it."""
        if object_name == "bundles":
            by_key = {task.row.key: task for task in tasks}
            components = {
                key: {component.target.key for component in task.mapped.components} for key, task in by_key.items()
            }
            return [[by_key[key] for key in wave] for wave in waves(components)]
        return [list(wave) for _, wave in itertools.groupby(tasks, key=lambda task: task.row.sequence)]

    def _ensure(self, tasks: Sequence[_Task]) -> None:
        if self._ensure_components is None:
            return
        here = {task.row.key for task in tasks}
        missing = {
            component.target
            for task in tasks
            for component in task.mapped.components
            if component.target.key not in here and self._targets.find(component.target) is None
        }
        if missing:
            self._ensure_components(sorted(missing))
            self._targets.load(missing)

    # One record

    def _deliver_one(self, task: _Task) -> StepResult:
        result = StepResult()
        row = task.row
        if task.delivered_meanwhile:
            result.counts["created" if row.action == "create" else "updated"] += 1
            return result
        try:
            if task.mapped.kind == "product_model":
                self._deliver_tree(task, result)
            else:
                self._deliver_single(task, result)
            self._outage = 0
        except RecordError as error:
            self._fail(row.kind, row.key, error.code, str(error), result)
        except TransientError as error:
            self._outage += 1
            if self._outage >= _OUTAGE:
                raise
            self._fail(row.kind, row.key, "unreachable", str(error), result)
        return result

    def _deliver_single(self, task: _Task, result: StepResult) -> None:
        mapped = task.mapped
        entry = task.entry
        product_id = self._product_id(task) if mapped.kind == "variant" else None
        if mapped.kind == "variant" and product_id is None:
            model = task.row.document.get("model")
            message = f"Its product model '{model}' is not in iPaaS.com; it is sent with it as soon as the model goes."
            self._block(mapped, "model_not_sent", message, result)
            return
        if mapped.kind == "category" and mapped.parent is not None and self._targets.find(mapped.parent) is None:
            message = f"Its parent '{mapped.parent.key}' is not in iPaaS.com; cure the parent first."
            self._block(mapped, "parent_not_sent", message, result)
            return
        composed = self._composer.compose(mapped)
        destination = Destination(
            ipaas_id=entry.ipaas_id if entry else None,
            children=entry.children if entry else None,
            product_id=product_id,
        )
        payload = self._with_custom_fields(mapped.kind, composed.payload, result)
        sent = self._sender.send(mapped.kind, mapped.key, mapped.sku, payload, destination)
        self._books.accept(
            mapped, sent, composed.parked, entry, source_hash=task.row.source_hash, product_id=product_id
        )
        _count(sent, result)

    def _deliver_tree(self, task: _Task, result: StepResult) -> None:
        """Send a product model with all its variants; a variant that iPaaS.com refuses costs itself only."""
        tree = assemble(self._store, task.mapped, task.entry)
        refused: dict[str, RecordError] = {}
        while True:
            composed = self._composer.compose(tree.mapped)
            payload = self._with_custom_fields("product_model", composed.payload, result)
            try:
                sent = self._sender.send("product_model", tree.mapped.key, tree.mapped.sku, payload, tree.destination)
                break
            except RecordError as error:
                culprits = tree.named_in(str(error)) - refused.keys()
                if not culprits:
                    raise
                refused.update(dict.fromkeys(culprits, error))
                tree = tree.without(culprits)
        complete = not refused and not task.mapped.problems
        source_hash = task.row.source_hash if complete else ""
        missing = self._books.accept_tree(tree, sent, composed.parked, source_hash=source_hash)
        for key in missing:
            message = "iPaaS.com took its product without it: the answer does not hold this variant. Retry it."
            self._fail("variant", key, "not_in_answer", message, result)
        for key, refusal in refused.items():
            self._fail("variant", key, refusal.code, str(refusal), result)
        _count(sent, result)

    def _product_id(self, task: _Task) -> str | None:
        model = task.row.model
        target = self._targets.find(Reference("product_model", model)) if model else None
        if target is not None:
            return target.ipaas_id
        return task.entry.parent_ipaas_id if task.entry else None

    def _with_custom_fields(self, kind: str, payload: JsonObject, result: StepResult) -> JsonObject:
        prepared, dropped = self._custom_fields.prepare(kind, payload)
        for name in dropped:
            result.warnings[
                f"custom field '{name}' was left out: it has no definition in iPaaS.com; define it there by this name"
            ] += 1
        return prepared

    def _fail(self, kind: str, key: str, code: str, message: str, result: StepResult) -> None:
        self._store.ledger.fail(
            [Failed(kind, key, code, message, partition_key=self._partition_key, run_id=self._run_id, retry=True)]
        )
        result.counts["failed"] += 1
        result.note(kind, key, code, message)

    def _block(self, mapped: MappedRecord, code: str, message: str, result: StepResult) -> None:
        self._store.ledger.block(
            [Blocked(mapped.kind, mapped.key, code, message, partition_key=self._partition_key, run_id=self._run_id)]
        )
        result.counts["blocked"] += 1
        result.note(mapped.kind, mapped.key, code, message)


def _count(sent: Sent, result: StepResult) -> None:
    result.counts["created" if sent.how == "created" else "updated"] += 1
    if sent.how in {"adopted", "reactivated"}:
        result.counts[sent.how] += 1
