"""Delivers a record that is sent alone: a category, a product, a bundle, or a single variant."""

from __future__ import annotations

from dataclasses import dataclass

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.record.mapped_record import MappedRecord, Reference
from akeneo_assets.store.ledger import Ledger
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.sync.deliver.bookkeeper import Bookkeeper
from akeneo_assets.sync.deliver.category_assignments import CategoryAssignments
from akeneo_assets.sync.deliver.composer import Composed, Targets
from akeneo_assets.sync.deliver.conflicts import CONFLICTS_A_RECORD, Candidate, Conflicts
from akeneo_assets.sync.deliver.payloads import Payloads
from akeneo_assets.sync.deliver.places import Places
from akeneo_assets.sync.deliver.sender import How, RecordPlace, Sender, Sent
from akeneo_assets.sync.deliver.tasks import DeliveryTask
from akeneo_assets.sync.destination import ErrorCode, IpaasError
from akeneo_assets.sync.results import StepResult


class BlockedError(Exception):
    """The record cannot be sent before another one is in iPaaS.com.

    Attributes:
        code: The error code for the ledger.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class SingleDelivery:
    """Delivers single records.

    Attributes:
        ledger: What was accepted before.
        targets: The iPaaS.com records that a record refers to.
        payloads: Prepares the payloads.
        sender: Sends them.
        conflicts: Resolves conflicts with records that have the same SKU or external id.
        places: Releases the place that a record has left.
        assignments: Removes products from former categories.
        books: Records what was accepted.
    """

    ledger: Ledger
    targets: Targets
    payloads: Payloads
    sender: Sender
    conflicts: Conflicts
    places: Places
    assignments: CategoryAssignments
    books: Bookkeeper

    def deliver(self, task: DeliveryTask, result: StepResult, *, may_wait: bool) -> None:
        """Send a record and record that it was accepted.

        Args:
            task: The record.
            result: Receives the counts and the parts that were left out.
            may_wait: Whether it may wait for a record that is about to give up its SKU.

        Raises:
            BlockedError: Its product or its parent category is not in iPaaS.com.
            MustWaitError: Another record has to be sent first.
            RecordError: iPaaS.com refused it.
            TransientError: iPaaS.com cannot be reached.
        """
        mapped, entry = task.mapped, task.entry
        product_id = self._product_id(task) if mapped.kind == "variant" else None
        self._check_that_parents_are_there(task, product_id)
        if (other := task.other_place(mapped.key)) is not None:
            self.places.leave(other, moves_within_kind=False)
        if mapped.kind == "variant" and entry is not None and _is_in_another_product(entry, product_id):
            self.places.leave(entry, moves_within_kind=True)
            entry = None
        destination = RecordPlace(
            ipaas_id=entry.ipaas_id if entry else None,
            children=entry.children if entry else None,
            product_id=product_id,
        )
        for composed in self.payloads.compositions(mapped):
            payload = self.payloads.emptied(mapped, composed.payload, composed, entry)
            payload = self.payloads.prepared(mapped, payload, composed, result)
            try:
                sent, former_key = self._send(mapped, payload, composed, destination, may_wait=may_wait)
                break
            except IpaasError as error:
                if error.code != ErrorCode.REFERENCE_MISSING:
                    raise
                refusal = error
        else:
            raise refusal
        self.assignments.remove_former(mapped, self._predecessor(mapped, former_key) or entry, sent)
        self.books.accept(task, sent, composed, entry, product_id=product_id, former_key=former_key)
        result.counts.update(sent.outcomes)
        _note_missing_components(mapped, composed, result)

    def _product_id(self, task: DeliveryTask) -> str | None:
        model = task.row.model
        target = self.targets.find(Reference("product_model", model)) if model else None
        if target is not None:
            return target.ipaas_id
        return task.entry.parent_ipaas_id if task.entry else None

    def _check_that_parents_are_there(self, task: DeliveryTask, product_id: str | None) -> None:
        mapped = task.mapped
        if mapped.kind == "variant" and product_id is None:
            raise BlockedError(
                "model_not_sent",
                f"Its product model '{task.row.model}' is not in iPaaS.com yet. The variant is sent with its model.",
            )
        if mapped.kind == "category" and mapped.parent is not None and self.targets.find(mapped.parent) is None:
            raise BlockedError(
                "parent_not_sent", f"Its parent '{mapped.parent.key}' is not in iPaaS.com. Fix the parent first."
            )

    def _send(
        self,
        mapped: MappedRecord,
        payload: JsonObject,
        composed: Composed,
        destination: RecordPlace,
        *,
        may_wait: bool,
    ) -> tuple[Sent, str | None]:
        """Send a record. If another record has its SKU or external id, resolve the conflict and send it again.

        Returns:
            The accepted record, and the key of the record whose place it has taken over, if any.
        """
        how: How = "updated"
        former_key: str | None = None
        for _ in range(CONFLICTS_A_RECORD):
            try:
                return self.sender.send(mapped.kind, mapped.key, mapped.sku, payload, destination, how), former_key
            except IpaasError as error:
                if error.code not in ErrorCode.DUPLICATES:
                    raise
                refusal = error
            product_id = destination.product_id
            candidate = Candidate(mapped.kind, mapped.key, mapped.sku, destination.ipaas_id, product_id)
            adopted = self.conflicts.resolve([candidate], refusal, may_wait=may_wait)
            if adopted is not None:
                former_key = adopted.former_key
                # A write that merges would keep the fields of the former record.
                payload = self.payloads.emptied(mapped, payload, composed, self._predecessor(mapped, former_key))
                adoption = self.sender.adopt(
                    mapped.kind, mapped.key, payload, adopted.ipaas_id, product_id, is_active=adopted.is_active
                )
                payload, how = adoption.payload, adoption.how
                destination = RecordPlace(adopted.ipaas_id, adoption.children, product_id)
        raise refusal

    def _predecessor(self, mapped: MappedRecord, former_key: str | None) -> LedgerEntry | None:
        """Return the ledger entry of the record whose place this one takes over."""
        return None if former_key is None else self.ledger.entry(mapped.kind, former_key)


def _is_in_another_product(entry: LedgerEntry, product_id: str | None) -> bool:
    return entry.ipaas_id is not None and entry.parent_ipaas_id not in {None, product_id}


def _note_missing_components(mapped: MappedRecord, composed: Composed, result: StepResult) -> None:
    missing = [
        link
        for links in composed.links.values()
        for link in links
        if link.relation == "component" and link.sent_as is None
    ]
    if missing:
        named = ", ".join(f"{link.target_kind} {link.target_key}".replace("_", " ") for link in missing)
        message = (
            f"The bundle was sent without {named}, which iPaaS.com does not have yet. It is sent again when they are "
            "there. Sync them, set CREATE_MISSING_BUNDLE_ITEMS to true, or check the filter of the mapping."
        )
        result.add_problem(mapped.kind, mapped.key, "missing_component", message)
