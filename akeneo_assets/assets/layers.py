"""Builds the assets of each layer: what they call, and how they report results and errors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

import dagster as dg

from akeneo_assets.assets.check_reports import check_results
from akeneo_assets.assets.column_lineage import column_metadata, delivered_column_metadata
from akeneo_assets.assets.data_versions import ignored_inputs, plan_version, source_version
from akeneo_assets.assets.ledger_checks import check_specs, problems_now
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.assets.reporting import MetadataValue, as_dagster_failures, count_records, metadata_of
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.objects import OBJECTS, ObjectName, SourceName
from akeneo_assets.resources import engine_of
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import is_changes
from akeneo_assets.sync.results import StepResult

STRUCTURE: Final = ("akeneo", "structure")

_HELP: Final[Mapping[Layer, str]] = {
    "akeneo": "If a run fails, its log says which request failed and what to do.",
    "catalog": "If a check warns, the table *problems* says what to change in Akeneo or the mapping.",
    "ipaas": "If a check warns, the table *problems* lists each open record and what to do (`docs/checks.md`).",
}
"""What to do when an asset of the layer is red."""

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


@dataclass(frozen=True)
class AkeneoAsset:
    """An asset that reads records of Akeneo into the mirror.

    Attributes:
        name: The records.
        step: Reads a partition.
        description: What the UI says about it.
    """

    name: SourceName
    step: Step
    description: str

    def build(self, names: Names) -> dg.AssetsDefinition:
        """Return the asset of a subscription."""
        spec = names.spec("akeneo", self.name).replace_attributes(
            description=f"{self.description}\n\n{_HELP['akeneo']}",
            deps=[names.key(*STRUCTURE)],
            partitions_def=_partitions(names, self.name),
        )

        @dg.multi_asset(name=names.scoped(f"akeneo__{self.name}"), specs=[spec], required_resource_keys={names.engine})
        def read(context: dg.AssetExecutionContext, config: ReadConfig) -> dg.MaterializeResult:
            return run_step(
                context,
                names,
                "akeneo",
                lambda engine: self.step(engine, context.partition_key, config),
                version=lambda engine: source_version(engine, self.name, context.partition_key),
            )

        return read


@dataclass(frozen=True)
class CatalogAsset:
    """An asset that plans an object. Materializing only this asset is a dry run."""

    name: ObjectName
    description: str

    def build(self, names: Names) -> dg.AssetsDefinition:
        """Return the asset of a subscription."""
        partitions = _partitions(names, self.name)
        sources = [
            _same_partition(names.key("akeneo", source))
            if _partitions(names, source) == partitions
            else all_partitions(names.key("akeneo", source))
            for source in OBJECTS[self.name].made_from
        ]
        earlier = _only_ordered(sources)
        spec = names.spec("catalog", self.name).replace_attributes(
            description=f"{self.description}\n\n{_HELP['catalog']}",
            deps=[names.key(*STRUCTURE), *sources],
            partitions_def=partitions,
        )

        @dg.multi_asset(
            name=names.scoped(f"catalog__{self.name}"),
            specs=[spec],
            check_specs=check_specs("catalog", self.name, spec),
            required_resource_keys={names.engine},
            op_tags={"dagster/priority": _PLAN_PRIORITY},
        )
        def plan(context: dg.AssetExecutionContext, config: PlanConfig) -> dg.MaterializeResult:
            return run_step(
                context,
                names,
                "catalog",
                lambda engine: engine.plan(self.name, context.partition_key, force=config.force),
                object_name=self.name,
                sample=lambda engine: engine.plan_sample(self.name, context.partition_key),
                version=lambda engine: plan_version(engine, self.name, context.partition_key),
                ordered_after=earlier,
                columns=lambda engine: column_metadata(self.name, engine.mapping, engine.structure, names),
            )

        return plan


@dataclass(frozen=True)
class IpaasAsset:
    """An asset that carries out the plan of an object."""

    name: ObjectName
    description: str

    def build(self, names: Names) -> dg.AssetsDefinition:
        """Return the asset of a subscription."""
        earlier = [names.key("ipaas", each) for each in OBJECTS[self.name].waits_for]
        spec = names.spec("ipaas", self.name).replace_attributes(
            description=f"{self.description}\n\n{_HELP['ipaas']}",
            deps=[_same_partition(names.key("catalog", self.name)), *map(all_partitions, earlier)],
            partitions_def=_partitions(names, self.name),
        )

        @dg.multi_asset(
            name=names.scoped(f"ipaas__{self.name}"),
            specs=[spec],
            check_specs=check_specs("ipaas", self.name, spec),
            required_resource_keys={names.engine},
        )
        def deliver(context: dg.AssetExecutionContext, config: DeliveryConfig) -> dg.MaterializeResult:
            return run_step(
                context,
                names,
                "ipaas",
                lambda engine: engine.deliver(self.name, context.partition_key, repair=config.repair),
                object_name=self.name,
                ordered_after=earlier,
                columns=lambda engine: delivered_column_metadata(self.name, engine.mapping, engine.structure, names),
            )

        return deliver


def run_step(
    context: dg.AssetExecutionContext,
    names: Names,
    layer: Layer,
    step: Callable[[Engine], StepResult],
    *,
    object_name: ObjectName | None = None,
    sample: Callable[[Engine], list[dict[str, str]]] | None = None,
    columns: Callable[[Engine], dict[str, MetadataValue]] | None = None,
    version: Callable[[Engine], dg.DataVersion] | None = None,
    ordered_after: Sequence[dg.AssetKey] = (),
) -> dg.MaterializeResult:
    """Run a step and report its result.

    Args:
        context: Context of the asset.
        names: The names of the subscription.
        layer: The layer of the asset.
        step: Does the work.
        object_name: The object of a plan or a delivery, whose problems and checks are reported.
        sample: Returns example rows for the metadata. Called after the step.
        columns: Returns the columns and their lineage for the metadata. Called after the step.
        version: Returns the data version. Called after the step.
        ordered_after: Assets that are materialized before, but whose changes do not make this one stale.

    Raises:
        Failure: The step failed. The message says why and what to do.
    """
    engine = engine_of(context, names.engine).engine
    _keep_hour(context, names)
    with engine.measured() as usage:
        with as_dagster_failures(context):
            result = step(engine)
            examples = sample(engine) if sample is not None else []
            described = columns(engine) if columns is not None else {}
            data_version = version(engine) if version is not None else None
        cost = usage()
    _keep_hour(context, names)
    context.log.info(f"{context.asset_key.to_user_string()}: {result.summary()}; {cost.requests.total()} requests")
    count_records(names, layer, object_name or "structure", result)
    metadata = metadata_of(layer, result, cost, examples) | described
    tags = ignored_inputs(ordered_after)
    if object_name is None:
        return dg.MaterializeResult(metadata=metadata, data_version=data_version, tags=tags)
    with as_dagster_failures(context):
        checks = check_results(context, names, engine, layer, object_name)
        is_open = not all(check.passed for check in checks)
        metadata |= problems_now(engine, layer, object_name, context.partition_key, result, is_open=is_open)
    return dg.MaterializeResult(metadata=metadata, check_results=checks, data_version=data_version, tags=tags)


def _keep_hour(context: dg.AssetExecutionContext, names: Names) -> None:
    """Add the partition of an hour of changes, which was removed if an earlier run of it succeeded."""
    if context.has_partition_key and is_changes(context.partition_key):
        InstancePartitions(context.instance, names).add(context.partition_key)


def _only_ordered(deps: Sequence[dg.AssetDep]) -> list[dg.AssetKey]:
    """Return the assets of which all partitions are materialized before."""
    return [dep.asset_key for dep in deps if isinstance(dep.partition_mapping, dg.AllPartitionMapping)]


def _same_partition(key: dg.AssetKey) -> dg.AssetDep:
    return dg.AssetDep(key, partition_mapping=dg.IdentityPartitionMapping())


def all_partitions(key: dg.AssetKey) -> dg.AssetDep:
    """Return the dependency on all partitions of an asset."""
    # A bundle may refer to any product, so it needs all partitions of the products. This also orders backfills.
    return dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())


def _partitions(names: Names, name: ObjectName | SourceName) -> dg.DynamicPartitionsDefinition:
    return names.category_trees if OBJECTS[name].by_tree else names.catalog_batches
