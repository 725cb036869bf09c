"""What a materialization shows in the Dagster UI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Final, TypeAlias

import dagster as dg

from akeneo_assets.sync.results import Outcome, StepResult, Took

MetadataValue: TypeAlias = dg.MetadataValue

_COUNTS: Final[tuple[Outcome, ...]] = ("read", "created", "updated", "unchanged", "blocked", "failed")


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
