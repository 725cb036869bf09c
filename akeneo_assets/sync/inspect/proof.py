"""Proves that both catalogues agree: reconciles counts, and reads a sample of records back from iPaaS.com."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.lag import lag
from akeneo_assets.sync.inspect.reconcile import Counts, LinkCounts, reconcile, reconcile_links
from akeneo_assets.sync.inspect.verify import ReadBack, Verifier

_SETTLED: Final = ("sent", "filtered", "part")
"""The states of records that are in iPaaS.com as in Akeneo, or deliberately not."""

_SHARE: Final = 100
_OTHER_REQUESTS: Final = 8
_FEWEST: Final = 5


@dataclass(frozen=True)
class Proof:
    """How both catalogues compare.

    Attributes:
        counts: The counts of each kind of record.
        links: The counts of external ids.
        read: What was read back.
        oldest_edit_seconds: Age of the longest waiting edit; None if none waits.
    """

    counts: list[Counts]
    links: list[LinkCounts]
    read: ReadBack
    oldest_edit_seconds: float | None

    @property
    def adds_up(self) -> bool:
        """Whether no record is missing on the way: each was sent, filtered, blocked or failed."""
        return all(each.adds_up for each in self.counts)

    @property
    def holds(self) -> bool:
        """Whether iPaaS.com has what it accepted: the same number of external ids, and no record that differs."""
        return not self.read.differ and all(each.agree for each in self.links)

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return sentence(self.counts, self.read.records, len(self.read.differ), self.oldest_edit_seconds)


def sentence(counts: Iterable[Counts], read_back: int, differ: int, oldest: float | None) -> str:
    """Return the result of a comparison, e.g. that 12,431 of 12,431 agree; 100 read back, 0 differ."""
    counts = list(counts)
    settled = sum(count for each in counts for state, count in each.states.items() if state in _SETTLED)
    waiting = "no edit is waiting" if oldest is None else f"oldest edit waiting {oldest:,.0f} s"
    listed = sum(each.mirror if each.akeneo is None else each.akeneo for each in counts)
    agree = f"{settled:,} of {listed:,} agree"
    if any(each.akeneo is None for each in counts):
        agree = f"{agree}, as far as is known: Akeneo does not tell how many records it has"
    return f"{agree}; {read_back:,} read back, {differ:,} differ; {waiting}."


def sample_size(records: int, largest: int) -> int:
    """Return how many records to read back, so that all requests are at most one percent of those of a full load.

    Args:
        records: How many records were delivered, without variants, which are sent with their product model. A full
            load needs at least one request for each.
        largest: The most records that the settings allow.
    """
    return min(largest, max(_FEWEST, records // _SHARE - _OTHER_REQUESTS))


def prove(engine: Engine, *, size: int, seed: str, repair: bool) -> Proof:
    """Compare both catalogues.

    Args:
        engine: The engine of the run.
        size: How many records to read back, one request for each.
        seed: Chooses them; the same seed chooses the same.
        repair: Make records that differ due, and only them.

    Raises:
        AccessDeniedError: A list or a record may not be read.
        TransientError: A side cannot be reached.
    """
    counts, links = reconcile(engine), reconcile_links(engine)
    verifier = Verifier(engine.store, engine.ipaas, engine.settings.ipaas_subscription_id)
    found = ReadBack()

    def add(page: ReadBack, _: tuple[str, str]) -> None:
        found.records += page.records
        found.skipped += page.skipped
        found.differ += page.differ
        if repair:
            verifier.repair(page.differ)

    verifier.read_back(verifier.sample(size, seed), add)
    return Proof(counts, links, found, lag(engine.store).oldest_edit_seconds)
