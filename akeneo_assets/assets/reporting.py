"""The metadata and the errors that the Dagster UI shows for a materialization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from akeneo_assets import metrics
from akeneo_assets.assets.names import Names
from akeneo_assets.errors import AkeneoAssetsError, UnexpectedError
from akeneo_assets.http.redaction import summary_of, traceback_of
from akeneo_assets.http.stopping import StoppedError
from akeneo_assets.resources import failure_of
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.results import StepReport, StepResult, Usage

MetadataValue: TypeAlias = dg.MetadataValue


@contextmanager
def as_dagster_failures(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> Iterator[None]:
    """Turn an error in this block into a failure of the step that says what to do. Its details are logged.

    Raises:
        Failure: Something went wrong.
        DagsterExecutionInterruptedError: This process was asked to stop.
    """
    try:
        yield
    except dg.Failure:
        raise
    except AkeneoAssetsError as error:
        if error.detail:
            context.log.info(error.detail)
        raise failure_of(error) from error
    except StoppedError:
        # Dagster only marks the run as canceled, instead of failed, if cancellation was requested.
        context.instance.report_run_canceling(context.run)
        raise DagsterExecutionInterruptedError from None
    except Exception as error:  # noqa: BLE001 - the last resort
        context.log.error(traceback_of(error))  # noqa: TRY400 - the logged text contains no secrets
        unexpected = UnexpectedError(
            f"Unexpected error ({summary_of(error)}). Nothing is lost: what is left is still pending. If it happens "
            f"again, report it with the details in the log of run {context.run_id} in the Dagster UI."
        )
        raise failure_of(unexpected) from unexpected


def metadata_of(
    layer: Layer, result: StepResult, usage: Usage, examples: Sequence[dict[str, str]] = ()
) -> dict[str, MetadataValue]:
    """Return the metadata of a step. The UI plots numbers over time.

    Args:
        layer: The layer of the step.
        result: What the step did.
        usage: Its duration and its requests.
        examples: Rows of the plan, for a table.
    """
    return shown(result.report(layer, usage, examples))


def shown(report: StepReport) -> dict[str, MetadataValue]:
    """Return a report as metadata."""
    return {name: _shown(value) for name, value in report.items()}


def count_records(names: Names, layer: Layer, object_name: str, result: StepResult) -> None:
    """Add the counts of a step to the metrics."""
    for outcome, count in result.counts.items():
        if count:
            attributes = {"layer": layer, "object": object_name, "outcome": outcome}
            metrics.record(metrics.RECORDS, count, attributes | {"subscription": names.subscription.name})


def table_of(rows: Sequence[Mapping[str, str]]) -> MetadataValue:
    """Return rows as a table. They all need the same columns."""
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows])


def _shown(value: object) -> MetadataValue:
    if isinstance(value, int):
        return dg.MetadataValue.int(value)
    if isinstance(value, float):
        return dg.MetadataValue.float(value)
    if isinstance(value, list):
        return table_of(value)
    return dg.MetadataValue.json(value) if isinstance(value, dict) else dg.MetadataValue.text(str(value))
