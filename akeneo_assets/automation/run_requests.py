"""Turns batches of the programme into Dagster run requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.run_config import ops_config, tags_of
from akeneo_assets.sync.batches import Batch, Phase
from akeneo_assets.sync.partition_keys import is_changes


def batches_of(phases: Iterable[Phase]) -> list[Batch]:
    """Return the batches of all phases. A run that a sensor requests waits in Dagster's queue, not for other phases."""
    return [batch for phase in phases for batch in phase.batches]


def run_request(
    batch: Batch, names: Names, rules: str, *, run_key: str | None = None, tags: Mapping[str, str] | None = None
) -> dg.RunRequest:
    """Return the request for the run that carries out a batch.

    Args:
        batch: A batch with all steps of its job.
        names: The names of the subscription.
        rules: Fingerprint of the mapping that the sensor uses.
        run_key: Dagster starts at most one run with this key.
        tags: Tags of the run.
    """
    ops = ops_config(batch, names.subscription)
    return dg.RunRequest(
        run_key=run_key,
        job_name=names.scoped(batch.job),
        partition_key=batch.partition_key,
        run_config={"ops": ops} if ops else {},
        tags={**tags_of(batch, rules), **(tags or {})},
    )


def new_partitions(batches: Iterable[Batch], names: Names) -> list[dg.AddDynamicPartitionsRequest]:
    """Return the request to add `changes:` partitions, which are created with their first run."""
    keys = [batch.partition_key for batch in batches if batch.partition_key and is_changes(batch.partition_key)]
    return [names.catalog_batches.build_add_request(keys)] if keys else []


def default_status(names: Names) -> dg.DefaultSensorStatus:
    """Return whether the sensors of a subscription are on by default."""
    return dg.DefaultSensorStatus.RUNNING if names.subscription.automation else dg.DefaultSensorStatus.STOPPED
