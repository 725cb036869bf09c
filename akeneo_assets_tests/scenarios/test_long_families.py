"""A family with many records is read with all allowed connections, and completely."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import TransientError
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.catalogue_choice import Generated
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.partition_keys import family_keys
from akeneo_assets.sync.progress import watch_progress
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.test_editions import SAAS, SEVEN, SIX, switch
from akeneo_assets_tests.scenarios.world import World

LAMPS = "family:family_1"
PRODUCTS = 1250


@pytest.fixture
def lamps(tmp_path: Path, clock: Clock) -> Iterator[World]:
    """A catalogue with all products in one family, and a state with its structure only."""
    with Sandbox(catalogue=Generated(PRODUCTS, families=1)) as sandbox:
        sandbox.akeneo.clock = clock.true_time
        world = World(sandbox, tmp_path)
        try:
            yield world
        finally:
            world.close()


def mirrored(world: World, kind: str = "product") -> dict[str, tuple[Any, ...]]:
    """What the mirror knows of each record."""
    store = world.engine().store
    return {head.key: (head.parent, head.family, head.hash) for page in store.mirror.heads(kind) for head in page}


def read_everything(world: World, **settings: Any) -> None:
    engine = world.engine(**settings)
    engine.read_structure()
    for key in family_keys(engine.families()):
        engine.read_product_models(key)
        engine.read_products(key)


def read_by_one_connection(world: World) -> dict[str, tuple[Any, ...]]:
    """What the mirror knows after everything was read in one chain of pages."""
    world.forget()
    read_everything(world, akeneo_concurrent_connections=1)
    return mirrored(world)


@pytest.mark.parametrize(
    ("switches", "id_format", "action"),
    [(SAAS, "UUID", "products-uuid.list"), (SEVEN, "UUID", "products-uuid.list"), (SIX, "Identifier", "products.list")],
    ids=["SaaS", "7.0", "6.0 by identifier"],
)
def test_a_large_family_is_read_with_all_connections(
    lamps: World, switches: dict[str, Any], id_format: str, action: str
) -> None:
    switch(lamps, switches, id_format)
    lamps.engine().read_structure()
    lamps.sandbox.akeneo_faults.add("slow", action=action, seconds=0.05, times=None)
    lamps.sandbox.akeneo_counters.reset()
    result = lamps.engine(akeneo_concurrent_connections=3).read_products(LAMPS)
    assert result.problems == []
    assert lamps.sandbox.akeneo_counters.maximum_open == 3
    assert lamps.sandbox.akeneo_counters.requests(action) <= 15
    names = lamps.sandbox.akeneo.database.identifiers
    listed = set(names) if id_format == "UUID" else {each for each in names.values() if each is not None}
    assert mirrored(lamps).keys() == listed
    assert lamps.engine().read_products(LAMPS).counts["unchanged"] == len(listed)


def test_records_with_the_same_date_are_read_completely(lamps: World) -> None:
    database = lamps.sandbox.akeneo.database
    for product in list(database.all("product")):
        database.put("product", product | {"created": 1_700_000_000, "updated": 1_700_000_000})
    lamps.sandbox.akeneo.index.rebuild()
    read_everything(lamps)
    assert mirrored(lamps).keys() == set(database.keys("product"))


def test_many_product_models_are_read_with_all_connections(lamps: World) -> None:
    codes = {f"Shirt {number:03}" if number % 2 else f"shirt {number:03}" for number in range(850)}
    for code in codes:
        lamps.edit.save_model(code, {"family": "clothing", "family_variant": "clothing_size"})
    lamps.engine().read_structure()
    lamps.sandbox.akeneo_faults.add("slow", action="product-models.list", seconds=0.05, times=None)
    lamps.sandbox.akeneo_counters.reset()
    lamps.engine().read_product_models("family:clothing")
    assert mirrored(lamps, "product_model").keys() == codes
    assert lamps.sandbox.akeneo_counters.maximum_open > 1
    assert lamps.sandbox.akeneo_counters.requests("product-models.list") <= 11


def _associated(product: JsonObject) -> list[str]:
    return [key for members in product["associations"].values() for key in members["products"]]


def test_edits_during_the_read_are_read_by_it_or_as_changes(lamps: World, clock: Clock) -> None:
    """Products change, are deleted, are created, and move to another family and back, in every piece."""
    uuids = sorted(lamps.sandbox.akeneo.database.keys("product"))
    elsewhere = uuids[5::50]
    for key in elsewhere:
        lamps.edit.save_product(key, {"family": "tableware"})
    # No date shows that an associated product was deleted.
    associated = {each for product in lamps.sandbox.akeneo.database.all("product") for each in _associated(product)}
    deleted = {next(key for key in uuids[start:] if key not in associated) for start in range(20, PRODUCTS, 50)}
    turns = iter(range(PRODUCTS // 50))

    def edit(*_: object) -> None:
        """Edit some products of all pieces after each page."""
        for turn in islice(turns, 3):
            first = 50 * turn
            lamps.edit.save_product(uuids[first], {"family": "tableware"})
            lamps.edit.save_product(uuids[first + 5], {"family": "family_1"})
            lamps.edit.save_product(uuids[first + 10], {"enabled": False})
            lamps.edit.save_product(uuids[first + 15], {"values": {"sku": [value(f"renamed-{turn}")]}})
            lamps.edit.save_product(f"new-{turn}", {"family": "family_1"})
            lamps.edit.delete_product(min(key for key in deleted if key >= uuids[first]))

    with watch_progress(edit):
        read_everything(lamps)
    assert next(turns, None) is None
    clock.pass_time(60)
    engine = lamps.engine()
    engine.read_product_models("changes:2026-01-31T15")
    engine.read_products("changes:2026-01-31T15")
    found = {key: facts for key, facts in mirrored(lamps).items() if key not in deleted}
    assert found == read_by_one_connection(lamps)


def _middle(lamps: World) -> str:
    """A pattern of the requests that continue in the middle of the list."""
    lamps.engine().read_structure()
    return "search_after=[67]"


def test_a_piece_that_fails_is_read_again(lamps: World) -> None:
    fault = lamps.sandbox.akeneo_faults.add("reset_connection", path=_middle(lamps), times=6)
    result = lamps.engine().read_products(LAMPS)
    assert fault.fired == 6
    assert result.problems == []
    assert len(mirrored(lamps)) == PRODUCTS


def test_a_window_is_not_read_if_one_piece_is_not(lamps: World) -> None:
    lamps.sandbox.akeneo_faults.add("reset_connection", path=_middle(lamps), times=None)
    with pytest.raises(TransientError):
        lamps.engine().read_products(LAMPS)
    assert lamps.engine().store.windows.latest("product", LAMPS) is None
    assert 0 < len(mirrored(lamps)) < PRODUCTS
    lamps.sandbox.akeneo_faults.clear()
    lamps.engine().read_products(LAMPS)
    assert len(mirrored(lamps)) == PRODUCTS


def test_a_damaged_record_in_a_piece_is_the_only_one_that_is_not_read(lamps: World) -> None:
    lamps.engine().read_structure()
    uuids = sorted(lamps.sandbox.akeneo.database.keys("product"))
    damaged = {uuids[700], uuids[-1]}
    for key in damaged:
        lamps.sandbox.akeneo_faults.damage(key)
    result = lamps.engine().read_products(LAMPS)
    assert {problem.key for problem in result.problems} == damaged
    assert mirrored(lamps).keys() == set(uuids) - damaged


def test_the_sweep_compares_all_ids_with_all_connections(lamps: World) -> None:
    read_everything(lamps)
    uuids = sorted(lamps.sandbox.akeneo.database.keys("product"))
    lamps.edit.delete_product(uuids[600])
    lamps.edit.save_product("new", {"family": "family_1"})
    lamps.sandbox.akeneo_faults.add("slow", action="products-uuid.list", seconds=0.05, times=None)
    lamps.sandbox.akeneo_counters.reset()
    result = lamps.engine().sweep("product", largest_share=0.1)
    assert result.counts["read"] == PRODUCTS
    assert result.counts["created"] == 1
    assert [problem.key for problem in result.problems] == [uuids[600]]
    assert lamps.sandbox.akeneo_counters.maximum_open > 1
