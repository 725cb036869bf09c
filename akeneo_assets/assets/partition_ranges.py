"""Reports each partition of a run that materializes a range of them.

Dagster gives all partitions of such a run the same data version and the same check results. So each partition is logged
by itself as soon as it is done: if a later one fails, the UI still shows the earlier ones as materialized.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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


def is_range(context: dg.AssetExecutionContext) -> bool:
    """Whether a run materializes several partitions."""
    return context.has_partition_key_range and not context.has_partition_key


def log_materialization(context: dg.AssetExecutionContext, partition_key: str, result: dg.MaterializeResult) -> None:
    """Log the materialization of one partition, with the versions that Dagster itself would add.

    Args:
        context: Context of the asset.
        partition_key: The partition.
        result: Its metadata, its tags, and its data version, which is computed from those of its inputs if it is None.
    """
    inputs = _inputs(context, partition_key)
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


def _inputs(context: dg.AssetExecutionContext, partition_key: str) -> dict[dg.AssetKey, tuple[dg.DataVersion, int]]:
    """Return the data version and storage id of what a partition was made from: the same partition, or the whole.

    Dependencies that only set the order have no version, but have to be there, or they count as new ones.
    """
    found = {}
    for dep in context.assets_def.get_asset_spec(context.asset_key).deps:
        if isinstance(dep.partition_mapping, dg.AllPartitionMapping):
            found[dep.asset_key] = UNKNOWN_DATA_VERSION, 0
            continue
        wanted = dg.AssetRecordsFilter(
            asset_key=dep.asset_key, asset_partitions=[partition_key] if dep.partition_mapping else None
        )
        for record in context.instance.fetch_materializations(wanted, limit=1).records:
            version = extract_data_version_from_entry(record.event_log_entry)
            if version is not None:
                found[dep.asset_key] = version, record.storage_id
    return found
