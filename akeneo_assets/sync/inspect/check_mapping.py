"""Checks a mapping against the structure and sample records of every family in the mirror."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.attribute_types import PRICE
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.checks.check import check
from akeneo_assets.mapping.checks.codes import listed
from akeneo_assets.mapping.checks.samples import try_formulas
from akeneo_assets.mapping.file.finding import Finding
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.record.category_values import category_attributes
from akeneo_assets.mapping.record.mapped_record import RecordKind
from akeneo_assets.store.records import NO_FAMILY, Scope
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.structure import load_deleted, load_structure, unread_lists

_SAMPLES: Final = 20
"""How many records of each kind are checked in every family. There may be many families."""

_NO_STRUCTURE: Final = (
    "The catalogue's structure has not been read yet, so no codes were checked and no formulas were tested. "
    "Read it with: akeneo-assets check"
)


@dataclass(frozen=True)
class MappingCheck:
    """The result of a check.

    Attributes:
        problems: Errors and warnings.
        unchecked: What could not be checked, why, and what to do about it.
        notes: What is allowed but may be unintended.
    """

    problems: list[Finding]
    unchecked: list[str]
    notes: list[str] = field(default_factory=list)


def check_mapping(mapping: MappingFile, store: Store, *, products: int | None = None) -> MappingCheck:
    """Check a mapping, without making requests or writing anything.

    Args:
        mapping: The mapping.
        store: The mirror.
        products: How many products Akeneo has. By default, how many the mirror has.
    """
    structure = load_structure(store)
    if not structure.attributes:
        return MappingCheck([], [_NO_STRUCTURE])
    categories = dict(store.mirror.all_documents("category"))
    named = {code for document in categories.values() for code in category_attributes(document)}
    problems = check(
        mapping,
        structure,
        deleted=load_deleted(store),
        categories=categories or None,
        category_attributes=named if categories else None,
    )
    notes = list(_zero_prices(mapping, structure, store.mirror.count("product") if products is None else products))
    unchecked = unread(mapping, store, structure)
    if any(problem.severity == "error" for problem in problems):
        return MappingCheck(problems, unchecked, notes)
    samples = _samples(store)
    if not samples["product"] and not samples["product_model"]:
        unchecked.append(
            "No products have been read yet, so formulas were not tested. "
            "Read some with: akeneo-assets sync full --dry-run"
        )
    return MappingCheck([*problems, *try_formulas(mapping, structure, samples)], unchecked, notes)


def _zero_prices(mapping: MappingFile, structure: Structure, products: int) -> Iterator[str]:
    """Yield the note that all products are sent with price 0, if no price attribute is set."""
    lines = (mapping.product.default_price, mapping.variant.default_price)
    if mapping.settings.price_attribute is not None or all(line is None or line.name != "$price" for line in lines):
        return
    known = listed([code for code, attribute in structure.attributes.items() if attribute.type == PRICE])
    yield (
        f"settings.price_attribute is not set: {f'all {products}' if products else 'all'} products are sent with price "
        f"0. {f'Set it to one of {known}, or map' if known else 'Map'} default_price to something else."
    )


def unread(mapping: MappingFile, store: Store, structure: Structure) -> list[str]:
    """Return a note about lists that the mapping needs but that were not read yet. Codes replace their labels."""
    lists = unread_lists(store, mapping, structure)
    if not lists:
        return []
    note = f"Codes are shown instead of labels and links, because these lists have not been read yet: {listed(lists)}."
    return [f"{note} To read them, set AKENEO_ASSETS_MAPPING to this file and run akeneo-assets check."]


def _samples(store: Store) -> dict[RecordKind, list[JsonObject]]:
    found: dict[RecordKind, list[JsonObject]] = {"category": [], "product": [], "product_model": [], "variant": []}
    mirror, product_trees = store.mirror, store.product_trees
    for page in mirror.heads("category"):
        found["category"] += mirror.documents("category", [head.key for head in page[:_SAMPLES]]).values()
    families = [head.key for page in mirror.heads("family") for head in page]
    for family in (*families, NO_FAMILY):
        scope = Scope(family=family)
        products = [head.key for head in next(product_trees.simple_products(scope), [])[:_SAMPLES]]
        roots = [] if family == NO_FAMILY else next(product_trees.tree_roots(scope), [])[:_SAMPLES]
        trees = product_trees.trees(roots)
        variants = [head.key for tree in trees for head in tree.variants[:_SAMPLES]][:_SAMPLES]
        found["product"] += mirror.documents("product", products).values()
        found["product_model"] += mirror.documents("product_model", [tree.root.key for tree in trees]).values()
        found["variant"] += mirror.documents("product", variants).values()
    return found
