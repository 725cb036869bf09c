"""The job that tests what this project assumes about both APIs."""

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import as_dagster_failures
from akeneo_assets.probe.akeneo.probe import AkeneoProbe
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.probe.report import continued, markdown, summary
from akeneo_assets.resources import engine_of


def probe_job(names: Names) -> dg.JobDefinition:
    """Return the job of a subscription. It only reads."""

    @dg.op(
        name=names.scoped("probe_both_apis"),
        description="Tests what is assumed about Akeneo and iPaaS.com, with less than 200 requests.",
        required_resource_keys={names.engine},
        out=dg.Out(dg.Nothing),
    )
    def probe_both_apis(context: dg.OpExecutionContext) -> None:
        engine = engine_of(context, names.engine).engine
        with as_dagster_failures(context):
            reading, probing = AkeneoProbe(engine), IpaasProbe(engine)
            results = [*reading.run(), *probing.run(write=False)]
            since = min(filter(None, (reading.since, probing.since)), default=None)
        context.log.info(summary(results))
        context.add_output_metadata({"report": dg.MetadataValue.md(markdown(results, continued(results, since)))})

    @dg.job(
        name=names.scoped("probe"),
        description=(
            "Tests what this project assumes about both APIs on your Akeneo and your iPaaS.com. Reads only. The report "
            "is in the metadata of the output, see `docs/first-contact.md`."
        ),
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )
    def probe() -> None:
        probe_both_apis()

    return probe
