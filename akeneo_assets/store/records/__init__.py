"""The records that the store reads and writes, as plain values.

Times are epoch seconds (UTC). Moments are numbers of a counter in the database, see
:meth:`akeneo_assets.store.database.Database.moment`; a greater number is later.
"""

from __future__ import annotations

from akeneo_assets.store.records.attempts import Accepted, Attempt, Blocked, Failed
from akeneo_assets.store.records.changelog import ChangelogEntry, Event
from akeneo_assets.store.records.ledger import LedgerEntry, LedgerState, State
from akeneo_assets.store.records.links import (
    NOT_STORED,
    RELATED,
    RELATED_PRODUCTS,
    Link,
    Target,
    TargetGroup,
    not_stored,
)
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
    "NOT_STORED",
    "NO_FAMILY",
    "RELATED",
    "RELATED_PRODUCTS",
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
    "not_stored",
]
