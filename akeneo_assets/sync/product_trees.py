"""A product tree as it is sent: the model, its variants, and the variants that are kept although they are not due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.records import MappedRecord
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.store.store import Store
from akeneo_assets.sync.sending import Destination


@dataclass(frozen=True)
class ProductTree:
    """A model with all variants that iPaaS.com has to hold after the write.

    Attributes:
        mapped: The model and its variants.
        entry: The model's ledger entry.
        variant_entries: Ledger entries of its variants, by key.
        kept: Keys of variants whose accepted payload is repeated; they are not changed by the write.
    """

    mapped: MappedRecord
    entry: LedgerEntry | None
    variant_entries: Mapping[str, LedgerEntry]
    kept: frozenset[str]

    @property
    def destination(self) -> Destination:
        """Where the tree goes, with the ids of all its children."""
        if self.entry is None:
            return Destination()
        variants: JsonObject = {
            str(variant.sku): self.variant_entries[variant.key].children
            for variant in self.mapped.variants
            if variant.key in self.variant_entries
        }
        return Destination(self.entry.ipaas_id, {**self.entry.children, "variants": variants})

    @property
    def due(self) -> set[str]:
        """Keys of the variants that the write would add or change."""
        return {variant.key for variant in self.mapped.variants} - self.kept

    def named_in(self, message: str) -> set[str]:
        """Keys of those of them whose SKU stands in an error message."""
        due = self.due
        return {
            variant.key
            for variant in self.mapped.variants
            if variant.key in due and variant.sku and _mentions(message, variant.sku)
        }

    def with_kept_options(self, payload: JsonObject) -> JsonObject:
        """Return the composed ``payload`` with the option values that only kept variants have.

        They are not part of the mapped model, whose options follow the variants that Akeneo lists now.
        """
        options = {option["option_name"]: {**option, "values": [*option["values"]]} for option in payload["options"]}
        for variant in self.mapped.variants:
            for choice in variant.payload["options"] if variant.key in self.kept else ():
                name = choice["option_name"]
                values = options.setdefault(name, {"option_name": name, "values": []})["values"]
                if choice["value"] not in {value["value"] for value in values}:
                    values.append(choice)
        return {**payload, "options": list(options.values())}

    def without(self, keys: set[str]) -> ProductTree:
        """Return the tree with these variants as iPaaS.com has them already, or without them."""
        variants = []
        for variant in self.mapped.variants:
            if variant.key not in keys:
                variants.append(variant)
            elif (accepted := _accepted(self.variant_entries.get(variant.key))) is not None:
                variants.append(accepted)
        return replace(self, mapped=replace(self.mapped, variants=tuple(variants)), kept=self.kept | keys)


def assemble(
    store: Store, mapped: MappedRecord, entry: LedgerEntry | None, variant_entries: Mapping[str, LedgerEntry]
) -> ProductTree:
    """Put a tree together.

    A whole-record write may remove what it does not name, and nothing is deleted by itself: variants that iPaaS.com
    holds and that are not part of ``mapped`` are repeated as they were accepted, unless they moved to another model.

    Args:
        store: The state.
        mapped: The model with its variants.
        entry: The model's ledger entry.
        variant_entries: Ledger entries of its variants, by key; others may be among them.
    """
    entries = {
        variant.key: variant_entries[variant.key] for variant in mapped.variants if variant.key in variant_entries
    }
    kept: list[MappedRecord] = []
    if entry is not None and entry.ipaas_id is not None:
        others = {
            each.key: each for each in store.ledger.children_of("variant", entry.ipaas_id) if each.key not in entries
        }
        roots = store.mirror.roots_of(others)
        for key, other in sorted(others.items()):
            accepted = _accepted(other)
            if accepted is not None and roots.get(key, mapped.key) == mapped.key:
                entries[key] = other
                kept.append(accepted)
    tree = replace(mapped, variants=(*mapped.variants, *kept))
    return ProductTree(tree, entry, entries, frozenset(variant.key for variant in kept))


def _accepted(entry: LedgerEntry | None) -> MappedRecord | None:
    if entry is None or entry.ipaas_id is None or entry.document is None:
        return None
    return MappedRecord.from_document(entry.document)


def _mentions(message: str, sku: str) -> bool:
    """Whether ``sku`` stands in ``message`` as a word of its own, so that ``A-1`` is not found in ``A-10``."""
    position = message.find(sku)
    while position >= 0:
        before, after = message[position - 1 : position], message[position + len(sku) : position + len(sku) + 1]
        if not any(char.isalnum() or char in "-_" for char in (before + after)):
            return True
        position = message.find(sku, position + 1)
    return False
