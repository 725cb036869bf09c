"""Builds the assets of each layer: what they call, and how they report results and errors."""

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Final, get_args

import dagster as dg

from akeneo_assets.assets.column_lineage import column_metadata, delivered_column_metadata
from akeneo_assets.assets.partitions import catalog_batches, category_trees
from akeneo_assets.assets.reporting import MetadataValue, as_dagster_failures, metadata_of
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.objects import OBJECTS, ObjectName, SourceName
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.results import StepResult

LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
STRUCTURE: Final = dg.AssetKey(["akeneo", "structure"])

_OWNERS: Final = ["team:product-data"]
_PLAN_PRIORITY: Final = "10"
"""Priority of plans. A run makes all its plans before it sends the first record, so that they show what was due."""


class ReadConfig(dg.Config):
    """What to read of a ``changes:…`` partition; families and trees are always read in full."""

    changed_since: str = ""
    """Read changes since this time, for example 2026-11-23T10:15:00Z, if it is earlier than the last complete read."""
    look_back: bool = False
    """For products, also read changes of the last PRODUCT_VARIANT_POLL_SEARCH_DAYS days."""

    @property
    def since(self) -> float | None:
        """The moment of ``changed_since`` in epoch seconds.

        Raises:
            ConfigurationError: It is not a valid time.
        """
        if not self.changed_since:
            return None
        try:
            moment = datetime.fromisoformat(self.changed_since.replace("Z", "+00:00"))
        except ValueError:
            raise ConfigurationError(
                f"changed_since: '{self.changed_since}' is not a valid time. Use the format 2026-11-23T10:15:00Z."
            ) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


Step = Callable[[Engine, str, ReadConfig], StepResult]
"""Does the work of an asset for a partition key."""


class PlanConfig(dg.Config):
    """How to plan."""

    force: bool = False
    """Also plan unchanged records, so they are sent again."""


class DeliveryConfig(dg.Config):
    """How to deliver."""

    repair: bool = True
    """Afterwards, also send kept links whose targets now exist, in records of any partition."""


def akeneo_asset(name: SourceName, step: Step, *, description: str) -> dg.AssetsDefinition:
    """Make an asset that reads records of Akeneo into the mirror."""

    @dg.asset(
        key=["akeneo", name],
        deps=[STRUCTURE],
        partitions_def=_partitions(name),
        group_name="akeneo",
        kinds={"akeneo"},
        owners=_OWNERS,
        description=description,
    )
    def read(context: dg.AssetExecutionContext, config: ReadConfig, engine: EngineResource) -> dg.MaterializeResult:
        return run_step(context, engine.engine, lambda: step(engine.engine, context.partition_key, config))

    return read


def catalog_asset(object_name: ObjectName, *, description: str) -> dg.AssetsDefinition:
    """Make an asset that plans an object. Materializing only this asset is a dry run."""
    check = dg.AssetCheckSpec(
        "no_record_blocked",
        asset=dg.AssetKey(["catalog", object_name]),
        description="No record is blocked by its data in Akeneo.",
    )

    @dg.asset(
        key=["catalog", object_name],
        deps=[
            STRUCTURE,
            *(
                _same_partition(["akeneo", source])
                if _partitions(source) == _partitions(object_name)
                else _all_partitions(["akeneo", source])
                for source in OBJECTS[object_name].made_from
            ),
        ],
        partitions_def=_partitions(object_name),
        group_name="catalog",
        kinds={"python"},
        owners=_OWNERS,
        description=description,
        op_tags={"dagster/priority": _PLAN_PRIORITY},
        check_specs=[check],
    )
    def plan(context: dg.AssetExecutionContext, config: PlanConfig, engine: EngineResource) -> dg.MaterializeResult:
        return run_step(
            context,
            engine.engine,
            lambda: engine.engine.plan(object_name, context.partition_key, force=config.force),
            check="no_record_blocked",
            sample=lambda: engine.engine.plan_sample(object_name, context.partition_key),
            columns=lambda: column_metadata(object_name, engine.engine.mapping, engine.engine.structure),
        )

    return plan


def ipaas_asset(object_name: ObjectName, *, description: str) -> dg.AssetsDefinition:
    """Make an asset that carries out the plan of an object."""
    check = dg.AssetCheckSpec(
        "every_record_delivered",
        asset=dg.AssetKey(["ipaas", object_name]),
        description="iPaaS.com accepted every record that was sent.",
    )

    @dg.asset(
        key=["ipaas", object_name],
        deps=[
            _same_partition(["catalog", object_name]),
            *(_all_partitions(["ipaas", earlier]) for earlier in OBJECTS[object_name].waits_for),
        ],
        partitions_def=_partitions(object_name),
        group_name="ipaas",
        kinds={"ipaas.com"},
        owners=_OWNERS,
        description=description,
        check_specs=[check],
    )
    def deliver(
        context: dg.AssetExecutionContext, config: DeliveryConfig, engine: EngineResource
    ) -> dg.MaterializeResult:
        return run_step(
            context,
            engine.engine,
            lambda: engine.engine.deliver(object_name, context.partition_key, repair=config.repair),
            check="every_record_delivered",
            columns=lambda: delivered_column_metadata(object_name, engine.engine.mapping, engine.engine.structure),
        )

    return deliver


def run_step(
    context: dg.AssetExecutionContext,
    engine: Engine,
    step: Callable[[], StepResult],
    *,
    check: str | None = None,
    sample: Callable[[], list[dict[str, str]]] | None = None,
    columns: Callable[[], dict[str, MetadataValue]] | None = None,
) -> dg.MaterializeResult:
    """Run a step and report its result.

    Args:
        context: Context of the asset.
        engine: Engine of the run.
        step: Does the work.
        check: Name of the asset's check, which fails if a record failed or is blocked.
        sample: Returns example rows for the metadata. Called after the step.
        columns: Returns the columns and their lineage for the metadata. Called after the step.

    Raises:
        Failure: The step failed. The message says why and what to do.
    """
    with engine.measured() as usage:
        with as_dagster_failures(context):
            result = step()
            examples = sample() if sample is not None else []
            described = columns() if columns is not None else {}
        cost = usage()
    context.log.info(f"{context.asset_key.to_user_string()}: {result.summary()}; {cost.requests.total()} requests")
    checks = []
    if check is not None:
        wrong = result.counts["failed"] + result.counts["blocked"]
        checks.append(
            dg.AssetCheckResult(
                check_name=check,
                passed=wrong == 0,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"records": wrong},
            )
        )
    return dg.MaterializeResult(metadata=metadata_of(result, cost, examples) | described, check_results=checks)


def _same_partition(path: Sequence[str]) -> dg.AssetDep:
    return dg.AssetDep(dg.AssetKey(path), partition_mapping=dg.IdentityPartitionMapping())


def _all_partitions(path: Sequence[str]) -> dg.AssetDep:
    # A bundle may refer to any product, so it needs all partitions of the products. This also orders backfills.
    return dg.AssetDep(dg.AssetKey(path), partition_mapping=dg.AllPartitionMapping())


def _partitions(name: ObjectName) -> dg.DynamicPartitionsDefinition:
    return category_trees if OBJECTS[name].by_tree else catalog_batches
