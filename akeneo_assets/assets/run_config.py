"""Run config and tags of batches. Does not import Dagster, which the command line loads only when needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from akeneo_assets.run_tags import CHANGED_SINCE_TAG, MAPPING_TAG
from akeneo_assets.subscription import Subscription
from akeneo_assets.sync.batches import Batch, LinkMode

_DELIVERY: Final[Mapping[LinkMode, Mapping[str, bool]]] = {
    "repair": {},
    "keep": {"repair": False},
    "hold": {"repair": False, "hold": True},
    "in order": {"repair": False, "held": True},
}


def ops_config(batch: Batch, subscription: Subscription) -> dict[str, Any]:
    """Return the config of the ops of a batch.

    It contains the start of the window to read, so that re-executing the run reads the same window again.
    """
    ops: dict[str, Any] = {
        subscription.scoped(f"akeneo__{source}"): {"config": {"changed_since": _moment(at)}}
        for source, at in batch.since.items()
    }
    if config := _DELIVERY[batch.links]:
        ops |= {subscription.scoped(f"ipaas__{name}"): {"config": config} for name in batch.delivers}
    return ops


def tags_of(batch: Batch, rules: str) -> dict[str, str]:
    """Return the tags of the run of a batch.

    Args:
        batch: The batch.
        rules: Fingerprint of the mapping that the caller uses. The run warns if it uses another one.
    """
    window = {CHANGED_SINCE_TAG: _moment(min(batch.since.values()))} if batch.since else {}
    return {MAPPING_TAG: rules, **window}


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
