"""What the sensors look up in Dagster's run history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from typing import Final

import dagster as dg
from pydantic import BaseModel, ValidationError
from typing_extensions import Self

from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.sync.batches import JobName

HIGH_PRIORITY: Final = {"dagster/priority": "1"}
"""New edits take priority in the queue over families that are re-mapped or loaded."""

_READING_JOBS: Final[frozenset[JobName]] = frozenset({"changes", "full_load", "categories"})
_DELIVERING_JOB: Final[JobName] = "deliver_due"

_IN_PROGRESS: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_LATEST: Final = 500
_FIRST_PAUSE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 1800.0


def is_in_progress(runs: OwnRuns, jobs: Iterable[str]) -> bool:
    """Whether a run of one of these jobs is queued or executing."""
    return any(next(runs.of_job(job, _IN_PROGRESS), None) for job in sorted(jobs))


def latest_failure(runs: OwnRuns, jobs: Iterable[str]) -> dg.RunRecord | None:
    """Return the latest failed run of these jobs that was not followed by another run of the same job."""
    latest = [record for job in jobs for record in islice(runs.of_job(job), 1)]
    failed = [record for record in latest if record.dagster_run.status == dg.DagsterRunStatus.FAILURE]
    return max(failed, key=lambda record: record.storage_id, default=None)


@dataclass(frozen=True)
class FailedPartition:
    """A partition whose latest runs failed.

    Attributes:
        key: Its key.
        failures: How many failed in a row.
        delivery_only: Whether only runs that deliver without reading failed.
        not_before: When it may be retried, in epoch seconds.
    """

    key: str
    failures: int
    delivery_only: bool
    not_before: float


def failed_partitions(runs: OwnRuns) -> list[FailedPartition]:
    """Return the failed partitions among the latest 500 runs."""
    by_key: dict[str, list[dg.RunRecord]] = {}
    for record in islice(runs.of_partitions(), _LATEST):
        for key in runs.partitions_of(record.dagster_run):
            by_key.setdefault(key, []).append(record)
    names = runs.names
    found = (
        _failed_partition(
            key,
            records,
            reading={names.scoped(job) for job in _READING_JOBS},
            delivering=names.scoped(_DELIVERING_JOB),
        )
        for key, records in by_key.items()
    )
    return [partition for partition in found if partition is not None]


def _failed_partition(
    key: str, latest_first: Sequence[dg.RunRecord], *, reading: Collection[str], delivering: str
) -> FailedPartition | None:
    failed: list[dg.RunRecord] = []
    is_delivered = False
    for record in latest_first:
        run = record.dagster_run
        if run.status == dg.DagsterRunStatus.SUCCESS:
            if run.job_name in reading:
                break
            is_delivered = True
        elif run.status != dg.DagsterRunStatus.FAILURE:
            break  # in progress or canceled
        elif not (is_delivered and run.job_name == delivering):
            failed.append(record)
    if not failed:
        return None
    ended = max(record.end_time or record.create_timestamp.timestamp() for record in failed)
    return FailedPartition(
        key,
        failures=len(failed),
        delivery_only=all(record.dagster_run.job_name == delivering for record in failed),
        not_before=ended + pause_seconds(len(failed)),
    )


def pause_seconds(times: int) -> float:
    """Return the pause after this many failures in a row: one minute, doubled each time, at most half an hour."""
    return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(times - 1, 10), _LONGEST_PAUSE_SECONDS)


def is_over(not_before: float, now: float) -> bool:
    """Whether a pause is over. A pause of more than half an hour began while the clock was ahead, and is ignored.

    Args:
        not_before: The end of the pause, in epoch seconds.
        now: The current time, in epoch seconds.
    """
    return not now < not_before <= now + _LONGEST_PAUSE_SECONDS


class BackOffCursor(BaseModel):
    """A sensor's cursor, which contains only the back-off. The work itself is in the database, so losing it is safe."""

    version: int = 1
    failure: int = 0
    """Storage id of the latest failed run that was counted."""
    failures: int = 0
    not_before: float = 0.0

    @classmethod
    def parse(cls, cursor: str | None) -> Self:
        """Parse a cursor. An invalid one is replaced by a new one."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()

    def after(self, failure: dg.RunRecord | None, now: float) -> Self:
        """Return the cursor updated with the latest failure. Each further failure doubles the pause."""
        if failure is None:
            return self.model_copy(update={"failures": 0, "not_before": 0.0})
        if failure.storage_id <= self.failure:
            return self
        failures = self.failures + 1
        changed = {"failure": failure.storage_id, "failures": failures, "not_before": now + pause_seconds(failures)}
        return self.model_copy(update=changed)

    def skip_reason(self, now: float) -> dg.SkipReason | None:
        """Return why nothing is requested yet; None if the pause is over."""
        if is_over(self.not_before, now):
            return None
        following = datetime.fromtimestamp(self.not_before, timezone.utc)
        times = "time" if self.failures == 1 else "times"
        return dg.SkipReason(
            f"The last run failed ({self.failures} {times} in a row). The next retry is at {following:%H:%M:%S} UTC. "
            "For the error, see the page of the run."
        )
