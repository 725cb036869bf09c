"""A product tree as it is sent: the model, its variants, and other variants that iPaaS.com has to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.conflicts import Candidate
from akeneo_assets.sync.deliver.released_records import with_option_values
from akeneo_assets.sync.deliver.sender import RecordPlace


@dataclass(frozen=True)
class LedgerPlace:
    """A record in iPaaS.com that the ledger does not know yet: its id, and the ids of its children."""

    ipaas_id: str
    children: JsonObject


@dataclass(frozen=True)
class ProductTree:
    """A model with all variants that iPaaS.com must have after the write.

    Attributes:
        mapped: The model and its variants.
        entry: The model's ledger entry.
        variant_entries: Ledger entries of its variants, by key.
        kept: Keys of variants whose accepted payload is repeated, so that the write does not change them.
        successors: Key of a variant → key of the variant deleted in Akeneo whose iPaaS.com record it takes over.
        places: Existing iPaaS.com records that were found for variants, by key of the variant.
    """

    mapped: MappedRecord
    entry: LedgerEntry | None
    variant_entries: Mapping[str, LedgerEntry]
    kept: frozenset[str]
    successors: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, LedgerPlace] = field(default_factory=dict)

    @property
    def destination(self) -> RecordPlace:
        """The product that the tree is sent to, with the ids of all its children."""
        if self.entry is None:
            return RecordPlace()
        return RecordPlace(self.entry.ipaas_id, {**self.entry.children, "variants": self.variant_ids})

    @property
    def variant_ids(self) -> JsonObject:
        """The ids of all variants and their children, by SKU."""
        known: dict[str, LedgerEntry | LedgerPlace] = {**self.variant_entries, **self.places}
        return {
            str(variant.sku): place.children
            for variant in self.mapped.variants
            if (place := known.get(variant.key)) is not None and place.ipaas_id is not None
        }

    @property
    def due(self) -> set[str]:
        """Keys of the variants that the write would add or change."""
        return {variant.key for variant in self.mapped.variants} - self.kept

    def named_in(self, message: str) -> set[str]:
        """Keys of the variants in :attr:`due` whose SKU is mentioned in an error message."""
        due = self.due
        return {
            variant.key
            for variant in self.mapped.variants
            if variant.key in due and variant.sku and _mentions(message, variant.sku)
        }

    def completed(self, payload: JsonObject, remnants: Sequence[JsonObject]) -> JsonObject:
        """Return the composed ``payload`` with everything else that iPaaS.com has to keep.

        Args:
            payload: The model with its variants.
            remnants: Former places of variants, as they were released.
        """
        if not (self.kept or remnants):
            return payload
        kept = [variant.payload for variant in self.mapped.variants if variant.key in self.kept]
        whole = {**payload, "variants": [*payload["variants"], *remnants]}
        return with_option_values(whole, [*kept, *remnants])

    def with_place(self, key: str, ipaas_id: str, children: JsonObject, former_key: str | None) -> ProductTree:
        """Return the tree with a variant that is sent as an update of one that is already in iPaaS.com."""
        place = LedgerPlace(ipaas_id, children)
        successors = {**self.successors, key: former_key} if former_key is not None else self.successors
        return replace(self, places={**self.places, key: place}, successors=successors)

    def candidates(self, model_id: str | None) -> list[Candidate]:
        """Return the records that iPaaS.com may refuse because another record has their SKU or external id."""
        model = Candidate("product_model", self.mapped.key, self.mapped.sku, model_id)
        return [
            model,
            *(
                Candidate("variant", variant.key, variant.sku, self.place_of(variant.key), model_id)
                for variant in self.mapped.variants
                if variant.key not in self.kept
            ),
        ]

    def place_of(self, key: str) -> str | None:
        """Return the id that a variant has in iPaaS.com."""
        if key in self.places:
            return self.places[key].ipaas_id
        return self.variant_entries[key].ipaas_id if key in self.variant_entries else None

    def without(self, keys: set[str]) -> ProductTree:
        """Return the tree with these variants as iPaaS.com accepted them last, or without them if it never did."""
        variants = []
        for variant in self.mapped.variants:
            if variant.key not in keys:
                variants.append(variant)
            elif (accepted := _accepted(self.variant_entries.get(variant.key))) is not None:
                variants.append(accepted)
        return replace(self, mapped=replace(self.mapped, variants=tuple(variants)), kept=self.kept | keys)


@dataclass(frozen=True)
class Departure:
    """A record that has left its place in iPaaS.com.

    Attributes:
        entry: Its ledger entry.
        moves_within_kind: Whether it is sent to another place of the same kind.
    """

    entry: LedgerEntry
    moves_within_kind: bool


def assemble(
    store: Store, mapped: MappedRecord, entry: LedgerEntry | None, variant_entries: Mapping[str, LedgerEntry]
) -> tuple[ProductTree, list[Departure]]:
    """Assemble a tree.

    A whole-record write may remove variants that it does not contain, but nothing may be deleted. So variants that
    iPaaS.com has and that are not part of ``mapped`` are repeated as they were accepted, unless they moved.

    Args:
        store: The state.
        mapped: The model with its variants.
        entry: The model's ledger entry.
        variant_entries: Ledger entries by key, among them those of its variants.

    Returns:
        The tree, and the variants that have left it or come from elsewhere. Their places have to be released first.
    """
    product_id = entry.ipaas_id if entry is not None else None
    known_here = [variant_entries[each.key] for each in mapped.variants if each.key in variant_entries]
    entries = {each.key: each for each in known_here if each.ipaas_id is None or each.parent_ipaas_id == product_id}
    departures = [Departure(each, moves_within_kind=True) for each in known_here if each.key not in entries]
    kept: list[MappedRecord] = []
    successors: dict[str, str] = {}
    if product_id is not None:
        named = {variant.key for variant in mapped.variants}
        others = {each.key: each for each in store.ledger.children_of("variant", product_id) if each.key not in named}
        heirs = {variant.sku: variant for variant in mapped.variants}
        heads, roots = store.mirror.named_heads("product", others), store.product_trees.roots_of(others)
        for key, other in sorted(others.items()):
            accepted = _accepted(other)
            if accepted is None:
                continue
            if key in heads:
                if heads[key].parent is None or roots.get(key, mapped.key) != mapped.key:
                    departures.append(Departure(other, moves_within_kind=heads[key].parent is not None))
                    continue
            elif heir := heirs.get(other.sku):
                # It was deleted in Akeneo and created again with the same SKU.
                known = entries.get(heir.key)
                if known is None or known.ipaas_id is None:
                    entries[heir.key] = other
                    successors[heir.key] = key
                else:
                    departures.append(Departure(other, moves_within_kind=False))
                continue
            entries[key] = other
            kept.append(accepted)
    tree = replace(mapped, variants=(*mapped.variants, *kept))
    return ProductTree(tree, entry, entries, frozenset(variant.key for variant in kept), successors), departures


def _accepted(entry: LedgerEntry | None) -> MappedRecord | None:
    if entry is None or entry.ipaas_id is None or entry.document is None:
        return None
    return MappedRecord.from_document(entry.document)


def _mentions(message: str, sku: str) -> bool:
    """Whether ``message`` contains ``sku`` as a whole word, so that ``A-1`` is not found in ``A-10``."""
    position = message.find(sku)
    while position >= 0:
        before, after = message[position - 1 : position], message[position + len(sku) : position + len(sku) + 1]
        if not any(char.isalnum() or char in "-_" for char in (before + after)):
            return True
        position = message.find(sku, position + 1)
    return False
