"""What the probe calls handled is synced correctly, and what it calls not handled goes wrong."""

from __future__ import annotations

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets_tests.probe.akeneo_plays import Arrange, forbidden, ignored, refused, switched
from akeneo_assets_tests.scenarios.world import World, full_load


@pytest.mark.parametrize(
    "arrange",
    [
        pytest.param(
            switched(
                next_links="never",
                public_url="http://pim.internal",
                list_order="shuffled",
                category_order="shuffled",
                refused_filters=frozenset({"products-uuid parent IN", "products-uuid sku IN"}),
            ),
            id="links, order and filters",
        ),
        pytest.param(ignored("limit"), id="short pages"),
        pytest.param(ignored("with_count"), id="no counts"),
        pytest.param(switched(next_links="never", ignored_parameters=frozenset({"limit"})), id="lists without links"),
    ],
)
def test_a_load_is_complete(small_world: World, small_content: JsonObject, arrange: Arrange) -> None:
    arrange(small_world)

    assert full_load(small_world.engine()).problems == {}
    assert small_world.content() == small_content


@pytest.mark.parametrize(
    "arrange",
    [
        pytest.param(switched(next_links="always"), id="lists without an end"),
        pytest.param(switched(maximum_limit=50), id="small pages"),
        pytest.param(refused("products-uuid family EMPTY"), id="a missing filter"),
        pytest.param(forbidden("measurement-families.list"), id="a missing permission"),
    ],
)
def test_a_load_fails(small_world: World, arrange: Arrange) -> None:
    arrange(small_world)

    with pytest.raises(AkeneoAssetsError):
        full_load(small_world.engine(fail_fast=True))


def test_shallow_searches_miss_categories(small_world: World, small_content: JsonObject) -> None:
    switched(deep_parents=False)(small_world)
    full_load(small_world.engine())

    assert len(small_world.content()["categories"]) < len(small_content["categories"])


@pytest.mark.parametrize(("ignored", "number", "requests"), [((), 200, 2), ((), 201, 3), (("limit",), 31, 4)])
def test_a_list_by_number_needs_no_links(world: World, ignored: tuple[str, ...], number: int, requests: int) -> None:
    switched(next_links="never", ignored_parameters=frozenset(ignored))(world)
    codes = [f"type_{each:03}" for each in range(number)]
    for code in codes:
        world.edit.save("association_type", code, {}, {"labels": {}, "is_quantified": False, "is_two_way": False})

    listed = [each["code"] for page in world.engine().akeneo.list("association-types") for each in page]

    assert listed == codes
    assert world.sandbox.akeneo_counters.requests("association-types.list") == requests
