"""Reconciles counts: what Akeneo lists, what the mirror contains, and the results of the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from akeneo_assets.objects import SOURCES, SourceKind
from akeneo_assets.sync.engine import Engine


@dataclass(frozen=True)
class Counts:
    """The counts of one kind of record.

    Attributes:
        kind: Its kind in Akeneo.
        akeneo: How many records Akeneo lists.
        mirror: How many of them the mirror holds.
        states: How many records of the mirror are in each state of the ledger. ``part`` are sub models, which are sent
            as a part of their root model.
    """

    kind: SourceKind
    akeneo: int
    mirror: int
    states: Mapping[str, int]

    @property
    def agree(self) -> bool:
        """Whether Akeneo and the mirror have the same number of records, and each was sent or deliberately left out."""
        settled = sum(self.states.get(state, 0) for state in ("sent", "filtered", "part"))
        return self.akeneo == self.mirror == settled


def reconcile(engine: Engine) -> list[Counts]:
    """Count the records of each kind, with one request for each.

    Raises:
        AccessDeniedError: The connection may not read a list.
        TransientError: Akeneo cannot be reached.
    """
    listed = engine.store.reports.listed()
    lists: Mapping[SourceKind, str] = {
        "category": "categories",
        "product_model": "product-models",
        "product": engine.akeneo.products_endpoint,
    }
    return [
        Counts(kind, engine.akeneo.count(lists[kind]), sum(states.values()), states)
        for kind in SOURCES
        for states in [listed.get(kind, {})]
    ]
