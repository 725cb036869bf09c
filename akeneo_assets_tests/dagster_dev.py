"""A real ``dagster dev``, and a client of the GraphQL API of any Dagster webserver."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.error import URLError
from urllib.request import Request, urlopen

from akeneo_assets_tests.shell import SCRIPTS, unused_port

_PROJECT: Final = Path(__file__).parent.parent
_SHUTDOWN_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.2

_RUNS: Final = """
query { runsOrError(limit: 100) { ... on Runs { results {
  runId jobName status creationTime startTime endTime tags { key value }
} } } }
"""
_SWITCHES: Final = """
query { repositoriesOrError { ... on RepositoryConnection { nodes {
  sensors { name sensorState { status } } schedules { name executionTimezone scheduleState { status } }
} } } }
"""
_PARTITIONS: Final = """
query($path: [String!]!) { assetNodeOrError(assetKey: {path: $path}) { ... on AssetNode {
  assetPartitionStatuses { ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } }
} } }
"""
_FRESHNESS: Final = """
query($path: [String!]!) { assetNodeOrError(assetKey: {path: $path}) { ... on AssetNode {
  freshnessStatusInfo { freshnessStatus }
} } }
"""
_TICKS: Final = """
query($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) { ... on Sensor {
  sensorState { ticks(limit: 200) { status timestamp endTimestamp skipReason error { message } runIds } }
} } }
"""
_STAGES: Final = """
query($runId: ID!) { runOrError(runId: $runId) { ... on Run {
  stats { ... on RunStatsSnapshot { enqueuedTime launchTime startTime } }
  stepStats { stepKey startTime endTime }
} } }
"""
_LAUNCH: Final = """
mutation($job: String!, $location: String!, $config: RunConfigData!) { launchRun(executionParams: {
  selector: {repositoryLocationName: $location, repositoryName: "__repository__", jobName: $job}
  runConfigData: $config
}) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""
_BACKFILL: Final = """
mutation($location: String!, $set: String!, $keys: [String!]!) { launchPartitionBackfill(backfillParams: {
  selector: {
    partitionSetName: $set
    repositorySelector: {repositoryLocationName: $location, repositoryName: "__repository__"}
  }
  partitionNames: $keys
}) { __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }
"""
_ASSET_BACKFILL: Final = """
mutation($assets: [AssetKeyInput!]!, $keys: [String!]!) { launchPartitionBackfill(backfillParams: {
  assetSelection: $assets
  partitionNames: $keys
}) { __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }
"""
_BACKFILL_STATUS: Final = """
query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }
"""
_REEXECUTE: Final = """
mutation($runId: String!) { launchRunReexecution(reexecutionParams: {
  parentRunId: $runId, strategy: ALL_STEPS
}) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Run:
    """A run; its times are seconds since the epoch, None if not reached yet."""

    run_id: str
    job: str
    status: str
    partition_key: str | None
    created: float
    started: float | None
    ended: float | None
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Stages:
    """The times of a run in seconds since the epoch; ``steps`` contains start and end of each step."""

    enqueued: float
    launched: float
    started: float
    steps: Mapping[str, tuple[float, float]]


class DagsterDev:
    """A client of a running webserver, for example that of ``dagster dev``.

    Args:
        url: Its address.
        process_id: Its process.
        is_alive: Returns whether the process is still running.
        location: Name of the code location.
    """

    def __init__(
        self, url: str, process_id: int, is_alive: Callable[[], bool], *, location: str = "akeneo_assets"
    ) -> None:
        self.process_id = process_id
        self.url = url
        self._is_alive = is_alive
        self._location = location

    def is_ready(self) -> bool:
        """Whether the code is loaded and the daemons are running."""
        try:
            return bool(self.switches())
        except (URLError, ConnectionError, IndexError, KeyError):
            return False

    def switches(self) -> dict[str, str]:
        """Return the status of each sensor and schedule."""
        (repository,) = self._ask(_SWITCHES)["repositoriesOrError"]["nodes"]
        states = {each["name"]: each["sensorState"]["status"] for each in repository["sensors"]}
        return states | {each["name"]: each["scheduleState"]["status"] for each in repository["schedules"]}

    def runs(self) -> list[Run]:
        """Return the latest runs, newest first."""
        return [
            Run(
                run_id=each["runId"],
                job=each["jobName"],
                status=each["status"],
                partition_key=next((tag["value"] for tag in each["tags"] if tag["key"] == "dagster/partition"), None),
                created=each["creationTime"],
                started=each["startTime"],
                ended=each["endTime"],
                tags={tag["key"]: tag["value"] for tag in each["tags"]},
            )
            for each in self._ask(_RUNS)["runsOrError"]["results"]
        ]

    def materialized(self, *path: str) -> list[str]:
        """Return the materialized partitions of an asset."""
        node = self._ask(_PARTITIONS, path=list(path))["assetNodeOrError"]
        keys: list[str] = node["assetPartitionStatuses"]["materializedPartitions"]
        return keys

    def freshness(self, *path: str) -> str | None:
        """Return the freshness of an asset, e.g. ``HEALTHY``; None if the daemon has not evaluated it yet."""
        info = self._ask(_FRESHNESS, path=list(path))["assetNodeOrError"]["freshnessStatusInfo"]
        return None if info is None or info["freshnessStatus"] == "UNKNOWN" else str(info["freshnessStatus"])

    def ticks(self, sensor: str) -> list[Mapping[str, Any]]:
        """Return the latest ticks of a sensor, newest first."""
        selector = {
            "repositoryLocationName": self._location,
            "repositoryName": "__repository__",
            "sensorName": sensor,
        }
        document = self._ask(_TICKS, selector=selector)
        ticks: list[Mapping[str, Any]] = document["sensorOrError"]["sensorState"]["ticks"]
        return ticks

    def stages(self, run_id: str) -> Stages:
        """Return the times of a run that has ended."""
        run = self._ask(_STAGES, runId=run_id)["runOrError"]
        stats = run["stats"]
        steps = {each["stepKey"]: (each["startTime"], each["endTime"]) for each in run["stepStats"]}
        return Stages(stats["enqueuedTime"], stats["launchTime"], stats["startTime"], steps)

    def launch(self, job: str, config: Mapping[str, Any] | None = None) -> str:
        """Launch a job without partitions, and return the id of its run.

        Args:
            job: The job.
            config: Its run config.
        """
        document = self._ask(_LAUNCH, job=job, location=self._location, config=config or {})["launchRun"]
        return str(document["run"]["runId"])

    def backfill(self, job: str, partition_keys: Sequence[str]) -> None:
        """Launch a backfill of a job with partitions."""
        keys = list(partition_keys)
        document = self._ask(_BACKFILL, set=f"{job}_partition_set", keys=keys, location=self._location)
        assert "backfillId" in document["launchPartitionBackfill"], document

    def backfill_assets(self, assets: Iterable[str], partition_keys: Sequence[str]) -> str:
        """Launch a backfill of assets given as ``layer/object``, and return its id."""
        selected = [{"path": asset.split("/")} for asset in assets]
        launched = self._ask(_ASSET_BACKFILL, assets=selected, keys=list(partition_keys))["launchPartitionBackfill"]
        assert "backfillId" in launched, launched
        return str(launched["backfillId"])

    def backfill_status(self, backfill_id: str) -> str:
        """Return the status of a backfill, e.g. ``COMPLETED_SUCCESS``."""
        return str(self._ask(_BACKFILL_STATUS, id=backfill_id)["partitionBackfillOrError"]["status"])

    def reexecute(self, run_id: str) -> str:
        """Launch all steps of a run again, and return the id of the new run."""
        document = self._ask(_REEXECUTE, runId=run_id)["launchRunReexecution"]
        return str(document["run"]["runId"])

    def wait(self, what: str, seek: Callable[[], Value | None], seconds: float) -> Value:
        """Wait until something is available, and return it.

        Raises:
            TimeoutError: It was not available in time.
            RuntimeError: ``dagster dev`` has ended.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (found := seek()) is not None:
                return found
            if not self._is_alive():
                raise RuntimeError("dagster dev has ended")
            time.sleep(_POLL_SECONDS)
        raise TimeoutError(f"{what} did not come in {seconds:g} s")

    def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as response:
            document = json.load(response)
        if "errors" in document:
            raise RuntimeError(document["errors"])
        data: dict[str, Any] = document["data"]
        return data


@contextmanager
def running_dagster_dev(
    folder: Path, environment: Mapping[str, str], *, wrapper: Sequence[str] = ()
) -> Iterator[DagsterDev]:
    """Run ``dagster dev`` with the project's settings and its own history.

    Args:
        folder: The folder for its state; the project's settings are copied there.
        environment: All its variables.
        wrapper: A command that runs it.
    """
    for name in ("dagster.yaml", "workspace.yaml"):
        (folder / name).write_bytes((_PROJECT / name).read_bytes())
    port = unused_port()
    command = [str(SCRIPTS / "dagster"), "dev", "-w", "workspace.yaml", "-p", str(port)]
    with (folder / "dagster-dev.log").open("wb") as log:
        process = subprocess.Popen(
            [*wrapper, *command],
            cwd=folder,
            env={**environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Dagster keeps SIGINT ignored if it was ignored at its start, as in a shell's background jobs.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        try:
            dagster = DagsterDev(f"http://127.0.0.1:{port}", process.pid, lambda: process.poll() is None)
            dagster.wait("dagster dev", lambda: dagster.is_ready() or None, 120)
            yield dagster
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_SHUTDOWN_SECONDS)
