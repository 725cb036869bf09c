"""Run config of batches. Does not import Dagster, which the command line loads only when needed."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from akeneo_assets.subscription import Subscription
from akeneo_assets.sync.batches import Batch


def ops_config(batch: Batch, subscription: Subscription) -> dict[str, Any]:
    """Return the config of the ops of a batch.

    It contains the start of the window to read, so that re-executing the run reads the same window again.
    """
    ops: dict[str, Any] = {
        subscription.scoped(f"akeneo__{source}"): {"config": {"changed_since": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}}
        for source, at in batch.since.items()
        for moment in [datetime.fromtimestamp(at, timezone.utc)]
    }
    if not batch.repairs:
        ops[subscription.scoped("ipaas__related_products")] = {"config": {"repair": False}}
    return ops
