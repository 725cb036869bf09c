"""Builds the assets of each layer: what they read or write, and what they depend on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

import dagster as dg

from akeneo_assets.assets.column_lineage import column_metadata, delivered_column_metadata
from akeneo_assets.assets.data_versions import plan_version, source_version
from akeneo_assets.assets.ledger_checks import check_specs
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.run_step import run_step
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.objects import OBJECTS, ObjectName, SourceName
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.engine import Engine
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
    hold: bool = False
    """Do not send records that refer to others. Another run sends them with ``held``."""
    held: bool = False
    """Instead of the partition, send the held records of all partitions, each after those that it refers to."""


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

        @dg.multi_asset(
            name=names.scoped(f"akeneo__{self.name}"),
            specs=[spec],
            required_resource_keys={names.engine},
            backfill_policy=names.backfill_policy,
        )
        def read(context: dg.AssetExecutionContext, config: ReadConfig) -> dg.MaterializeResult:
            return run_step(
                context,
                names,
                "akeneo",
                lambda engine, key: self.step(engine, key, config),
                version=lambda engine, key: source_version(engine, self.name, key),
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
            backfill_policy=names.backfill_policy,
            op_tags={"dagster/priority": _PLAN_PRIORITY},
        )
        def plan(context: dg.AssetExecutionContext, config: PlanConfig) -> dg.MaterializeResult:
            return run_step(
                context,
                names,
                "catalog",
                lambda engine, key: engine.plan(self.name, key, force=config.force),
                object_name=self.name,
                sample=lambda engine, key: engine.plan_sample(self.name, key),
                version=lambda engine, key: plan_version(engine, self.name, key),
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
            backfill_policy=names.backfill_policy,
        )
        def deliver(context: dg.AssetExecutionContext, config: DeliveryConfig) -> dg.MaterializeResult:
            return run_step(
                context,
                names,
                "ipaas",
                lambda engine, key: (
                    engine.deliver_held(key)
                    if config.held
                    else engine.deliver(self.name, key, repair=config.repair, hold=config.hold)
                ),
                object_name=self.name,
                ordered_after=earlier,
                columns=lambda engine: delivered_column_metadata(self.name, engine.mapping, engine.structure, names),
            )

        return deliver


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
