"""Changed responses of both servers end in a correct result or in one of our errors."""

from __future__ import annotations

import resource

from akeneo_assets_tests.fuzz.calls import CallFuzzer, Figures
from akeneo_assets_tests.fuzz.syncs import SyncFuzzer

_RESPONSES = 1_000
_SYNC_RESPONSES = 15
_MOST_MEGABYTES = 400


def test_calls_with_changed_responses() -> None:
    figures = Figures()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with CallFuzzer(figures) as fuzzer:
        number = 0
        while figures.responses < _RESPONSES:
            fuzzer.play(f"suite-{number}")
            number += 1
    assert not figures.failures
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < _MOST_MEGABYTES


def test_loads_with_changed_responses() -> None:
    figures = Figures()
    fuzzer = SyncFuzzer(figures)
    number = 0
    while figures.responses < _SYNC_RESPONSES:
        fuzzer.play(f"suite-{number}")
        number += 1
    assert not figures.failures
