"""Compares two mappings by applying both to the mirror. Makes no requests and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import RecordKind
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.objects import ObjectName, object_of
from akeneo_assets.store.records import NO_FAMILY, Scope
from akeneo_assets.store.store import Store
from akeneo_assets.sync.difference import difference
from akeneo_assets.sync.inspect.explain import Mirrored, map_tree, read_tree


@dataclass(frozen=True)
class Outcome:
    """The result of mapping a record.

    Attributes:
        object: The object that it is shown under.
        name: Its SKU, or its key if it has none.
        document: The mapped record; None if it is left out.
        left_out: Why it is left out.
    """

    object: ObjectName
    name: str
    document: JsonObject | None
    left_out: str = ""


@dataclass(frozen=True)
class RecordDifference:
    """A record that two mappings map differently.

    Attributes:
        object: The object that it is shown under with the second mapping.
        kind: Its kind.
        key: Its key.
        name: Its SKU, or its key if it has none.
        fields: Field → ``{"from": old, "to": new}``.
    """

    object: ObjectName
    kind: RecordKind
    key: str
    name: str
    fields: JsonObject


@dataclass
class Comparison:
    """How two mappings differ.

    Attributes:
        compared: Number of records by object.
        different: Number of records that are mapped differently, by object.
        first: The first differences of each object.
    """

    compared: Counter[ObjectName] = field(default_factory=Counter)
    different: Counter[ObjectName] = field(default_factory=Counter)
    first: list[RecordDifference] = field(default_factory=list)


def compare(store: Store, before: Mapper, after: Mapper, *, limit: int) -> Comparison:
    """Map every record of the mirror with both mappings, and compare the results.

    Args:
        store: The mirror.
        before: The mapping in use.
        after: The other mapping.
        limit: How many differences of each object to keep.
    """
    found = Comparison()
    for record in _records(store):
        old, new = _outcomes(before, record), _outcomes(after, record)
        for (kind, key), outcome in new.items():
            found.compared[outcome.object] += 1
            if fields := _fields(old[kind, key], outcome):
                found.different[outcome.object] += 1
                if found.different[outcome.object] <= limit:
                    found.first.append(RecordDifference(outcome.object, kind, key, outcome.name, fields))
    return found


def _records(store: Store) -> Iterator[Mirrored]:
    """Yield the categories, simple products and product trees of the mirror."""
    mirror = store.mirror
    for key, document in mirror.all_documents("category"):
        yield Mirrored("category", key, document)
    families = [head.key for page in mirror.heads("family") for head in page]
    for family in (*families, NO_FAMILY):
        for heads in store.product_trees.simple_products(Scope(family=family)):
            for key, document in mirror.documents("product", [head.key for head in heads]).items():
                yield Mirrored("product", key, document)
    for family in families:
        for roots in store.product_trees.tree_roots(Scope(family=family)):
            for root in roots:
                models, variants = read_tree(store, root)
                yield Mirrored("product_model", root, models[0], models, variants)


def _outcomes(mapper: Mapper, record: Mirrored) -> dict[tuple[RecordKind, str], Outcome]:
    """Return the outcomes of a record and its variants by kind and key. The keys do not depend on the mapping."""
    if record.kind == "product_model":
        return _tree_outcomes(mapper, record)
    is_kit = record.kind == "product" and mapper.is_bundle(record.document)
    name = object_of(record.kind, is_kit=is_kit)
    try:
        mapped = mapper.category(record.document) if record.kind == "category" else mapper.product(record.document)
    except RecordError as error:
        outcome = Outcome(name, record.key, None, str(error))
    else:
        outcome = Outcome(name, mapped.sku or mapped.key, mapped.to_document())
    return {(record.kind, record.key): outcome}


def _tree_outcomes(mapper: Mapper, record: Mirrored) -> dict[tuple[RecordKind, str], Outcome]:
    try:
        tree = map_tree(mapper, record.models, record.variants)
    except RecordError as error:
        lost: dict[tuple[RecordKind, str], Outcome] = {
            ("product_model", record.key): Outcome("product_models", record.key, None, str(error))
        }
        for key, _ in record.variants:
            lost["variant", key] = Outcome("variants", key, None, str(error))
        return lost
    found: dict[tuple[RecordKind, str], Outcome] = {
        ("product_model", record.key): Outcome("product_models", tree.key, tree.to_document())
    }
    for variant in tree.variants:
        found["variant", variant.key] = Outcome("variants", variant.sku or variant.key, variant.to_document())
    for problem in tree.blocked_variants:
        found["variant", problem.key] = Outcome("variants", problem.key, None, problem.message)
    return found


def _fields(before: Outcome, after: Outcome) -> JsonObject:
    if before.document is not None and after.document is not None:
        fields = difference(before.document, after.document)
        if before.object != after.object:
            fields["object"] = {"from": before.object, "to": after.object}
        return fields
    if before.document is None and after.document is None:
        return {}
    said = [f"left out: {each.left_out}" if each.document is None else "sent" for each in (before, after)]
    return {"record": dict(zip(("from", "to"), said, strict=True))}
