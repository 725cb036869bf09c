"""The state of one subscription: mirror, ledger, plan, links, windows, budget and tokens. All SQL is here."""

from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import (
    NO_FAMILY,
    Accepted,
    Action,
    Blocked,
    Failed,
    Head,
    LedgerEntry,
    LedgerState,
    Link,
    MergeCounts,
    PlannedRecord,
    Scope,
    SourceRecord,
    State,
    StructureChange,
    Target,
    TargetGroup,
    Tree,
    Window,
)
from akeneo_assets.store.store import Store

__all__ = [
    "NO_FAMILY",
    "Accepted",
    "Action",
    "Blocked",
    "Failed",
    "Head",
    "LedgerEntry",
    "LedgerState",
    "Link",
    "MergeCounts",
    "PlannedRecord",
    "Scope",
    "SourceFingerprint",
    "SourceRecord",
    "State",
    "Store",
    "StructureChange",
    "Target",
    "TargetGroup",
    "Tree",
    "Window",
]
