"""The job that finds records that were deleted in Akeneo, or that the mirror lacks."""

import dagster as dg
from pydantic import Field

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import as_dagster_failures, metadata_of
from akeneo_assets.objects import SOURCES
from akeneo_assets.resources import engine_of


class SweepConfig(dg.Config):
    """How to handle records that are missing in Akeneo."""

    largest_share: float | None = Field(
        None, ge=0, le=1, description="Stop if a larger share is missing, 0 to 1; default: ID_SWEEP_LARGEST_SHARE."
    )
    disable: bool | None = Field(None, description="Set deleted records to Disabled; default: DISABLE_GONE_PRODUCTS.")


def id_sweep_job(names: Names) -> dg.JobDefinition:
    """Return the job of a subscription."""

    @dg.op(
        name=names.scoped("sweep_ids"),
        description="Compares the ids in Akeneo with the mirror, reads missing records and marks deleted ones.",
        required_resource_keys={names.engine},
    )
    def sweep_ids(context: dg.OpExecutionContext, config: SweepConfig) -> None:
        _sweep(context, config, names)

    @dg.job(
        name=names.scoped("id_sweep"),
        description="Finds records that were deleted in Akeneo or are missing in the mirror.",
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )
    def id_sweep() -> None:
        sweep_ids()

    return id_sweep


def _sweep(context: dg.OpExecutionContext, config: SweepConfig, names: Names) -> None:
    """Compare the ids of all kinds, and report the results on their assets."""
    engine = engine_of(context, names.engine).engine
    settings = engine.settings
    share = settings.id_sweep_largest_share if config.largest_share is None else config.largest_share
    disable = settings.disable_gone_products if config.disable is None else config.disable
    with engine.measured() as usage, as_dagster_failures(context):
        for kind, name in SOURCES.items():
            result = engine.sweep(kind, largest_share=share)
            context.log_event(
                dg.AssetObservation(names.key("akeneo", name), metadata=metadata_of("akeneo", result, usage()))
            )
            context.log.info(f"{name}: {result.summary()}")
        disabled = engine.disable_gone() if disable else {}
        for object_name, result in disabled.items():
            context.log.info(f"{object_name}, gone from Akeneo and disabled: {result.summary()}")
