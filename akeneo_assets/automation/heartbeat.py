"""The heartbeat of the sync: materializes the asset ``in_sync`` while changes can reach iPaaS.com."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import dagster as dg

from akeneo_assets import metrics
from akeneo_assets.assets.in_sync import IN_SYNC
from akeneo_assets.assets.names import Names
from akeneo_assets.http.reachability import why_unreachable
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.lag import lag

BEAT_SECONDS: Final = 300.0
"""How often the asset is materialized, at most."""


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
    metadata: dict[str, int | float | str] = {
        "records due": behind.due,
        "records failed": waiting.get("failed", 0),
        "records blocked": waiting.get("blocked", 0),
    }
    for name, seconds in (
        ("oldest waiting edit (seconds)", behind.oldest_edit_seconds),
        ("last edit took (seconds)", behind.last_edit_seconds),
    ):
        if seconds is not None:
            metadata[name] = round(seconds, 1)
    for api, left in behind.throttles.items():
        if left is not None:
            metadata[f"{api} requests left"] = left.requests
            if left.paused:
                metadata[f"{api} throttle"] = "paused by the API"
    if problems:
        metadata["problem"] = "; ".join(problems)
        return dg.AssetObservation(names.key(*IN_SYNC), metadata=metadata)
    return dg.AssetMaterialization(names.key(*IN_SYNC), metadata=metadata)
