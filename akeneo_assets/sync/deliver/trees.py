"""Delivers a product tree: a product model with all its variants, in one write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.filter import FILTERED
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.bookkeeper import Bookkeeper
from akeneo_assets.sync.deliver.category_assignments import CategoryAssignments
from akeneo_assets.sync.deliver.composer import Composed, Targets, references_of
from akeneo_assets.sync.deliver.conflicts import CONFLICTS_A_RECORD, Adopted, Conflicts
from akeneo_assets.sync.deliver.payloads import Payloads
from akeneo_assets.sync.deliver.places import Places
from akeneo_assets.sync.deliver.product_trees import ProductTree, assemble
from akeneo_assets.sync.deliver.released_records import with_destination_variants
from akeneo_assets.sync.deliver.sender import Adoption, How, RecordPlace, Sender, Sent
from akeneo_assets.sync.deliver.tasks import DeliveryTask
from akeneo_assets.sync.destination import ErrorCode, IpaasError
from akeneo_assets.sync.results import StepResult


@dataclass(frozen=True)
class TreeDelivery:
    """Delivers product trees.

    Attributes:
        store: What was accepted before, and what was released.
        targets: The iPaaS.com records that a record refers to.
        payloads: Prepares the payloads.
        sender: Sends them.
        conflicts: Resolves conflicts with records that have the same SKU or external id.
        places: Releases the places that records have left.
        assignments: Removes products from former categories.
        books: Records what was accepted.
    """

    store: Store
    targets: Targets
    payloads: Payloads
    sender: Sender
    conflicts: Conflicts
    places: Places
    assignments: CategoryAssignments
    books: Bookkeeper

    def deliver(self, task: DeliveryTask, result: StepResult, *, may_wait: bool) -> list[str]:
        """Send a product model with all its variants and record what was accepted.

        A variant that iPaaS.com refuses does not block the others: it is removed from the tree. If iPaaS.com does not
        say which variant it refused, all new and changed variants are removed. Variants are also planned separately,
        so a refused variant is sent alone later, and its error is reported then.

        Args:
            task: The model.
            result: Receives the counts and the parts that were left out.
            may_wait: Whether it may wait for a record that is about to give up its SKU.

        Returns:
            Keys of variants that were sent but are missing in the response.

        Raises:
            MustWaitError: Another record has to be sent first.
            RecordError: iPaaS.com refused the model itself.
            TransientError: iPaaS.com cannot be reached.
        """
        tree, departures = assemble(self.store, task.mapped, task.entry, task.variant_entries)
        for departure in departures:
            self.places.leave(departure.entry, moves_within_kind=departure.moves_within_kind)
        for variant in task.mapped.variants:
            if (other := task.other_place(variant.key)) is not None:
                self.places.leave(other, moves_within_kind=False)
        if tree.kept:
            # The kept variants have references of their own.
            self.targets.load(references_of(tree.mapped))
        refused: set[str] = set()
        attempts = _Attempts(may_wait=may_wait, conflicts_left=CONFLICTS_A_RECORD + 2 * len(tree.mapped.variants))
        while True:
            try:
                composed, sent, tree = self._send(tree, attempts, result)
                break
            except RecordError as error:
                culprits = tree.named_in(str(error)) or tree.due
                if not culprits:
                    raise
                refused |= culprits
                tree = tree.without(culprits)
        self.assignments.remove_former(tree.mapped, task.entry, sent)
        complete = not refused and all(problem.code == FILTERED for problem in task.mapped.blocked_variants)
        source = task.row.source
        if source is not None and not complete:
            source = source.incomplete()
        missing = self.books.accept_tree(task, tree, sent, composed, source=source)
        result.counts.update(sent.outcomes)
        return missing

    def _send(self, tree: ProductTree, attempts: _Attempts, result: StepResult) -> tuple[Composed, Sent, ProductTree]:
        """Send a tree. If other records have its SKUs or external ids, resolve the conflict and send it again."""
        key, sku = tree.mapped.key, tree.mapped.sku
        for composed in self.payloads.compositions(tree.mapped):
            while True:
                destination, how = attempts.destination_of(tree), attempts.how
                payload = self._payload(tree, composed, destination.ipaas_id)
                payload = attempts.completed(self.payloads.prepared(tree.mapped, payload, composed, result))
                try:
                    return composed, self.sender.send("product_model", key, sku, payload, destination, how), tree
                except IpaasError as error:
                    refusal = error
                if refusal.code == ErrorCode.REFERENCE_MISSING:
                    break
                if refusal.code not in ErrorCode.DUPLICATES or not attempts.conflicts_left:
                    raise refusal
                attempts.conflicts_left -= 1
                candidates = tree.candidates(destination.ipaas_id)
                adopted = self.conflicts.resolve(candidates, refusal, may_wait=attempts.may_wait)
                if adopted is None:
                    continue
                if adopted.candidate.kind == "product_model":
                    attempts.adopt(adopted.ipaas_id, self._adopt(adopted, payload))
                else:
                    place = self._adopt(adopted, {})
                    tree = tree.with_place(adopted.candidate.key, adopted.ipaas_id, place.children, adopted.former_key)
        raise refusal

    def _adopt(self, adopted: Adopted, payload: JsonObject) -> Adoption:
        candidate = adopted.candidate
        return self.sender.adopt(
            candidate.kind,
            candidate.key,
            payload,
            adopted.ipaas_id,
            candidate.product_id,
            is_active=adopted.is_active,
        )

    def _payload(self, tree: ProductTree, composed: Composed, product_id: str | None) -> JsonObject:
        payload = self.payloads.emptied(tree.mapped, composed.payload, composed, tree.entry)
        payload["variants"] = [
            self.payloads.emptied(
                variant, body, composed, self._predecessor(tree, variant.key) or tree.variant_entries.get(variant.key)
            )
            for variant, body in zip(tree.mapped.variants, payload["variants"], strict=True)
        ]
        return tree.completed(payload, self.places.remnants(product_id) if product_id is not None else [])

    def _predecessor(self, tree: ProductTree, key: str) -> LedgerEntry | None:
        """Return the ledger entry of the variant whose iPaaS.com record this one takes over."""
        former_key = tree.successors.get(key)
        return None if former_key is None else self.store.ledger.entry("variant", former_key)


class _Attempts:
    """The state that all attempts to send a tree share.

    Attributes:
        may_wait: Whether the tree may wait for another record.
        conflicts_left: How many more conflicts are resolved.
        how: How the write is counted.
    """

    def __init__(self, *, may_wait: bool, conflicts_left: int) -> None:
        self.may_wait = may_wait
        self.conflicts_left = conflicts_left
        self.how: How = "updated"
        self._found: RecordPlace | None = None
        self._destination_variants: Sequence[JsonObject] = ()

    def adopt(self, ipaas_id: str, adoption: Adoption) -> None:
        """Continue with a product that is in iPaaS.com already."""
        self._found = RecordPlace(ipaas_id, adoption.children)
        self.how = adoption.how
        self._destination_variants = [each for each in adoption.payload.get("variants", ()) if "id" in each]

    def destination_of(self, tree: ProductTree) -> RecordPlace:
        """Return where the tree is sent: to the product that was found, or to the one in the ledger."""
        if self._found is None:
            return tree.destination
        children = {**(self._found.children or {})}
        children["variants"] = {**children.get("variants", {}), **tree.variant_ids}
        return replace(self._found, children=children)

    def completed(self, payload: JsonObject) -> JsonObject:
        """Return the payload with the variants that only iPaaS.com has."""
        return with_destination_variants(payload, self._destination_variants)
