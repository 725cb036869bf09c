"""Random edits of the small world: contents, links, identities and places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.scenarios.moving import MAKE_MOVES, MOVES, document_of, free_values, save, uuid_of
from akeneo_assets_tests.scenarios.polling import Clock, poll, remap
from akeneo_assets_tests.scenarios.small_world import BUNDLES, ROOTS, SIMPLE, SUB_MODELS, VARIANTS
from akeneo_assets_tests.scenarios.world import World

Edit: TypeAlias = "tuple[str, tuple[Any, ...]]"
"""The edit and its arguments."""

_SIMPLE_FAMILIES = ("accessories", "home_textiles", "tableware", None)
_LEAVES = ("hats", "mugs", "women_shirts", "evergreen_basics")
# What can be moved, and below what: none is ever moved below itself.
_MOVED = ("hats", "mugs", "women_tops", "evergreen")
_PARENTS = ("accessories", "kitchen", "clothing_men", "collections", "master")
_TEXTS = ("Alpha", "Beta", None)
_EDITS_A_POLL: Final = 4
_POLLS_TO_REST: Final = 4
_SIZES = ("xs", "l")
_COLORS = ("navy", "forest")


def _text(data: str | None) -> list[JsonObject]:
    return [value(data, locale="de_DE")]


def _members(world: World, names: Sequence[str]) -> JsonObject:
    keys = (uuid_of(world, name) for name in names if name not in ROOTS)
    return {
        "products": sorted(key for key in keys if key is not None),
        "product_models": sorted(name for name in names if name in ROOTS),
        "groups": [],
    }


def _quantities(world: World, counts: Mapping[str, int]) -> JsonObject:
    keys = {uuid_of(world, name): count for name, count in sorted(counts.items())}
    return {
        "products": [{"uuid": key, "quantity": count} for key, count in keys.items() if key is not None],
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
    "new_model": st.tuples(st.sampled_from(("shirt-new", "jacket-new")), st.sampled_from(_COLORS)),
    **MOVES,
}


def _option_label(world: World, code: str, text: str) -> None:
    # The code keeps the labels of one model distinct; equal labels are not tested here.
    world.edit.save_option("color", code, {"labels": {"de_DE": f"{text} {code}"}})


def _family(world: World, name: str, family: str | None) -> None:
    document = document_of(world, name)
    if document is not None and document["parent"] is None:
        save(world, name, {"family": family})


def _new_product(world: World, name: str, family: str | None) -> None:
    save(world, name, {"family": family}, create=True)


def _new_variant(world: World, parent: str, size: str) -> None:
    if size in free_values(world, parent):
        above = {"family": "clothing", "parent": parent}
        save(world, f"{parent}-{size}", {**above, "values": {"size": [value(size)]}}, create=True)


def _new_sofa(world: World, color: str) -> None:
    if color in free_values(world, "fjord-sofa"):
        above = {"family": "sofas", "parent": "fjord-sofa"}
        save(world, f"fjord-sofa-{color}", {**above, "values": {"color": [value(color)]}}, create=True)


def _new_model(world: World, code: str, color: str) -> None:
    model = {"family": "clothing", "family_variant": "clothing_color_size"}
    world.edit.save_model(code, model)
    world.edit.save_model(f"{code}-{color}", {**model, "parent": code, "values": {"color": [value(color)]}})
    for size in ("s", "m"):
        _new_variant(world, f"{code}-{color}", size)


_MAKE: Final[Mapping[str, Callable[..., object]]] = {
    "product_name": lambda world, name, text: save(world, name, {"values": {"name": _text(text)}}),
    "enabled": lambda world, name, enabled: save(world, name, {"enabled": enabled}),
    "family": _family,
    "categories": lambda world, name, codes: save(world, name, {"categories": sorted(codes)}),
    "model_categories": lambda world, code, codes: world.edit.save_model(code, {"categories": sorted(codes)}),
    "association": lambda world, name, others: save(
        world, name, {"associations": {"accessories": _members(world, others)}}
    ),
    "model_association": lambda world, code, others: world.edit.save_model(
        code, {"associations": {"accessories": _members(world, others)}}
    ),
    "quantity": lambda world, name, counts: save(
        world, name, {"quantified_associations": {"PRODUCTSET": _quantities(world, counts)}}
    ),
    "model_name": lambda world, code, text: world.edit.save_model(code, {"values": {"name": _text(text)}}),
    "tagline": lambda world, code, text: world.edit.save_model(
        code, {"values": {"tagline": [value(text, scope="ecommerce")]}}
    ),
    "stock": lambda world, name, count: save(world, name, {"values": {"stock_quantity": [value(count)]}}),
    "category_label": lambda world, code, text: world.edit.save_category(code, {"labels": {"de_DE": text}}),
    "category_move": lambda world, code, parent: world.edit.save_category(code, {"parent": parent}),
    "new_category": lambda world, code, parent: world.edit.save_category(code, {"parent": parent}),
    "option_label": _option_label,
    "new_product": _new_product,
    "new_variant": _new_variant,
    "new_sofa": _new_sofa,
    "new_model": _new_model,
    **MAKE_MOVES,
}

AN_EDIT: Final[st.SearchStrategy[Edit]] = st.sampled_from(sorted(_EDITS)).flatmap(
    lambda kind: st.tuples(st.just(kind), _EDITS[kind])
)


def make(world: World, edit: Edit) -> None:
    """Make an edit."""
    kind, arguments = edit
    _MAKE[kind](world, *arguments)


def make_and_come_to_rest(world: World, clock: Clock, edits: Sequence[Edit]) -> None:
    """Make edits with a poll after every few of them, then let the sensors do what is left."""
    for start in range(0, len(edits), _EDITS_A_POLL):
        for edit in edits[start : start + _EDITS_A_POLL]:
            make(world, edit)
        clock.pass_time(120.0)
        poll(world.engine())
    for _ in range(_POLLS_TO_REST):
        clock.pass_time(300.0)
        poll(world.engine())
    remap(world.engine())
    poll(world.engine())
