"""The asset that shows whether both catalogues are in sync: materialized while the loop of the sync runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import dagster as dg

from akeneo_assets.assets.layers import all_partitions
from akeneo_assets.assets.names import Names
from akeneo_assets.objects import OBJECTS

IN_SYNC: Final = ("ipaas", "in_sync")

_WARN: Final = timedelta(minutes=10)
_FAIL: Final = timedelta(minutes=15)


METADATA: Final = {
    "records due": "Records that changed, or whose retry is due.",
    "records failed": "Records that iPaaS.com did not accept.",
    "records blocked": "Records that cannot be sent as they are in Akeneo.",
    "oldest waiting edit (seconds)": "How long the oldest edit waits that did not arrive yet.",
    "last edit took (seconds)": "How long the last edit took from Akeneo to iPaaS.com.",
    "akeneo requests left": "How many requests the throttle of Akeneo allows now.",
    "ipaas requests left": "How many requests the throttle of iPaaS.com allows now.",
    "akeneo throttle": "Whether Akeneo asked for a pause.",
    "ipaas throttle": "Whether iPaaS.com asked for a pause.",
    "problem": "Why changes do not reach iPaaS.com now; only in observations.",
}
"""The metadata of the asset, with their meanings."""


def in_sync_asset(names: Names) -> dg.AssetSpec:
    """Return the asset of a subscription. The sensor of changes materializes it, and no job does."""
    return names.spec(*IN_SYNC).replace_attributes(
        description=(
            "Whether changes in Akeneo reach iPaaS.com. The sensor `akeneo_changes` materializes it every five minutes "
            "while it finds both sides and its runs succeed; the metadata say how many records are due, how long the "
            "oldest edit waits, how long the last edit took and what is left of both throttles. If it is overdue, the "
            "sensor or the daemon is stopped, a side cannot be reached (see the latest observation), or runs fail (see "
            "*Runs*). The check `agrees` compares both catalogues every day."
        ),
        deps=[all_partitions(names.key("ipaas", name)) for name in OBJECTS],
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=_FAIL, warn_window=_WARN),
    )
