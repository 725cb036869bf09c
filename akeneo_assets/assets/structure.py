"""Akeneo's structure: what the mapping needs to understand records."""

import dagster as dg

from akeneo_assets.assets.layers import STRUCTURE, run_step
from akeneo_assets.assets.partitions import catalog_batches, category_trees, update_partitions
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.partition_keys import family_keys
from akeneo_assets.sync.results import StepResult


@dg.asset(
    key=STRUCTURE,
    group_name="akeneo",
    kinds={"akeneo"},
    owners=["team:product-data"],
    description=(
        "Reads the attributes, options, families, family variants, association types, channels, measurement families, "
        "reference entity records and assets that the mapping uses. Adds a partition for every category tree and "
        "family, and checks the mapping file against the catalogue."
    ),
)
def structure(context: dg.AssetExecutionContext, engine: EngineResource) -> dg.MaterializeResult:
    """Read the structure and update the partition keys."""

    def step() -> StepResult:
        result = engine.engine.read_structure()
        trees = update_partitions(context.instance, category_trees, engine.engine.category_roots())
        batches = update_partitions(context.instance, catalog_batches, family_keys(engine.engine.families()))
        context.log.info(f"{trees} new category trees, {batches} new catalogue batches")
        return result

    return run_step(context, engine.engine, step)
