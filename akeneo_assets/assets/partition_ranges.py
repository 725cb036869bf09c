"""Reports each partition of a run that materializes a range of them.

Dagster gives all partitions of such a run the same data version and the same check results. So each partition is logged
by itself as soon as it is done: if a later one fails, the UI still shows the earlier ones as materialized.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import dagster as dg
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    UNKNOWN_DATA_VERSION,
    compute_logical_data_version,
    extract_data_version_from_entry,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from akeneo_assets.assets.reporting import MetadataValue

ALREADY_LOGGED: Final[Mapping[str, MetadataValue]] = {
    SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: dg.MetadataValue.bool(True)
}
"""Metadata of a result that Dagster does not log again. Later steps of the run need a result, or they are skipped."""


Input: TypeAlias = tuple[dg.DataVersion, int]
"""What a partition was made from: the data version and the storage id of a materialization."""


def is_range(context: dg.AssetExecutionContext) -> bool:
    """Whether a run materializes several partitions."""
    return context.has_partition_key_range and not context.has_partition_key


def log_materialization(
    context: dg.AssetExecutionContext,
    partition_key: str,
    result: dg.MaterializeResult,
    inputs: Mapping[dg.AssetKey, Input],
) -> None:
    """Log the materialization of one partition, with the versions that Dagster itself would add.

    Args:
        context: Context of the asset.
        partition_key: The partition.
        result: Its metadata, its tags, and its data version, which is computed from those of its inputs if it is None.
        inputs: What it was made from.
    """
    code_version = context.run.run_id  # as Dagster does for assets without a code version
    versions = {key: version for key, (version, _) in inputs.items()}
    tags = {
        CODE_VERSION_TAG: code_version,
        DATA_VERSION_TAG: (result.data_version or compute_logical_data_version(code_version, versions)).value,
    }
    if result.data_version is not None:
        tags[DATA_VERSION_IS_USER_PROVIDED_TAG] = "true"
    for key, (version, storage_id) in inputs.items():
        tags[get_input_data_version_tag(key)] = version.value
        tags[get_input_event_pointer_tag(key)] = str(storage_id)
    context.log_event(
        dg.AssetMaterialization(
            context.asset_key, partition=partition_key, metadata=result.metadata, tags=tags | dict(result.tags or {})
        )
    )


def inputs_of(
    context: dg.AssetExecutionContext, partition_keys: Sequence[str]
) -> Mapping[str, Mapping[dg.AssetKey, Input]]:
    """Return what each partition is made from: the same partition of an asset, or an asset without partitions.

    Dependencies that only set the order have no version, but have to be there, or they count as new ones.
    """
    found: dict[str, dict[dg.AssetKey, Input]] = {key: {} for key in partition_keys}
    for dep in context.assets_def.get_asset_spec(context.asset_key).deps:
        if isinstance(dep.partition_mapping, dg.AllPartitionMapping):
            of_partition = dict.fromkeys(partition_keys, (UNKNOWN_DATA_VERSION, 0))
        elif dep.partition_mapping is not None:
            of_partition = _latest(context.instance, dep.asset_key, partition_keys)
        else:
            whole = _latest_of_whole(context.instance, dep.asset_key)
            of_partition = dict.fromkeys(partition_keys, whole) if whole is not None else {}
        for key, made in of_partition.items():
            found[key][dep.asset_key] = made
    return found


def _latest(instance: dg.DagsterInstance, asset: dg.AssetKey, partition_keys: Sequence[str]) -> dict[str, Input]:
    """Return the latest materializations of partitions, with two queries for all of them."""
    wanted = asset, dg.DagsterEventType.ASSET_MATERIALIZATION
    ids = instance.event_log_storage.get_latest_storage_id_by_partition(*wanted, partitions=set(partition_keys))
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        *wanted, tag_keys=[DATA_VERSION_TAG], asset_partitions=list(partition_keys)
    )
    versions = {key: each[DATA_VERSION_TAG] for key, each in tags.items() if DATA_VERSION_TAG in each}
    return {key: (dg.DataVersion(version), ids[key]) for key, version in versions.items() if key in ids}


def _latest_of_whole(instance: dg.DagsterInstance, asset: dg.AssetKey) -> Input | None:
    for record in instance.fetch_materializations(dg.AssetRecordsFilter(asset_key=asset), limit=1).records:
        version = extract_data_version_from_entry(record.event_log_entry)
        if version is not None:
            return version, record.storage_id
    return None
