"""How far iPaaS.com is behind Akeneo. Makes no requests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from akeneo_assets.store.budget import Left
from akeneo_assets.store.store import Store

_APIS: Final = ("akeneo", "ipaas")


@dataclass(frozen=True)
class Lag:
    """How far iPaaS.com is behind Akeneo.

    Attributes:
        due: Number of records that changed or are due for retry.
        oldest_edit_seconds: Age of the longest waiting edit that was read from Akeneo; None if none waits.
        last_edit_seconds: Seconds from Akeneo's date of the last edit to its arrival in iPaaS.com; None if there was
            none since the full load.
        throttles: API → what is left of its throttle; None if no request was sent yet.
    """

    due: int
    oldest_edit_seconds: float | None
    last_edit_seconds: float | None
    throttles: Mapping[str, Left | None]


def lag(store: Store) -> Lag:
    """Return how far iPaaS.com is behind, according to the state."""
    oldest, last = store.work.oldest_edit(), store.work.last_edit()
    return Lag(
        due=store.work.due_count(),
        oldest_edit_seconds=None if oldest is None else _seconds(oldest, time.time()),
        last_edit_seconds=None if last is None else _seconds(*last),
        throttles={"akeneo": store.akeneo_budget.left("akeneo"), "ipaas": store.budget.left("ipaas")},
    )


def _seconds(date: str, until: float) -> float | None:
    """Return the seconds from a date of Akeneo until a time; None if it is not a date. Clocks may differ a little."""
    try:
        parsed = datetime.fromisoformat(date.replace("Z", "+00:00"))
    except ValueError:
        return None
    utc = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=timezone.utc)
    return max(0.0, until - utc.timestamp())
