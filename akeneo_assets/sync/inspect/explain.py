"""Explains how a record of the mirror is mapped. Makes no requests and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import ConfigurationError, RecordError
from akeneo_assets.mapping.record.explain import Explained
from akeneo_assets.mapping.record.mapped_record import BlockedRecord, MappedRecord, RecordKind
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.record.price import MISSING_PRICE
from akeneo_assets.objects import KINDS, NAMED_KINDS, kinds_of
from akeneo_assets.store.records import NOT_STORED, ChangelogEntry, LedgerEntry, Target
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.composer import Targets
from akeneo_assets.sync.difference import difference
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.first_fields import with_first_fields
from akeneo_assets.sync.named_ids import without_skus

_EVENTS: Final = 50
"""How many entries of the changelog are shown."""


@dataclass(frozen=True)
class Mirrored:
    """A record of the mirror with the other records of its product tree.

    Attributes:
        kind: The kind that it is sent as.
        key: Its key.
        document: The record as Akeneo sent it.
        models: For a product model or a variant, the models of its tree, the root first.
        variants: For a product model or a variant, the keys and documents of the variants of its tree.
    """

    kind: RecordKind
    key: str
    document: JsonObject
    models: tuple[JsonObject, ...] = ()
    variants: tuple[tuple[str, JsonObject], ...] = ()


@dataclass(frozen=True)
class Explanation:
    """How a record is mapped, and its state.

    Attributes:
        record: The record.
        fields: Where each field comes from.
        mapped: The mapped record; None if it cannot be mapped.
        problem: Why it cannot be mapped.
        entry: Its ledger entry; None if it has none yet.
        differs: Field → ``{"from": old, "to": new}`` compared with what iPaaS.com accepted last; None if it has not
            accepted anything yet, or if the record cannot be mapped.
        targets: The targets of components and related products by field, e.g. ``components[0].target``; None for a
            target that is not in iPaaS.com yet.
        history: What was sent and what failed, newest first.
        not_stored: The fields that iPaaS.com did not store or empty when it accepted the record last, as a probe found
            out → the value that should be gone.
    """

    record: Mirrored
    fields: tuple[Explained, ...]
    mapped: MappedRecord | None
    problem: BlockedRecord | None
    entry: LedgerEntry | None
    differs: JsonObject | None
    targets: Mapping[str, Target | None] = field(default_factory=dict)
    history: tuple[ChangelogEntry, ...] = ()
    not_stored: JsonObject = field(default_factory=dict)


def explain(engine: Engine, kind: str, record_id: str) -> Explanation:
    """Explain a record of the mirror.

    Args:
        engine: The engine with its store and mapping.
        kind: A kind as users name it; ``product`` also stands for variants and bundles.
        record_id: A code or SKU; for products also the uuid or the identifier.

    Raises:
        ConfigurationError: The mirror does not have the record, it is of another kind, or the mapping does not fit the
            catalogue.
        RecordError: The record has no key.
    """
    record = look_up(engine.store, NAMED_KINDS[kind], record_id)
    _check_kind(engine.mapper, kind, record, record_id)
    mapped, problem = _mapped(engine.mapper, record)
    fields = engine.mapper.explain(
        record.kind, record.document, record.models, [document for _, document in record.variants]
    )
    if problem is not None and problem.code == MISSING_PRICE:
        fields = tuple(replace(each, result=None) if each.destination == "default_price" else each for each in fields)
    entry = engine.store.ledger.entry(record.kind, record.key)
    kinds = kinds_of(KINDS[record.kind].source_kind)
    history = with_first_fields(engine.store.changelog.of_record(kinds, record.key, _EVENTS), entry)
    not_stored = _not_stored(engine.store, record, entry)
    if mapped is None:
        return Explanation(record, fields, None, problem, entry, None, history=history, not_stored=not_stored)
    differs = None
    if entry is not None and entry.document is not None:
        differs = difference(entry.document, mapped.to_document())
    fields += tuple(_no_longer_sent(fields, differs or {}))
    targets = _targets(engine.store, mapped)
    return Explanation(record, fields, mapped, None, entry, differs, targets, history, not_stored)


def _check_kind(mapper: Mapper, kind: str, record: Mirrored, record_id: str) -> None:
    """Refuse a record that is not what the user takes it for.

    Raises:
        ConfigurationError: It is another kind of product.
    """
    is_bundle = record.kind == "product" and mapper.is_bundle(record.document)
    found = "bundle" if is_bundle else record.kind
    if kind in {"variant", "bundle"} and kind != found:
        what = "simple product" if found == "product" else found
        raise ConfigurationError(
            f"{record_id} is a {what}, not a {kind}. Explain it with: akeneo-assets explain {found} {record_id}"
        )


def look_up(store: Store, kind: str, record_id: str) -> Mirrored:
    """Return a record of the mirror.

    Args:
        store: The state.
        kind: ``category``, ``product_model`` or ``product``.
        record_id: A code; for products the uuid or the identifier.

    Raises:
        ConfigurationError: The mirror does not have it, or it is a sub-model, which is never sent by itself.
    """
    (key,) = without_skus(store, kind, [record_id])
    if kind == "product" and not store.mirror.existing("product", [key]):
        key = store.mirror.keys_of_identifiers([key]).get(key, key)
    head = store.mirror.named_heads(kind, [key]).get(key)
    if head is None:
        raise _missing(store, kind, record_id)
    document = store.mirror.documents(kind, [key])[key]
    if kind == "category":
        return Mirrored("category", key, document)
    if kind == "product" and head.parent is None:
        return Mirrored("product", key, document)
    if kind == "product_model" and head.parent is not None:
        raise ConfigurationError(
            f"{key} is a sub-model, which is never sent by itself. "
            f"Explain its product model {head.parent}, or one of its variants."
        )
    root = key if kind == "product_model" else store.product_trees.roots_of([key]).get(key)
    trees = [] if root is None else store.product_trees.trees([root])
    if not trees:
        raise ConfigurationError(
            f"The product models above {record_id} have not been read yet. "
            f"Read them with: akeneo-assets sync record product {record_id} --dry-run"
        )
    models, variants = read_tree(store, trees[0].root.key)
    return Mirrored("product_model" if kind == "product_model" else "variant", key, document, models, variants)


def read_tree(store: Store, root: str) -> tuple[tuple[JsonObject, ...], tuple[tuple[str, JsonObject], ...]]:
    """Return the models of a mirrored tree, the root first, and its variants with their keys."""
    (tree,) = store.product_trees.trees([root])
    model_keys = [head.key for head in (tree.root, *tree.models)]
    models = store.mirror.documents("product_model", model_keys)
    products = store.mirror.documents("product", [head.key for head in tree.variants])
    return tuple(models[key] for key in model_keys), tuple((head.key, products[head.key]) for head in tree.variants)


def _missing(store: Store, kind: str, record_id: str) -> ConfigurationError:
    what = kind.replace("_", " ")
    if store.mirror.documents(kind, [record_id]):
        return ConfigurationError(f"Akeneo no longer lists the {what} {record_id}, so it is no longer sent.")
    return ConfigurationError(
        f"The mirror has no {what} {record_id}: it has not been read yet, or Akeneo does not have it. "
        f"Read it with: akeneo-assets sync record {kind} {record_id} --dry-run"
    )


def _mapped(mapper: Mapper, record: Mirrored) -> tuple[MappedRecord | None, BlockedRecord | None]:
    """Return the record as it is sent, or why it cannot be sent."""
    try:
        if record.kind == "category":
            return mapper.category(record.document), None
        if record.kind == "product":
            return mapper.product(record.document), None
        tree = map_tree(mapper, record.models, record.variants)
    except RecordError as error:
        return None, BlockedRecord(record.key, error.code, str(error))
    if record.kind == "product_model":
        return tree, None
    for variant in tree.variants:
        if variant.key == record.key:
            return variant, None
    return None, next(problem for problem in tree.blocked_variants if problem.key == record.key)


def _targets(store: Store, mapped: MappedRecord) -> dict[str, Target | None]:
    """Return the targets of a record's components and related products."""
    targets = Targets(store)
    links = {f"components[{index}].target": each.target for index, each in enumerate(mapped.components)}
    links |= {f"related_products[{index}].target": each.target for index, each in enumerate(mapped.related)}
    targets.load(links.values())
    return {field: targets.find(reference) for field, reference in links.items()}


def _not_stored(store: Store, record: Mirrored, entry: LedgerEntry | None) -> JsonObject:
    links = store.links.of(record.kind, [record.key]).get(record.key, ())
    kept = {} if entry is None or entry.document is None else entry.document.get("kept", {})
    return {name: kept.get(name) for name in sorted(link.target_key for link in links if link.relation == NOT_STORED)}


def _no_longer_sent(fields: Sequence[Explained], differs: JsonObject) -> Iterator[Explained]:
    """Yield custom fields that iPaaS.com has but no line fills any more, e.g. after a list got shorter."""
    known = {field.destination for field in fields}
    for name, change in differs.items():
        if name.startswith("custom_fields.") and change["to"] is None and name not in known:
            yield Explained(name, "no line", None, None, None, None, None, None)


def map_tree(mapper: Mapper, models: Sequence[JsonObject], variants: Sequence[tuple[str, JsonObject]]) -> MappedRecord:
    """Map a product model with its variants. The root model is the first of ``models``.

    Raises:
        RecordError: It cannot be mapped.
    """
    return mapper.tree(models[0], models[1:], [document for _, document in variants])
