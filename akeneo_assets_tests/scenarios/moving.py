"""Edits that move records: other SKUs, other product models, other kinds, and the same SKU for another record.

The edits respect Akeneo's rules: SKUs stay unique, and so do the axis values below a product model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import product_uuid, value
from akeneo_assets_tests.scenarios.small_world import BUNDLES, ROOTS, SIMPLE, SUB_MODELS, VARIANTS
from akeneo_assets_tests.scenarios.world import World

_LIVES: Final = 6
"""The maximum number of times that a product is recreated."""

_SIZES: Final = ("s", "m", "xs", "l", "xl")
_SOFA_COLORS: Final = ("sand", "sky", "navy", "forest", "white", "sage")
_NEW_ROOTS: Final = {"shirt-moved": "clothing_color_size", "sofa-moved": "sofas_color"}
_LEAF_MODELS: Final = (*SUB_MODELS, "fjord-sofa", "shirt-moved-white", "sofa-moved")
_PRODUCTS: Final = (*SIMPLE, *BUNDLES, *VARIANTS)
_NEW_SKUS: Final = ("sku-1", "sku-2", "mug-white", "straw-hat", "linen-shirt-white-s")

MOVES: Final[Mapping[str, st.SearchStrategy[tuple[Any, ...]]]] = {
    "rename": st.tuples(st.sampled_from(_PRODUCTS), st.sampled_from(_NEW_SKUS)),
    "rotate_skus": st.tuples(st.lists(st.sampled_from(_PRODUCTS), unique=True, min_size=2, max_size=3)),
    "move_below_model": st.tuples(st.sampled_from((*VARIANTS, *SIMPLE)), st.sampled_from(_LEAF_MODELS)),
    "become_simple": st.tuples(st.sampled_from((*VARIANTS, *SIMPLE))),
    "create_anew": st.tuples(st.sampled_from((*SIMPLE, *VARIANTS))),
    "give_sku_of_deleted": st.tuples(st.lists(st.sampled_from(_PRODUCTS), unique=True, min_size=2, max_size=2)),
}


def uuid_of(world: World, name: str) -> str | None:
    """Return the current uuid of the product originally called ``name``; None if it was deleted."""
    for life in range(_LIVES):
        key = product_uuid(name + "+" * life)
        if world.sandbox.akeneo.database.get("product", key) is not None:
            return key
    return None


def document_of(world: World, name: str) -> JsonObject | None:
    """Return the product originally called ``name`` as it is stored now."""
    key = uuid_of(world, name)
    return None if key is None else world.sandbox.akeneo.database.get("product", key)


def save(world: World, name: str, patch: JsonObject, *, create: bool = False) -> None:
    """Change an existing product, or create it if its SKU is free."""
    key = uuid_of(world, name)
    if key is not None:
        world.edit.save_product(key, patch)
    elif create and _holder(world, name) is None:
        values = {"sku": [value(name)], **patch.get("values", {})}
        world.edit.save_product(product_uuid(name), {**patch, "values": values})


def free_values(world: World, model: str) -> Sequence[str]:
    """Return the axis values that no variant of a product model has; none if there is no such model."""
    database = world.sandbox.akeneo.database
    document = database.get("product_model", model)
    if document is None:
        return ()
    axis, every = ("size", _SIZES) if document["family"] == "clothing" else ("color", _SOFA_COLORS)
    taken: set[str] = set()
    for kind, key in database.children(model):
        below = database.get(kind, key) or {}
        taken.update(entry["data"] for entry in below["values"].get(axis, ()))
    return [each for each in every if each not in taken]


def _holder(world: World, sku: str) -> str | None:
    return world.sandbox.akeneo.database.uuid_of(sku)


def _sku(document: JsonObject) -> str:
    return str(document["values"]["sku"][0]["data"])


def _with_sku(world: World, key: str, sku: str) -> None:
    world.edit.save_product(key, {"values": {"sku": [value(sku)]}})


def _rename(world: World, name: str, sku: str) -> None:
    key = uuid_of(world, name)
    if key is not None and _holder(world, sku) is None:
        _with_sku(world, key, sku)


def _rotate_skus(world: World, names: Sequence[str]) -> None:
    documents = [found for name in names if (found := document_of(world, name)) is not None]
    skus = [_sku(document) for document in documents]
    for document, sku in zip(documents, [*skus[1:], *skus[:1]], strict=True):
        _with_sku(world, document["uuid"], sku)


def _move_below_model(world: World, name: str, model: str) -> None:
    document = document_of(world, name)
    if document is None or document["parent"] == model:
        return
    root = model.removesuffix("-white")
    if root in _NEW_ROOTS and world.sandbox.akeneo.database.get("product_model", model) is None:
        family = _NEW_ROOTS[root].partition("_")[0]
        above = {"family": family, "family_variant": _NEW_ROOTS[root]}
        world.edit.save_model(root, above)
        if model != root:
            world.edit.save_model(model, {**above, "parent": root, "values": {"color": [value("white")]}})
    if free := free_values(world, model):
        is_shirt = model not in {"fjord-sofa", "sofa-moved"}
        axes = {"size": free[0], "color": None} if is_shirt else {"color": free[0], "size": None}
        values = {axis: [value(data)] for axis, data in axes.items()}
        family = "clothing" if is_shirt else "sofas"
        world.edit.save_product(document["uuid"], {"family": family, "parent": model, "values": values})


def _become_simple(world: World, name: str) -> None:
    save(world, name, {"parent": None})


def _delete(world: World, key: str) -> None:
    """Delete a product and, like Akeneo, all references to it."""
    for name in (*_PRODUCTS, "mug-new", "hat-new"):
        document = document_of(world, name)
        if document is not None and key in str(document["associations"]) + str(document["quantified_associations"]):
            world.edit.save_product(document["uuid"], _without(document, key))
    for code in (*ROOTS, *SUB_MODELS):
        model = world.sandbox.akeneo.database.get("product_model", code)
        if model is not None and key in str(model["associations"]):
            world.edit.save_model(code, _without(model, key))
    world.edit.delete_product(key)


def _without(document: JsonObject, key: str) -> JsonObject:
    return {
        "associations": {
            code: {**members, "products": [each for each in members["products"] if each != key]}
            for code, members in document["associations"].items()
        },
        "quantified_associations": {
            code: {**members, "products": [each for each in members["products"] if each["uuid"] != key]}
            for code, members in document["quantified_associations"].items()
        },
    }


def _create_anew(world: World, name: str) -> None:
    document = document_of(world, name)
    lives = [product_uuid(name + "+" * life) for life in range(_LIVES)]
    if document is None or document["uuid"] == lives[-1]:
        return
    _delete(world, document["uuid"])
    kept = {field: document[field] for field in ("family", "parent", "values", "categories", "enabled")}
    world.edit.save_product(lives[lives.index(document["uuid"]) + 1], kept)


def _give_sku_of_deleted(world: World, names: Sequence[str]) -> None:
    deleted, other = (document_of(world, name) for name in names)
    if deleted is not None and other is not None:
        _delete(world, deleted["uuid"])
        _with_sku(world, other["uuid"], _sku(deleted))


MAKE_MOVES: Final[Mapping[str, Callable[..., object]]] = {
    "rename": _rename,
    "rotate_skus": _rotate_skus,
    "move_below_model": _move_below_model,
    "become_simple": _become_simple,
    "create_anew": _create_anew,
    "give_sku_of_deleted": _give_sku_of_deleted,
}
