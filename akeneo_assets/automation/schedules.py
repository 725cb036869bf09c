"""The schedules. Most of them find changes that do not update a modified date in Akeneo."""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Final
from zlib import crc32

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.automation.jobs import Job
from akeneo_assets.automation.refresh_checks import refresh_checks_schedule
from akeneo_assets.sync.partition_keys import changes_key

_DAYS_A_WEEK: Final = 7


def schedules_of(names: Names, jobs: Mapping[str, Job]) -> list[dg.ScheduleDefinition]:
    """Return the schedules of a subscription.

    Args:
        names: The names of the subscription.
        jobs: Its jobs.
    """
    zone = names.subscription.time_zone
    status = dg.DefaultScheduleStatus.RUNNING if names.subscription.automation else dg.DefaultScheduleStatus.STOPPED

    @dg.schedule(
        name=names.scoped("nightly_categories"),
        job=jobs["categories"],
        cron_schedule="15 1 * * *",
        execution_timezone=zone,
        default_status=status,
        description="Syncs every category tree, to find moves and labels, which update no modified date in Akeneo.",
    )
    def nightly_categories(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        scheduled_time = _scheduled_time(context)
        trees = InstancePartitions(context.instance, names).trees()
        return [dg.RunRequest(run_key=f"{scheduled_time:%Y-%m-%d}/{root}", partition_key=root) for root in trees]

    @dg.schedule(
        name=names.scoped("variant_sweep"),
        job=jobs["changes"],
        cron_schedule="15 2 * * *",
        execution_timezone=zone,
        default_status=status,
        description=(
            "Syncs products that changed in the last PRODUCT_VARIANT_POLL_SEARCH_DAYS days, to find late variants."
        ),
    )
    def variant_sweep(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        key = changes_key(_scheduled_time(context).astimezone(timezone.utc))
        InstancePartitions(context.instance, names).add(key)
        config = {"ops": {names.scoped("akeneo__products"): {"config": {"look_back": True}}}}
        return dg.RunRequest(run_key=f"sweep/{key}", partition_key=key, run_config=config)

    @dg.schedule(
        name=names.scoped("weekly_reread"),
        job=jobs["full_load"],
        cron_schedule="45 2 * * *",
        execution_timezone=zone,
        default_status=status,
        description=(
            "Reads one seventh of the families in full each night, to find removed two-way associations, deleted "
            "categories and attributes, and other changes that do not update a modified date."
        ),
    )
    def weekly_reread(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        scheduled_time = _scheduled_time(context)
        families = InstancePartitions(context.instance, names).families()
        return [
            dg.RunRequest(run_key=f"reread/{scheduled_time:%Y-%m-%d}/{key}", partition_key=key)
            for key in families
            if crc32(key.encode()) % _DAYS_A_WEEK == scheduled_time.weekday()
        ]

    structure_every_ten_minutes = dg.ScheduleDefinition(
        name=names.scoped("structure_every_ten_minutes"),
        job=jobs["structure"],
        cron_schedule="*/10 * * * *",
        execution_timezone=zone,
        default_status=status,
        description="Reads the structure: new families and trees, renamed options, changed attributes.",
    )

    nightly_housekeeping = dg.ScheduleDefinition(
        name=names.scoped("nightly_housekeeping"),
        job=jobs["housekeeping"],
        cron_schedule="45 3 * * *",
        execution_timezone=zone,
        default_status=status,
        description="Deletes old runs from Dagster's history, and the `changes:` partitions that were synced.",
    )

    daily_verify = dg.ScheduleDefinition(
        name=names.scoped("daily_verify"),
        job=jobs["verify"],
        cron_schedule="15 5 * * *",
        execution_timezone=zone,
        default_status=status,
        description="Compares both catalogues: counts, and a sample of records that is read back from iPaaS.com.",
    )

    weekly_id_sweep = dg.ScheduleDefinition(
        name=names.scoped("weekly_id_sweep"),
        job=jobs["id_sweep"],
        cron_schedule="15 4 * * 0",
        execution_timezone=zone,
        default_status=status,
        description="Compares all ids, to find deleted records and records that are missing in Akeneo's index.",
    )

    return [
        nightly_categories,
        variant_sweep,
        weekly_reread,
        structure_every_ten_minutes,
        weekly_id_sweep,
        nightly_housekeeping,
        daily_verify,
        refresh_checks_schedule(names, status),
    ]


def _scheduled_time(context: dg.ScheduleEvaluationContext) -> datetime:
    """Return the scheduled time, in the time zone of the schedule."""
    return context.scheduled_execution_time
