"""Removes products from the categories that they have left."""

from __future__ import annotations

from dataclasses import dataclass

from akeneo_assets.mapping.record.mapped_record import MappedRecord, Reference
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.sync.deliver.composer import Targets
from akeneo_assets.sync.deliver.sender import Sent
from akeneo_assets.sync.deliver.tracking import TrackedClients


@dataclass(frozen=True)
class CategoryAssignments:
    """Removes assignments that a write alone does not remove.

    Attributes:
        clients: Gives each record an iPaaS.com client.
        targets: The categories in iPaaS.com.
    """

    clients: TrackedClients
    targets: Targets

    def remove_former(self, mapped: MappedRecord, entry: LedgerEntry | None, sent: Sent) -> None:
        """Remove a product from the categories that it was sent with before and that iPaaS.com still shows.

        Args:
            mapped: The record that was sent.
            entry: The previous ledger entry of the record, or of the record whose place it has taken over.
            sent: The accepted record.
        """
        if entry is None or entry.document is None or mapped.kind not in {"product", "product_model"}:
            return
        before = {Reference.from_document(each) for each in entry.document["categories"]} - {*mapped.categories}
        if not before:
            return
        self.targets.load(before)
        assigned = {str(each.get("category_id", each.get("id"))) for each in sent.response.get("categories") or ()}
        kept = {target.ipaas_id for each in mapped.categories if (target := self.targets.find(each)) is not None}
        for reference in sorted(before):
            target = self.targets.find(reference)
            if target is not None and target.ipaas_id in assigned - kept:
                self.clients.of(mapped.kind, mapped.key).unassign_category(sent.ipaas_id, target.ipaas_id)
