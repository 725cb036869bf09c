"""Lists of options, records and assets that Akeneo does not find: codes are sent instead of labels."""

from __future__ import annotations

import pytest

from akeneo_assets.akeneo.permissions import MissingPermissionError
from akeneo_assets.errors import AccessDeniedError
from akeneo_assets_tests.scenarios.polling import remap
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load

LISTS = ("attribute-options.list", "records.list", "reference-entities.*", "assets.list", "family-variants.list")


def lose(world: World, *actions: str) -> None:
    for action in actions:
        world.sandbox.akeneo_faults.add("server_error", status=404, times=None, action=action)


def test_lists_that_are_not_found_are_reported_and_labels_follow_later(small_world: World) -> None:
    lose(small_world, "attribute-options.list", "records.list", "reference-entities.*")
    engine = small_world.engine()
    engine.log_in()
    result = engine.read_structure()
    problems = {each.key: each for each in result.problems}
    assert {"attributes/color/options", "reference-entities/designers/records"} <= set(problems)
    assert {each.code for each in problems.values()} == {"list_not_found"}
    assert "attributes/color/options" in problems["attributes/color/options"].message
    full_load(small_world.engine())
    fields = small_world.product("fjord-sofa")["options"]
    assert "sand" in str(fields), "codes instead of labels"

    small_world.sandbox.akeneo_faults.clear()
    remap(small_world.engine())
    assert small_world.content() == content_of_a_full_load(small_world)


def test_lists_that_were_read_before_are_kept(synced: World) -> None:
    synced.written()
    lose(synced, *LISTS)
    assert remap(synced.engine()).found_nothing
    assert synced.written() == []


@pytest.mark.parametrize("action", LISTS[:2])
def test_a_missing_permission_is_still_an_error(synced: World, action: str) -> None:
    synced.sandbox.akeneo_faults.forbid(action)
    with pytest.raises(AccessDeniedError):
        synced.engine().read_structure()


def test_all_missing_permissions_are_one_error_after_few_requests(small_world: World) -> None:
    actions = ("product-models.list", "families.list", "family-variants.list", "attribute-options.list")
    for action in actions:
        small_world.sandbox.akeneo_faults.forbid(action)

    with pytest.raises(MissingPermissionError) as caught:
        small_world.engine().read_structure()

    assert set(caught.value.permissions) == {
        "List products",
        "List families",
        "List family variants",
        "List attribute options",
    }
    counters = small_world.sandbox.akeneo_counters
    assert [counters.requests(action) for action in actions] == [1, 1, 1, 1]


def test_lists_without_a_count_only_cost_the_forecast(small_world: World) -> None:
    small_world.sandbox.akeneo.switches.ignored_parameters = frozenset({"with_count"})

    full_load(small_world.engine())

    assert small_world.engine().read_structure().forecast is None
    small_world.sandbox.akeneo.switches.ignored_parameters = frozenset()
    assert small_world.engine().read_structure().forecast is not None
    assert small_world.content() == content_of_a_full_load(small_world)
