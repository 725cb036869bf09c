"""Write down what iPaaS.com accepted: ids, fingerprints, and the links that are still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas.client import is_usable_id
from akeneo_assets.mapping.records import MappedRecord, Reference
from akeneo_assets.store.records import Accepted, LedgerEntry, ParkedLink, Target
from akeneo_assets.store.store import Store
from akeneo_assets.sync.children import children_of, ids_of
from akeneo_assets.sync.composing import Targets
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.product_trees import ProductTree
from akeneo_assets.sync.sending import Sent

Parked = Mapping[tuple[str, str], Sequence[ParkedLink]]


def object_of(mapped: MappedRecord) -> ObjectName:
    """Return the object that a record is shown under."""
    if mapped.kind == "category":
        return "categories"
    if mapped.kind == "product_model":
        return "product_models"
    if mapped.kind == "variant":
        return "variants"
    return "products" if mapped.kit is None else "bundles"


def unsettled(source_hash: str) -> str:
    """Return a fingerprint of no content that was mapped with the same mapping and structure."""
    return "".join(source_hash.rpartition(".")[1:]) if source_hash else ""


class Bookkeeper:
    """Records accepted records in the ledger, their parked links, and makes them known as targets.

    Args:
        store: The state.
        targets: Taught every accepted record.
        partition_key: The partition that is delivered.
        run_id: The run.
    """

    def __init__(self, store: Store, targets: Targets, *, partition_key: str, run_id: str) -> None:
        self._store = store
        self._targets = targets
        self._partition_key = partition_key
        self._run_id = run_id

    def accept(
        self,
        mapped: MappedRecord,
        sent: Sent,
        parked: Parked,
        entry: LedgerEntry | None,
        *,
        source_hash: str,
        looked_at: float,
        product_id: str | None,
    ) -> None:
        """Record a single accepted record.

        Args:
            mapped: What was sent.
            sent: The answer.
            parked: Links that did not go.
            entry: What the ledger knew before.
            source_hash: Fingerprint of its source; empty when the source was not looked at.
            looked_at: When the source was looked at.
            product_id: For a variant, the id of its product.
        """
        known_source = entry.source_hash if entry is not None else None
        known = source_hash or known_source or ""
        row = self._row(mapped, sent.ipaas_id, sent.children, known, product_id, looked_at)
        self._write([row], parked)

    def accept_tree(
        self, tree: ProductTree, sent: Sent, parked: Parked, *, source_hash: str, looked_at: float
    ) -> list[str]:
        """Record an accepted product model with its variants.

        A variant that was repeated as it had been accepted stays due, if it was.

        Returns:
            Keys of variants that were sent and that the answer does not hold.
        """
        children: JsonObject = {name: ids for name, ids in sent.children.items() if name != "variants"}
        answers = {
            str(variant.get("sku")): variant
            for variant in children_of(sent.answer, "variants")
            if is_usable_id(variant.get("id"))
        }
        missing = [variant.key for variant in tree.mapped.variants if str(variant.sku) not in answers]
        rows = [
            self._row(
                variant,
                str(answers[str(variant.sku)]["id"]),
                ids_of(answers[str(variant.sku)]),
                "",
                sent.ipaas_id,
                tree.variant_entries[variant.key].looked_at if variant.key in tree.kept else looked_at,
            )
            for variant in tree.mapped.variants
            if variant.key not in missing
        ]
        model = replace(tree.mapped, variants=())
        known = unsettled(source_hash) if missing else source_hash
        rows.append(self._row(model, sent.ipaas_id, children, known, None, looked_at))
        self._write(rows, parked)
        return missing

    def _row(
        self,
        mapped: MappedRecord,
        ipaas_id: str,
        children: JsonObject,
        source_hash: str,
        product_id: str | None,
        looked_at: float,
    ) -> Accepted:
        return Accepted(
            kind=mapped.kind,
            key=mapped.key,
            object=object_of(mapped),
            ipaas_id=ipaas_id,
            parent_ipaas_id=product_id,
            sku=mapped.sku,
            children=children,
            payload_hash=mapped.base_hash,
            related_hash=mapped.related_hash,
            related_count=len(mapped.related),
            source_hash=source_hash,
            document=mapped.to_document(),
            partition_key=self._partition_key,
            run_id=self._run_id,
            looked_at=looked_at,
        )

    def _write(self, rows: Sequence[Accepted], parked: Parked) -> None:
        self._store.accept(rows, parked, partition_key=self._partition_key)
        for row in rows:
            self._targets.learn(_reference(row), _target(row))


def _reference(row: Accepted) -> Reference:
    if row.kind == "category":
        return Reference("category", row.key)
    return Reference("product_model" if row.kind == "product_model" else "product", row.key)


def _target(row: Accepted) -> Target:
    return Target(str(row.ipaas_id), row.sku, row.kind == "variant", row.kind)
