"""A run that is killed at any point is finished by the next poll."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from akeneo_assets.objects import PRODUCT_OBJECTS
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.scenarios.polling import (
    LONGER_THAN_A_LEASE,
    Calls,
    Clock,
    Killed,
    Polled,
    poll,
    poll_steps,
    remap,
    remap_steps,
)
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load

pytestmark = pytest.mark.exhaustive

_LOCALE = "de_DE"
_READ = 3  # the poll, models, products
_PLANNED = _READ + len(PRODUCT_OBJECTS)


def _edit(world: World, text: str = "Alpha") -> None:
    for name in ("straw-hat", "mug-white", "tableware-for-two"):
        world.edit.save_product(name, {"values": {"name": [value(text, locale=_LOCALE)]}})
    world.edit.save_model("linen-shirt", {"values": {"name": [value(text, locale=_LOCALE)]}})


def _stop_after(steps: Iterator[None], number: int) -> None:
    for _ in range(number):
        next(steps)


@pytest.mark.parametrize("steps", [_READ + 2, _PLANNED + 1], ids=str)
def test_a_run_that_ends_between_two_steps_is_finished_by_the_next_poll(synced: World, steps: int) -> None:
    _edit(synced)
    _stop_after(poll_steps(synced.engine(), Polled()), steps)
    assert not poll(synced.engine()).found_nothing
    assert synced.content() == content_of_a_full_load(synced)
    assert poll(synced.engine()).found_nothing


def _killed_when(world: World, reached: Callable[[], bool], run: Callable[[Engine], object] = poll) -> None:
    engine = world.engine()
    calls = Calls()
    calls.kill_when(reached)
    with calls.watching(engine), pytest.raises(Killed):
        run(engine)


def test_a_run_killed_during_delivery_is_finished_by_the_next_poll(synced: World, clock: Clock) -> None:
    _edit(synced)
    written = len(synced.ipaas.journal)
    _killed_when(synced, lambda: len(synced.ipaas.journal) > written)
    clock.pass_time(LONGER_THAN_A_LEASE)
    poll(synced.engine())
    assert synced.content() == content_of_a_full_load(synced)
    assert poll(synced.engine()).found_nothing


def test_an_edit_undone_after_a_kill_during_delivery_is_undone_in_ipaas(synced: World, clock: Clock) -> None:
    _edit(synced, "Before")
    poll(synced.engine())
    before = synced.content()
    _edit(synced, "Mistake")
    written = len(synced.ipaas.journal)
    _killed_when(synced, lambda: len(synced.ipaas.journal) > written)
    clock.pass_time(LONGER_THAN_A_LEASE)
    assert synced.content() != before
    _edit(synced, "Before")
    poll(synced.engine())
    assert synced.content() == before
    assert poll(synced.engine()).found_nothing


@pytest.mark.parametrize("steps", [2, 2 + len(PRODUCT_OBJECTS)], ids=["before planning", "before delivery"])
def test_a_re_mapping_run_that_ends_early_is_finished(synced: World, steps: int) -> None:
    synced.edit.save_option("color", "sand", {"labels": {_LOCALE: "Sandfarben"}})
    _stop_after(remap_steps(synced.engine(), Polled()), steps)
    remap(synced.engine())
    poll(synced.engine())
    assert synced.content() == content_of_a_full_load(synced)
    assert remap(synced.engine()).found_nothing
    assert poll(synced.engine()).found_nothing


def test_a_tree_whose_variant_was_sent_alone_is_still_re_mapped(synced: World) -> None:
    # The only tree of its family.
    synced.edit.save_product("fjord-sofa-sand", {"enabled": False})
    poll(synced.engine())
    synced.edit.save_option("color", "sand", {"labels": {_LOCALE: "Sandfarben"}})
    remap(synced.engine())
    assert synced.content() == content_of_a_full_load(synced)


def test_a_blocked_record_is_sent_as_soon_as_the_structure_allows_it(synced: World) -> None:
    database = synced.sandbox.akeneo.database
    key = "clothing/clothing_color_size"
    family_variant = database.get("family_variant", key)
    assert family_variant is not None
    database.remove("family_variant", key)
    remap(synced.engine())
    _edit(synced)
    poll(synced.engine())
    assert synced.product("linen-shirt")["name"] != "Alpha"
    assert poll(synced.engine()).found_nothing
    database.put("family_variant", family_variant)
    remap(synced.engine())
    assert synced.product("linen-shirt")["name"] == "Alpha"
    assert synced.content() == content_of_a_full_load(synced)
