"""Leases of runs: a run that does not renew its lease is dead after a second check."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import update

from akeneo_assets.store import run_leases
from akeneo_assets.store.schema import run_leases as table
from akeneo_assets.store.store import Store


def pass_time(store: Store, seconds: float) -> None:
    """Move every lease closer to its end by this much."""
    with store._database.write() as connection:
        connection.execute(update(table).values(held_until=table.c.held_until - seconds))


def test_a_run_is_dead_if_its_lease_expired_and_a_second_check_finds_no_renewal(
    store: Store, database_url: str
) -> None:
    other = Store.open(database_url)
    with store.run_leases.held("killed"), store.run_leases.held("alive"):
        assert other.run_leases.dead(["killed", "alive"]) == set()
        pass_time(store, run_leases.LEASE_SECONDS + 1)
        assert other.run_leases.dead(["killed", "alive"]) == set(), "the machine may have slept"
        assert other.run_leases.dead(["killed", "alive"]) == set()
        store.run_leases._renew("alive")
        pass_time(store, run_leases.GRACE_SECONDS + 1)
        assert other.run_leases.dead(["killed", "alive"]) == {"killed"}
    assert run_leases.LEASE_SECONDS + run_leases.GRACE_SECONDS + 2 * 15 <= 120, "two looks of a sensor"
    other.close()


def test_a_run_without_a_lease_gets_time_to_take_one(store: Store) -> None:
    assert store.run_leases.dead(["starting", "killed"]) == set()
    with store.run_leases.held("starting"):
        pass_time(store, run_leases.GRACE_SECONDS + 1)
        assert store.run_leases.dead(["starting", "killed"]) == {"killed"}


def test_a_held_lease_is_renewed_in_the_background(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = threading.Event()
    renew = store.run_leases._renew
    monkeypatch.setattr(run_leases, "RENEWAL_SECONDS", 0.01)
    with store.run_leases.held("run"):
        pass_time(store, run_leases.LEASE_SECONDS + 1)

        def watched(run_id: str) -> None:
            renew(run_id)
            renewed.set()

        monkeypatch.setattr(store.run_leases, "_renew", watched)
        assert renewed.wait(10)
        for _ in range(2):
            assert store.run_leases.dead(["run"]) == set()
            pass_time(store, 1)
