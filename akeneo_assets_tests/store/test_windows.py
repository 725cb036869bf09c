from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from akeneo_assets.store.schema import windows
from akeneo_assets.store.store import Store

SCOPES = itertools.count()
INTERVALS = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: (min(ends), max(ends)))


def covered(store: Store, scope: str) -> list[tuple[float, float]]:
    statement = select(windows.c.from_at, windows.c.to_at).where(windows.c.scope == scope).order_by(windows.c.from_at)
    with store._database.read() as connection:
        return [(row.from_at, row.to_at) for row in connection.execute(statement)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recorded=st.lists(INTERVALS, max_size=8))
def test_windows_cover_exactly_the_points_that_were_read(store: Store, recorded: list[tuple[int, int]]) -> None:
    """The model: a set of unit steps."""
    scope = str(next(SCOPES))
    read: set[int] = set()
    for start, end in recorded:
        store.windows.record("product", scope, start, end, "run-1")
        read |= set(range(start, end))
    kept = covered(store, scope)
    assert {step for start, end in kept for step in range(int(start), int(end))} == read
    assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(kept)), "what touches is one window"
    latest = store.windows.latest("product", scope)
    assert (latest.to_at if latest else None) == (max(read) + 1 if read else None)
    assert store.windows.latest_by_scope("product").get(scope) == latest


def count(store: Store) -> int:
    with store._database.read() as connection:
        return connection.execute(select(func.count()).select_from(windows)).scalar_one()


def test_adjacent_windows_are_merged(store: Store) -> None:
    store.windows.record("product", "all", 0, 10, "run-1")
    store.windows.record("product", "all", 20, 30, "run-2")
    assert count(store) == 2
    store.windows.record("product", "all", 10, 20, "run-3")
    assert count(store) == 1
    latest = store.windows.latest("product", "all")
    assert latest is not None
    assert (latest.from_at, latest.to_at, latest.run_id) == (0, 30, "run-3")


def test_kinds_and_scopes_are_separate(store: Store) -> None:
    store.windows.record("product", "family:shoes", 0, 10, "run-1")
    assert store.windows.latest("product", "family:hats") is None
    assert store.windows.latest("product_model", "family:shoes") is None
    store.windows.record("product", "family:hats", 0, 20, "run-1")
    ends = {scope: window.to_at for scope, window in store.windows.latest_by_scope("product").items()}
    assert ends == {"family:shoes": 10, "family:hats": 20}
    assert store.windows.latest_by_scope("product_model") == {}


def test_a_window_does_not_end_before_it_begins(store: Store) -> None:
    with pytest.raises(ValueError, match="before it begins"):
        store.windows.record("product", "all", 2, 1, "run-1")


def test_windows_recorded_concurrently_are_merged(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda start: store.windows.record("product", "all", start, start + 1, "run"), range(40)))
    assert count(store) == 1
    assert covered(store, "all") == [(0, 40)]


LINKS, BOTH = frozenset({"links"}), frozenset({"links", "completenesses"})


def test_a_family_has_the_read_options_of_its_latest_full_read(store: Store) -> None:
    store.windows.record("product_model", "family:shoes", 0, 10, "run-1", options=BOTH)
    store.windows.record("product", "family:shoes", 0, 10, "run-1", options=LINKS)
    assert store.windows.families_read_without(frozenset()) == set()
    assert store.windows.families_read_without(LINKS) == set()
    assert store.windows.families_read_without(BOTH) == {"shoes"}
    store.windows.record("product", "family:shoes", 0, 20, "run-2", options=BOTH)
    assert store.windows.families_read_without(BOTH) == set()
    store.windows.record("product", "family:shoes", 0, 30, "run-3")
    assert store.windows.families_read_without(LINKS) == {"shoes"}


def test_a_read_with_fewer_options_removes_them_from_every_family(store: Store) -> None:
    for family in ("shoes", "hats"):
        store.windows.record("product", f"family:{family}", 0, 10, "run-1", options=BOTH)
    store.windows.narrow(BOTH)
    assert store.windows.families_read_without(BOTH) == set()
    store.windows.narrow(LINKS)
    assert store.windows.families_read_without(LINKS) == set()
    assert store.windows.families_read_without(BOTH) == {"shoes", "hats"}
    store.windows.narrow(frozenset())
    assert store.windows.families_read_without(LINKS) == {"shoes", "hats"}
    latest = store.windows.latest("product", "family:hats")
    assert latest is not None
    assert latest.to_at == 10, "it was read all the same"


def test_only_families_have_read_options(store: Store) -> None:
    store.windows.record("product", "all", 0, 10, "run-1")
    store.windows.record("product_tree", "shirt", 0, 10, "run-1")
    assert store.windows.families_read_without(BOTH) == set()
