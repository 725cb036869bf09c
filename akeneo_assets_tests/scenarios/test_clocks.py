"""No edit is lost, and nothing is sent needlessly, even if clocks and the dates of responses are wrong."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from typing import Final

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.scenarios.polling import Calls, Clock, poll
from akeneo_assets_tests.scenarios.small_world import SmallWorld
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load

_HOUR: Final = 3600.0
_YEAR: Final = 365 * 24 * _HOUR
_REQUESTS_OF_A_QUIET_POLL: Final = 3


def _edit(world: World, text: str) -> None:
    world.edit.save_product("straw-hat", {"values": {"name": [value(text, locale="de_DE")]}})
    world.edit.save_model("linen-shirt", {"values": {"name": [value(text, locale="de_DE")]}})
    world.edit.save_category("kitchen", {"labels": {"de_DE": text}})


def _arrives(world: World, text: str) -> None:
    _edit(world, text)
    poll(world.engine())
    names = (
        world.product("straw-hat")["name"],
        world.product("linen-shirt")["name"],
        world.category("kitchen")["name"],
    )
    assert names == (text, text, text)


def _is_at_rest(world: World) -> None:
    """Another poll finds nothing, sends nothing and makes no additional requests."""
    world.written()
    engine = world.engine()
    engine.log_in()
    with engine.measured() as usage:
        assert poll(engine).found_nothing
        assert usage().requests.total("akeneo") == _REQUESTS_OF_A_QUIET_POLL
    assert world.written() == []


def test_no_edit_is_lost_if_the_clock_is_an_hour_ahead_during_a_load(tmp_path: Path, clock: Clock) -> None:
    with SmallWorld(tmp_path, clock) as world:
        clock.wrong_by = _HOUR
        full_load(world.engine())
        _arrives(world, "While it is ahead")
        clock.wrong_by = 0.0
        for number in range(2):
            clock.pass_time(400.0)
            _arrives(world, f"Edit {number}")
        assert world.content() == content_of_a_full_load(world)
        _is_at_rest(world)


def test_no_edit_is_lost_if_the_clock_is_corrected_while_changes_are_read(synced: World, clock: Clock) -> None:
    engine = synced.engine()
    engine.log_in()
    for read in (engine.read_product_models, engine.read_products):
        clock.wrong_by = _HOUR
        calls = Calls()
        calls.act(1, lambda: setattr(clock, "wrong_by", 0.0))
        with calls.watching(engine, database=False):
            read("changes:2026-01-01T00")
    clock.pass_time(400.0)
    _arrives(synced, "Afterwards")
    _is_at_rest(synced)


@pytest.mark.parametrize("behind", [pytest.param(0.0, marks=pytest.mark.exhaustive), -600.0])
def test_two_machines_whose_clocks_differ_by_ten_minutes_lose_no_edit(
    synced: World, clock: Clock, behind: float
) -> None:
    for number in range(2):
        for error in (behind, behind + 600.0):
            clock.wrong_by = error
            _arrives(synced, f"Edit {number} {error}")
            clock.pass_time(250.0)
    clock.wrong_by = behind
    poll(synced.engine())
    clock.wrong_by = 0.0
    _is_at_rest(synced)


@pytest.mark.parametrize(
    ("path", "wrong_by"), [("categories", _HOUR), ("products-uuid", 0.0)], ids=["clock ahead", "clock right"]
)
@pytest.mark.parametrize(
    "ahead",
    [
        _YEAR,
        pytest.param(1200.0, marks=pytest.mark.exhaustive),
        -_HOUR,
        None,
    ],
    ids=["next year", "20 minutes ahead", "an hour ago", "malformed"],
)
def test_a_single_response_with_a_wrong_date_is_ignored(
    synced: World, clock: Clock, ahead: float | None, path: str, wrong_by: float
) -> None:
    clock.pass_time(_HOUR)
    clock.wrong_by = wrong_by
    date = "Thursday" if ahead is None else formatdate(clock.true_time() + ahead, usegmt=True)
    fault = synced.sandbox.akeneo_faults.add("wrong_date", date=date, path=f"/{path}")
    engine = synced.engine()
    assert poll(engine).found_nothing
    assert fault.fired
    clock.wrong_by = 0.0
    clock.pass_time(30.0)
    _arrives(synced, "Afterwards")
    _is_at_rest(synced)


def test_a_server_that_sends_no_date_is_polled_by_our_clock(synced: World, clock: Clock) -> None:
    synced.sandbox.akeneo_faults.add("wrong_date", times=None)
    for number in range(3):
        clock.pass_time(700.0)
        _arrives(synced, f"Edit {number}")
    poll(synced.engine())
    _is_at_rest(synced)


@pytest.mark.parametrize("recorded_ahead", [0.0, _HOUR], ids=["only the date was wrong", "our clock was wrong too"])
def test_a_window_that_ends_in_the_future_is_read_again(synced: World, clock: Clock, recorded_ahead: float) -> None:
    clock.wrong_by = recorded_ahead
    windows = synced.engine().store.windows
    for kind in ("category", "product_model", "product"):
        windows.record(kind, "all", clock.true_time(), clock.true_time() + _YEAR, "earlier version")
    clock.wrong_by = 0.0
    clock.pass_time(600.0)
    _arrives(synced, "Hidden no longer")
    _is_at_rest(synced)


@pytest.mark.exhaustive
def test_families_whose_window_ends_in_the_future_are_read_again(tmp_path: Path, clock: Clock) -> None:
    """Only an earlier version, or a server whose dates are all wrong, creates such windows."""
    with SmallWorld(tmp_path, clock) as world:
        clock.wrong_by = _HOUR
        world.sandbox.akeneo_faults.add("wrong_date", times=None)
        full_load(world.engine())
        world.sandbox.akeneo_faults.clear()
        clock.wrong_by = 0.0
        clock.pass_time(600.0)
        _arrives(world, "Hidden no longer")
        _is_at_rest(world)
