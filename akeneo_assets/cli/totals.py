"""Add up what runs reported, for the table at the end of a command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from akeneo_assets.cli.batches import AssetOutcome, BatchFailure, BatchOutcome
from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.objects import OBJECTS
from akeneo_assets.sync.results import Outcome, ProblemRow

COLUMNS: Final[tuple[Outcome, ...]] = ("created", "updated", "unchanged", "blocked", "failed")


@dataclass
class Totals:
    """Totals of a command.

    Attributes:
        dry_run: Only planned: ``created`` and ``updated`` are what would be sent.
        counts: By object, records by outcome.
        problems: Records that need attention, the first of every run.
        filtered: Records that the filter of the mapping leaves out.
        zero_price: Records that were due with a price of 0.
        repaired: Records that were sent again with a link whose target has come.
        left_out: Parts that were left out of records, with how many records.
        requests: Sent to each side.
        throttled_seconds: Waited for the throttle, added up over threads.
        runs: Ids of the runs.
        failures: Runs that could not be carried out.
        waiting: Records that are failed or blocked after the command, also from earlier runs.
        sent: Whether any record was sent.
    """

    dry_run: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in OBJECTS})
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
    def exit_code(self) -> int:
        """How the command ends; an outage counts as one only while nothing was sent.

        The state decides, whichever run left a record behind. A dry run sends nothing: it tells what it would leave.
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
        self.problems.extend(asset.metadata.get("problems", ()))
        for row in asset.metadata.get("left_out", ()):
            self.left_out[row["what"]] += int(row["records"])
        if asset.layer == "akeneo":
            self.read += asset.metadata.get("read", 0)
            # Named records that cannot be read are in the ledger; all of them are missing at iPaaS.com.
            if asset.object_name in self.counts:
                self.counts[asset.object_name]["failed"] += asset.metadata.get("failed", 0)
            return
        self.filtered += asset.metadata.get("filtered", 0)
        self.zero_price += asset.metadata.get("zero_price", 0)
        self.repaired += asset.metadata.get("repaired", 0)
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
            "throttled_seconds": round(self.throttled_seconds, 2),
            "waiting": {state: self.waiting[state] for state in ("failed", "blocked")},
            "problems": self.problems,
            "left_out": dict(self.left_out),
            "errors": [failure.message for failure in self.failures],
            "runs": self.runs,
            "exit_code": self.exit_code,
        }


def _counted(layer: str, *, dry_run: bool) -> Iterable[Outcome]:
    """Return the outcomes that are taken from a layer: what is due is known to the plan, what went to the delivery."""
    if layer == "catalog":
        return COLUMNS if dry_run else ("unchanged", "blocked")
    return ("created", "updated", "blocked", "failed")
