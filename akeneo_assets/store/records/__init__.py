"""The records that the store reads and writes, as plain values.

Times are epoch seconds (UTC). Moments are numbers of a counter in the database, see
:meth:`akeneo_assets.store.database.Database.moment`; a greater number is later.
"""

from __future__ import annotations

from akeneo_assets.store.records.attempts import Accepted, Attempt, Blocked, Failed
from akeneo_assets.store.records.changelog import ChangelogEntry, Event
from akeneo_assets.store.records.ledger import LedgerEntry, LedgerState, State
from akeneo_assets.store.records.links import Link, Target, TargetGroup
from akeneo_assets.store.records.mirrored import (
    NO_FAMILY,
    Comparison,
    Head,
    MergeCounts,
    Scope,
    SourceRecord,
    StructureChange,
    Tree,
    Window,
)
from akeneo_assets.store.records.planned import Action, PlannedRecord

__all__ = [
    "NO_FAMILY",
    "Accepted",
    "Action",
    "Attempt",
    "Blocked",
    "ChangelogEntry",
    "Comparison",
    "Event",
    "Failed",
    "Head",
    "LedgerEntry",
    "LedgerState",
    "Link",
    "MergeCounts",
    "PlannedRecord",
    "Scope",
    "SourceRecord",
    "State",
    "StructureChange",
    "Target",
    "TargetGroup",
    "Tree",
    "Window",
]
