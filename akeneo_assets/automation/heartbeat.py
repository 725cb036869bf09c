"""The heartbeat of the sync: materializes the asset ``in_sync`` while changes can reach iPaaS.com."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, TypedDict, cast

import dagster as dg

from akeneo_assets import metrics
from akeneo_assets.assets.in_sync import IN_SYNC
from akeneo_assets.assets.names import Names
from akeneo_assets.http.reachability import why_unreachable
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.lag import lag
from akeneo_assets.sync.step_report import MetadataKey

BEAT_SECONDS: Final = 300.0
"""How often the asset is materialized, at most."""

_ASSET: Final = "/".join(IN_SYNC)
_PAUSED: Final = "paused by the API"

InSyncReport = TypedDict(
    "InSyncReport",
    {
        "records due": Annotated[int, MetadataKey(_ASSET, "Records that changed or are due for retry.")],
        "records failed": Annotated[int, MetadataKey(_ASSET, "Records that iPaaS.com refused.")],
        "records blocked": Annotated[int, MetadataKey(_ASSET, "Records that Akeneo or the mapping blocks.")],
        "oldest waiting edit (seconds)": Annotated[float, MetadataKey(_ASSET, "Age of the oldest edit that waits.")],
        "last edit took (seconds)": Annotated[
            float, MetadataKey(_ASSET, "Seconds from the last edit in Akeneo until iPaaS.com accepted it.")
        ],
        "akeneo requests left": Annotated[int, MetadataKey(_ASSET, "What is left of Akeneo's throttle.")],
        "akeneo throttle": Annotated[str, MetadataKey(_ASSET, "Whether Akeneo told us to wait.")],
        "ipaas requests left": Annotated[int, MetadataKey(_ASSET, "What is left of the throttle of iPaaS.com.")],
        "ipaas throttle": Annotated[str, MetadataKey(_ASSET, "Whether iPaaS.com told us to wait.")],
        "problem": Annotated[str, MetadataKey(_ASSET, "Why changes do not reach iPaaS.com, in an observation.")],
    },
    total=False,
)
"""The metadata of the asset. An unknown number is left out."""


@dataclass
class Pulse:
    """What a tick found out about the sync.

    Attributes:
        problems: Why changes do not reach iPaaS.com now.
    """

    problems: list[str] = field(default_factory=list)

    def is_due(self, last: float, now: float) -> bool:
        """Whether the asset is to be materialized or observed again. A time in the future was a wrong clock."""
        return not last <= now < last + BEAT_SECONDS


def heartbeat(engine: Engine, names: Names, pulse: Pulse) -> dg.AssetMaterialization | dg.AssetObservation:
    """Return the materialization of the asset, or an observation that says why it is not in sync.

    Args:
        engine: The engine of the tick.
        names: The names of the subscription.
        pulse: What the tick found out about Akeneo and the runs.
    """
    refused = why_unreachable(engine.settings.ipaas_api_url)
    problems = [*pulse.problems, *([] if refused is None else [f"iPaaS.com: {refused}"])]
    behind = lag(engine.store)
    subscription = {"subscription": names.subscription.name}
    metrics.record(metrics.DUE, behind.due, subscription)
    metrics.record(metrics.OLDEST_DUE, behind.oldest_edit_seconds or 0.0, subscription)
    waiting = engine.store.work.waiting()
    metadata: InSyncReport = {
        "records due": behind.due,
        "records failed": waiting.get("failed", 0),
        "records blocked": waiting.get("blocked", 0),
    }
    if behind.oldest_edit_seconds is not None:
        metadata["oldest waiting edit (seconds)"] = round(behind.oldest_edit_seconds, 1)
    if behind.last_edit_seconds is not None:
        metadata["last edit took (seconds)"] = round(behind.last_edit_seconds, 1)
    if (left := behind.throttles["akeneo"]) is not None:
        metadata["akeneo requests left"] = left.requests
        if left.paused:
            metadata["akeneo throttle"] = _PAUSED
    if (left := behind.throttles["ipaas"]) is not None:
        metadata["ipaas requests left"] = left.requests
        if left.paused:
            metadata["ipaas throttle"] = _PAUSED
    if problems:
        metadata["problem"] = "; ".join(problems)
    shown = cast("Mapping[str, int | float | str]", metadata)
    if problems:
        return dg.AssetObservation(names.key(*IN_SYNC), metadata=shown)
    return dg.AssetMaterialization(names.key(*IN_SYNC), metadata=shown)
