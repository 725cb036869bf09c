from __future__ import annotations

import subprocess
import sys
import time

import pytest

from akeneo_assets.http.governor import Limits, Slot
from akeneo_assets.store.store import Store

HOUR = 3_600.0
LIMITS = Limits(requests=3, seconds=HOUR, connections=10)


def slot(store: Store, limits: Limits = LIMITS, api: str = "akeneo", lease: float = HOUR) -> Slot:
    """Take a slot, which must be available; the first call with new limits may only store the limits."""
    result: Slot | float = 0.0
    for _ in range(2):
        result = store.budget.acquire(api, limits, lease)
        if isinstance(result, Slot):
            return result
    pytest.fail(f"no slot, but a wait of {result} seconds")


def wait(store: Store, limits: Limits = LIMITS, api: str = "akeneo") -> float:
    """Return the requested wait; there must be no slot."""
    result: Slot | float = 0.0
    for _ in range(2):
        result = store.budget.acquire(api, limits, HOUR)
        assert not isinstance(result, Slot)
    assert isinstance(result, float)
    return result


def test_there_are_as_many_slots_as_allowed_requests_for_each_api(store: Store) -> None:
    for _ in range(3):
        store.budget.release(slot(store))
    assert HOUR - 30 < wait(store) <= HOUR
    assert slot(store, api="ipaas").api == "ipaas"


def test_a_slot_is_free_again_one_window_after_its_release(store: Store) -> None:
    limits = Limits(1, 0.2, 10)
    held = slot(store, limits)
    store.budget.release(held)
    released = time.time()
    while not isinstance(result := store.budget.acquire("akeneo", limits, HOUR), Slot):
        time.sleep(result)
    assert time.time() - released >= 0.19


def test_while_all_slots_are_in_use_the_wait_is_at_most_one_window(store: Store) -> None:
    limits = Limits(requests=2, seconds=60.0, connections=10)
    for _ in range(2):
        slot(store, limits)

    # A request that is being sent now may end at once; the lease is only for a holder that dies.
    assert 50 < wait(store, limits) <= 60


def test_connections_limit_the_slots_in_use(store: Store) -> None:
    limits = Limits(10, HOUR, 2)
    first = slot(store, limits)
    slot(store, limits)
    assert wait(store, limits) < 1
    store.budget.release(first)
    slot(store, limits)


def test_the_wait_is_never_shorter_than_a_request_to_the_budget(store: Store) -> None:
    limits = Limits(1, 0.001, 10)
    store.budget.release(slot(store, limits))
    results = [store.budget.acquire("akeneo", limits, HOUR) for _ in range(3)]
    assert all(result >= 0.005 for result in results if not isinstance(result, Slot))


def test_a_pause_stops_all_requests_and_the_longest_applies(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    slot(store)
    store.budget.pause("akeneo", 600)
    store.budget.pause("akeneo", 10)
    assert 590 < wait(other) <= 600
    assert slot(other, api="ipaas")
    other.close()


def test_a_pause_before_the_first_request_also_applies(store: Store) -> None:
    store.budget.pause("akeneo", 600)
    assert 590 < wait(store) <= 600


def test_a_lower_limit_removes_slots(store: Store) -> None:
    store.budget.release(slot(store, Limits(10, HOUR, 10)))
    lower = Limits(2, HOUR, 10)
    slot(store, lower)
    wait(store, lower)


def test_lowering_and_raising_a_limit_never_allows_more(store: Store) -> None:
    upper, lower = Limits(5, HOUR, 10), Limits(2, HOUR, 10)
    for _ in range(5):
        store.budget.release(slot(store, upper))
    wait(store, lower)
    assert wait(store, upper) > HOUR - 30


def test_a_longer_window_applies_to_earlier_requests(store: Store) -> None:
    store.budget.release(slot(store, Limits(1, 100, 10)))
    assert HOUR - 30 < wait(store, Limits(1, HOUR, 10)) <= HOUR
    assert 70 < wait(store, Limits(1, 100, 10)) <= 100


def test_a_release_after_the_lease_expired_does_not_release_the_slot_of_another_process(store: Store) -> None:
    limits = Limits(1, 0.0, 10)
    late = slot(store, limits, lease=0.0)
    while not isinstance(store.budget.acquire("akeneo", limits, HOUR), Slot):
        time.sleep(0.005)
    store.budget.release(late)
    wait(store, limits)


def test_the_slot_of_a_killed_process_becomes_free(store: Store, database_url: str) -> None:
    lease, window = 0.4, 0.2
    program = (
        "import sys, time\n"
        "from akeneo_assets.http.governor import Limits, Slot\n"
        "from akeneo_assets.store.store import Store\n"
        "store = Store.open(sys.argv[1])\n"
        f"while not isinstance(store.budget.acquire('akeneo', Limits(1, {window}, 10), {lease}), Slot): pass\n"
        "print(time.time(), flush=True)\n"
        "time.sleep(100)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, database_url], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        taken_at = float(holder.stdout.readline())
        holder.kill()
    while not isinstance(result := store.budget.acquire("akeneo", Limits(1, window, 10), lease), Slot):
        assert time.time() - taken_at < 30
        time.sleep(result)
    assert time.time() - taken_at >= lease + window - 0.01


def test_several_processes_use_the_limit_and_never_exceed_it(database_url: str) -> None:
    requests, seconds, processes, threads, each = 30, 1.0, 3, 2, 20
    command = [sys.executable, "-m", "akeneo_assets_tests.store.budget_process", database_url]
    command += [str(requests), str(seconds), str(threads), str(each)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    sent = sorted(float(moment) for process in running for moment in process.communicate()[0].split())
    assert [process.returncode for process in running] == [0] * processes
    assert len(sent) == processes * threads * each
    # With n slots, each request is sent at least one window after the nth request before it.
    assert min(later - earlier for earlier, later in zip(sent, sent[requests:], strict=False)) >= seconds
    windows = len(sent) / requests - 1
    assert (sent[-requests] - sent[0]) * 0.95 <= windows * seconds


def test_whether_the_budget_is_exhausted_is_reported_without_using_it(store: Store) -> None:
    assert not store.budget.is_spent("akeneo", 3), "nobody has sent anything yet"
    store.budget.release(slot(store))
    for _ in range(5):
        assert not store.budget.is_spent("akeneo", 2)
        assert store.budget.is_spent("akeneo", 3)
    slot(store, lease=60.0)
    slot(store, lease=60.0)
    assert store.budget.is_spent("akeneo", 1)
    assert not store.budget.is_spent("ipaas", 1)


def test_a_budget_below_the_requested_amount_is_exhausted_only_while_it_is_used(store: Store) -> None:
    limits = Limits(1, 0.2, 10)
    store.budget.release(slot(store, limits))
    assert store.budget.is_spent("akeneo", 3)
    time.sleep(0.25)
    assert not store.budget.is_spent("akeneo", 3)


def test_a_paused_budget_is_exhausted_until_the_pause_is_over(store: Store) -> None:
    store.budget.pause("akeneo", 0.2)
    assert store.budget.is_spent("akeneo", 1)
    time.sleep(0.25)
    assert not store.budget.is_spent("akeneo", 1)


def test_cost_and_rows_depend_on_the_traffic_and_not_on_the_limit(store: Store) -> None:
    limits = Limits(1_000_000, HOUR, 10)
    for _ in range(100):
        store.budget.release(slot(store, limits))
    with store._database.read() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM budget_slot").scalar_one()
    assert 100 <= rows <= 500
    assert not store.budget.is_spent("akeneo", 900_000)


def test_slots_are_added_up_to_the_limit_and_no_further(store: Store) -> None:
    limits = Limits(50, HOUR, 100)
    for _ in range(50):
        slot(store, limits, lease=60.0)
    assert wait(store, limits) > HOUR - 30
    assert store.budget.is_spent("akeneo", 1)


def test_a_raised_limit_applies_after_a_window(store: Store) -> None:
    for _ in range(2):
        store.budget.release(slot(store, Limits(2, 0.3, 10)))
    upper = Limits(4, 0.3, 10)
    assert wait(store, upper) <= 0.3
    time.sleep(0.35)
    for _ in range(4):
        slot(store, upper)
    wait(store, upper)
