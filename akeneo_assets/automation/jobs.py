"""The jobs for the structure, category trees, catalogue batches, named records, and the id sweep."""

from collections.abc import Iterator
from datetime import datetime, timezone
from enum import Enum

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from pydantic import Field

from akeneo_assets.assets.reporting import as_dagster_failures, metadata_of
from akeneo_assets.automation.own_runs import RUN_TAGS
from akeneo_assets.http.statistics import RequestCounts
from akeneo_assets.objects import NAMED_KINDS, OBJECTS, SOURCES
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.batches import STRUCTURE, Batch, batch_of
from akeneo_assets.sync.inspect.explain import explain
from akeneo_assets.sync.inspect.record_page import record_page
from akeneo_assets.sync.partition_keys import changes_key, family_key
from akeneo_assets.sync.results import Usage


def _asset_job(batch: Batch, description: str) -> UnresolvedAssetJobDefinition:
    """Define the job of a batch with the assets that it materializes, whatever else the instance has."""
    return dg.define_asset_job(
        batch.job,
        selection=dg.AssetSelection.assets(*batch.steps),
        description=description,
        tags=RUN_TAGS,
        executor_def=dg.in_process_executor,
    )


structure_job = _asset_job(
    STRUCTURE, "Reads Akeneo's structure and adds partitions for new category trees and families."
)
categories_job = _asset_job(
    batch_of("root"),
    "Syncs one category tree to iPaaS.com, parents first. Backfill all trees for the initial load.",
)
full_load_job = _asset_job(
    batch_of(family_key("code")),
    "Reads a whole family and syncs it to iPaaS.com. Backfill all families for the full load.",
)
changes_job = _asset_job(
    batch_of(changes_key(datetime.now(timezone.utc))),
    "Reads changes since the last complete read and syncs them to iPaaS.com.",
)
deliver_due_job = _asset_job(
    batch_of(family_key("code"), reads=False),
    "Plans and delivers without reading Akeneo: for a family, the records whose mapping changed; for an hour of "
    "changes, all pending records.",
)


class RecordKind(Enum):
    """The kind of a record."""

    category = "category"
    product_model = "product_model"
    product = "product"
    variant = "variant"
    bundle = "bundle"


class RecordsConfig(dg.Config):
    """Which records to sync."""

    kind: RecordKind = Field(RecordKind.product, description="The kind of the records.")
    ids: list[str] = Field(description="Codes, SKUs, or uuids or identifiers of products.")
    force: bool = Field(False, description="Send the records even if nothing changed.")
    dry_run: bool = Field(False, description="Show what would be sent, and send nothing.")


@dg.op(description="Reads, plans and delivers the named records with everything they need.", out=dg.Out(dg.Nothing))
def sync_named_records(
    context: dg.OpExecutionContext, config: RecordsConfig, engine: EngineResource
) -> Iterator[dg.AssetObservation]:
    """Sync the named records, and report the results on their assets."""
    with engine.engine.measured() as usage:
        with as_dagster_failures(context):
            outcome = engine.engine.sync_records(
                NAMED_KINDS[config.kind.value], config.ids, dry_run=config.dry_run, force=config.force
            )
        cost = usage()
    for object_name in OBJECTS:
        for layer, results in (("catalog", outcome.planned), ("ipaas", outcome.delivered)):
            result = results.get(object_name)
            if result is not None and result.counts.total():
                context.log.info(f"{layer}/{object_name}: {result.summary()}")
                yield dg.AssetObservation([layer, object_name], metadata=metadata_of(result, cost))
                # Everything was measured together, so only the first observation reports it.
                cost = Usage(0.0, RequestCounts())
    if outcome.missing:
        raise dg.Failure(
            f"Akeneo does not list {config.kind.value} {', '.join(outcome.missing)}. Check the ids and the "
            "permissions of the connection. The other records were synced.",
            allow_retries=False,
        )


@dg.job(
    name="sync_records",
    description="Syncs single records: categories, product models, products, variants or bundles.",
    tags=RUN_TAGS,
    executor_def=dg.in_process_executor,
)
def sync_records_job() -> None:
    """One op, which calls the engine."""
    sync_named_records()


class ExplainConfig(dg.Config):
    """Which record to explain."""

    kind: RecordKind = Field(RecordKind.product, description="The kind of the record.")
    id: str = Field(description="A code, a SKU, or the uuid or identifier of a product.")


@dg.op(description="Shows where each field of a record comes from, its state and its history.", out=dg.Out(dg.Nothing))
def explain_named_record(context: dg.OpExecutionContext, config: ExplainConfig, engine: EngineResource) -> None:
    """Attach the page about a record to the output."""
    with as_dagster_failures(context):
        page = record_page(explain(engine.engine, NAMED_KINDS[config.kind.value], config.id))
    context.add_output_metadata({"record": dg.MetadataValue.md(page)})


@dg.job(
    name="explain_record",
    description="Shows one record: its ids, where each field comes from, its timeline and its problem. Sends nothing.",
    tags=RUN_TAGS,
    executor_def=dg.in_process_executor,
)
def explain_record_job() -> None:
    """One op, which calls the engine."""
    explain_named_record()


class SweepConfig(dg.Config):
    """How to handle records that are missing in Akeneo."""

    largest_share: float | None = Field(
        None, ge=0, le=1, description="Stop if a larger share is missing, 0 to 1; default: ID_SWEEP_LARGEST_SHARE."
    )
    disable: bool | None = Field(None, description="Set deleted records to Disabled; default: DISABLE_GONE_PRODUCTS.")


@dg.op(description="Compares the ids in Akeneo with the mirror, reads missing records and marks deleted ones.")
def sweep_ids(context: dg.OpExecutionContext, config: SweepConfig, engine: EngineResource) -> None:
    """Compare the ids of all kinds, and report the results on their assets."""
    settings = engine.engine.settings
    share = settings.id_sweep_largest_share if config.largest_share is None else config.largest_share
    disable = settings.disable_gone_products if config.disable is None else config.disable
    with engine.engine.measured() as usage, as_dagster_failures(context):
        for kind, name in SOURCES.items():
            result = engine.engine.sweep(kind, largest_share=share)
            context.log_event(dg.AssetObservation(["akeneo", name], metadata=metadata_of(result, usage())))
            context.log.info(f"{name}: {result.summary()}")
        disabled = engine.engine.disable_gone() if disable else {}
        for object_name, result in disabled.items():
            context.log.info(f"{object_name}, gone from Akeneo and disabled: {result.summary()}")


@dg.job(
    name="id_sweep",
    description="Finds records that were deleted in Akeneo or are missing in the mirror.",
    tags=RUN_TAGS,
    executor_def=dg.in_process_executor,
)
def id_sweep_job() -> None:
    """One op."""
    sweep_ids()
