"""What a probe found out about Akeneo saves requests; without it, the same records are synced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from akeneo_assets.akeneo.capabilities import FORMAT, NOTHING_KNOWN, SINCE, Capabilities, OptionalSearch
from akeneo_assets.akeneo.client import AKENEO
from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.small_world import SmallWorld
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load, load_records

_VERSION_5: Final = {"version": "5.0.100", "edition": "CE"}
_SMALL_PAGES: Final = {"page_size": 5}
"""Known in some plays, so that the small world has several pages."""


class Play(NamedTuple):
    """How the sandbox behaves, what a probe finds out about that, and what is known in any case."""

    found: Mapping[str, Any]
    switches: Mapping[str, Any] = {}
    known: Mapping[str, Any] = {}


OLDEST: Final = Play({"refused_searches": list(SINCE), "cursors": "encrypted"}, _VERSION_5, _SMALL_PAGES)
NEWEST: Final = Play({"refused_searches": [], "cursors": "keys"}, {}, _SMALL_PAGES)
FILTERS: Final[Mapping[OptionalSearch, str]] = {
    "products_by_parents": "products parent IN",
    "products_by_identifiers": "products sku IN",
    "models_by_parents": "product-models parent IN",
    "category_roots": "categories is_root =",
    "changed_categories": "categories updated >",
}
"""Search → its filter on the sandbox."""

PLAYS: Final[Mapping[str, tuple[Play, ...]]] = {
    **{
        name: (NEWEST, Play({"refused_searches": [name]}, {"refused_filters": frozenset({FILTERS[name]})}))
        for name in SINCE
    },
    "cursors": (NEWEST, Play({"cursors": "encrypted"}, _VERSION_5, _SMALL_PAGES)),
    "page_size": (Play({"page_size": 100}), Play({"page_size": 20}, {"largest_product_page": 50})),
}
"""Search or other capability → both of its values."""


def know(world: World, found: JsonObject) -> None:
    """Store what a probe would have found out."""
    engine = world.engine()
    engine.store.capabilities.save(AKENEO.name, found, {"format": FORMAT})
    engine.close()


def synced(folder: Path, clock: Clock, play: Play, *, is_known: bool) -> tuple[JsonObject, int]:
    """Load everything, make an edit of each sort, and sync it.

    Returns:
        The content of iPaaS.com, and the number of requests to Akeneo.
    """
    with SmallWorld(folder, clock) as world:
        world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"
        for name, setting in play.switches.items():
            setattr(world.sandbox.akeneo.switches, name, setting)
        know(world, {**play.known, **(play.found if is_known else {})})
        world.sandbox.akeneo_counters.reset()
        assert full_load(world.engine()).problems == {}
        edit(world)
        clock.pass_time(120.0)
        assert poll(world.engine()).loaded.problems == {}
        assert load_records(world.engine(), "product", "straw-hat", "mug-white", "no-such").missing == ["no-such"]
        requests = world.sandbox.akeneo_counters.total
        assert is_known or is_as_a_full_load(world)
        return world.content(), requests


def edit(world: World) -> None:
    """Change two models and a category, and add a sub model with a variant."""
    for code in ("linen-shirt", "fjord-sofa"):
        world.edit.save_model(code, {"values": {"name": [value("Neu", locale="de_DE")]}})
    place = {"family": "clothing", "parent": "linen-shirt"}
    world.edit.save_model(
        "linen-shirt-new", {**place, "family_variant": "clothing_color_size", "values": {"color": [value("navy")]}}
    )
    world.edit.save_product(
        "linen-shirt-new-m", {**place, "parent": "linen-shirt-new", "values": {"size": [value("m")]}}
    )
    world.edit.save_category("mugs", {"labels": {"de_DE": "Becher"}})


@pytest.mark.parametrize(
    "plays",
    [
        pytest.param((OLDEST,), id="oldest"),
        *(pytest.param(plays, id=name, marks=pytest.mark.exhaustive) for name, plays in PLAYS.items()),
    ],
)
def test_what_is_known_needs_no_more_requests(tmp_path: Path, clock: Clock, plays: tuple[Play, ...]) -> None:
    for number, play in enumerate(plays):
        by_default, default = synced(tmp_path / f"default {number}", clock, play, is_known=False)
        when_known, known = synced(tmp_path / f"known {number}", clock, play, is_known=True)
        assert by_default == when_known
        assert known <= default


@pytest.mark.parametrize(("size", "largest"), [(100, 100), (20, 50), (5, 5)])
def test_lists_are_read_in_pages_that_akeneo_returns(world: World, size: int, largest: int) -> None:
    know(world, {"page_size": size})
    world.sandbox.akeneo.switches.largest_product_page = largest
    codes = sorted(world.sandbox.akeneo.database.keys("product_model"))
    listed = [str(each["code"]) for page in world.engine(fail_fast=True).akeneo.list("product-models") for each in page]
    assert sorted(listed) == codes
    assert world.sandbox.akeneo_counters.requests("product-models.list") == -(-len(codes) // size) + 1


def test_each_capability_is_played() -> None:
    assert PLAYS.keys() == SINCE.keys() | Capabilities.model_fields.keys() - {"refused_searches"}


@pytest.mark.parametrize(("found", "stored_with"), [({"page_size": 20}, "0"), ({"page_size": 7}, FORMAT)])
def test_what_another_release_stored_is_ignored(world: World, found: JsonObject, stored_with: str) -> None:
    world.engine().store.capabilities.save(AKENEO.name, found, {"format": stored_with})
    assert world.engine().akeneo.capabilities == NOTHING_KNOWN
