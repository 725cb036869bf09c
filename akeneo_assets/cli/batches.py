"""Executes Dagster jobs from the command line. Each batch is a run, and worker processes execute several at a time."""

from __future__ import annotations

import logging
import os
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final, cast

from typing_extensions import Self

from akeneo_assets.cli.crashes import crash_message
from akeneo_assets.cli.workers import Event, Worker, end_all
from akeneo_assets.errors import ERROR_KIND, AkeneoAssetsError, ErrorKind
from akeneo_assets.http.stopping import StoppedError, stop_if_asked
from akeneo_assets.run_tags import DRY_RUN_TAG, LAUNCHED_BY_TAG, PARTITIONS_TAG
from akeneo_assets.sync.partition_keys import partitions_shown
from akeneo_assets.sync.results import StepReport

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance

# Only the command decides whether a run is repeated.
_NO_RETRIES: Final = {"dagster/max_retries": "0"}
_QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class JobRun:
    """One run to execute.

    Attributes:
        job: Name of the job.
        partition_keys: The partitions: none, one, or several that follow each other in Dagster's order.
        assets: The assets to materialize, as ``layer/object``; empty for all assets of the job.
        config: Run config of the ops.
        tags: Tags of the run.
    """

    job: str
    partition_keys: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.job} {partitions_shown(self.partition_keys)}".rstrip()


@dataclass(frozen=True)
class AssetOutcome:
    """What one asset of a run reported."""

    layer: str
    object_name: str
    metadata: StepReport


_STOPS_ALL: Final[frozenset[ErrorKind]] = frozenset({"set-up", "outage"})
"""Failures that would affect the next run, too."""

_STOPPED: Final = "The command was stopped before this run ended. Nothing is lost: the next sync sends what is left."


@dataclass(frozen=True)
class BatchFailure:
    """Why a run failed."""

    message: str
    kind: ErrorKind

    @property
    def stops_all(self) -> bool:
        """Whether other runs would fail for the same reason."""
        return self.kind in _STOPS_ALL


@dataclass(frozen=True)
class BatchOutcome:
    """What a run did."""

    batch: JobRun
    run_id: str
    assets: tuple[AssetOutcome, ...]
    failure: BatchFailure | None


@dataclass(frozen=True)
class _Task:
    """A batch of a subscription."""

    batch: JobRun
    subscription: str
    tags: Mapping[str, str]


class BatchRunner:
    """Context manager that executes batches in worker processes.

    Args:
        processes: The maximum number of concurrent runs.
        progress: Called with the step, the kind or object, and how many records were just done.
        subscription: The subscription whose jobs are executed.
        dry_run: Tag the runs as dry runs.
    """

    def __init__(
        self, processes: int, progress: Callable[[str, str, int], None], *, subscription: str, dry_run: bool
    ) -> None:
        self._processes = processes
        self._progress = progress
        self._subscription = subscription
        self._tags = {LAUNCHED_BY_TAG: "command line", **({DRY_RUN_TAG: "true"} if dry_run else {})}
        self._workers: list[Worker[_Task, BatchOutcome]] = []

    def run(self, batches: Sequence[JobRun]) -> Iterator[BatchOutcome]:
        """Execute batches that do not depend on each other, and yield each outcome as soon as it is known.

        No further batch is started after a wrong setup or an outage, because it would fail for the same reason.
        """
        waiting = deque(batches)
        while True:
            for worker in self._idle(len(waiting)):
                worker.start(_Task(waiting.popleft(), self._subscription, self._tags), str(uuid.uuid4()))
            busy = {worker.connection: worker for worker in self._workers if worker.task is not None}
            if not busy:
                return
            for ready in wait(list(busy)):
                outcome = self._outcome(busy[cast("Connection", ready)])
                if outcome is not None:
                    if outcome.failure is not None and outcome.failure.stops_all:
                        waiting.clear()
                    yield outcome

    def close(self) -> None:
        """End the workers. Unfinished runs finish their current records and are marked as failed."""
        unfinished = {worker.run_id: _STOPPED for worker in self._workers if worker.task is not None}
        try:
            end_all(self._workers)
        finally:
            self._workers = []
            _end_runs(unfinished)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _idle(self, wanted: int) -> list[Worker[_Task, BatchOutcome]]:
        self._workers = [worker for worker in self._workers if worker.is_alive]
        idle = [worker for worker in self._workers if worker.task is None][:wanted]
        while len(idle) < wanted and len(self._workers) < self._processes:
            worker: Worker[_Task, BatchOutcome] = Worker(execute_all)
            self._workers.append(worker)
            idle.append(worker)
        return idle

    def _outcome(self, worker: Worker[_Task, BatchOutcome]) -> BatchOutcome | None:
        """Return the outcome that a worker reported; None if it reported progress."""
        if worker.task is None:
            raise AssertionError("an idle worker sent a message")
        batch = worker.task.batch
        try:
            message = worker.receive()
        except EOFError:
            reason = f"{batch}: {worker.death_message()}"
            self._workers.remove(worker)
            _end_runs({worker.run_id: reason})
            return BatchOutcome(batch, worker.run_id, (), BatchFailure(reason, "other"))
        if isinstance(message, BatchOutcome):
            return message
        self._progress(*message)
        return None


def _end_runs(reasons: Mapping[str, str]) -> None:
    """Mark runs as failed whose process ended before they were finished."""
    from akeneo_assets.cli.instance import open_instance

    if not reasons:
        return
    with open_instance() as instance:
        for run_id, reason in reasons.items():
            run = instance.get_run_by_id(run_id)
            if run is not None and not run.is_finished:
                instance.report_run_failed(run, reason)


# In the worker


def execute_all(tasks: Iterator[tuple[_Task, str]], report: Callable[[Event | BatchOutcome], None]) -> None:
    """Execute batches as they arrive, each as the run with the given id.

    Args:
        tasks: The batches with their run ids.
        report: Reports progress and outcomes to the command.
    """
    from akeneo_assets.cli.instance import open_instance
    from akeneo_assets.dagster_history.event_log import BATCH_SETTING, BATCH_SIZE
    from akeneo_assets.settings import instance_folder
    from akeneo_assets.store.failures import history_as_state_errors
    from akeneo_assets.sync.progress import watch_progress

    def watch(step: str, subject: str, records: int) -> None:
        report((step, subject, records))
        stop_if_asked()

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    os.environ.setdefault(BATCH_SETTING, str(BATCH_SIZE))
    with ExitStack() as cleanup:
        # Opened once for all batches of this process, because Dagster checks its databases each time.
        instance = None
        for task, run_id in tasks:
            batch = task.batch
            try:
                instance = instance or cleanup.enter_context(open_instance())
                with watch_progress(watch), history_as_state_errors(instance_folder()):
                    outcome = _execute(task, run_id, instance)
            except StoppedError:
                return
            except AkeneoAssetsError as error:
                outcome = BatchOutcome(batch, run_id, (), BatchFailure(str(error), error.kind))
            except Exception as error:  # noqa: BLE001 - the last resort
                outcome = BatchOutcome(batch, run_id, (), BatchFailure(crash_message(error), "unexpected"))
            report(outcome)


def _execute(task: _Task, run_id: str, instance: DagsterInstance) -> BatchOutcome:
    from dagster._core.definitions.job_base import InMemoryJob
    from dagster._core.execution.api import execute_run_iterator
    from dagster._core.execution.execute_in_process import merge_run_tags
    from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
    from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

    from akeneo_assets.cli.subscriptions import project_of

    batch, project = task.batch, project_of(task.subscription)
    name = project.names.scoped(batch.job)
    job = project.repository.get_job(name)
    selection = {project.names.key(*asset.split("/")) for asset in batch.assets}
    config = {**_QUIET, "ops": dict(batch.config)}
    tags = {**_NO_RETRIES, **task.tags, **batch.tags}
    only = batch.partition_keys[0] if len(batch.partition_keys) == 1 else None
    if len(batch.partition_keys) > 1:
        tags[ASSET_PARTITION_RANGE_START_TAG] = batch.partition_keys[0]
        tags[ASSET_PARTITION_RANGE_END_TAG] = batch.partition_keys[-1]
        tags[PARTITIONS_TAG] = partitions_shown(batch.partition_keys)
    # Not `execute_in_process`, whose runs belong to no code location: the UI could neither list them on the page of
    # the job nor re-execute them.
    run = instance.create_run_for_job(
        job_def=job.get_subset(asset_selection=selection) if selection else job,
        run_id=run_id,
        run_config=config,
        tags=merge_run_tags(job, only, tags, list(selection), instance, config),
        asset_selection=selection or None,
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(project.origin, project.repository.name), name),
    )
    events = list(execute_run_iterator(InMemoryJob(job), run, instance))
    return BatchOutcome(batch, run_id, tuple(_assets(events)), _failure(events, run_id))


def _assets(events: Sequence[DagsterEvent]) -> Iterator[AssetOutcome]:
    for event in events:
        data: Any = event.event_specific_data
        report = getattr(data, "materialization", None) or getattr(data, "asset_observation", None)
        if report is not None:
            layer, object_name = report.asset_key.path[-2:]
            yield AssetOutcome(layer, object_name, _plain(report.metadata))


def _plain(metadata: Mapping[str, Any]) -> StepReport:
    """Return the values of the metadata that :meth:`StepResult.report` gave it."""
    named = {name: metadata[name] for name in StepReport.__annotations__ if name in metadata}
    plain = {
        name: [dict(record.data) for record in value.records] if hasattr(value, "records") else value.value
        for name, value in named.items()
    }
    return cast("StepReport", plain)


def _failure(events: Sequence[DagsterEvent], run_id: str) -> BatchFailure | None:
    if any(event.is_job_success for event in events):
        return None
    for event in events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None and error.cause is not None and error.cls_name != "Failure":
            error = error.cause
        if error is None:
            continue
        message = str(error.message).strip().removeprefix("dagster._core.definitions.events.Failure: ")
        failure = getattr(event.event_specific_data, "user_failure_data", None)
        if failure is not None:
            kind = failure.metadata.get(ERROR_KIND)
            return BatchFailure(message, kind.value if kind is not None else "other")
        if error.cls_name != "DagsterExecutionInterruptedError":
            return BatchFailure(f"{message} See the log of run {run_id} in the Dagster UI.", "unexpected")
    return BatchFailure("The run was stopped. See its log in the Dagster UI.", "other")
