"""The Dagster definitions."""

from __future__ import annotations

import dagster as dg

from akeneo_assets import assets
from akeneo_assets.automation import jobs, schedules
from akeneo_assets.automation.change_sensor import akeneo_changes
from akeneo_assets.automation.housekeeping import housekeeping_job
from akeneo_assets.automation.mapping_sensor import mapping_changes
from akeneo_assets.automation.retry_sensor import retries
from akeneo_assets.resources import AkeneoResource, EngineResource, IpaasResource, StateResource, SyncResource

_AKENEO, _IPAAS, _STATE, _SYNC = AkeneoResource(), IpaasResource(), StateResource(), SyncResource()

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(assets),
    jobs=[
        jobs.structure_job,
        jobs.categories_job,
        jobs.full_load_job,
        jobs.changes_job,
        jobs.deliver_due_job,
        jobs.sync_records_job,
        jobs.explain_record_job,
        jobs.id_sweep_job,
        housekeeping_job,
    ],
    sensors=[akeneo_changes, retries, mapping_changes],
    schedules=[
        schedules.nightly_categories,
        schedules.variant_sweep,
        schedules.weekly_reread,
        schedules.structure_every_ten_minutes,
        schedules.weekly_id_sweep,
        schedules.nightly_housekeeping,
    ],
    resources={
        # These four are listed so that the UI shows the environment variable of each setting.
        "akeneo": _AKENEO,
        "ipaas": _IPAAS,
        "state": _STATE,
        "sync": _SYNC,
        "engine": EngineResource(akeneo=_AKENEO, ipaas=_IPAAS, state=_STATE, sync=_SYNC),
    },
    # A process for each step would take a second or two to start, and the APIs are the bottleneck, not the processor.
    executor=dg.in_process_executor,
)
