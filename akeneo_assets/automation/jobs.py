"""The jobs: one for each kind of batch, and those for named records, deleted records and housekeeping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Final, TypeAlias

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from akeneo_assets.assets.names import Names
from akeneo_assets.automation.explain_record import explain_record_job
from akeneo_assets.automation.housekeeping import housekeeping_job
from akeneo_assets.automation.id_sweep import id_sweep_job
from akeneo_assets.automation.probe import probe_job
from akeneo_assets.automation.refresh_checks import refresh_checks_job
from akeneo_assets.automation.sync_records import sync_records_job
from akeneo_assets.automation.verify import verify_job
from akeneo_assets.sync.batches import STRUCTURE, Batch, JobName, batch_of
from akeneo_assets.sync.partition_keys import changes_key, family_key

Job: TypeAlias = dg.JobDefinition | UnresolvedAssetJobDefinition

_BATCHES: Final = (
    STRUCTURE,
    batch_of("root"),
    batch_of(family_key("code")),
    batch_of(changes_key(datetime.now(timezone.utc))),
    batch_of(family_key("code"), reads=False),
)
"""A batch of each job."""

_DESCRIPTIONS: Final[Mapping[JobName, str]] = {
    "structure": "Reads Akeneo's structure and adds partitions for new category trees and families.",
    "categories": "Syncs one category tree to iPaaS.com, parents first. Backfill all trees for the initial load.",
    "full_load": (
        "Reads a whole family and syncs it to iPaaS.com. Backfill all families for the full load. How many requests "
        "that takes, and how long: see *forecast* of the asset `akeneo/structure`. For exact figures, materialize only "
        "the assets of the layer catalog first, and look at *requests_forecast*."
    ),
    "changes": "Reads changes since the last complete read and syncs them to iPaaS.com.",
    "deliver_due": (
        "Plans and delivers without reading Akeneo: for a family, the records whose mapping changed; for an hour of "
        "changes, all pending records."
    ),
}


def jobs_of(names: Names) -> dict[str, Job]:
    """Return the jobs of a subscription, by the name that they have in the default subscription."""
    return {
        **{batch.job: _asset_job(batch, names) for batch in _BATCHES},
        "sync_records": sync_records_job(names),
        "explain_record": explain_record_job(names),
        "id_sweep": id_sweep_job(names),
        "housekeeping": housekeeping_job(names),
        "refresh_checks": refresh_checks_job(names),
        "verify": verify_job(names),
        "probe": probe_job(names),
    }


def _asset_job(batch: Batch, names: Names) -> UnresolvedAssetJobDefinition:
    """Define the job of a batch with the assets that it materializes; it does not depend on other assets."""
    return dg.define_asset_job(
        names.scoped(batch.job),
        selection=dg.AssetSelection.assets(*(names.key(*step) for step in batch.steps)),
        description=_DESCRIPTIONS[batch.job],
        tags=names.run_tags,
        # A process for each step would take a second or two to start, and the APIs are the bottleneck.
        executor_def=dg.in_process_executor,
    )
