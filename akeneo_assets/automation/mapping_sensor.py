"""The sensor that detects a changed mapping file."""

import time
from collections.abc import Mapping
from typing import Final

import dagster as dg
from pydantic import BaseModel, ValidationError

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.automation.dead_runs import reason_to_wait
from akeneo_assets.automation.jobs import Job
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.run_requests import batches_of, default_status, run_request
from akeneo_assets.automation.runs import is_over, pause_seconds
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource, engine_of
from akeneo_assets.sync.agenda import families_to_read
from akeneo_assets.sync.batches import STRUCTURE, JobName
from akeneo_assets.sync.programme import in_order, with_outdated_rules

_SECONDS: Final = 30

# Without `changes`, because re-mapping a large catalogue takes long and neither has to wait for the other.
_JOBS: Final[tuple[JobName, ...]] = ("deliver_due", "categories", "structure", "full_load")


class MappingCursor(BaseModel):
    """The rules that all records are mapped with, and the rules for which runs were requested last."""

    version: int = 1
    rules: str = ""
    asked: str = ""
    times: int = 0
    not_before: float = 0.0

    @classmethod
    def parse(cls, cursor: str | None) -> "MappingCursor":
        """Parse a cursor. An invalid one is replaced by a new one."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()

    def after_request(self, rules: str, now: float) -> "MappingCursor":
        """Return the cursor after runs were requested. Each repeated request for the same mapping doubles the pause."""
        times = self.times + 1 if self.asked == rules else 1
        return MappingCursor(rules=self.rules, asked=rules, times=times, not_before=now + pause_seconds(times))


def mapping_changes_sensor(names: Names, jobs: Mapping[str, Job]) -> dg.SensorDefinition:
    """Return the sensor of a subscription.

    Args:
        names: The names of the subscription.
        jobs: Its jobs.
    """

    @dg.sensor(
        name=names.scoped("mapping_changes"),
        jobs=[jobs["deliver_due"], jobs["full_load"], jobs["categories"], jobs["structure"]],
        minimum_interval_seconds=_SECONDS,
        required_resource_keys={names.engine},
        default_status=default_status(names),
        description=(
            "Detects a changed mapping file and re-maps existing records, by family and category tree. Reads a family "
            "or the structure again only if the mapping now needs more data than was read before."
        ),
    )
    def mapping_changes(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        return _tick(context, engine_of(context, names.engine), names)

    return mapping_changes


def _tick(context: dg.SensorEvaluationContext, engine: EngineResource, names: Names) -> dg.SensorResult | dg.SkipReason:
    """Request the runs that re-map existing records."""
    now = time.time()
    runs = OwnRuns.of_sensor(context, names)
    if (reason := reason_to_wait(runs, context, engine, _JOBS, "A run is in progress.")) is not None:
        return reason
    cursor = MappingCursor.parse(context.cursor)
    try:
        connected = engine.connected()
        rules = connected.rules_fingerprint
        unread = families_to_read(connected.store, connected.mapping)
        if cursor.rules == rules and not unread:
            return dg.SkipReason("The mapping has not changed.")
        if cursor.asked == rules and not is_over(cursor.not_before, now):
            return dg.SkipReason("Runs for the new mapping were just requested. What they leave is retried later.")
        # Report a file that does not fit the catalogue here, and not in a run for each family.
        _ = connected.mapper
        before = [STRUCTURE] if connected.needs_structure else []
        due = before or with_outdated_rules(connected.store, connected.mapping, rules)
        requested = batches_of(in_order(due, InstancePartitions(context.instance, names)))
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))
    if not requested:
        context.update_cursor(MappingCursor(rules=rules).model_dump_json())
        return dg.SkipReason("All records are mapped with the current mapping.")
    if not before:
        context.update_cursor(cursor.after_request(rules, now).model_dump_json())
    # Read the structure once, and not in the run of each family. If that fails, its schedule tries next.
    run_key = f"{cursor.rules} {rules}" if before else None
    return dg.SensorResult(run_requests=[run_request(batch, names, rules, run_key=run_key) for batch in requested])
