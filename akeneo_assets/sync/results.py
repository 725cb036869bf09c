"""The results of a step: counts, and the records that need attention."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

from akeneo_assets.http.statistics import RequestCounts
from akeneo_assets.sync.objects import ObjectName

Outcome = Literal[
    "read",
    "created",
    "updated",
    "unchanged",
    "blocked",
    "failed",
    "filtered",
    "zero_price",
    "adopted",
    "reactivated",
    "repaired",
]

ATTENTION_LIMIT: Final = 20
"""How many problems the metadata of a materialization shows. The ledger contains all of them."""


@dataclass(frozen=True)
class Attention:
    """A record that was not sent, or was sent without some of its parts."""

    kind: str
    key: str
    code: str
    message: str


@dataclass
class StepResult:
    """Counts of one step of one object.

    Attributes:
        counts: Records by outcome. ``adopted`` and ``reactivated`` records are also counted as updated. ``zero_price``
            counts the planned records whose price is 0.
        reasons: Planned records by reason (``new``, ``value changed``, …).
        attention: The first problems, at most :data:`ATTENTION_LIMIT`.
        warnings: How many records had a part left out or changed, by message.
        window: Start and end of the window of changes that was read, in epoch seconds of Akeneo's clock.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    attention: list[Attention] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    window: tuple[float, float] | None = None

    def summary(self) -> str:
        """Return the counts as a phrase, e.g. ``3 created, 12 unchanged``."""
        return ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items() if count) or "nothing to do"

    def note(self, kind: str, key: str, code: str, message: str) -> None:
        """Add a problem to the list, unless the list is full."""
        if len(self.attention) < ATTENTION_LIMIT:
            self.attention.append(Attention(kind, key, code, message))

    def add(self, other: StepResult) -> None:
        """Add the numbers of ``other`` to this result."""
        self.counts.update(other.counts)
        self.reasons.update(other.reasons)
        self.warnings.update(other.warnings)
        self.attention.extend(other.attention[: ATTENTION_LIMIT - len(self.attention)])


@dataclass(frozen=True)
class Took:
    """The duration and the requests of a step.

    Attributes:
        seconds: How long it took.
        requests: The requests it sent, and how long it waited for the throttle.
    """

    seconds: float
    requests: RequestCounts


@dataclass
class RecordsResult:
    """What the sync of named records did.

    Attributes:
        missing: Ids that Akeneo does not have.
        planned: Results of the plans, by object.
        delivered: Results of the deliveries, by object; empty for a dry run.
    """

    missing: list[str] = field(default_factory=list)
    planned: dict[ObjectName, StepResult] = field(default_factory=dict)
    delivered: dict[ObjectName, StepResult] = field(default_factory=dict)
