"""The results of a step: counts, the records that need attention, and the report of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Annotated, Final, Literal, TypedDict

from akeneo_assets.http.statistics import RequestCounts
from akeneo_assets.objects import ObjectName
from akeneo_assets.store.records import MergeCounts
from akeneo_assets.sync.batches import Layer

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

PROBLEM_LIMIT: Final = 20
"""How many problems the metadata of a materialization shows. The ledger contains all of them."""


_ALWAYS: Final[Mapping[Layer, tuple[Outcome, ...]]] = {
    "akeneo": ("read", "created", "updated", "unchanged", "blocked"),
    "catalog": ("created", "updated", "unchanged", "blocked"),
    "ipaas": ("created", "updated", "blocked", "failed"),
}
"""Counts that a layer reports even when they are 0, so that they are plotted over time without gaps."""

_MINUTE: Final = 60.0

_LEFT_OUT: Final = 20
"""Kinds of parts that were left out, at most, in a report."""

ProblemRow = TypedDict("ProblemRow", {"record": str, "code": str, "what to do": str})
"""A record that needs attention."""


class LeftOutRow(TypedDict):
    """A part that was left out of records, and of how many."""

    what: str
    records: str


class StepReport(TypedDict, total=False):
    """What a step did and what it cost, as plain values.

    The keys are those of the metadata that Dagster stores and plots, and that the command line adds up. The
    documentation lists them with their meanings.
    """

    requests_akeneo: Annotated[int, "Requests to Akeneo."]
    requests_ipaas: Annotated[int, "Requests to iPaaS.com."]
    requests_forecast: Annotated[int, "About how many requests to iPaaS.com the plan needs."]
    requests_repeated: Annotated[int, "Requests that failed and were sent again."]
    requests_a_minute: Annotated[
        float, "Requests a minute to Akeneo (`akeneo/*`) or iPaaS.com (`ipaas/*`), on average."
    ]
    requests_a_minute_allowed: Annotated[float, "How many the throttle allows, for all runs together."]
    throttled_seconds: Annotated[float, "Seconds spent waiting for the throttle, summed over all threads."]
    seconds: Annotated[float, "Duration of the step in seconds."]
    records_expected: Annotated[int, "Records in the plan when the delivery began, except for held ones."]
    records_done: Annotated[int, "How many of them were sent, or could not be sent. The others are still planned."]
    minutes_left: Annotated[float, "About how long the delivery still takes. Observed once a minute while it works."]
    read: Annotated[int, "Records that Akeneo listed."]
    created: Annotated[
        int, "Records that are new: in the mirror (`akeneo/*`), in the plan (`catalog/*`), in iPaaS.com (`ipaas/*`)."
    ]
    updated: Annotated[int, "The same for records that changed."]
    unchanged: Annotated[int, "Records for which nothing has to be done."]
    blocked: Annotated[int, "Records that cannot be sent as they are in Akeneo. The table *problems* says why."]
    failed: Annotated[int, "Records that could not be read, or that iPaaS.com did not accept. They are retried."]
    filtered: Annotated[int, "Records that the filter of the mapping file leaves out."]
    zero_price: Annotated[int, "Planned records whose price is 0."]
    adopted: Annotated[int, "Updated records that were found in iPaaS.com by their SKU and linked."]
    reactivated: Annotated[int, "Updated records that were inactive in iPaaS.com."]
    repaired: Annotated[int, "Records that were sent again, because the target of a link now exists."]
    window: Annotated[str, "From when to when changes were read, by Akeneo's clock."]
    forecast: Annotated[str, "What a first load of the catalogue needs (`akeneo/structure`)."]
    reasons: Annotated[dict[str, int], "Why records are planned → how many."]
    problems: Annotated[list[ProblemRow], "What is open now: the record, why, and what to do."]
    left_out: Annotated[list[LeftOutRow], "Parts of records that were left out or changed, and of how many records."]
    plan: Annotated[list[dict[str, str]], "Examples of planned records, some for each reason."]


@dataclass(frozen=True)
class Problem:
    """A record that was not sent, or was sent without some of its parts."""

    kind: str
    key: str
    code: str
    message: str


@dataclass(frozen=True)
class Usage:
    """The duration and the requests of a step.

    Attributes:
        seconds: How long it took.
        requests: The requests it sent, and how long it waited for the throttle.
        allowed_a_minute: Requests a minute that the throttle allows, by API.
    """

    seconds: float
    requests: RequestCounts
    allowed_a_minute: Mapping[str, float]


@dataclass(frozen=True)
class RecordProgress:
    """How far a delivery came.

    Attributes:
        done: Records that were sent or could not be sent.
        expected: Records that were planned when it began.
        minutes_left: About how long it still takes; None if it ended.
    """

    done: int
    expected: int
    minutes_left: float | None = None

    @classmethod
    def of(cls, counts: Mapping[Outcome, int], expected: int) -> RecordProgress:
        """Return the progress of a delivery.

        Args:
            counts: Its records by outcome.
            expected: Records that were planned when it began.
        """
        return cls(sum(counts.get(outcome, 0) for outcome in _ALWAYS["ipaas"]), expected)

    def report(self, layer: Layer, usage: Usage) -> StepReport:
        """Return what a run reports of the progress.

        Args:
            layer: The layer of the step.
            usage: What the step cost up to now.
        """
        report = StepReport(records_expected=self.expected, records_done=self.done, **_rates(layer, usage))
        if self.minutes_left is not None:
            report["minutes_left"] = round(self.minutes_left, 1)
        return report


@dataclass
class StepResult:
    """Counts of one step of one object.

    Attributes:
        counts: Records by outcome. ``adopted`` and ``reactivated`` records are also counted as updated. ``zero_price``
            counts the planned records whose price is 0.
        reasons: Planned records by reason (``new``, ``value changed``, …).
        problems: The first problems, at most :data:`PROBLEM_LIMIT`.
        warnings: How many records had a part left out or changed, by message.
        progress: Records done of records expected, for a delivery.
        window: Start and end of the window of changes that was read, in epoch seconds of Akeneo's clock.
        requests_forecast: About how many requests to iPaaS.com the plan needs, as it was before the delivery.
        forecast: What a first load needs, in words.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    progress: RecordProgress | None = None
    window: tuple[float, float] | None = None
    requests_forecast: int | None = None
    forecast: str | None = None

    @classmethod
    def of_merge(cls, counts: MergeCounts) -> StepResult:
        """Return the result of a step that merged records into the mirror."""
        merged: dict[Outcome, int] = {
            "read": counts.read,
            "created": counts.created,
            "updated": counts.changed,
            "unchanged": counts.unchanged,
        }
        return cls(counts=Counter(merged))

    def summary(self) -> str:
        """Return the counts as a phrase, e.g. ``3 created, 12 unchanged``."""
        return ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items() if count) or "nothing to do"

    def report(self, layer: Layer, usage: Usage, examples: Sequence[dict[str, str]] = ()) -> StepReport:
        """Return what a run reports of the step.

        Args:
            layer: The layer of the step. What is always 0 in a layer is left out.
            usage: What it cost.
            examples: Rows of the plan.
        """
        report = _cost(layer, usage, self.progress)
        counts = {outcome: self.counts[outcome] for outcome in _ALWAYS[layer]}
        for outcome, count in {**counts, **self.counts}.items():
            if count or outcome in counts:
                report[outcome] = count
        if self.window is not None:
            report["window"] = " to ".join(map(_moment, self.window))
        if self.requests_forecast is not None:
            report["requests_forecast"] = self.requests_forecast
        if self.forecast is not None:
            report["forecast"] = self.forecast
        if self.reasons:
            report["reasons"] = dict(self.reasons.most_common())
        if self.problems:
            report["problems"] = [
                {"record": f"{each.kind} {each.key}", "code": each.code, "what to do": each.message}
                for each in self.problems
            ]
        if self.warnings:
            report["left_out"] = [
                {"what": what, "records": str(count)} for what, count in self.warnings.most_common(_LEFT_OUT)
            ]
        if examples:
            report["plan"] = list(examples)
        return report

    def add_problem(self, kind: str, key: str, code: str, message: str) -> None:
        """Add a problem to the list, unless the list is full."""
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(Problem(kind, key, code, message))

    def add(self, other: StepResult) -> None:
        """Add the numbers of ``other`` to this result."""
        self.counts.update(other.counts)
        self.reasons.update(other.reasons)
        self.warnings.update(other.warnings)
        self.problems.extend(other.problems[: PROBLEM_LIMIT - len(self.problems)])


def _cost(layer: Layer, usage: Usage, progress: RecordProgress | None) -> StepReport:
    """Return the duration, the requests and the progress of a step."""
    requests = usage.requests
    report = StepReport(seconds=round(usage.seconds, 2), **_rates(layer, usage))
    if progress is not None:
        report.update(progress.report(layer, usage))
    if layer == "akeneo" or requests.total("akeneo"):
        report["requests_akeneo"] = requests.total("akeneo")
    if layer == "ipaas" or requests.total("ipaas"):
        report["requests_ipaas"] = requests.total("ipaas")
    if layer != "catalog":
        report["requests_repeated"] = requests.retries
        report["throttled_seconds"] = round(requests.throttled_seconds, 2)
    return report


def _rates(layer: Layer, usage: Usage) -> StepReport:
    """Return the requests a minute of a step, and how many are allowed."""
    if layer == "catalog" or not usage.seconds:
        return StepReport()
    return StepReport(
        requests_a_minute=round(usage.requests.total(layer) / usage.seconds * _MINUTE, 1),
        requests_a_minute_allowed=round(usage.allowed_a_minute[layer], 1),
    )


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


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
