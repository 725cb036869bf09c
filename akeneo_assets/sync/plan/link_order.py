"""The order of records that refer to each other, so that few of them have to be sent twice."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from typing import Final

MOST_LEVELS: Final = 50
"""Records of a level wait for those of the level before. A longer chain of links is cut: sending one of its records
twice takes less time than sending all of them one after the other."""


def levels(targets: Sequence[Collection[int]], bundles: Collection[int] = ()) -> list[int]:
    """Return when each record is sent: in level 0, or in a level after those of all its targets.

    If records refer to each other in a ring, one of them is sent in level 0, without the links that close the ring.
    Those with the most links are chosen, because they close the most rings: to choose the fewest is NP-hard.

    Args:
        targets: For each record, the records that it refers to, as positions in this sequence.
        bundles: Records that are chosen only from a ring of bundles, because they should not be sent without their
            components.

    Returns:
        The level of each record.
    """
    first = _ring_closers(targets, frozenset(bundles))
    waits_for = [0 if position in first else len(each) for position, each in enumerate(targets)]
    found = [0] * len(targets)
    sources = _reversed(targets)
    ready = [position for position, count in enumerate(waits_for) if not count]
    while ready:
        position = ready.pop()
        if found[position] > MOST_LEVELS and position not in bundles:
            found[position] = 0
        for source in sources[position]:
            if source in first:
                continue
            found[source] = max(found[source], found[position] + 1)
            waits_for[source] -= 1
            if not waits_for[source]:
                ready.append(source)
    return found


def _ring_closers(targets: Sequence[Collection[int]], bundles: Collection[int]) -> set[int]:
    """Return records without which no ring is left."""
    rings, chosen = _Rings(targets), set[int]()

    def rank(position: int) -> tuple[bool, int, int]:
        return position in bundles, -rings.through(position), position

    queue = [rank(position) for position in range(len(targets)) if rings.left[position]]
    heapq.heapify(queue)
    while queue:
        best = heapq.heappop(queue)
        position = best[-1]
        if not rings.left[position]:
            continue
        now = rank(position)
        if best == now:
            chosen.add(position)
            rings.remove(position)
        else:
            heapq.heappush(queue, now)
    return chosen


class _Rings:
    """The records that may be in a ring: each refers to another one, and another one refers to it."""

    def __init__(self, targets: Sequence[Collection[int]]) -> None:
        self._targets, self._sources = targets, _reversed(targets)
        self._outgoing, self._incoming = [len(each) for each in targets], [len(each) for each in self._sources]
        self.left = [True] * len(targets)
        for position in range(len(targets)):
            if not self.through(position):
                self.remove(position)

    def through(self, position: int) -> int:
        """Return how many paths of two links lead through a record."""
        return self._outgoing[position] * self._incoming[position]

    def remove(self, start: int) -> None:
        """Remove a record, and all that are in no ring without it."""
        removed = [start]
        while removed:
            position = removed.pop()
            if not self.left[position]:
                continue
            self.left[position] = False
            for neighbours, counts in (
                (self._targets[position], self._incoming),
                (self._sources[position], self._outgoing),
            ):
                for each in neighbours:
                    counts[each] -= 1
                    if not counts[each]:
                        removed.append(each)


def _reversed(targets: Sequence[Collection[int]]) -> list[list[int]]:
    sources: list[list[int]] = [[] for _ in targets]
    for position, each in enumerate(targets):
        for target in each:
            sources[target].append(position)
    return sources
