"""Adds up the results of runs, for the table at the end of a command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from akeneo_assets.cli.batches import AssetOutcome, BatchFailure, BatchOutcome
from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.objects import OBJECTS
from akeneo_assets.sync.forecast import Forecast, of_plan
from akeneo_assets.sync.results import Outcome, ProblemRow

COLUMNS: Final[tuple[Outcome, ...]] = ("created", "updated", "unchanged", "blocked", "failed")


@dataclass
class Totals:
    """Totals of a command.

    Attributes:
        dry_run: Whether nothing was sent. ``created`` and ``updated`` then count what would be sent.
        counts: Number of records by object and outcome.
        planned: The same for the plans of this command.
        problems: The first records of each run that need attention.
        filtered: Records that the filter of the mapping leaves out.
        zero_price: Records that were due with a price of 0.
        repaired: Records that were sent again because the target of a link now exists.
        left_out: Parts of records that were left out or changed, with the number of records.
        requests: Number of requests to each API.
        throttled_seconds: Time spent waiting for the throttle, summed over all threads.
        runs: Ids of the runs.
        failures: Why runs failed.
        waiting: Records that are failed or blocked after the command, also from earlier runs.
        sent: Number of records that were created or updated; 0 in a dry run.
    """

    dry_run: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in OBJECTS})
    planned: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in OBJECTS})
    problems: list[ProblemRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    read: int = 0
    filtered: int = 0
    zero_price: int = 0
    repaired: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    throttled_seconds: float = 0.0
    runs: list[str] = field(default_factory=list)
    failures: list[BatchFailure] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """Records that were created or updated."""
        return 0 if self.dry_run else sum(count["created"] + count["updated"] for count in self.counts.values())

    @property
    def forecast(self) -> Forecast | None:
        """What the plans meant before anything was sent; None if nothing was planned, or a run failed."""
        return of_plan(self.planned) if any(self.planned.values()) and not self.failures else None

    @property
    def exit_code(self) -> int:
        """The exit code of the command. An outage only counts as one if nothing was sent.

        Failed and blocked records of earlier runs count as well. A dry run counts the records that it finds blocked.
        """
        kinds = {failure.kind for failure in self.failures}
        if "set-up" in kinds:
            return ExitCode.WRONG_SETUP
        if "unexpected" in kinds:
            return ExitCode.UNEXPECTED
        if "outage" in kinds and not self.sent:
            return ExitCode.UNREACHABLE
        unfinished = any(count["blocked"] for count in self.counts.values()) if self.dry_run else self.waiting.total()
        return ExitCode.RECORDS if unfinished or self.failures else ExitCode.DONE

    def add(self, outcome: BatchOutcome) -> None:
        """Add a run."""
        self.runs.append(outcome.run_id)
        if outcome.failure is not None:
            self.failures.append(outcome.failure)
        for asset in outcome.assets:
            self._add(asset)

    def _add(self, asset: AssetOutcome) -> None:
        self.requests["Akeneo"] += asset.metadata.get("requests_akeneo", 0)
        self.requests["iPaaS.com"] += asset.metadata.get("requests_ipaas", 0)
        self.throttled_seconds += asset.metadata.get("throttled_seconds", 0.0)
        if problems := asset.metadata.get("problems"):
            # A blocked record is a problem of its plan and of its delivery.
            known = {(each["record"], each["code"]) for each in self.problems}
            self.problems += [each for each in problems if (each["record"], each["code"]) not in known]
        for row in asset.metadata.get("left_out", ()):
            self.left_out[row["what"]] += int(row["records"])
        if asset.layer == "akeneo":
            self.read += asset.metadata.get("read", 0)
            # Records that could not be read are recorded in the ledger, and iPaaS.com does not have their changes.
            if asset.object_name in self.counts:
                self.counts[asset.object_name]["failed"] += asset.metadata.get("failed", 0)
            return
        self.filtered += asset.metadata.get("filtered", 0)
        self.zero_price += asset.metadata.get("zero_price", 0)
        self.repaired += asset.metadata.get("repaired", 0)
        if asset.layer == "catalog":
            for name in COLUMNS:
                self.planned[asset.object_name][name] += asset.metadata.get(name, 0)
        for name in _counted(asset.layer, dry_run=self.dry_run):
            self.counts[asset.object_name][name] += asset.metadata.get(name, 0)

    def document(self) -> dict[str, Any]:
        """Return the totals as JSON."""
        return {
            "dry_run": self.dry_run,
            "read": self.read,
            "objects": {name: {column: self.counts[name][column] for column in COLUMNS} for name in OBJECTS},
            "filtered": self.filtered,
            "zero_price": self.zero_price,
            "repaired": self.repaired,
            "requests": dict(self.requests),
            "forecast": None if self.forecast is None else asdict(self.forecast),
            "throttled_seconds": round(self.throttled_seconds, 2),
            "waiting": {state: self.waiting[state] for state in ("failed", "blocked")},
            "problems": self.problems,
            "left_out": dict(self.left_out),
            "errors": [failure.message for failure in self.failures],
            "runs": self.runs,
            "exit_code": self.exit_code,
        }


def _counted(layer: str, *, dry_run: bool) -> Iterable[Outcome]:
    """Return the outcomes that a layer counts: a dry run counts planned records, a sync the delivered ones."""
    if layer == "catalog":
        return COLUMNS if dry_run else ("unchanged", "blocked")
    return ("created", "updated", "blocked", "failed")
