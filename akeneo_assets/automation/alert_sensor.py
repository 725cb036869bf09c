"""The sensor that sends alerts: failed runs, and records that failed or are blocked although the runs are green."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import takewhile
from typing import Final

import dagster as dg

from akeneo_assets.alerts.digest import LONGEST_WAIT_SECONDS, Problem, digest
from akeneo_assets.alerts.senders import AlertError, senders
from akeneo_assets.assets.names import Names
from akeneo_assets.automation.own_runs import ENGINE_JOBS, OwnRuns
from akeneo_assets.automation.run_requests import default_status
from akeneo_assets.automation.runs import is_in_progress
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource, engine_of
from akeneo_assets.settings import AlertSettings, link
from akeneo_assets.store.store import Store

_DAYS: Final = 7
_ENDED: Final = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


def alerts_sensor(names: Names) -> dg.SensorDefinition:
    """Return the sensor of a subscription."""

    @dg.sensor(
        name=names.scoped("alerts"),
        minimum_interval_seconds=60,
        required_resource_keys={names.engine},
        default_status=default_status(names),
        description="Sends one digest of new and solved problems to each channel. See docs/alerts.md for the settings.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return _tick(context, engine_of(context, names.engine), names)

    return alerts


def _tick(context: dg.SensorEvaluationContext, engine: EngineResource, names: Names) -> dg.SkipReason:
    """Send each channel the problems that it has not received yet; a later tick sends rejected messages again."""
    try:
        settings = names.subscription.read_alert_settings()
        channels = senders(settings)
        if not channels:
            return dg.SkipReason("No channel for alerts is set.")
        store, runs = engine.connected().store, OwnRuns.of_sensor(context, names)
        problems = [*_failed_runs(runs, settings), *_records(store, settings)]
        subscription = "" if names.subscription.is_default else names.subscription.name
        due = [
            (each, found)
            for each in channels
            if (found := digest(problems, store.announcements.of(each.channel), subscription))
        ]
        if not due:
            context.update_cursor("")
            return dg.SkipReason("There is nothing new to announce.")
        waiting_since = float(context.cursor or time.time())
        if time.time() - waiting_since < LONGEST_WAIT_SECONDS and is_in_progress(runs, ENGINE_JOBS):
            context.update_cursor(str(waiting_since))
            return dg.SkipReason("A run is in progress. The digest waits until it ends, at most five minutes.")
        told = []
        for sender, message in due:
            try:
                sender.send(message)
            except AlertError as error:
                told.append(f"{sender.channel}: {error}; retried in a minute")
                context.log.warning(told[-1])
                continue
            new = {problem.subject: problem.title for problem in message.new}
            store.announcements.note(sender.channel, new, message.recovered)
            told.append(f"{sender.channel}: {message.subject}")
        context.update_cursor("")
        return dg.SkipReason(". ".join(told))
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))


def _records(store: Store, settings: AlertSettings) -> Iterator[Problem]:
    for kind, key, sku, state, code, message in store.announcements.open_records():
        template = settings.akeneo_assets_alert_record_url
        url = link(template, kind=kind, id=key, sku=sku or "") if template else None
        name = f"{kind} {sku or key}"
        yield Problem(f"{kind}/{key}", f"{name} {state}", f"{code}: {message}", url)


def _failed_runs(runs: OwnRuns, settings: AlertSettings) -> Iterator[Problem]:
    """Yield what failed in its latest run, of the last days: partitions, and jobs without partitions."""
    since = datetime.now(timezone.utc) - timedelta(days=_DAYS)
    seen = set()
    for record in takewhile(lambda each: each.create_timestamp > since, runs.with_status(_ENDED)):
        run = record.dagster_run
        for name in runs.partitions_of(run) or [run.job_name]:
            if name not in seen and run.status == dg.DagsterRunStatus.FAILURE:
                template = settings.akeneo_assets_alert_run_url
                url = link(template, id=run.run_id) if template else None
                yield Problem(f"run/{name}", f"run of {name} failed", "Its page in the Dagster UI says why.", url)
            seen.add(name)
