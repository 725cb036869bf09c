"""A full load of records that refer to each other across families: each is sent once, except for what closes a ring."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.sandbox.catalogue_choice import Generated
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync import programme
from akeneo_assets.sync.batches import Title
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.open_now import undelivered_records
from akeneo_assets_tests.batches import EnginePartitions
from akeneo_assets_tests.sandbox.ipaas_client import SHIRT, Client
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import Loaded, World, full_load


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[World]:
    """300 products, of which every fifth has links to products anywhere; an empty iPaaS.com, and no state."""
    with Sandbox(catalogue=Generated(300, linked=0.2)) as sandbox:
        world = World(sandbox, tmp_path)
        yield world
        world.close()


def held(engine: Engine, name: ObjectName) -> int:
    return sum(each.held for each in undelivered_records(engine.store, name).values())


def load_until(engine: Engine, title: Title) -> None:
    """Go through the phases of a full load that come before one of them."""
    engine.log_in()
    phases = programme.full(EnginePartitions(engine), engine.store.plan.partitions)
    for phase in itertools.takewhile(lambda each: each.title != title, phases):
        Loaded().run(engine, phase)


def related_of(world: World, sku: str) -> list[str]:
    return [link["related_sku"] for link in world.product(sku)["related_products"]]


def test_few_records_are_sent_twice(linked: World) -> None:
    loaded = full_load(linked.engine())

    actions = Counter(entry.action for entry in linked.written())
    first = actions["category.create"] + actions["product.create"]
    assert actions.total() <= 1.05 * first
    assert actions["product.create"] == sum(
        loaded.delivered[name].counts["created"] for name in ("product_models", "products", "bundles")
    )
    assert loaded.delivered["related_products"].counts["created"] > 40
    assert linked.waiting_links() == []
    assert linked.engine().store.reports.summary()["planned"] == {}
    assert full_load(linked.engine()).delivered_count("created", "updated", "repaired") == 0


def test_the_checks_count_what_is_held_until_it_is_sent(linked: World) -> None:
    engine = linked.engine()

    load_until(engine, "linked products")
    assert {name: held(engine, name) > 0 for name in OBJECTS} == {
        "categories": False,
        "product_models": True,
        "products": True,
        "variants": True,
        "bundles": True,
        "related_products": False,
    }

    full_load(linked.engine())
    assert [held(engine, name) for name in OBJECTS] == [0] * len(OBJECTS)


def test_what_an_interrupted_load_held_is_sent_by_the_next_poll(linked: World) -> None:
    load_until(linked.engine(), "linked products")

    poll(linked.engine())

    engine = linked.engine()
    assert [held(engine, name) for name in OBJECTS] == [0] * len(OBJECTS)
    content = linked.content()
    linked.written()
    full_load(linked.engine())
    assert linked.written() == []
    assert linked.content() == content


def test_a_record_is_sent_without_the_link_to_a_record_that_is_refused(world: World) -> None:
    portal = Client(world.sandbox)
    portal.accepted("POST", "Product", {**SHIRT, "variants": [{**SHIRT["variants"][0], "sku": "city-backpack-sand"}]})
    portal.session.close()

    loaded = full_load(world.engine())

    assert world.uuid("city-backpack-sand") in loaded.problems
    assert related_of(world, "canvas-tote-natural") == []
    (link,) = (each for each in world.waiting_links() if each[0] == world.uuid("canvas-tote-natural"))
    assert link[1:] == ("related", world.uuid("city-backpack-sand"))
