from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from akeneo_assets.http.calls import Api
from akeneo_assets.http.client import ApiClient
from akeneo_assets.http.governor import Governor, Limits, Slot
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets_tests.http.local_budget import LocalBudget
from akeneo_assets_tests.http.scripted_server import Reply, ScriptedServer

API = Api("shop", "The shop", ("SHOP_URL",), ("SHOP_USER",))


def test_the_server_never_sees_more_requests_than_allowed_in_any_window(
    server: ScriptedServer, statistics: RequestStatistics
) -> None:
    limits = Limits(requests=10, seconds=0.3, connections=3)
    server.handler = lambda _: Reply(document={}, until_open=3, seconds=0.01)
    client = ApiClient(API, server.url, Governor("shop", limits, LocalBudget(), statistics), None, statistics)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: client.request("GET", f"/{number}", action="a"), range(40)))
    client.close()
    assert len(server.requests) == 40
    # Requests had to wait, and no window contains too many.
    assert server.most_in_any_window(limits.seconds) <= 10
    assert server.most_open == 3
    assert statistics.snapshot().throttled_seconds > 0


def test_two_governors_share_a_budget(statistics: RequestStatistics) -> None:
    limits = Limits(requests=5, seconds=60.0, connections=2)
    budget = LocalBudget()
    for governor in (Governor("shop", limits, budget, statistics), Governor("shop", limits, budget, statistics)):
        for _ in range(2):
            with governor.slot():
                pass
    assert isinstance(budget.acquire("shop", limits, 10.0), Slot)
    wait = budget.acquire("shop", limits, 10.0)
    assert isinstance(wait, float)
    assert 50 < wait <= 60


def test_apis_do_not_share_slots() -> None:
    limits = Limits(requests=1, seconds=60.0, connections=1)
    budget = LocalBudget()
    assert isinstance(budget.acquire("one", limits, 10.0), Slot)
    assert isinstance(budget.acquire("one", limits, 10.0), float)
    assert isinstance(budget.acquire("other", limits, 10.0), Slot)


def test_a_slot_is_released_after_an_error(statistics: RequestStatistics) -> None:
    governor = Governor("shop", Limits(10, 0.0, 1), LocalBudget(), statistics)
    for _ in range(3):
        with pytest.raises(KeyError), governor.slot():
            raise KeyError


def test_the_slot_of_a_crashed_holder_expires() -> None:
    limits = Limits(requests=1, seconds=0.05, connections=1)
    budget = LocalBudget()
    started = time.monotonic()
    lost = budget.acquire("shop", limits, lease_seconds=0.05)
    assert isinstance(lost, Slot)
    while not isinstance(result := budget.acquire("shop", limits, lease_seconds=10.0), Slot):
        time.sleep(result)
    assert time.monotonic() - started >= 0.1
    budget.release(result)


def test_the_longest_of_several_pauses_applies(statistics: RequestStatistics) -> None:
    limits = Limits(10, 1.0, 1)
    budget = LocalBudget()
    governor = Governor("shop", limits, budget, statistics)
    with governor.slot():
        pass
    governor.pause(50.0)
    governor.pause(1.0)
    wait = budget.acquire("shop", limits, 10.0)
    assert isinstance(wait, float)
    assert 40 < wait <= 50


def test_changed_limits_are_refused() -> None:
    budget = LocalBudget()
    budget.acquire("shop", Limits(1, 1.0, 1), 10.0)
    with pytest.raises(ValueError, match="changed"):
        budget.acquire("shop", Limits(2, 1.0, 1), 10.0)


def test_threads_of_one_process_ask_the_budget_only_while_a_connection_is_free(statistics: RequestStatistics) -> None:
    asking = 0
    most_asking = 0
    lock = threading.Lock()

    class Watched(LocalBudget):
        def acquire(self, api: str, limits: Limits, lease_seconds: float) -> Slot | float:
            nonlocal asking, most_asking
            with lock:
                asking += 1
                most_asking = max(most_asking, asking)
            result = super().acquire(api, limits, lease_seconds)
            if not isinstance(result, Slot):
                with lock:
                    asking -= 1
            return result

        def release(self, slot: Slot) -> None:
            nonlocal asking
            with lock:
                asking -= 1
            super().release(slot)

    governor = Governor("shop", Limits(1000, 0.001, 2), Watched(), statistics)

    def work(_: int) -> None:
        with governor.slot():
            time.sleep(0.001)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(64)))
    assert most_asking == 2
