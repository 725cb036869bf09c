"""Combines the batches of a phase into few runs, because a run costs Dagster as much as a few hundred records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from akeneo_assets.sync.batches import Batch

RUNS_PER_PROCESS: Final = 3
"""Runs of a phase for each process that executes them, so that one run can read while another one sends."""

LARGEST: Final = 100
"""The most partitions of a run. If a run fails, its partitions are synced again, each by itself."""

_PARTITION: Final = 100
"""What a partition costs besides its records, in records."""

_RUN: Final = 500
"""What a run costs besides its partitions, in records."""


def grouped(
    batches: Sequence[Batch], order: Sequence[str], records: Mapping[str, int], *, processes: int
) -> list[tuple[Batch, ...]]:
    """Return batches in groups of which each is one run. The groups with the most records come first.

    The batches of a group do the same with partitions that follow each other in ``order``, because the partitions of a
    Dagster run are a range. While no sizes are known, the first runs have one partition each, so that sending starts
    soon.

    Args:
        batches: The batches of a phase.
        order: All partition keys, in Dagster's order.
        records: Partition key → its number of records, as far as they are known.
        processes: How many runs are executed at the same time.
    """

    def cost(group: Sequence[Batch]) -> int:
        # Reading and planning look at all records of a partition, but delivering only at the planned ones.
        looks = (batch for batch in group if batch.reads or batch.plans)
        return _PARTITION * len(group) + sum(records.get(batch.partition_key or "", 0) for batch in looks)

    share = cost(batches) / processes
    most = math.ceil(max(share / RUNS_PER_PROCESS, min(share, _RUN)))
    groups: list[list[Batch]] = []
    for batch, follows in _in_order(batches, order):
        is_first = batch.reads and not records and len(groups) <= processes
        if follows and not is_first and len(groups[-1]) < LARGEST and cost([*groups[-1], batch]) <= most:
            groups[-1].append(batch)
        else:
            groups.append([batch])
    return sorted(map(tuple, groups), key=cost, reverse=True)


def _in_order(batches: Sequence[Batch], order: Sequence[str]) -> Iterator[tuple[Batch, bool]]:
    """Yield the batches in the order of their partitions, each with whether a run of the one before can continue it."""
    places = {key: place for place, key in enumerate(order)}
    before: tuple[Batch, int] | None = None
    for batch in sorted(batches, key=lambda each: places.get(each.partition_key or "", -1)):
        place = places.get(batch.partition_key or "")
        does = replace(batch, partition_key=None)
        yield batch, place is not None and before == (does, place - 1)
        before = None if place is None else (does, place)
