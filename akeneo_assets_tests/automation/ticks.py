"""Ticks of the real sensors, as the daemon evaluates them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from akeneo_assets.assets.in_sync import IN_SYNC
from akeneo_assets.build import subscriptions_in
from akeneo_assets.definitions import defs
from akeneo_assets.resources import resources_of
from akeneo_assets.subscription import Subscription
from akeneo_assets.sync.batches import STRUCTURE, batch_of
from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.batches import EnginePartitions, steps_of

REPOSITORY = defs.get_repository_def()
NAMES = subscriptions_in(REPOSITORY)["default"]
IN_SYNC_KEY = NAMES.key(*IN_SYNC)


@dataclass
class Ticking:
    """One sensor of one instance; it keeps the cursor from tick to tick, and adds the partitions that are requested."""

    sensor: dg.SensorDefinition
    instance: dg.DagsterInstance
    cursor: str | None = None
    beats: list[Any] = field(default_factory=list)

    def __call__(self) -> SensorExecutionData:
        """Evaluate a tick."""
        with dg.build_sensor_context(
            instance=self.instance,
            # Without one, Dagster does not look for partitions. It opens none while it has an instance.
            instance_ref=InstanceRef.from_dir(self.instance.root_directory),
            cursor=self.cursor,
            definitions=defs,
            resources=dict(resources_of(Subscription())),
            sensor_name=self.sensor.name,
        ) as context:
            data = self.sensor.evaluate_tick(context)
        self.cursor = data.cursor
        self.beats = [event for event in data.asset_events if event.asset_key == IN_SYNC_KEY]
        for request in data.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions(request.partitions_def_name, request.partition_keys)
        return data

    def skipped(self) -> str:
        """Evaluate a tick that requests nothing, and return why."""
        data = self()
        assert not data.run_requests, [(request.job_name, request.partition_key) for request in data.run_requests]
        assert list(data.asset_events) == self.beats
        return str(data.skip_message)

    def requested(self) -> list[tuple[str | None, str | None]]:
        """Evaluate a tick, and return the runs that it requests: job and partition."""
        data = self()
        assert data.run_requests, data.skip_message
        return sorted((request.job_name, request.partition_key) for request in data.run_requests)


def carry_out(
    engine: Engine, requested: Iterable[tuple[str | None, str | None]], instance: dg.DagsterInstance | None = None
) -> None:
    """Do what the requested runs do, but faster, without Dagster.

    Args:
        engine: Does it.
        requested: Job and partition of each run.
        instance: Gets the partitions of the structure.
    """
    for job, key in requested:
        batch = STRUCTURE if key is None else batch_of(key, reads=job != "deliver_due")
        assert batch.job == job
        for step in steps_of(engine, batch):
            step()
    if instance is not None:
        add_partitions(engine, instance)


def add_partitions(engine: Engine, instance: dg.DagsterInstance) -> None:
    """Add the partitions of the structure as it was read last."""
    partitions = EnginePartitions(engine)
    instance.add_dynamic_partitions("category_trees", partitions.trees())
    instance.add_dynamic_partitions("catalog_batches", partitions.families())


def put_run(
    instance: dg.DagsterInstance,
    job: str,
    status: dg.DagsterRunStatus,
    partition_key: str | None = None,
    **given: Any,
) -> str:
    """Put a run of one of our jobs into the history, and return its id."""
    tags = NAMES.run_tags if partition_key is None else {**NAMES.run_tags, "dagster/partition": partition_key}
    return instance.add_run(dg.DagsterRun(**{"job_name": job, "status": status, "tags": tags, **given})).run_id


def launched_from(location: str, job: str) -> RemoteJobOrigin:
    """Return the origin of a run that a daemon launched from a code location."""
    target = LoadableTargetOrigin(executable_path="python", module_name=location)
    origin = ManagedGrpcPythonEnvCodeLocationOrigin(target, location_name=location)
    return RemoteJobOrigin(RemoteRepositoryOrigin(origin, "__repository__"), job)
