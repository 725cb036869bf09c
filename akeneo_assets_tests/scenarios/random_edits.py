"""Edits of the small world at random: contents, links, places and identities."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import product_uuid, value
from akeneo_assets_tests.scenarios.small_world import BUNDLES, ROOTS, SIMPLE, SUB_MODELS, VARIANTS
from akeneo_assets_tests.scenarios.world import World

Edit: TypeAlias = "tuple[str, tuple[Any, ...]]"

_SIMPLE_FAMILIES = ("accessories", "home_textiles", "tableware", None)
_LEAVES = ("hats", "mugs", "women_shirts", "evergreen_basics")
# What may be moved, and below what: none of them ever comes below itself.
_MOVED = ("hats", "mugs", "women_tops", "evergreen")
_PARENTS = ("accessories", "kitchen", "clothing_men", "collections", "master")
_TEXTS = ("Alpha", "Beta", None)
_SIZES = ("xs", "l")
_COLORS = ("navy", "forest")
_NEW_MODELS = ("shirt-new", "jacket-new")
_SHIRTS = (*SUB_MODELS, *(f"{code}-{color}" for code in _NEW_MODELS for color in _COLORS))
_PRODUCTS = (*SIMPLE, *BUNDLES, *VARIANTS)
_FREE_SKUS = ("sku-a", "sku-b", "sku-c")
# The others are associated or are components, and stay.
_EXPENDABLE = ("straw-hat", "canvas-tote-navy", "linen-shirt-sage-s")


def _text(data: str | None) -> list[JsonObject]:
    return [value(data, locale="de_DE")]


def _members(names: Sequence[str]) -> JsonObject:
    return {
        "products": sorted(product_uuid(name) for name in names if name not in ROOTS),
        "product_models": sorted(name for name in names if name in ROOTS),
        "groups": [],
    }


def _quantities(counts: Mapping[str, int]) -> JsonObject:
    return {
        "products": [{"uuid": product_uuid(name), "quantity": count} for name, count in sorted(counts.items())],
        "product_models": [],
    }


_EDITS: Final[Mapping[str, st.SearchStrategy[tuple[Any, ...]]]] = {
    "product_name": st.tuples(st.sampled_from((*SIMPLE, *BUNDLES)), st.sampled_from(_TEXTS)),
    "enabled": st.tuples(st.sampled_from((*SIMPLE, *VARIANTS)), st.booleans()),
    "family": st.tuples(st.sampled_from(SIMPLE), st.sampled_from(_SIMPLE_FAMILIES)),
    "categories": st.tuples(
        st.sampled_from((*SIMPLE, *VARIANTS)), st.lists(st.sampled_from(_LEAVES), unique=True, max_size=2)
    ),
    "model_categories": st.tuples(
        st.sampled_from((*ROOTS, *SUB_MODELS)), st.lists(st.sampled_from(_LEAVES), unique=True, max_size=2)
    ),
    "association": st.tuples(
        st.sampled_from((*SIMPLE, *VARIANTS)),
        st.lists(st.sampled_from((*SIMPLE, *ROOTS)), unique=True, max_size=2),
    ),
    "model_association": st.tuples(
        st.sampled_from((*ROOTS, *SUB_MODELS)), st.lists(st.sampled_from(SIMPLE), unique=True, max_size=2)
    ),
    "quantity": st.tuples(
        st.sampled_from(BUNDLES),
        st.dictionaries(st.sampled_from((*SIMPLE, *VARIANTS)), st.integers(1, 3), max_size=3),
    ),
    "model_name": st.tuples(st.sampled_from(ROOTS), st.sampled_from(_TEXTS)),
    "tagline": st.tuples(st.sampled_from(SUB_MODELS), st.sampled_from(_TEXTS)),
    "stock": st.tuples(st.sampled_from(VARIANTS), st.sampled_from((5, 6, None))),
    "category_label": st.tuples(st.sampled_from((*_MOVED, "master")), st.sampled_from(("Alpha", "Beta"))),
    "category_move": st.tuples(st.sampled_from(_MOVED), st.sampled_from(_PARENTS)),
    "new_category": st.tuples(st.sampled_from(("new_a", "new_b")), st.sampled_from((*_PARENTS, None))),
    "option_label": st.tuples(st.sampled_from(("white", "sage", "sand")), st.sampled_from(("Alpha", "Beta"))),
    "new_product": st.tuples(st.sampled_from(("mug-new", "hat-new")), st.sampled_from(_SIMPLE_FAMILIES)),
    "new_variant": st.tuples(st.sampled_from(SUB_MODELS), st.sampled_from(_SIZES)),
    "new_sofa": st.tuples(st.sampled_from(_COLORS)),
    "new_model": st.tuples(st.sampled_from(_NEW_MODELS), st.sampled_from(_COLORS)),
    "rename": st.tuples(st.sampled_from(_PRODUCTS), st.sampled_from(_FREE_SKUS)),
    "rotate": st.tuples(st.lists(st.sampled_from(_PRODUCTS), unique=True, min_size=2, max_size=3)),
    "give_away": st.tuples(st.sampled_from(_PRODUCTS), st.sampled_from(_PRODUCTS), st.sampled_from(_FREE_SKUS)),
    "delete_and_give_away": st.tuples(st.sampled_from(_EXPENDABLE), st.sampled_from(_PRODUCTS)),
    "recreate": st.tuples(st.sampled_from(_EXPENDABLE)),
    "move_variant": st.tuples(st.sampled_from(VARIANTS), st.sampled_from(_SHIRTS), st.sampled_from(("xs", "xl"))),
    "move_sub_model": st.tuples(st.sampled_from(SUB_MODELS), st.sampled_from(("linen-shirt", *_NEW_MODELS))),
    "become_variant": st.tuples(st.sampled_from(SIMPLE), st.sampled_from(("navy", "charcoal"))),
    "become_simple": st.tuples(st.sampled_from((*VARIANTS, *SIMPLE))),
}


def _product(world: World, name: str) -> JsonObject | None:
    """Return the product that had this identifier at first, whatever it has now; None when it was deleted."""
    return world.sandbox.akeneo.database.get("product", product_uuid(name))


def _save(world: World, name: str, patch: JsonObject) -> None:
    """Change a product, unless it was deleted."""
    if _product(world, name) is not None:
        world.edit.save_product(product_uuid(name), patch)


def _create(world: World, name: str, patch: JsonObject) -> None:
    """Create a product, or change it; unless another one has its SKU."""
    if _product(world, name) is not None:
        _save(world, name, patch)
    elif world.sandbox.akeneo.database.uuid_of(name) is None:
        world.edit.save_product(name, patch)


def _sku(product: JsonObject) -> str:
    return str(product["values"]["sku"][0]["data"])


def _give(world: World, key: str, sku: str) -> None:
    world.edit.save_product(key, {"values": {"sku": [value(sku)]}})


def _rename(world: World, name: str, sku: str) -> None:
    if world.sandbox.akeneo.database.uuid_of(sku) is None and _product(world, name) is not None:
        _give(world, product_uuid(name), sku)


def _rotate(world: World, names: Sequence[str]) -> None:
    there = [product for name in names if (product := _product(world, name)) is not None]
    for product, other in zip(there, [*there[1:], *there[:1]], strict=True):
        _give(world, product["uuid"], _sku(other))


def _give_away(world: World, name: str, other: str, sku: str) -> None:
    giver, taker = _product(world, name), _product(world, other)
    if giver is None or taker is None or giver == taker or world.sandbox.akeneo.database.uuid_of(sku) is not None:
        return
    _give(world, giver["uuid"], sku)
    _give(world, taker["uuid"], _sku(giver))


def _delete_and_give_away(world: World, name: str, other: str) -> None:
    giver, taker = _product(world, name), _product(world, other)
    if giver is not None and taker is not None and giver != taker:
        world.edit.delete_product(giver["uuid"])
        _give(world, taker["uuid"], _sku(giver))


def _recreate(world: World, name: str) -> None:
    """Delete a product and create it anew: the same in all, but with another uuid."""
    former = _product(world, name)
    if former is not None:
        world.edit.delete_product(former["uuid"])
        fields = ("enabled", "family", "parent", "categories", "values", "associations")
        world.edit.save_product(str(_another(former["uuid"])), {field: former[field] for field in fields})


def _another(key: str) -> uuid.UUID:
    """Return another uuid, always the same one."""
    return uuid.uuid5(uuid.NAMESPACE_OID, key)


def _siblings(world: World, parent: str) -> list[JsonObject]:
    database = world.sandbox.akeneo.database
    children = (database.get(kind, key) for kind, key in database.children(parent))
    return [child for child in children if child is not None]


def _has(axis: str, code: str, records: Sequence[JsonObject]) -> bool:
    return any(each["data"] == code for record in records for each in record["values"].get(axis, ()))


def _move_variant(world: World, name: str, parent: str, size: str) -> None:
    variant = _product(world, name)
    is_shirt = variant is not None and variant["family"] == "clothing" and variant["parent"] is not None
    is_there = world.sandbox.akeneo.database.get("product_model", parent) is not None
    if is_shirt and is_there and not _has("size", size, _siblings(world, parent)):
        _save(world, name, {"parent": parent, "values": {"size": [value(size)]}})


def _move_sub_model(world: World, code: str, parent: str) -> None:
    database = world.sandbox.akeneo.database
    moved = database.get("product_model", code)
    if moved is not None and database.get("product_model", parent) is not None and moved["parent"] != parent:
        (color,) = moved["values"]["color"]
        if not _has("color", color["data"], _siblings(world, parent)):
            world.edit.save_model(code, {"parent": parent})


def _become_variant(world: World, name: str, color: str) -> None:
    product = _product(world, name)
    if product is not None and product["parent"] is None and not _has("color", color, _siblings(world, "fjord-sofa")):
        _save(world, name, {"family": "sofas", "parent": "fjord-sofa", "values": {"color": [value(color)]}})


def _become_simple(world: World, name: str) -> None:
    _save(world, name, {"parent": None})


def _option_label(world: World, code: str, text: str) -> None:
    # The code keeps labels of one model apart: equal ones are another story.
    world.edit.save_option("color", code, {"labels": {"de_DE": f"{text} {code}"}})


def _family(world: World, name: str, family: str | None) -> None:
    product = _product(world, name)
    # A variant has the family of its model.
    if product is not None and product["parent"] is None:
        _save(world, name, {"family": family})


def _new_variant(world: World, parent: str, size: str) -> None:
    if not _has("size", size, _siblings(world, parent)):
        patch = {"family": "clothing", "parent": parent, "values": {"size": [value(size)]}}
        _create(world, f"{parent}-{size}", patch)


def _new_sofa(world: World, color: str) -> None:
    if not _has("color", color, _siblings(world, "fjord-sofa")):
        patch = {"family": "sofas", "parent": "fjord-sofa", "values": {"color": [value(color)]}}
        _create(world, f"fjord-sofa-{color}", patch)


def _new_model(world: World, code: str, color: str) -> None:
    model = {"family": "clothing", "family_variant": "clothing_color_size"}
    world.edit.save_model(code, model)
    world.edit.save_model(f"{code}-{color}", {**model, "parent": code, "values": {"color": [value(color)]}})
    for size in ("s", "m"):
        _new_variant(world, f"{code}-{color}", size)


_MAKE: Final[Mapping[str, Callable[..., object]]] = {
    "product_name": lambda world, name, text: _save(world, name, {"values": {"name": _text(text)}}),
    "enabled": lambda world, name, enabled: _save(world, name, {"enabled": enabled}),
    "family": _family,
    "categories": lambda world, name, codes: _save(world, name, {"categories": sorted(codes)}),
    "model_categories": lambda world, code, codes: world.edit.save_model(code, {"categories": sorted(codes)}),
    "association": lambda world, name, others: _save(world, name, {"associations": {"accessories": _members(others)}}),
    "model_association": lambda world, code, others: world.edit.save_model(
        code, {"associations": {"accessories": _members(others)}}
    ),
    "quantity": lambda world, name, counts: _save(
        world, name, {"quantified_associations": {"PRODUCTSET": _quantities(counts)}}
    ),
    "model_name": lambda world, code, text: world.edit.save_model(code, {"values": {"name": _text(text)}}),
    "tagline": lambda world, code, text: world.edit.save_model(
        code, {"values": {"tagline": [value(text, scope="ecommerce")]}}
    ),
    "stock": lambda world, name, count: _save(world, name, {"values": {"stock_quantity": [value(count)]}}),
    "category_label": lambda world, code, text: world.edit.save_category(code, {"labels": {"de_DE": text}}),
    "category_move": lambda world, code, parent: world.edit.save_category(code, {"parent": parent}),
    "new_category": lambda world, code, parent: world.edit.save_category(code, {"parent": parent}),
    "option_label": _option_label,
    "new_product": lambda world, name, family: _create(world, name, {"family": family}),
    "new_variant": _new_variant,
    "new_sofa": _new_sofa,
    "new_model": _new_model,
    "rename": _rename,
    "rotate": _rotate,
    "give_away": _give_away,
    "delete_and_give_away": _delete_and_give_away,
    "recreate": _recreate,
    "move_variant": _move_variant,
    "move_sub_model": _move_sub_model,
    "become_variant": _become_variant,
    "become_simple": _become_simple,
}

AN_EDIT: Final[st.SearchStrategy[Edit]] = st.sampled_from(sorted(_EDITS)).flatmap(
    lambda kind: st.tuples(st.just(kind), _EDITS[kind])
)


def make(world: World, edit: Edit) -> None:
    """Make an edit."""
    kind, arguments = edit
    _MAKE[kind](world, *arguments)


def living(world: World, content: JsonObject) -> JsonObject:
    """Return the content of an iPaaS.com without what was released, and without what Akeneo no longer has."""
    akeneo = world.sandbox.akeneo.database
    known = {kind: set(akeneo.keys(kind)) for kind in ("product", "product_model")}

    def lives(record: JsonObject) -> bool:
        keys = {each["external_id"] for each in record["external_ids"]}
        return bool(keys & (known["product"] | known["product_model"]))

    products = [
        {**product, "variants": [each for each in product.get("variants") or () if lives(each)]}
        for product in content["products"]
        if lives(product)
    ]
    return {**content, "products": products}


def sold_twice(world: World) -> list[str]:
    """Return the SKUs and external ids that several records for sale have, and the SKUs of those without any id."""
    records = [
        record for record in (*world.ipaas.products(), *world.ipaas.variants()) if record.get("status") != "Disabled"
    ]
    names = Counter(record["sku"] for record in records)
    names.update(f"id {each['external_id']}" for record in records for each in record["external_ids"])
    nameless = [record["sku"] for record in records if not record["external_ids"]]
    return [*nameless, *(name for name, count in names.items() if count > 1)]
