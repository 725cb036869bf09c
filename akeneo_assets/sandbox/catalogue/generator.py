"""A catalogue of any size with the features of the sample; the same arguments give the same records."""

from __future__ import annotations

import random
from collections.abc import Iterator

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.clothing import CLOTHING
from akeneo_assets.sandbox.catalogue.furniture import FURNITURE
from akeneo_assets.sandbox.catalogue.options import OPTIONS
from akeneo_assets.sandbox.catalogue.records import (
    Record,
    dated,
    localized,
    members,
    metric,
    prices,
    product,
    quantities,
    value,
)
from akeneo_assets.sandbox.catalogue.structure import generated_families
from akeneo_assets.sandbox.catalogue.trees import Tree, ean, records_of
from akeneo_assets.sandbox.catalogue_choice import Generated

_DESIGNS = tuple(tree for tree in (*CLOTHING, *FURNITURE) if all(all(axes.values()) for axes in tree.levels))
_SIMPLE_FAMILIES = ("accessories", "home_textiles", "tableware", "lamps")
_SIMPLE_CATEGORIES = ("bags", "hats", "cushions", "plates", "mugs", "floor_lamps", "evergreen_basics", "ss26")

# Of 100 steps, 60 create a product tree, 5 a bundle, and the others a simple product.
_TREE_SHARE, _BUNDLE_SHARE = 0.60, 0.05


def generated(choice: Generated) -> Iterator[Record]:
    """Yield models and products; exactly ``choice.products`` products, variants and bundles included."""
    return _linked(choice) if choice.linked else _records(choice)


def _linked(choice: Generated) -> Iterator[Record]:
    """Yield the records with related products anywhere among them."""
    chance = random.Random(choice.seed)
    # Generated twice, so that a large catalogue is never in memory as a whole.
    targets = [record.document["uuid"] for record in _records(choice) if record.kind == "product"]
    for kind, document in _records(choice):
        if kind == "product" and chance.random() < choice.linked:
            related = sorted({*chance.sample(targets, chance.randint(1, 4))} - {document["uuid"]})
            associations = {"substitution": {"products": related, "product_models": [], "groups": []}}
            yield Record(kind, document | {"associations": document["associations"] | associations})
        else:
            yield Record(kind, document)


def _records(choice: Generated) -> Iterator[Record]:
    chance = random.Random(choice.seed)
    families = generated_families(choice.families)
    recent: list[str] = []
    left = choice.products
    number = 0
    while left:
        number += 1
        kind = chance.random()
        if kind < _TREE_SHARE and left >= 12 and not families:
            for record in records_of(_tree(chance, number), minutes=number):
                left -= record.kind == "product"
                yield record
        else:
            is_bundle = kind > 1 - _BUNDLE_SHARE and len(recent) > 3 and not families
            document = _bundle(chance, number, recent) if is_bundle else _simple(chance, number, recent)
            if families:
                document["family"] = families[number % len(families)]
            recent = [*recent[-50:], f"simple-{number:07d}"] if not is_bundle else recent
            left -= 1
            yield Record("product", dated(document, number))


def _tree(chance: random.Random, number: int) -> Tree:
    design = chance.choice(_DESIGNS)
    code = f"{design.code}-{number:07d}"
    names = [f"{name} {number}" for name in design.names]
    # At most twelve variants, and at least two values per axis.
    levels = [
        {
            axis: sorted(chance.sample(values, min(len(values), 3 if position else 2)), key=values.index)
            for axis, values in level.items()
        }
        for position, level in enumerate(design.levels)
    ]
    return Tree(
        code,
        design.family,
        design.family_variant,
        names,
        levels,
        round(design.euros * chance.uniform(0.5, 2), 2),
        design.categories,
        values=design.values,
    )


def _simple(chance: random.Random, number: int, recent: list[str]) -> JsonObject:
    name = f"simple-{number:07d}"
    euros = round(chance.uniform(2, 200), 2)
    values = {
        "ean": [value(ean(name))],
        "name": localized(f"Thing {number}", f"Chose {number}"),
        "description": [value(f"<p>Number {number} of many.</p>", locale="en_US", scope="ecommerce")],
        "price": prices(euros, euros * 1.1),
        "color": [value(chance.choice(tuple(OPTIONS["color"])))],
        "material": [value(sorted(chance.sample(tuple(OPTIONS["material"]), 2)))],
        "brand": [value(chance.choice(tuple(OPTIONS["brand"])))],
        "weight": metric(round(chance.uniform(0.1, 9), 2), "KILOGRAM"),
        "stock_quantity": [value(chance.randrange(500))],
        "release_date": [value(f"2026-{chance.randrange(1, 13):02d}-01")],
    }
    has_related = recent and chance.random() < 0.2
    return product(
        name,
        identifier="" if chance.random() < 0.002 else None,
        family=None if chance.random() < 0.002 else chance.choice(_SIMPLE_FAMILIES),
        values=values,
        categories=chance.sample(_SIMPLE_CATEGORIES, 2),
        enabled=chance.random() < 0.95,
        associations={"accessories": members(products=(chance.choice(recent),))} if has_related else None,
    )


def _bundle(chance: random.Random, number: int, recent: list[str]) -> JsonObject:
    components = {name: chance.randrange(1, 5) for name in chance.sample(recent, 3)}
    return product(
        f"bundle-{number:07d}",
        family="sets",
        values={"name": localized(f"Set {number}", f"Ensemble {number}"), "price": prices(99.0)},
        categories=("furniture_sets",),
        quantified_associations={"PRODUCTSET": quantities(products=components)},
    )
