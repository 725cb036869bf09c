"""Deliver: carry the plan out and record what iPaaS.com answered."""

from __future__ import annotations

import contextlib
import itertools
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError, StateError, TransientError
from akeneo_assets.http.stopping import giving_back, sleep, stop_if_asked, threads
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets.mapping.filtering import FILTERED
from akeneo_assets.mapping.records import MappedRecord, Reference
from akeneo_assets.store.records import Blocked, Failed, LedgerEntry, Link, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.accepting import Bookkeeper, unsettled
from akeneo_assets.sync.bundle_order import waves
from akeneo_assets.sync.composing import Composed, Composer, references_of
from akeneo_assets.sync.conflicts import Adopted, Candidate, Conflicts, OwnerOf, WaitsError
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.locations import Locations
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.places import Places
from akeneo_assets.sync.product_trees import ProductTree, assemble
from akeneo_assets.sync.progress import announce
from akeneo_assets.sync.remnants import emptied, with_option_values
from akeneo_assets.sync.results import StepResult
from akeneo_assets.sync.sending import Adoption, Destination, How, Sender, Sent

LEASE_SECONDS = 60.0
"""How long the records of a run that was killed stay reserved for it; a run that lives renews its claim in time."""

_BATCH: Final = 200
_CONFLICTS_A_RECORD: Final = 4
"""Conflicts that are resolved for one record before it fails: its external id, its SKU, and one more of each."""
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
        other_places: Entries of the same records under the other kind: a simple product that was a variant, or the
            reverse, by key.
    """

    row: PlannedRecord
    mapped: MappedRecord
    entry: LedgerEntry | None = None
    variant_entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    other_places: Mapping[str, LedgerEntry] = field(default_factory=dict)

    @property
    def delivered_meanwhile(self) -> bool:
        """Whether another step sent just this since it was planned, e.g. a variant together with its model."""
        entry = self.entry
        return (
            entry is not None
            and entry.state == "sent"
            and entry.payload_hash == self.row.payload_hash
            and entry.related_hash == self.mapped.related_hash
            and entry.sent_moment > self.row.planned_moment
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
        owner_of: Tells whose record of Akeneo holds a SKU.
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
        owner_of: OwnerOf,
        ensure_components: EnsureComponents | None = None,
    ) -> None:
        self._store = store
        self._ipaas = ipaas
        self._sender = Sender(ipaas, run_id)
        self._places = Places(store, ipaas, composer.targets, run_id)
        self._conflicts = Conflicts(
            store, ipaas, self._places, owner_of=owner_of, aliases=store.mirror.other_ids, run_id=run_id
        )
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
        self._guess = True

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
        self._places.release_pending()
        claimant = f"{self._run_id}/{uuid.uuid4().hex[:8]}"
        with self._claims(claimant), threads(self._workers, "deliver") as pool:
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

    @contextlib.contextmanager
    def _claims(self, claimant: str) -> Iterator[None]:
        """Renew what is claimed for as long as this process lives, and give back what is left."""
        plan = self._store.plan
        done = threading.Event()

        def renew() -> None:
            while not done.wait(LEASE_SECONDS / 3):
                # The delivery itself meets what is wrong with the database, and reports it.
                with contextlib.suppress(StateError):
                    plan.renew(claimant, LEASE_SECONDS)

        thread = threading.Thread(target=renew, name="renew-claims", daemon=True)
        thread.start()
        with giving_back(lambda: plan.release(claimant)):
            try:
                yield
            finally:
                done.set()
                thread.join()

    def _wait(self, object_name: ObjectName) -> bool:
        """Wait a moment if another run is at records of this partition; tell whether there are any."""
        seconds = self._store.plan.claimed_seconds(object_name, self._partition_key)
        if seconds is None:
            return False
        sleep(min(max(seconds, 0.0), 1.0))
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
            waiting: dict[str, tuple[_Task, WaitsError]] = {}
            for task, step in zip(wave, pool.map(self._deliver_one, wave), strict=True):
                if isinstance(step, WaitsError):
                    waiting[task.row.key] = (task, step)
                    continue
                result.add(step)
                done.append((task.row.kind, task.row.key))
            for task in _in_turn(waiting):
                (latest,) = self._with_entries([task])
                step = self._deliver_one(latest, may_wait=False)
                if isinstance(step, StepResult):
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
        others = {
            **self._store.ledger.entries("product", keys["variant"]),
            **self._store.ledger.entries("variant", keys.get("product", ())),
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

    def _deliver_one(self, task: _Task, *, may_wait: bool = True) -> StepResult | WaitsError:
        stop_if_asked()
        result = StepResult()
        row = task.row
        if task.delivered_meanwhile:
            result.counts["created" if row.action == "create" else "updated"] += 1
            return result
        try:
            if task.mapped.kind == "product_model":
                self._deliver_tree(task, result, may_wait=may_wait)
            else:
                self._deliver_single(task, result, may_wait=may_wait)
            self._outage = 0
        except WaitsError as waits:
            return waits
        except RecordError as error:
            self._fail(row, row.kind, row.key, error.code, str(error), result)
        except TransientError as error:
            self._outage += 1
            if self._outage >= _OUTAGE:
                raise
            self._fail(row, row.kind, row.key, "unreachable", str(error), result)
        return result

    def _deliver_single(self, task: _Task, result: StepResult, *, may_wait: bool) -> None:
        mapped = task.mapped
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
        self._leave_other_place(task, mapped.key)
        entry = task.entry
        if mapped.kind == "variant" and entry is not None and _lives_elsewhere(entry, product_id):
            self._places.leave(entry, stays=True)
            entry = None
        destination = Destination(
            ipaas_id=entry.ipaas_id if entry else None,
            children=entry.children if entry else None,
            product_id=product_id,
        )
        for composed in self._compositions(mapped):
            payload = self._prepared(mapped, _complete(composed.payload, entry), composed.links, result)
            try:
                sent, former_key = self._send_single(mapped, payload, destination, may_wait=may_wait)
                break
            except IpaasError as error:
                if error.code != ErrorCode.REFERENCE_MISSING:
                    raise
                refusal = error
        else:
            raise refusal
        self._unassign(mapped, entry, sent)
        self._books.accept(
            mapped,
            sent,
            composed.links,
            entry,
            source_hash=task.row.source_hash,
            looked_at=task.row.looked_at,
            product_id=product_id,
            former_key=former_key,
        )
        _count(sent, result)
        absent = [
            link
            for links in composed.links.values()
            for link in links
            if link.relation == "component" and link.sent_as is None
        ]
        if absent:
            named = ", ".join(f"{link.target_kind} {link.target_key}".replace("_", " ") for link in absent)
            message = (
                f"The bundle went without {named}: not in iPaaS.com yet. It is completed by itself when they come; "
                "sync them, set CREATE_MISSING_BUNDLE_ITEMS, or let the filter of the mapping send them."
            )
            result.note(mapped.kind, mapped.key, "missing_component", message)

    def _send_single(
        self, mapped: MappedRecord, payload: JsonObject, destination: Destination, *, may_wait: bool
    ) -> tuple[Sent, str | None]:
        """Send a record, and clear the way where another one has its SKU or external id.

        Returns:
            The answer, and the key of the record whose place it has taken over.
        """
        how: How = "updated"
        former_key: str | None = None
        for _ in range(_CONFLICTS_A_RECORD):
            try:
                return self._sender.send(mapped.kind, mapped.key, mapped.sku, payload, destination, how), former_key
            except IpaasError as error:
                if error.code not in ErrorCode.DUPLICATES:
                    raise
                refusal = error
            product_id = destination.product_id
            candidate = Candidate(mapped.kind, mapped.key, mapped.sku, destination.ipaas_id, product_id)
            adopted = self._conflicts.resolve([candidate], refusal, may_wait=may_wait)
            if adopted is not None:
                former_key = adopted.former_key
                place = self._sender.adopt(
                    mapped.kind, mapped.key, payload, adopted.ipaas_id, product_id, is_active=adopted.is_active
                )
                payload, how = place.payload, place.how
                destination = Destination(adopted.ipaas_id, place.children, product_id)
        raise refusal

    def _deliver_tree(self, task: _Task, result: StepResult, *, may_wait: bool) -> None:
        """Send a product model with all its variants; a variant that iPaaS.com refuses never holds up the others.

        Refused variants are taken out of the tree, all that are new to it where iPaaS.com does not say which one it
        means. They are planned by themselves too, so each is sent alone when their turn comes, and says what is wrong.
        """
        tree, departures = assemble(self._store, task.mapped, task.entry, task.variant_entries)
        for departure in departures:
            self._places.leave(departure.entry, stays=departure.stays)
        for variant in task.mapped.variants:
            self._leave_other_place(task, variant.key)
        if tree.kept:
            # What they refer to is known only now.
            self._targets.load(references_of(tree.mapped))
        apart: set[str] = set()
        tries = _TreeTries(may_wait=may_wait, left=_CONFLICTS_A_RECORD + 2 * len(tree.mapped.variants))
        while True:
            try:
                composed, sent, tree = self._send_tree(tree, tries, result)
                break
            except RecordError as error:
                culprits = tree.named_in(str(error)) or tree.due
                if not culprits:
                    raise
                apart |= culprits
                tree = tree.without(culprits)
        self._unassign(tree.mapped, task.entry, sent)
        complete = not apart and all(problem.code == FILTERED for problem in task.mapped.problems)
        source_hash = task.row.source_hash if complete else unsettled(task.row.source_hash)
        missing = self._books.accept_tree(
            tree, sent, composed.links, source_hash=source_hash, looked_at=task.row.looked_at
        )
        for key in missing:
            message = "iPaaS.com took its product without it: the answer does not hold this variant. Retry it."
            self._fail(task.row, "variant", key, "not_in_answer", message, result)
        _count(sent, result)

    def _send_tree(
        self, tree: ProductTree, tries: _TreeTries, result: StepResult
    ) -> tuple[Composed, Sent, ProductTree]:
        """Send a tree, and clear the way where other records have SKUs or external ids of its records."""
        key, sku = tree.mapped.key, tree.mapped.sku
        for composed in self._compositions(tree.mapped):
            while True:
                destination = tries.destination or tree.destination
                if tries.destination is not None:
                    children = {**(tries.destination.children or {})}
                    children["variants"] = {**children.get("variants", {}), **tree.variant_ids}
                    destination = replace(tries.destination, children=children)
                payload = self._tree_payload(tree, composed, destination.ipaas_id)
                payload = tries.completed(self._prepared(tree.mapped, payload, composed.links, result))
                try:
                    return composed, self._sender.send("product_model", key, sku, payload, destination, tries.how), tree
                except IpaasError as error:
                    refusal = error
                if refusal.code == ErrorCode.REFERENCE_MISSING:
                    break
                if refusal.code not in ErrorCode.DUPLICATES or not tries.left:
                    raise refusal
                tries.left -= 1
                candidates = tree.candidates(destination.ipaas_id)
                adopted = self._conflicts.resolve(candidates, refusal, may_wait=tries.may_wait)
                if adopted is None:
                    continue
                if adopted.candidate.kind == "product_model":
                    tries.adopt(adopted.ipaas_id, self._adopt(adopted, payload))
                else:
                    place = self._adopt(adopted, {})
                    tree = tree.with_place(adopted.candidate.key, adopted.ipaas_id, place.children, adopted.former_key)
        raise refusal

    def _adopt(self, adopted: Adopted, payload: JsonObject) -> Adoption:
        candidate = adopted.candidate
        return self._sender.adopt(
            candidate.kind,
            candidate.key,
            payload,
            adopted.ipaas_id,
            candidate.product_id,
            is_active=adopted.is_active,
        )

    def _tree_payload(self, tree: ProductTree, composed: Composed, product_id: str | None) -> JsonObject:
        payload = _complete(composed.payload, tree.entry)
        payload["variants"] = [
            _complete(body, tree.variant_entries.get(variant.key))
            for variant, body in zip(tree.mapped.variants, payload["variants"], strict=True)
        ]
        remnants = self._store.places.of_product(product_id) if product_id is not None else []
        return tree.completed(payload, [place.payload for place in remnants if place.payload is not None])

    def _compositions(self, mapped: MappedRecord) -> Iterator[Composed]:
        """Yield payloads to try one after the other, when iPaaS.com does not know a record that one refers to.

        A related product is optional: the record goes without it, and the link follows.
        """
        composed = self._composer.compose(mapped, guess=self._guess)
        yield composed
        if composed.guesses:
            self._guess = False
            composed = self._composer.compose(mapped, guess=False)
            yield composed
        self._targets.reload(references_of(mapped))
        latest = self._composer.compose(mapped, guess=False)
        if latest.payload != composed.payload:
            yield latest
        if latest.has_related:
            yield self._composer.compose(mapped, guess=False, related=False)

    def _leave_other_place(self, task: _Task, key: str) -> None:
        """Release the place of a record that was a simple product before and is a variant now, or the reverse."""
        other = task.other_places.get(key)
        if other is not None and other.ipaas_id is not None:
            self._places.leave(other, stays=False)

    def _unassign(self, mapped: MappedRecord, entry: LedgerEntry | None, sent: Sent) -> None:
        """Take the record out of the categories that it was sent with before, where a write alone does not do it."""
        if entry is None or entry.document is None or mapped.kind not in {"product", "product_model"}:
            return
        before = {Reference.from_document(each) for each in entry.document["categories"]} - {*mapped.categories}
        if not before:
            return
        self._targets.load(before)
        assigned = {str(each.get("category_id", each.get("id"))) for each in sent.answer.get("categories") or ()}
        kept = {target.ipaas_id for each in mapped.categories if (target := self._targets.find(each)) is not None}
        for reference in sorted(before):
            target = self._targets.find(reference)
            if target is not None and target.ipaas_id in assigned - kept:
                self._ipaas.unassign_category(sent.ipaas_id, target.ipaas_id)

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
        links: dict[tuple[str, str], list[Link]],
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
            links[mapped.kind, mapped.key].append(deferred.link)
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


class _TreeTries:
    """What the attempts to send one tree share.

    Attributes:
        may_wait: Whether another record can be waited for.
        left: How many conflicts may still be resolved.
        destination: Where the model was found, when it was not known.
        how: What the write is counted as.
    """

    def __init__(self, *, may_wait: bool, left: int) -> None:
        self.may_wait = may_wait
        self.left = left
        self.destination: Destination | None = None
        self.how: How = "updated"
        self._strangers: Sequence[JsonObject] = ()

    def adopt(self, ipaas_id: str, adoption: Adoption) -> None:
        """Let the model go on as one that is there."""
        self.destination = Destination(ipaas_id, adoption.children)
        self.how = adoption.how
        self._strangers = [each for each in adoption.payload.get("variants", ()) if "id" in each]

    def completed(self, payload: JsonObject) -> JsonObject:
        """Return the payload with the variants that only iPaaS.com has."""
        known = {variant["sku"] for variant in payload["variants"]}
        strangers = [each for each in self._strangers if each["sku"] not in known]
        if not strangers:
            return payload
        return with_option_values({**payload, "variants": [*payload["variants"], *strangers]}, strangers)


def _complete(payload: JsonObject, entry: LedgerEntry | None) -> JsonObject:
    """Return a payload that says explicitly what was accepted before and is gone now."""
    if entry is None or entry.document is None:
        return dict(payload)
    composed = {"kit": entry.document["kit"], "parent_id": entry.document["parent"]}
    accepted = {**entry.document["payload"], **{name: given for name, given in composed.items() if given is not None}}
    return emptied(accepted, payload)


def _lives_elsewhere(entry: LedgerEntry, product_id: str | None) -> bool:
    return entry.ipaas_id is not None and entry.parent_ipaas_id not in {None, product_id}


def _in_turn(waiting: Mapping[str, tuple[_Task, WaitsError]]) -> Iterator[_Task]:
    """Yield records that wait for each other: each after the one it waits for, as far as they form no ring."""
    left = dict(waiting)
    while left:
        key = next((key for key, (_, waits) in left.items() if waits.key not in left), next(iter(left)))
        yield left.pop(key)[0]


def _count(sent: Sent, result: StepResult) -> None:
    result.counts["created" if sent.how == "created" else "updated"] += 1
    if sent.how in {"adopted", "reactivated"}:
        result.counts[sent.how] += 1
