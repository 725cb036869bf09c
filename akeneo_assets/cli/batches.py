"""Execute Dagster jobs from the command line: each batch is a run; several at a time have processes of their own."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from typing_extensions import Self

from akeneo_assets.errors import AccessDeniedError, ConfigurationError, TransientError

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

_Event: TypeAlias = "tuple[str, str, int] | None"

_QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Batch:
    """One run to execute.

    Attributes:
        job: Name of the job.
        partition_key: The partition, where the job has any.
        assets: Only these assets, as ``layer/object``; all of the job when empty.
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
    """What one asset of a run reported: its metadata as plain values."""

    layer: str
    object_name: str
    metadata: Mapping[str, Any]


FailureKind: TypeAlias = Literal["set-up", "outage", "other"]


@dataclass(frozen=True)
class BatchFailure:
    """Why a run could not be carried out, or not in full."""

    message: str
    kind: FailureKind


@dataclass(frozen=True)
class BatchOutcome:
    """What a run did."""

    batch: Batch
    run_id: str
    assets: tuple[AssetOutcome, ...]
    failure: BatchFailure | None


class BatchRunner:
    """Executes batches.

    Args:
        processes: Runs at the same time.
        progress: Told what is done, the kind or object, and how many records were just done.
    """

    def __init__(self, processes: int, progress: Callable[[str, str, int], None]) -> None:
        self._processes = processes
        # A fresh interpreter each: Dagster and its database drivers do not survive a fork.
        self._context = multiprocessing.get_context("spawn")
        self._events: SimpleQueue[_Event] = self._context.SimpleQueue()
        self._pool: ProcessPoolExecutor | None = None
        self._cleanup = ExitStack()
        self._cleanup.enter_context(_relayed(self._events, progress))

    def run(self, batches: Sequence[Batch]) -> Iterator[BatchOutcome]:
        """Execute batches that do not depend on each other, and yield their outcomes as they come."""
        if self._pool is None and min(self._processes, len(batches)) == 1:
            # Another process would spend seconds on importing Dagster, which this one has to import anyway.
            with _quiet_dagster():
                for batch in batches:
                    yield _execute(batch, self._instance, self._events)
            return
        for future in as_completed([self._started_pool().submit(_execute_in_worker, batch) for batch in batches]):
            yield future.result()

    @cached_property
    def _instance(self) -> DagsterInstance:
        from akeneo_assets.cli.instance import open_instance

        return self._cleanup.enter_context(open_instance())

    def _started_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=self._context, initializer=_start, initargs=(self._events,)
            )
            self._cleanup.callback(self._pool.shutdown, cancel_futures=True)
        return self._pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()


@contextmanager
def _relayed(events: SimpleQueue[_Event], progress: Callable[[str, str, int], None]) -> Iterator[None]:
    def relay() -> None:
        while (event := events.get()) is not None:
            progress(*event)

    thread = threading.Thread(target=relay, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        events.put(None)
        thread.join()


@contextmanager
def _quiet_dagster() -> Iterator[None]:
    logger = logging.getLogger("dagster")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


# In the worker

_events: SimpleQueue[_Event]


def _start(events: SimpleQueue[_Event]) -> None:
    global _events  # noqa: PLW0603 - a pool's initializer has no other place
    _events = events
    logging.getLogger("dagster").setLevel(logging.CRITICAL)


@lru_cache(maxsize=1)
def _instance_of_worker() -> DagsterInstance:
    """Open the instance once for all batches of this process: Dagster checks its databases each time."""
    from akeneo_assets.cli.instance import open_instance

    cleanup = ExitStack()
    atexit.register(cleanup.close)
    return cleanup.enter_context(open_instance())


def _execute_in_worker(batch: Batch) -> BatchOutcome:
    return _execute(batch, _instance_of_worker(), _events)


# In either


def _execute(batch: Batch, instance: DagsterInstance, events: SimpleQueue[_Event]) -> BatchOutcome:
    import dagster as dg

    from akeneo_assets.definitions import defs
    from akeneo_assets.sync.progress import watched_by

    def watch(step: str, subject: str, records: int) -> None:
        events.put((step, subject, records))

    job = defs.resolve_job_def(batch.job)
    selection = [dg.AssetKey(name.split("/")) for name in batch.assets]
    with watched_by(watch):
        result = job.execute_in_process(
            instance=instance,
            partition_key=batch.partition_key,
            asset_selection=selection or None,
            run_config={**_QUIET, "ops": dict(batch.config)},
            raise_on_error=False,
        )
    return BatchOutcome(batch, result.run_id, tuple(_assets(result)), _failure(result))


def _assets(result: ExecuteInProcessResult) -> Iterator[AssetOutcome]:
    events = [*result.get_asset_materialization_events(), *result.get_asset_observation_events()]
    for event in events:
        data: Any = event.event_specific_data
        report = getattr(data, "materialization", None) or data.asset_observation
        layer, object_name = report.asset_key.path
        yield AssetOutcome(layer, object_name, {name: _plain(value) for name, value in report.metadata.items()})


def _plain(value: Any) -> Any:
    records = getattr(value, "records", None)
    return [dict(record.data) for record in records] if records is not None else value.value


def _failure(result: ExecuteInProcessResult) -> BatchFailure | None:
    if result.success:
        return None
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None and error.cause is not None and error.cls_name != "Failure":
            error = error.cause
        if error is not None:
            message = str(error.message).strip().removeprefix("dagster._core.definitions.events.Failure: ")
            return BatchFailure(message, _kind(error.cause.cls_name if error.cause is not None else None))
    return BatchFailure("The run failed; its log in the Dagster UI says why.", "other")


def _kind(error: str | None) -> FailureKind:
    if error in _names(ConfigurationError) | _names(AccessDeniedError):
        return "set-up"
    return "outage" if error in _names(TransientError) else "other"


def _names(error: type[Exception]) -> set[str]:
    """Return the names of an exception and of all that derive from it: Dagster keeps no more of an error's type."""
    return {error.__name__}.union(*map(_names, error.__subclasses__()))
