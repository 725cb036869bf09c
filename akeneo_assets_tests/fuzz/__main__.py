"""Test many changed responses and print the results: ``python -m akeneo_assets_tests.fuzz [RESPONSES] [SEED]``.

A failure shows the seed of its case, such as ``4711-12``. With this SEED, only that case is run again.
"""

# ruff: noqa: T201  (it prints)

from __future__ import annotations

import random
import resource
import sys
import time

from akeneo_assets_tests.fuzz.calls import CallFuzzer, Figures
from akeneo_assets_tests.fuzz.syncs import SyncFuzzer

_SYNC_SHARE = 0.01


def main() -> int:
    """Return the exit code: 1 if anything was wrong."""
    responses = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.SystemRandom().randrange(10**6))
    print(f"seed {seed}", flush=True)
    started = time.monotonic()
    calls, loads = Figures(), Figures()
    with CallFuzzer(calls) as fuzzer:
        number = _play(fuzzer, calls, seed, responses - int(responses * _SYNC_SHARE))
    plays = _play(SyncFuzzer(loads), loads, seed, int(responses * _SYNC_SHARE))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{calls.responses} changed responses in {number} calls, {loads.responses} in {plays} loads")
    print(f"{time.monotonic() - started:.0f} s, {peak} MB at most")
    for title, counted in (
        ("calls ended in", calls.outcomes),
        ("steps of loads ended in", loads.outcomes),
        ("changed responses by kind", calls.by_mutation + loads.by_mutation),
    ):
        print(f"\n{title}")
        for name, count in counted.most_common():
            print(f"{count:8}  {name}")
    failures = calls.failures + loads.failures
    print(f"\n{len(failures)} failures")
    for failure in failures[:20]:
        print(f"\n{failure[:4_000]}")
    return 1 if failures else 0


def _play(fuzzer: CallFuzzer | SyncFuzzer, figures: Figures, seed: str, responses: int) -> int:
    if "-" in seed:
        fuzzer.play(seed)
        return 1
    number = 0
    while figures.responses < responses:
        fuzzer.play(f"{seed}-{number}")
        number += 1
    return number


if __name__ == "__main__":
    sys.exit(main())
