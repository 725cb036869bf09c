"""Akeneo's structure: what the mapping needs to understand records."""

import dagster as dg

from akeneo_assets.assets.data_versions import structure_version
from akeneo_assets.assets.layers import STRUCTURE
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.assets.run_step import run_step
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import family_keys
from akeneo_assets.sync.results import StepResult


def structure_asset(names: Names) -> dg.AssetsDefinition:
    """Return the asset that reads the structure and updates the partition keys."""
    spec = names.spec(*STRUCTURE).replace_attributes(
        description=(
            "Reads the attributes, options, families, family variants, association types, channels, measurement "
            "families, reference entity records and assets that the mapping uses. Adds a partition for every category "
            "tree and family, and checks the mapping file against the catalogue."
        )
    )

    @dg.multi_asset(name=names.scoped("akeneo__structure"), specs=[spec], required_resource_keys={names.engine})
    def structure(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        def step(engine: Engine, _: str) -> StepResult:
            result = engine.read_structure()
            partitions = InstancePartitions(context.instance, names)
            trees = partitions.update_trees(engine.category_roots())
            batches = partitions.update_families(family_keys(engine.families()))
            context.log.info(f"{trees} new category trees, {batches} new families")
            return result

        return run_step(context, names, "akeneo", step, version=lambda engine, _: structure_version(engine))

    return structure
