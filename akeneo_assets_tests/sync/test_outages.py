from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from akeneo_assets.sync.deliver.outages import Outage


def test_only_failures_in_a_row_are_an_outage() -> None:
    outage = Outage(3)
    assert [outage.record_failure() for _ in range(2)] == [False, False]
    outage.reset()
    assert [outage.record_failure() for _ in range(4)] == [False, False, True, True]


def test_failures_of_several_threads_are_all_counted() -> None:
    outage = Outage(500)
    with ThreadPoolExecutor(8) as pool:
        met = list(pool.map(lambda _: outage.record_failure(), range(500)))
    assert met.count(True) == 1
