"""What a materialization shows in the Dagster UI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Final, TypeAlias

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from akeneo_assets.errors import AkeneoAssetsError, UnexpectedError
from akeneo_assets.http.redaction import summary_of, traceback_of
from akeneo_assets.http.stopping import StoppedError
from akeneo_assets.sync.results import Outcome, StepResult, Took

MetadataValue: TypeAlias = dg.MetadataValue

_COUNTS: Final[tuple[Outcome, ...]] = ("read", "created", "updated", "unchanged", "blocked", "failed")


@contextmanager
def as_dagster_failures(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> Iterator[None]:
    """Let what goes wrong in this block end the step with a line that says what to do; details go to the log.

    Raises:
        Failure: Something went wrong.
        DagsterExecutionInterruptedError: This process was told to stop.
    """
    try:
        yield
    except dg.Failure:
        raise
    except AkeneoAssetsError as error:
        if error.detail:
            context.log.info(error.detail)
        raise dg.Failure(str(error), allow_retries=False) from error
    except StoppedError:
        # Dagster calls it canceled, and not failed, only when that was asked for.
        context.instance.report_run_canceling(context.run)
        raise DagsterExecutionInterruptedError from None
    except Exception as error:  # noqa: BLE001 - the last resort
        context.log.error(traceback_of(error))  # noqa: TRY400 - what is logged holds no secret
        told = UnexpectedError(
            f"Unexpected error ({summary_of(error)}). Nothing is lost: what is left is still pending. If it happens "
            f"again, report it with the details in the log of run {context.run_id} in the Dagster UI."
        )
        raise dg.Failure(str(told), allow_retries=False) from told


def metadata_of(result: StepResult, took: Took, examples: Sequence[dict[str, str]] = ()) -> dict[str, MetadataValue]:
    """Return the metadata of a step; numbers are plotted over time by the UI.

    Args:
        result: What the step did.
        took: What it cost.
        examples: Rows of the plan, for a table.
    """
    requests = took.requests
    metadata: dict[str, MetadataValue] = {
        "requests": dg.MetadataValue.int(requests.total()),
        "requests_akeneo": dg.MetadataValue.int(requests.total("akeneo")),
        "requests_ipaas": dg.MetadataValue.int(requests.total("ipaas")),
        "requests_repeated": dg.MetadataValue.int(requests.retries),
        "throttled_seconds": dg.MetadataValue.float(round(requests.throttled_seconds, 2)),
        "seconds": dg.MetadataValue.float(round(took.seconds, 2)),
    }
    for name in _COUNTS:
        metadata[name] = dg.MetadataValue.int(result.counts[name])
    for name, count in result.counts.items():
        if name not in _COUNTS and count:
            metadata[name] = dg.MetadataValue.int(count)
    if result.window is not None:
        metadata["window"] = dg.MetadataValue.text(" to ".join(map(_moment, result.window)))
    if result.reasons:
        metadata["reasons"] = dg.MetadataValue.json(dict(result.reasons.most_common()))
    if result.attention:
        metadata["problems"] = _table(
            [
                {"record": f"{each.kind} {each.key}", "code": each.code, "what to do": each.message}
                for each in result.attention
            ]
        )
    if result.warnings:
        metadata["left_out"] = _table(
            [{"what": what, "records": str(count)} for what, count in result.warnings.most_common(20)]
        )
    if examples:
        metadata["plan"] = _table(examples)
    return metadata


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def _table(rows: Sequence[dict[str, str]]) -> MetadataValue:
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows])
