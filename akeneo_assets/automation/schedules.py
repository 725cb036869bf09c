"""The schedules. Most of them find changes that do not update a modified date in Akeneo."""

from datetime import datetime, timezone
from typing import Final
from zlib import crc32

import dagster as dg

from akeneo_assets.assets.partitions import catalog_batches, category_trees
from akeneo_assets.automation.housekeeping import housekeeping_job
from akeneo_assets.automation.jobs import categories_job, changes_job, full_load_job, id_sweep_job, structure_job
from akeneo_assets.automation.start_up import DEFAULT_SCHEDULE_STATUS, TIME_ZONE
from akeneo_assets.sync.partition_keys import changes_key, is_changes

_DAYS_A_WEEK: Final = 7
_BATCHES: Final = str(catalog_batches.name)


@dg.schedule(
    name="nightly_categories",
    job=categories_job,
    cron_schedule="15 1 * * *",
    execution_timezone=TIME_ZONE,
    default_status=DEFAULT_SCHEDULE_STATUS,
    description="Syncs every category tree, to find moves and labels, which do not update a modified date in Akeneo.",
)
def nightly_categories(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Request a run for each tree."""
    scheduled_time = _scheduled_time(context)
    trees = context.instance.get_dynamic_partitions(str(category_trees.name))
    return [dg.RunRequest(run_key=f"{scheduled_time:%Y-%m-%d}/{root}", partition_key=root) for root in trees]


@dg.schedule(
    name="variant_sweep",
    job=changes_job,
    cron_schedule="15 2 * * *",
    execution_timezone=TIME_ZONE,
    default_status=DEFAULT_SCHEDULE_STATUS,
    description="Syncs products that changed in the last PRODUCT_VARIANT_POLL_SEARCH_DAYS days, to find late variants.",
)
def variant_sweep(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Request a run that looks back several days."""
    key = changes_key(_scheduled_time(context).astimezone(timezone.utc))
    context.instance.add_dynamic_partitions(_BATCHES, [key])
    config = {"ops": {"akeneo__products": {"config": {"look_back": True}}}}
    return dg.RunRequest(run_key=f"sweep/{key}", partition_key=key, run_config=config)


@dg.schedule(
    name="weekly_reread",
    job=full_load_job,
    cron_schedule="45 2 * * *",
    execution_timezone=TIME_ZONE,
    default_status=DEFAULT_SCHEDULE_STATUS,
    description=(
        "Reads one seventh of the families in full each night, to find removed two-way associations, deleted "
        "categories and attributes, and other changes that do not update a modified date."
    ),
)
def weekly_reread(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Request a run for each family that is due tonight. Each family is due on the same day every week."""
    scheduled_time = _scheduled_time(context)
    families = [key for key in context.instance.get_dynamic_partitions(_BATCHES) if not is_changes(key)]
    return [
        dg.RunRequest(run_key=f"reread/{scheduled_time:%Y-%m-%d}/{key}", partition_key=key)
        for key in sorted(families)
        if crc32(key.encode()) % _DAYS_A_WEEK == scheduled_time.weekday()
    ]


structure_every_ten_minutes = dg.ScheduleDefinition(
    name="structure_every_ten_minutes",
    job=structure_job,
    cron_schedule="*/10 * * * *",
    execution_timezone=TIME_ZONE,
    default_status=DEFAULT_SCHEDULE_STATUS,
    description="Reads the structure: new families and trees, renamed options, changed attributes.",
)

nightly_housekeeping = dg.ScheduleDefinition(
    name="nightly_housekeeping",
    job=housekeeping_job,
    cron_schedule="45 3 * * *",
    execution_timezone=TIME_ZONE,
    default_status=DEFAULT_SCHEDULE_STATUS,
    description="Deletes old runs and old successful `changes:` partitions from Dagster's history.",
)

weekly_id_sweep = dg.ScheduleDefinition(
    name="weekly_id_sweep",
    job=id_sweep_job,
    cron_schedule="15 4 * * 0",
    execution_timezone=TIME_ZONE,
    default_status=DEFAULT_SCHEDULE_STATUS,
    description="Compares all ids, to find deleted records and records that are missing in Akeneo's index.",
)


def _scheduled_time(context: dg.ScheduleEvaluationContext) -> datetime:
    """Return the scheduled time, in the time zone of the schedule."""
    return context.scheduled_execution_time
