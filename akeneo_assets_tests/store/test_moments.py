"""The database determines the order of events, whatever the clocks of the writers show."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from akeneo_assets.http.governor import Limits, Slot
from akeneo_assets.store.budget import SHORTEST_WAIT
from akeneo_assets.store.database import Database
from akeneo_assets.store.records import Attempt, Failed, PlannedRecord, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.store.upgrade import MIGRATIONS

_HOUR = 3600.0


class MovedClock:
    """The time of this process, wrong by this much."""

    def __init__(self, time_of_system: Callable[[], float]) -> None:
        self._time_of_system = time_of_system
        self.ahead = 0.0

    def __call__(self) -> float:
        return self._time_of_system() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    clock = MovedClock(time.time)
    monkeypatch.setattr(time, "time", clock)
    return clock


def _read(content: str) -> list[SourceRecord]:
    return [SourceRecord("product", "a", {"name": content}, content)]


def _due(store: Store) -> list[str]:
    return [key for keys in store.work.changed_keys("product") for key in keys]


@pytest.mark.parametrize("jump", [_HOUR, -_HOUR])
def test_a_change_after_a_read_is_due_even_if_the_clock_jumps(store: Store, clock: MovedClock, jump: float) -> None:
    store.mirror.merge(_read("one"), partition_key="x", read_at=store.mirror.moment())
    store.ledger.confirm("product", {"a": None}, looked_at=store.mirror.moment())
    assert _due(store) == []
    clock.ahead += jump
    assert store.mirror.merge(_read("two"), partition_key="x", read_at=store.mirror.moment()).changed == 1
    assert _due(store) == ["a"]
    store.ledger.confirm("product", {"a": None}, looked_at=store.mirror.moment())
    clock.ahead -= jump
    store.work.mark([("product", "a")])
    assert _due(store) == ["a"]


def test_a_moment_waits_for_a_merge_that_began_before_it(store: Store, database_url: str) -> None:
    """A later read either sees what the merge wrote, or the merge is later than the read."""
    other = Store.open(database_url)
    moments: list[float] = []
    with store._database.write() as merging:
        marked_at = store._database.moment(merging)
        looking = threading.Thread(target=lambda: moments.append(other.mirror.moment()))
        looking.start()
        looking.join(0.3)
        assert moments == []
    looking.join()
    other.close()
    assert moments[0] > marked_at


@pytest.mark.parametrize("ahead", [2 * _HOUR, 365 * 24 * _HOUR])
def test_claims_slots_and_renewals_last_at_most_a_lease_after_the_clock_was_set_back(
    sqlite_url: str, clock: MovedClock, ahead: float
) -> None:
    """On PostgreSQL the time is the server's."""
    store = Store.open(sqlite_url)
    limits = Limits(1, 60.0, 1)
    row: dict[str, Any] = {"action": "update", "reason": "", "sequence": 0, "source": None, "document": {}}
    store.plan.put([PlannedRecord("products", "product", "a", partition_key="x", payload_hash="p", **row)])
    clock.ahead = ahead
    store.plan.claim("products", claimant="killed", lease_seconds=60.0, limit=1)
    while not isinstance(slot := store.budget.acquire("akeneo", limits, 75.0), Slot):
        pass
    store.budget.pause("akeneo", 30.0)
    renewing = store.tokens.renewing("akeneo")
    renewing.__enter__()
    store.close()

    clock.ahead = 0.0
    store = Store.open(sqlite_url)
    assert not store.budget.is_spent("akeneo", 1), "otherwise no process would ever request a slot and notice"
    assert store.plan.claim("products", claimant="next", lease_seconds=60.0, limit=1) == []
    store.budget.acquire("akeneo", limits, 75.0)
    wait = store.budget.acquire("akeneo", limits, 75.0)
    assert isinstance(wait, float)
    assert wait <= 75.0 + 60.0
    with store.tokens.renewing("akeneo"):
        pass
    clock.ahead = 61.0
    assert len(store.plan.claim("products", claimant="next", lease_seconds=60.0, limit=1)) == 1
    clock.ahead = 75.0 + 61.0
    assert isinstance(store.budget.acquire("akeneo", limits, 75.0), Slot)
    store.budget.release(slot)
    store.close()


@pytest.mark.parametrize("ahead", [_HOUR / 6, 365 * 24 * _HOUR])
def test_a_pause_has_the_requested_length_after_the_clock_was_set_back(
    sqlite_url: str, clock: MovedClock, ahead: float
) -> None:
    limits = Limits(5, 1.0, 5)
    store = Store.open(sqlite_url)
    clock.ahead = ahead
    store.budget.pause("akeneo", 30.0)
    clock.ahead = 0.0
    while (wait := store.budget.acquire("akeneo", limits, 75.0)) == SHORTEST_WAIT:
        pass
    assert isinstance(wait, float)
    assert 25.0 < wait <= 30.0
    clock.ahead = 31.0
    while not isinstance(slot := store.budget.acquire("akeneo", limits, 75.0), Slot):
        assert slot <= limits.seconds, "the pause is over"
        clock.ahead += slot
    store.close()


def test_a_pause_that_began_while_the_clock_was_ahead_does_not_outlast_a_longer_one(
    sqlite_url: str, clock: MovedClock
) -> None:
    limits = Limits(5, 1.0, 5)
    store = Store.open(sqlite_url)
    clock.ahead = _HOUR
    store.budget.pause("akeneo", 5.0)
    clock.ahead = 0.0
    store.budget.pause("akeneo", 60.0)
    while (wait := store.budget.acquire("akeneo", limits, 75.0)) == SHORTEST_WAIT:
        pass
    assert isinstance(wait, float)
    assert 55.0 < wait <= 60.0
    store.close()


def test_a_record_that_failed_while_the_clock_was_ahead_is_retried_on_time(sqlite_url: str, clock: MovedClock) -> None:
    store = Store.open(sqlite_url)
    clock.ahead = 365 * 24 * _HOUR
    failed = Failed("product", "a", "500", "later", Attempt("x", "r", looked_at=1.0), retry=True)
    store.ledger.fail([failed])
    assert not store.work.is_any_due_for_retry(["product"])
    clock.ahead = 0.0
    assert store.work.is_any_due_for_retry(["product"])
    store.ledger.fail([failed])
    assert not store.work.is_any_due_for_retry(["product"]), "once"
    store.close()


def test_records_with_future_times_from_an_earlier_version_are_due_at_once(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = Database(database_url)
    ahead = time.time() + 1e7
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(
            text(
                "INSERT INTO mirror (kind, key, hash, document, partition_key, read_at, changed_at) "
                "VALUES ('product', 'a', 'one', '', 'x', :ahead, :ahead)"
            ),
            {"ahead": ahead},
        )
        connection.execute(
            text(
                "INSERT INTO ledger (kind, key, children, state, attempts, ipaas_id, changed_at, looked_at) "
                "VALUES ('product', 'a', '{}', 'sent', 0, '7', 5, :ahead)"
            ),
            {"ahead": ahead},
        )
        connection.execute(
            text("INSERT INTO structure_change (kind, key, noticed_at) VALUES ('attribute', 'name', :ahead)"),
            {"ahead": ahead},
        )
    database.close()

    store = Store.open(database_url)
    assert _due(store) == ["a"]
    assert store.mirror.merge(_read("two"), partition_key="x", read_at=store.mirror.moment()).changed == 1
    store.ledger.confirm("product", {"a": None}, looked_at=store.mirror.moment())
    assert _due(store) == []
    (change,) = store.structure_changes.outstanding()
    assert change.noticed_at < store.mirror.moment()
    store.close()
