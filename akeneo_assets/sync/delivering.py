"""Deliver: carry the plan out and record what iPaaS.com answered."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError, TransientError
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.mapping.filtering import FILTERED
from akeneo_assets.mapping.records import MappedRecord, Reference
from akeneo_assets.store.records import Blocked, Failed, LedgerEntry, ParkedLink, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.accepting import Bookkeeper, unsettled
from akeneo_assets.sync.bundle_order import waves
from akeneo_assets.sync.composing import Composer, references_of
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.locations import Locations
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.product_trees import assemble
from akeneo_assets.sync.progress import announce
from akeneo_assets.sync.results import StepResult
from akeneo_assets.sync.sending import Destination, Sender, Sent

LEASE_SECONDS = 60.0
"""How long the records of a run that was killed stay reserved for it; a run that lives renews its claim in time."""

_BATCH: Final = 200
_OUTAGE: Final = 8
"""Records in a row that fail for want of the server, before the step gives up instead of trying them all."""

EnsureComponents = Callable[[Sequence[Reference]], None]
"""Transfers records that a bundle is made of and that are not in iPaaS.com yet."""


@dataclass(frozen=True)
class _Task:
    """One row of the plan with what is needed to carry it out.

    Attributes:
        row: The row.
        mapped: Its record.
        entry: What the ledger knows of the record.
        variant_entries: Likewise of the variants of a model, by key; others may be among them.
    """

    row: PlannedRecord
    mapped: MappedRecord
    entry: LedgerEntry | None = None
    variant_entries: Mapping[str, LedgerEntry] = field(default_factory=dict)

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
        locations: The stock locations that iPaaS.com knows.
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
        locations: Locations,
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
        self._locations = locations
        self._partition_key = partition_key
        self._run_id = run_id
        self._workers = workers
        self._ensure_components = ensure_components
        self._books = Bookkeeper(store, self._targets, partition_key=partition_key, run_id=run_id)
        self._outage = 0

    def deliver(self, object_name: ObjectName, *, wait_for_others: bool = True) -> StepResult:
        """Carry out what is planned for an object in the partition.

        Args:
            object_name: Which of the six.
            wait_for_others: Wait for records that another run is at: either it delivers them, or it was killed, and
                they are free soon. Whoever holds records itself must not wait, or two runs may wait for each other.

        Returns:
            Records by outcome.

        Raises:
            TransientError: iPaaS.com is out of reach; the rest of the plan stays for the next run.
            ConfigurationError: Settings or permissions are wrong; likewise.
        """
        result = StepResult()
        claimant = f"{self._run_id}/{uuid.uuid4().hex[:8]}"
        with self._claims(claimant), ThreadPoolExecutor(self._workers, thread_name_prefix="deliver") as pool:
            while True:
                rows = self._store.plan.claim(
                    object_name,
                    partition_key=self._partition_key,
                    claimant=claimant,
                    lease_seconds=LEASE_SECONDS,
                    limit=_BATCH,
                )
                if rows:
                    self._deliver_batch(object_name, rows, pool, result)
                elif not (wait_for_others and self._wait(object_name)):
                    return result

    @contextmanager
    def _claims(self, claimant: str) -> Iterator[None]:
        """Renew what is claimed for as long as this process lives, and give back what is left."""
        plan = self._store.plan
        done = threading.Event()

        def renew() -> None:
            while not done.wait(LEASE_SECONDS / 3):
                plan.renew(claimant, LEASE_SECONDS)

        thread = threading.Thread(target=renew, name="renew-claims", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            plan.release(claimant)

    def _wait(self, object_name: ObjectName) -> bool:
        """Wait a moment if another run is at records of this partition; tell whether there are any."""
        claimed_until = self._store.plan.claimed_until(object_name, self._partition_key)
        if claimed_until is None:
            return False
        time.sleep(min(max(claimed_until - time.time(), 0.0), 1.0))
        return True

    def _deliver_batch(
        self, object_name: ObjectName, rows: Sequence[PlannedRecord], pool: ThreadPoolExecutor, result: StepResult
    ) -> None:
        tasks = [_Task(row, MappedRecord.from_document(row.document)) for row in rows]
        self._targets.load(
            itertools.chain.from_iterable(references_of(task.mapped) for task in tasks),
        )
        self._targets.load(Reference("product_model", task.row.model) for task in tasks if task.row.model)
        if object_name == "bundles":
            self._ensure(tasks)
        for wave in self._waves(object_name, tasks):
            self._deliver_wave(object_name, self._with_entries(wave), pool, result)

    def _deliver_wave(
        self, object_name: ObjectName, wave: Sequence[_Task], pool: ThreadPoolExecutor, result: StepResult
    ) -> None:
        done: list[tuple[str, str]] = []
        self._store.ledger.doubt(
            (record.kind, record.key)
            for task in wave
            # Of what was never sent nobody believes to know anything.
            if task.entry is not None and task.entry.ipaas_id is not None and not task.delivered_meanwhile
            for record in (task.mapped, *task.mapped.variants)
        )
        try:
            for task, step in zip(wave, pool.map(self._deliver_one, wave), strict=True):
                result.add(step)
                done.append((task.row.kind, task.row.key))
        finally:
            # Once for all: a row that a crash leaves on the plan is found delivered by the next run, by the ledger.
            self._store.plan.discard(object_name, done)
        announce("deliver", object_name, len(wave))

    def _waves(self, object_name: ObjectName, tasks: Sequence[_Task]) -> Iterable[list[_Task]]:
        """Split a batch so that whoever is pointed to goes before who points to it.

        Models go before variants, too: a variant that went with its model just now is found delivered in its turn.
        """
        if object_name == "bundles":
            by_key = {task.row.key: task for task in tasks}
            components = {
                key: {component.target.key for component in task.mapped.components} for key, task in by_key.items()
            }
            return [[by_key[key] for key in wave] for wave in waves(components)]
        groups = itertools.groupby(tasks, key=lambda task: (task.row.sequence, task.row.kind))
        return [list(wave) for _, wave in groups]

    def _with_entries(self, tasks: Sequence[_Task]) -> list[_Task]:
        """Return the tasks with what the ledger says, by now, of their records and of the variants of their models."""
        keys: dict[str, list[str]] = {"variant": [variant.key for task in tasks for variant in task.mapped.variants]}
        for task in tasks:
            keys.setdefault(task.row.kind, []).append(task.row.key)
        entries = {kind: self._store.ledger.entries(kind, of_kind) for kind, of_kind in keys.items()}
        return [
            replace(task, entry=entries[task.row.kind].get(task.row.key), variant_entries=entries["variant"])
            for task in tasks
        ]

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
            self._fail(row, row.kind, row.key, error.code, str(error), result)
        except TransientError as error:
            self._outage += 1
            if self._outage >= _OUTAGE:
                raise
            self._fail(row, row.kind, row.key, "unreachable", str(error), result)
        return result

    def _deliver_single(self, task: _Task, result: StepResult) -> None:
        mapped = task.mapped
        entry = task.entry
        product_id = self._product_id(task) if mapped.kind == "variant" else None
        if mapped.kind == "variant" and product_id is None:
            model = task.row.document.get("model")
            message = f"Its product model '{model}' is not in iPaaS.com; it is sent with it as soon as the model goes."
            self._block(task.row, "model_not_sent", message, result)
            return
        if mapped.kind == "category" and mapped.parent is not None and self._targets.find(mapped.parent) is None:
            message = f"Its parent '{mapped.parent.key}' is not in iPaaS.com; cure the parent first."
            self._block(task.row, "parent_not_sent", message, result)
            return
        composed = self._composer.compose(mapped)
        destination = Destination(
            ipaas_id=entry.ipaas_id if entry else None,
            children=entry.children if entry else None,
            product_id=product_id,
        )
        payload = self._prepared(mapped, composed.payload, composed.parked, result)
        sent = self._sender.send(mapped.kind, mapped.key, mapped.sku, payload, destination)
        self._books.accept(
            mapped,
            sent,
            composed.parked,
            entry,
            source_hash=task.row.source_hash,
            looked_at=task.row.looked_at,
            product_id=product_id,
        )
        _count(sent, result)
        absent = [link for links in composed.parked.values() for link in links if link.relation == "component"]
        if absent:
            named = ", ".join(f"{link.target_kind} {link.target_key}".replace("_", " ") for link in absent)
            message = (
                f"The bundle went without {named}: not in iPaaS.com yet. It is completed by itself when they come; "
                "sync them, set CREATE_MISSING_BUNDLE_ITEMS, or let the filter of the mapping send them."
            )
            result.note(mapped.kind, mapped.key, "missing_component", message)

    def _deliver_tree(self, task: _Task, result: StepResult) -> None:
        """Send a product model with all its variants; a variant that iPaaS.com refuses costs itself only.

        Refused variants are taken out of the tree, all that are new to it where iPaaS.com does not say which one it
        means. They are planned by themselves too, so each is sent alone when their turn comes, and says what is wrong.
        """
        tree = assemble(self._store, task.mapped, task.entry, task.variant_entries)
        if tree.kept:
            # What they refer to is known only now.
            self._targets.load(references_of(tree.mapped))
        apart: set[str] = set()
        revived = False
        while True:
            composed = self._composer.compose(tree.mapped)
            payload = tree.with_kept_options(composed.payload)
            payload = self._prepared(tree.mapped, payload, composed.parked, result)
            try:
                sent = self._sender.send("product_model", tree.mapped.key, tree.mapped.sku, payload, tree.destination)
                break
            except RecordError as error:
                if error.code == ErrorCode.INACTIVE_HOLDS_VALUE and not revived:
                    revived = True
                    if self._sender.reactivate_variants([variant.key for variant in tree.mapped.variants]):
                        continue
                culprits = tree.named_in(str(error)) or tree.due
                if not culprits:
                    raise
                apart |= culprits
                tree = tree.without(culprits)
        complete = not apart and all(problem.code == FILTERED for problem in task.mapped.problems)
        source_hash = task.row.source_hash if complete else unsettled(task.row.source_hash)
        missing = self._books.accept_tree(
            tree, sent, composed.parked, source_hash=source_hash, looked_at=task.row.looked_at
        )
        for key in missing:
            message = "iPaaS.com took its product without it: the answer does not hold this variant. Retry it."
            self._fail(task.row, "variant", key, "not_in_answer", message, result)
        _count(sent, result)

    def _product_id(self, task: _Task) -> str | None:
        model = task.row.model
        target = self._targets.find(Reference("product_model", model)) if model else None
        if target is not None:
            return target.ipaas_id
        return task.entry.parent_ipaas_id if task.entry else None

    def _prepared(
        self,
        mapped: MappedRecord,
        payload: JsonObject,
        parked: dict[tuple[str, str], list[ParkedLink]],
        result: StepResult,
    ) -> JsonObject:
        """Return the payload with what only iPaaS.com knows: the custom fields that are defined, ids of locations.

        Custom fields whose definition failed are parked, like a link to a record that is not there yet.
        """
        placed, missing = self._locations.prepare(payload)
        for name in missing:
            result.warnings[f"stock was left out: iPaaS.com has no location '{name}'; create it there"] += 1
        prepared = self._custom_fields.prepare(mapped.kind, placed)
        for name in sorted(prepared.undefined):
            result.warnings[
                f"custom field '{name}' was left out: it has no definition in iPaaS.com; define it there by this name"
            ] += 1
        for deferred in sorted(prepared.deferred, key=lambda each: each.link.target_key):
            parked[mapped.kind, mapped.key].append(deferred.link)
            message = (
                f"The record went without the custom field '{deferred.name}': iPaaS.com could not define it just now. "
                "It is sent again with it automatically as soon as that works."
            )
            result.note(mapped.kind, mapped.key, "custom_field_deferred", message)
        return prepared.payload

    def _fail(self, row: PlannedRecord, kind: str, key: str, code: str, message: str, result: StepResult) -> None:
        """Record that the row failed, or a variant that travels with it."""
        failed = Failed(
            kind,
            key,
            code,
            message,
            partition_key=self._partition_key,
            run_id=self._run_id,
            looked_at=row.looked_at,
            retry=True,
        )
        self._store.ledger.fail([failed])
        result.counts["failed"] += 1
        result.note(kind, key, code, message)

    def _block(self, row: PlannedRecord, code: str, message: str, result: StepResult) -> None:
        blocked = Blocked(
            row.kind,
            row.key,
            code,
            message,
            partition_key=self._partition_key,
            run_id=self._run_id,
            looked_at=row.looked_at,
        )
        self._store.ledger.block([blocked])
        result.counts["blocked"] += 1
        result.note(row.kind, row.key, code, message)


def _count(sent: Sent, result: StepResult) -> None:
    result.counts["created" if sent.how == "created" else "updated"] += 1
    if sent.how in {"adopted", "reactivated"}:
        result.counts[sent.how] += 1
