"""Delivers a plan: sends the planned records, and records the responses of iPaaS.com."""

from __future__ import annotations

import contextlib
import itertools
import threading
import uuid
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from akeneo_assets.errors import AkeneoAssetsError, RecordError, StateError, TransientError
from akeneo_assets.http.stopping import releasing, sleep, stop_if_asked, threads
from akeneo_assets.mapping.record.mapped_record import MappedRecord, Reference
from akeneo_assets.objects import LINKED_OBJECTS, OBJECTS, ObjectName, object_of
from akeneo_assets.store.records import Attempt, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.deliver.bookkeeper import Bookkeeper
from akeneo_assets.sync.deliver.category_assignments import CategoryAssignments
from akeneo_assets.sync.deliver.composer import Composer, references_of
from akeneo_assets.sync.deliver.conflicts import Conflicts, MustWaitError, OwnerOf
from akeneo_assets.sync.deliver.events import Events, RuleOf
from akeneo_assets.sync.deliver.flow import Flow, own_references
from akeneo_assets.sync.deliver.locations import Locations
from akeneo_assets.sync.deliver.outages import Outage
from akeneo_assets.sync.deliver.payloads import Payloads
from akeneo_assets.sync.deliver.places import Places
from akeneo_assets.sync.deliver.sender import Sender
from akeneo_assets.sync.deliver.single import BlockedError, SingleDelivery
from akeneo_assets.sync.deliver.tasks import DeliveryTask, edit_times_of, in_turn, in_waves, with_ledger_entries
from akeneo_assets.sync.deliver.tracking import TrackedClients
from akeneo_assets.sync.deliver.trees import TreeDelivery
from akeneo_assets.sync.deliver.undelivered import Undelivered
from akeneo_assets.sync.destination import Destination, IpaasError
from akeneo_assets.sync.progress import report_progress
from akeneo_assets.sync.results import StepResult

LEASE_SECONDS = 60.0
"""How long records stay claimed by a run that was killed, in seconds. A live run renews its claim before that."""

_BATCH: Final = 200
_OUTAGE: Final = 8
"""The step stops after this many records in a row failed because iPaaS.com cannot be reached."""

EnsureComponents = Callable[[Sequence[Reference]], None]
"""Syncs bundle components that are not in iPaaS.com yet."""


class Deliverer:
    """Delivers the planned records of one partition.

    Args:
        store: The state.
        ipaas: The iPaaS.com client.
        composer: Composes payloads. Its targets are updated during the delivery.
        custom_fields: The custom fields that iPaaS.com knows.
        locations: The stock locations that iPaaS.com knows.
        partition_key: The partition whose plan is delivered.
        run_id: The run, for the ledger and the vendor's log.
        workers: How many records are sent at the same time.
        owner_of: Returns the owner of a SKU.
        rule_of: Returns the rule of the mapping that fills a field, for the changelog.
        ensure_components: Syncs missing bundle components. None sends bundles without them, and the links later.
    """

    def __init__(
        self,
        store: Store,
        ipaas: Destination,
        composer: Composer,
        custom_fields: CustomFieldDefinitions,
        locations: Locations,
        *,
        partition_key: str,
        run_id: str,
        workers: int,
        owner_of: OwnerOf,
        ensure_components: EnsureComponents | None = None,
        rule_of: RuleOf,
    ) -> None:
        self._store = store
        self._composer = composer
        self._targets = targets = composer.targets
        self._partition_key = partition_key
        self._run_id = run_id
        self._workers = workers
        self._ensure_components = ensure_components
        clients = TrackedClients(ipaas, run_id)
        self._places = places = Places(store, clients, targets)
        self._undelivered = Undelivered(store.ledger)
        guess = ipaas.capabilities.related_targets_checked is not True
        payloads = Payloads(composer, custom_fields, locations, ipaas.capabilities, guess=guess)
        sender = Sender(clients)
        conflicts = Conflicts(store, clients, places, owner_of=owner_of, aliases=store.mirror.other_ids)
        assignments = CategoryAssignments(clients, targets)
        self._events = events = Events(rule_of)
        self._books = books = Bookkeeper(store, targets, events)
        self._single = SingleDelivery(store.ledger, targets, payloads, sender, conflicts, places, assignments, books)
        self._trees = TreeDelivery(store, targets, payloads, sender, conflicts, places, assignments, books)
        self._outage = Outage(_OUTAGE)

    def deliver(
        self, object_name: ObjectName, *, wait_for_others: bool = True, positions: range | None = None
    ) -> StepResult:
        """Deliver the planned records of an object in the partition.

        Args:
            object_name: One of the six objects.
            wait_for_others: Wait for records that another run has claimed. It either delivers them, or was killed and
                its claim soon ends. Pass False while holding claims, or two runs may wait for each other.
            positions: Only deliver the records at these positions, and leave the others in the plan.

        Returns:
            Records by outcome.

        Raises:
            TransientError: iPaaS.com cannot be reached. The next run delivers the rest of the plan.
            ConfigurationError: Settings or permissions are wrong. The next run delivers the rest of the plan.
        """
        result = StepResult()
        self._places.release_pending()
        if not self._store.plan.holds_any(object_name, self._partition_key):
            return result
        with self._claims() as claimant, threads(self._workers, "deliver") as pool:
            while True:
                rows = self._store.plan.claim(
                    object_name,
                    partition_key=self._partition_key,
                    claimant=claimant,
                    lease_seconds=LEASE_SECONDS,
                    limit=_BATCH,
                    positions=positions,
                )
                if rows:
                    self._deliver_batch(object_name, rows, pool, result)
                if len(rows) < _BATCH and not (wait_for_others and self._wait(object_name)):
                    return result

    def deliver_held(self) -> StepResult:
        """Deliver the held records of all partitions, in their order.

        Records that were sent stay in the plan, so that the deliveries of their partitions count them.

        Returns:
            Records by outcome.

        Raises:
            TransientError: iPaaS.com cannot be reached. The next run delivers the rest of the plan.
            ConfigurationError: Settings or permissions are wrong. The next run delivers the rest of the plan.
        """
        result = StepResult()
        self._places.release_pending()
        with self._claims() as claimant, threads(2 * self._workers, "deliver") as pool:
            flow = Flow(pool, self._targets, self._deliver_one)
            for rows in self._held(claimant):
                tasks = self._tasks(rows)
                self._ensure(tasks, flow)
                tasks = with_ledger_entries(self._store.ledger, tasks)
                self._mark_in_flight(tasks)
                for batch in flow.send(tasks):
                    self._settle_held(batch, result)
            for batch in flow.rest():
                self._settle_held(batch, result)
        return result

    def _held(self, claimant: str) -> Iterator[list[PlannedRecord]]:
        """Claim held records in their order, in batches. A batch may have records of several levels."""
        batch: list[PlannedRecord] = []
        for position, object_name in self._store.plan.held_positions(LINKED_OBJECTS):
            is_more = True
            while is_more:
                limit = _BATCH - len(batch)
                rows = self._store.plan.claim(
                    object_name,
                    claimant=claimant,
                    lease_seconds=LEASE_SECONDS,
                    limit=limit,
                    positions=range(position, position + 1),
                )
                batch += rows
                is_more = len(rows) == limit
                if is_more:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _settle_held(
        self, batch: Sequence[tuple[DeliveryTask, StepResult | MustWaitError]], result: StepResult
    ) -> None:
        waiting = {task.row.key: (task, error) for task, error in batch if isinstance(error, MustWaitError)}
        done = [(task, outcome) for task, outcome in batch if isinstance(outcome, StepResult)]
        done += self._deliver_in_turn(waiting)
        for object_name in LINKED_OBJECTS:
            of_object = [(task.row, outcome) for task, outcome in done if task.row.object == object_name]
            unsent = [(row.kind, row.key) for row, outcome in of_object if outcome.counts["failed"]]
            sent = [(row.kind, row.key) for row, outcome in of_object if not outcome.counts["failed"]]
            self._store.plan.keep_sent(object_name, sent)
            self._store.plan.discard(object_name, unsent)
            report_progress("deliver", object_name, len(of_object))
        for _, outcome in done:
            result.add(outcome)

    @contextlib.contextmanager
    def _claims(self) -> Iterator[str]:
        """Yield a claimant. Its claims are renewed while this process is alive, and released at the end."""
        claimant = f"{self._run_id}/{uuid.uuid4().hex[:8]}"
        plan = self._store.plan
        done = threading.Event()

        def renew() -> None:
            while not done.wait(LEASE_SECONDS / 3):
                # If the database has a problem, the delivery runs into it too and reports it.
                with contextlib.suppress(StateError):
                    plan.renew(claimant, LEASE_SECONDS)

        thread = threading.Thread(target=renew, name="renew-claims", daemon=True)
        thread.start()
        with releasing(lambda: plan.release(claimant)):
            try:
                yield claimant
            finally:
                done.set()
                thread.join()

    def _wait(self, object_name: ObjectName) -> bool:
        """Wait a moment if another run has claimed records of this partition; return whether one has."""
        seconds = self._store.plan.claimed_seconds(object_name, self._partition_key)
        if seconds is None:
            return False
        sleep(min(max(seconds, 0.0), 1.0))
        return True

    def _deliver_batch(
        self, object_name: ObjectName, rows: Sequence[PlannedRecord], pool: ThreadPoolExecutor, result: StepResult
    ) -> None:
        tasks = self._tasks(rows)
        if OBJECTS[object_name].of_kits:
            self._ensure(tasks)
        for wave in in_waves(object_name, tasks):
            self._deliver_wave(object_name, with_ledger_entries(self._store.ledger, wave), pool, result)

    def _tasks(self, rows: Sequence[PlannedRecord]) -> list[DeliveryTask]:
        """Return the tasks of a batch, and look up the targets of its records."""
        tasks = [
            DeliveryTask(
                row,
                MappedRecord.from_document(row.document),
                Attempt(row.partition_key, self._run_id, row.looked_at),
            )
            for row in rows
        ]
        edit_times = edit_times_of(self._store.mirror, [task.mapped for task in tasks])
        self._targets.load(itertools.chain.from_iterable(references_of(task.mapped) for task in tasks))
        self._targets.load(Reference("product_model", task.row.model) for task in tasks if task.row.model)
        return [replace(task, edit_times=edit_times) for task in tasks]

    def _ensure(self, tasks: Sequence[DeliveryTask], under_way: Container[Reference] = ()) -> None:
        """Sync the components of bundles that are neither in iPaaS.com, nor under way, nor among the tasks."""
        if self._ensure_components is None:
            return
        here = {reference.key for task in tasks for reference in own_references(task)}
        missing = {
            component.target
            for task in tasks
            for component in task.mapped.components
            if self._targets.find(component.target) is None
            and (self._targets.resolve(component.target) or component.target).key not in here
            and component.target not in under_way
        }
        if missing:
            self._ensure_components(sorted(missing))
            self._targets.load(missing)

    def _deliver_wave(
        self, object_name: ObjectName, wave: Sequence[DeliveryTask], pool: ThreadPoolExecutor, result: StepResult
    ) -> None:
        done: list[tuple[str, str]] = []
        self._mark_in_flight(wave)
        try:
            waiting: dict[str, tuple[DeliveryTask, MustWaitError]] = {}
            for task, outcome in zip(wave, pool.map(self._deliver_one, wave), strict=True):
                if isinstance(outcome, MustWaitError):
                    waiting[task.row.key] = (task, outcome)
                    continue
                result.add(outcome)
                done.append((task.row.kind, task.row.key))
            for task, outcome in self._deliver_in_turn(waiting):
                result.add(outcome)
                done.append((task.row.kind, task.row.key))
        finally:
            # All at once. If a crash leaves a row in the plan, the next run finds that it was delivered.
            self._store.plan.discard(object_name, done)
        report_progress("deliver", object_name, len(wave))

    def _mark_in_flight(self, tasks: Sequence[DeliveryTask]) -> None:
        self._store.ledger.mark_in_flight(
            (record.kind, record.key)
            for task in tasks
            # A record that was never sent has no accepted payload to invalidate.
            if task.entry is not None and task.entry.ipaas_id is not None
            if not (task.already_delivered or self._is_needless(task))
            for record in (task.mapped, *task.mapped.variants)
        )

    def _is_needless(self, task: DeliveryTask) -> bool:
        """Whether only links have changed, which iPaaS.com does not store."""
        return task.changes_only_links and not self._composer.stores_related

    def _deliver_in_turn(
        self, waiting: Mapping[str, tuple[DeliveryTask, MustWaitError]]
    ) -> Iterator[tuple[DeliveryTask, StepResult]]:
        """Deliver records that wait for another record's SKU."""
        for task in in_turn(waiting):
            (latest,) = with_ledger_entries(self._store.ledger, [task])
            outcome = self._deliver_one(latest, may_wait=False)
            if isinstance(outcome, StepResult):
                yield task, outcome

    def _deliver_one(self, task: DeliveryTask, *, may_wait: bool = True) -> StepResult | MustWaitError:
        stop_if_asked()
        result = StepResult()
        row = task.row
        if is_needless := self._is_needless(task):
            self._books.confirm(task, self._composer.compose(replace(task.mapped, variants=())).links)
        if task.already_delivered or is_needless:
            result.counts["created" if row.action == "create" else "updated"] += 1
            return result
        try:
            self._send(task, result, may_wait=may_wait)
            self._outage.reset()
        except MustWaitError as error:
            return error
        except RecordError as error:
            if isinstance(error, IpaasError):
                self._outage.reset()
            self._fail(task, row.kind, row.key, error.code, str(error), result, error)
        except TransientError as error:
            if self._outage.record_failure():
                raise
            self._fail(task, row.kind, row.key, "unreachable", str(error), result, error)
        return result

    def _send(self, task: DeliveryTask, result: StepResult, *, may_wait: bool) -> None:
        row = task.row
        if task.mapped.kind == "product_model":
            for key in self._trees.deliver(task, result, may_wait=may_wait):
                message = "iPaaS.com accepted the product, but its response does not contain this variant. Retry it."
                self._fail(task, "variant", key, "not_in_response", message, result)
            return
        try:
            self._single.deliver(task, result, may_wait=may_wait)
        except BlockedError as error:
            event = replace(self._events.failed(task, row.kind, row.key, None), action=None, attempts=0)
            self._undelivered.block(
                row.kind,
                row.key,
                error.code,
                str(error),
                attempt=task.attempt,
                event=event,
                object_name=_object_of(task, row.kind),
                result=result,
            )

    def _fail(
        self,
        task: DeliveryTask,
        kind: str,
        key: str,
        code: str,
        message: str,
        result: StepResult,
        error: AkeneoAssetsError | None = None,
    ) -> None:
        event = self._events.failed(task, kind, key, error)
        self._undelivered.fail(
            kind,
            key,
            code,
            message,
            attempt=task.attempt,
            event=event,
            object_name=_object_of(task, kind),
            result=result,
        )


def _object_of(task: DeliveryTask, kind: str) -> ObjectName:
    """Return the object of the record of a task, or of a variant of its model."""
    return object_of(kind, is_kit=kind == task.mapped.kind and task.mapped.kit is not None)
