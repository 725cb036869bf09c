"""The job that syncs single records by hand."""

from collections.abc import Iterator
from enum import Enum
from typing import Final, TypeAlias

import dagster as dg
from pydantic import Field

from akeneo_assets.assets.check_reports import outdated
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import as_dagster_failures, count_records, metadata_of
from akeneo_assets.http.statistics import RequestCounts
from akeneo_assets.objects import NAMED_KINDS, OBJECTS
from akeneo_assets.resources import engine_of
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.results import Usage

_LAYERS: Final[tuple[Layer, ...]] = ("catalog", "ipaas")

_Reported: TypeAlias = dg.AssetObservation | dg.AssetCheckEvaluation


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
    ids: list[str] = Field(
        ["straw-hat"], description="Codes, SKUs, or uuids or identifiers of products; here an example."
    )
    force: bool = Field(False, description="Send the records even if nothing changed.")
    dry_run: bool = Field(False, description="Show what would be sent, and send nothing.")


def sync_records_job(names: Names) -> dg.JobDefinition:
    """Return the job of a subscription."""

    @dg.op(
        name=names.scoped("sync_named_records"),
        description="Reads, plans and delivers the named records with everything they need.",
        required_resource_keys={names.engine},
        out=dg.Out(dg.Nothing),
    )
    def sync_named_records(context: dg.OpExecutionContext, config: RecordsConfig) -> Iterator[_Reported]:
        yield from _sync(context, config, names)

    @dg.job(
        name=names.scoped("sync_records"),
        description="Syncs single records: categories, product models, products, variants or bundles.",
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )
    def sync_records() -> None:
        sync_named_records()

    return sync_records


def _sync(context: dg.OpExecutionContext, config: RecordsConfig, names: Names) -> Iterator[_Reported]:
    """Sync the named records, and report the results on their assets."""
    engine = engine_of(context, names.engine).engine
    with engine.measured() as usage:
        with as_dagster_failures(context):
            outcome = engine.sync_records(
                NAMED_KINDS[config.kind.value], config.ids, dry_run=config.dry_run, force=config.force
            )
        cost = usage()
    for object_name in OBJECTS:
        for layer in _LAYERS:
            result = (outcome.planned if layer == "catalog" else outcome.delivered).get(object_name)
            if result is not None and result.counts.total():
                context.log.info(f"{layer}/{object_name}: {result.summary()}")
                count_records(names, layer, object_name, result)
                yield dg.AssetObservation(names.key(layer, object_name), metadata=metadata_of(layer, result, cost))
                # Everything was measured together, so only the first observation reports it.
                cost = Usage(0.0, RequestCounts(), {})
    with as_dagster_failures(context):
        yield from outdated(context.instance, names, engine)
    if outcome.missing:
        raise dg.Failure(
            f"Akeneo does not list {config.kind.value} {', '.join(outcome.missing)}. Check the ids and the "
            "permissions of the connection. The other records were synced.",
            allow_retries=False,
        )
