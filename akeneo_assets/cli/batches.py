"""Executes Dagster jobs from the command line. Each batch is a run, and worker processes execute several at a time."""

from __future__ import annotations

import logging
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
from akeneo_assets.sync.results import StepReport

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

_QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class JobRun:
    """One run to execute.

    Attributes:
        job: Name of the job.
        partition_key: The partition; None if the job has none.
        assets: The assets to materialize, as ``layer/object``; empty for all assets of the job.
        config: Run config of the ops.
    """

    job: str
    partition_key: str | None = None
    assets: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.job} {self.partition_key}" if self.partition_key else self.job


@dataclass(frozen=True)
class AssetOutcome:
    """What one asset of a run reported."""

    layer: str
    object_name: str
    metadata: StepReport


_STOPS_ALL: Final[frozenset[ErrorKind]] = frozenset({"set-up", "outage"})
"""Failures that would affect the next batch, too."""

_STOPPED: Final = "The command was stopped before this run ended. Nothing is lost: the next sync sends what is left."


@dataclass(frozen=True)
class BatchFailure:
    """Why a run failed."""

    message: str
    kind: ErrorKind


@dataclass(frozen=True)
class BatchOutcome:
    """What a run did."""

    batch: JobRun
    run_id: str
    assets: tuple[AssetOutcome, ...]
    failure: BatchFailure | None


class BatchRunner:
    """Context manager that executes batches in worker processes.

    Args:
        processes: The maximum number of concurrent runs.
        progress: Called with the step, the kind or object, and how many records were just done.
    """

    def __init__(self, processes: int, progress: Callable[[str, str, int], None]) -> None:
        self._processes = processes
        self._progress = progress
        self._workers: list[Worker[JobRun, BatchOutcome]] = []

    def run(self, batches: Sequence[JobRun]) -> Iterator[BatchOutcome]:
        """Execute batches that do not depend on each other, and yield each outcome as soon as it is known.

        No further batch is started after a wrong setup or an outage, because it would fail for the same reason.
        """
        waiting = deque(batches)
        while True:
            for worker in self._idle(len(waiting)):
                worker.start(waiting.popleft(), str(uuid.uuid4()))
            busy = {worker.connection: worker for worker in self._workers if worker.task is not None}
            if not busy:
                return
            for ready in wait(list(busy)):
                outcome = self._outcome(busy[cast("Connection", ready)])
                if outcome is not None:
                    if outcome.failure is not None and outcome.failure.kind in _STOPS_ALL:
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

    def _idle(self, wanted: int) -> list[Worker[JobRun, BatchOutcome]]:
        self._workers = [worker for worker in self._workers if worker.is_alive]
        idle = [worker for worker in self._workers if worker.task is None][:wanted]
        while len(idle) < wanted and len(self._workers) < self._processes:
            worker: Worker[JobRun, BatchOutcome] = Worker(execute_all)
            self._workers.append(worker)
            idle.append(worker)
        return idle

    def _outcome(self, worker: Worker[JobRun, BatchOutcome]) -> BatchOutcome | None:
        """Return the outcome that a worker reported; None if it reported progress."""
        batch = worker.task
        if batch is None:
            raise AssertionError("an idle worker sent a message")
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


def execute_all(batches: Iterator[tuple[JobRun, str]], report: Callable[[Event | BatchOutcome], None]) -> None:
    """Execute batches as they arrive, each as the run with the given id.

    Args:
        batches: The batches with their run ids.
        report: Reports progress and outcomes to the command.
    """
    from akeneo_assets.cli.instance import open_instance
    from akeneo_assets.settings import instance_folder
    from akeneo_assets.store.failures import history_as_state_errors
    from akeneo_assets.sync.progress import watch_progress

    def watch(step: str, subject: str, records: int) -> None:
        report((step, subject, records))
        stop_if_asked()

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with ExitStack() as cleanup:
        # Opened once for all batches of this process, because Dagster checks its databases each time.
        instance = None
        for batch, run_id in batches:
            try:
                instance = instance or cleanup.enter_context(open_instance())
                with watch_progress(watch), history_as_state_errors(instance_folder()):
                    outcome = _execute(batch, run_id, instance)
            except StoppedError:
                return
            except AkeneoAssetsError as error:
                outcome = BatchOutcome(batch, run_id, (), BatchFailure(str(error), error.kind))
            except Exception as error:  # noqa: BLE001 - the last resort
                outcome = BatchOutcome(batch, run_id, (), BatchFailure(crash_message(error), "unexpected"))
            report(outcome)


def _execute(batch: JobRun, run_id: str, instance: DagsterInstance) -> BatchOutcome:
    import dagster as dg

    from akeneo_assets.definitions import defs

    job = defs.resolve_job_def(batch.job)
    selection = [dg.AssetKey(name.split("/")) for name in batch.assets]
    result = job.execute_in_process(
        instance=instance,
        partition_key=batch.partition_key,
        asset_selection=selection or None,
        run_config={**_QUIET, "ops": dict(batch.config)},
        raise_on_error=False,
        run_id=run_id,
    )
    return BatchOutcome(batch, result.run_id, tuple(_assets(result)), _failure(result))


def _assets(result: ExecuteInProcessResult) -> Iterator[AssetOutcome]:
    events = [*result.get_asset_materialization_events(), *result.get_asset_observation_events()]
    for event in events:
        data: Any = event.event_specific_data
        report = getattr(data, "materialization", None) or data.asset_observation
        layer, object_name = report.asset_key.path
        yield AssetOutcome(layer, object_name, _plain(report.metadata))


def _plain(metadata: Mapping[str, Any]) -> StepReport:
    """Return the values of the metadata that :meth:`StepResult.report` gave it."""
    named = {name: metadata[name] for name in StepReport.__annotations__ if name in metadata}
    plain = {
        name: [dict(record.data) for record in value.records] if hasattr(value, "records") else value.value
        for name, value in named.items()
    }
    return cast("StepReport", plain)


def _failure(result: ExecuteInProcessResult) -> BatchFailure | None:
    if result.success:
        return None
    for event in result.all_events:
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
            return BatchFailure(f"{message} See the log of run {result.run_id} in the Dagster UI.", "unexpected")
    return BatchFailure("The run was stopped. See its log in the Dagster UI.", "other")
