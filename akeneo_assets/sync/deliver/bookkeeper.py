"""Records what iPaaS.com accepted: ids, fingerprints and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.record.mapped_record import MappedRecord, Reference
from akeneo_assets.objects import KINDS, object_of
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.places import FormerPlace
from akeneo_assets.store.records import Accepted, Attempt, LedgerEntry, Link, Target, not_stored
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.child_ids import children_of
from akeneo_assets.sync.deliver.composer import Composed, Targets
from akeneo_assets.sync.deliver.emptying import still_has
from akeneo_assets.sync.deliver.events import Events
from akeneo_assets.sync.deliver.product_trees import ProductTree
from akeneo_assets.sync.deliver.released_records import writable
from akeneo_assets.sync.deliver.sender import Sent
from akeneo_assets.sync.deliver.tasks import DeliveryTask

LinksByRecord = Mapping[tuple[str, str], Sequence[Link]]
"""Destination kind and key of a record → its links."""


class Bookkeeper:
    """Writes accepted records and their links to the ledger, and adds the records to the known targets.

    Args:
        store: The state.
        targets: Updated with every accepted record.
        events: Describes the accepted records for the changelog.
    """

    def __init__(self, store: Store, targets: Targets, events: Events) -> None:
        self._store = store
        self._targets = targets
        self._events = events

    def accept(
        self,
        task: DeliveryTask,
        sent: Sent,
        composed: Composed,
        entry: LedgerEntry | None,
        *,
        product_id: str | None,
        former_key: str | None = None,
    ) -> None:
        """Record a single accepted record.

        Args:
            task: The record that was sent. If its source was not looked at, the source in the ledger is kept.
            sent: The accepted record.
            composed: What it was composed of: all its links, including those that were not sent, and what it keeps.
            entry: Its previous ledger entry.
            product_id: For a variant, the id of its product.
            former_key: Key of the record whose place it has taken over.
        """
        mapped, source = task.mapped, task.row.source
        known = entry.source if source is None and entry is not None else source
        kept = _kept(composed, mapped, sent.response)
        row = _row(mapped, sent.ipaas_id, sent.children, known, product_id, task.attempt, kept)
        row = self._events.sent(row, task, entry, sent)
        succeeds = [(mapped.kind, former_key)] if former_key is not None else []
        self._write([row], composed.links, task.attempt.partition_key, succeeds)

    def confirm(self, task: DeliveryTask, links: LinksByRecord) -> None:
        """Record that iPaaS.com has a record without a write, because it does not store what changed.

        Args:
            task: The record, which iPaaS.com accepted before. Its variants are records of their own.
            links: All its links.
        """
        entry, mapped = task.entry, replace(task.mapped, variants=())
        if entry is None or entry.ipaas_id is None or entry.document is None:
            return
        kept = entry.document.get("kept", {})
        source = entry.source if task.row.source is None else task.row.source
        row = _row(mapped, entry.ipaas_id, entry.children, source, entry.parent_ipaas_id, task.attempt, kept)
        self._write([row], links, task.attempt.partition_key, [])

    def accept_tree(
        self,
        task: DeliveryTask,
        tree: ProductTree,
        sent: Sent,
        composed: Composed,
        *,
        source: SourceFingerprint | None,
    ) -> list[str]:
        """Record an accepted product model with its variants.

        A variant that was only repeated as it was accepted before stays due if it was due.

        Returns:
            Keys of variants that were sent but are missing in the response.
        """
        attempt = task.attempt
        children: JsonObject = {name: ids for name, ids in sent.children.items() if name != "variants"}
        variants = {sku: ids for sku, ids in sent.children.get("variants", {}).items() if "id" in ids}
        missing = [variant.key for variant in tree.mapped.variants if str(variant.sku) not in variants]
        stored = {str(each.get("sku")): each for each in children_of(sent.response, "variants")}
        rows = [
            _row(
                variant,
                str(variants[str(variant.sku)]["id"]),
                variants[str(variant.sku)],
                None,
                sent.ipaas_id,
                replace(attempt, looked_at=tree.variant_entries[variant.key].looked_at)
                if variant.key in tree.kept
                else attempt,
                _kept(composed, variant, stored.get(str(variant.sku), {})),
            )
            for variant in tree.mapped.variants
            if variant.key not in missing
        ]
        rows = [
            row
            if row.key in tree.kept
            else self._events.sent_with_its_model(row, task, tree.variant_entries.get(row.key))
            for row in rows
        ]
        model = replace(tree.mapped, variants=())
        known = source.incomplete() if source is not None and missing else source
        row = _row(model, sent.ipaas_id, children, known, None, attempt, _kept(composed, model, sent.response))
        rows.append(self._events.sent(row, task, tree.entry, sent))
        succeeds = [("variant", former) for former in tree.successors.values()]
        self._write(rows, composed.links, attempt.partition_key, succeeds)
        self._keep_destination_variants(tree, sent)
        return missing

    def _keep_destination_variants(self, tree: ProductTree, sent: Sent) -> None:
        """Remember variants that only iPaaS.com has, because later writes of the product have to repeat them."""
        ours = {str(variant.sku) for variant in tree.mapped.variants}
        others = [each for each in sent.response.get("variants") or () if str(each.get("sku")) not in ours]
        if not others:
            return
        known = {place.ipaas_id for place in self._store.places.of_product(sent.ipaas_id)}
        self._store.places.keep(
            FormerPlace("variant", str(each["id"]), sent.ipaas_id, None, writable(each))
            for each in others
            if str(each["id"]) not in known
        )

    def _write(
        self, rows: Sequence[Accepted], links: LinksByRecord, partition_key: str, succeeds: Sequence[tuple[str, str]]
    ) -> None:
        with_kept = dict(links)
        for row in rows:
            if kept := (row.document or {}).get("kept"):
                with_kept[row.kind, row.key] = [*links[row.kind, row.key], *map(not_stored, kept)]
        self._store.accept(rows, with_kept, partition_key=partition_key, succeeds=succeeds)
        for row in rows:
            self._targets.add(_reference(row), _target(row))


def _row(
    mapped: MappedRecord,
    ipaas_id: str,
    children: JsonObject,
    source: SourceFingerprint | None,
    product_id: str | None,
    attempt: Attempt,
    kept: JsonObject,
) -> Accepted:
    return Accepted(
        kind=mapped.kind,
        key=mapped.key,
        object=object_of(mapped.kind, is_kit=mapped.kit is not None),
        ipaas_id=ipaas_id,
        parent_ipaas_id=product_id,
        sku=mapped.sku,
        children=children,
        payload_hash=mapped.base_hash,
        related_hash=mapped.related_hash,
        related_count=len(mapped.related),
        source=source,
        document={**mapped.to_document(), "kept": kept} if kept else mapped.to_document(),
        attempt=attempt,
    )


def _kept(composed: Composed, record: MappedRecord, response: JsonObject) -> JsonObject:
    """Return the fields of a record that should be empty and are not. Somebody may have emptied them by hand."""
    kept = composed.kept.get((record.kind, record.key), {})
    return {name: value for name, value in kept.items() if still_has(response, name)}


def _reference(row: Accepted) -> Reference:
    return Reference(KINDS[row.kind].source_kind, row.key)


def _target(row: Accepted) -> Target:
    return Target(str(row.ipaas_id), row.sku, row.kind == "variant", row.kind)
