"""The job that shows everything about one record."""

import dagster as dg
from pydantic import Field

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import as_dagster_failures
from akeneo_assets.automation.sync_records import RecordKind
from akeneo_assets.resources import engine_of
from akeneo_assets.sync.inspect.explain import explain
from akeneo_assets.sync.inspect.record_page import record_page


class ExplainConfig(dg.Config):
    """Which record to explain."""

    kind: RecordKind = Field(RecordKind.product, description="The kind of the record.")
    id: str = Field("straw-hat", description="A code, a SKU, or the uuid or identifier of a product; here an example.")


def explain_record_job(names: Names) -> dg.JobDefinition:
    """Return the job of a subscription."""

    @dg.op(
        name=names.scoped("explain_named_record"),
        description="Shows where each field of a record comes from, its state and its history.",
        required_resource_keys={names.engine},
        out=dg.Out(dg.Nothing),
    )
    def explain_named_record(context: dg.OpExecutionContext, config: ExplainConfig) -> None:
        engine = engine_of(context, names.engine).engine
        with as_dagster_failures(context):
            page = record_page(explain(engine, config.kind.value, config.id))
        context.add_output_metadata({"record": dg.MetadataValue.md(page)})

    @dg.job(
        name=names.scoped("explain_record"),
        description=(
            "Shows one record: its ids, where each field comes from, its timeline and its problem. Sends nothing."
        ),
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )
    def explain_record() -> None:
        explain_named_record()

    return explain_record
