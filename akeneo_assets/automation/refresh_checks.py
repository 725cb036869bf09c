"""The job and the schedule that evaluate checks that are out of date because another run changed the ledger."""

from collections.abc import Iterator
from contextlib import closing

import dagster as dg

from akeneo_assets.assets.check_reports import outdated
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import as_dagster_failures
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.sync.connect import connect


def refresh_checks_job(names: Names) -> dg.JobDefinition:
    """Return the job of a subscription. It needs only the state database, not the APIs."""

    @dg.op(
        name=names.scoped("evaluate_outdated_checks"),
        description="Evaluates the checks of all partitions whose failed or blocked records changed.",
        out=dg.Out(dg.Nothing),
    )
    def evaluate_outdated_checks(context: dg.OpExecutionContext) -> Iterator[dg.AssetCheckEvaluation]:
        with (
            as_dagster_failures(context),
            closing(connect(names.subscription.read_settings(), run_id=context.run_id)) as engine,
        ):
            yield from outdated(context.instance, names, engine)

    @dg.job(
        name=names.scoped("refresh_checks"),
        description=(
            "Evaluates the checks of all assets again, from the state database. Only those that are out of date are "
            "reported. Reads and sends nothing."
        ),
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )
    def refresh_checks() -> None:
        evaluate_outdated_checks()

    return refresh_checks


def refresh_checks_schedule(names: Names, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """Return the schedule of a subscription. It starts a run only if a check is out of date.

    Args:
        names: The names of the subscription.
        status: Whether it is on until somebody switches it.
    """

    @dg.schedule(
        name=names.scoped("refresh_checks_every_ten_minutes"),
        job_name=names.scoped("refresh_checks"),
        cron_schedule="5-59/10 * * * *",
        execution_timezone=names.subscription.time_zone,
        default_status=status,
        description="Evaluates checks that are out of date, e.g. after a sync from the shell. Makes no requests.",
    )
    def refresh_checks_every_ten_minutes(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            with closing(connect(names.subscription.read_settings(), run_id="")) as engine:
                if next(outdated(context.instance, names, engine), None) is not None:
                    return dg.RunRequest()
        except AkeneoAssetsError as error:
            return dg.SkipReason(str(error))
        return dg.SkipReason("All checks are up to date.")

    return refresh_checks_every_ten_minutes
