"""Reconciles counts: what Akeneo lists, what the mirror contains, and the results of the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from akeneo_assets.errors import AccessDeniedError, MalformedResponseError
from akeneo_assets.objects import KINDS, SOURCES, SourceKind
from akeneo_assets.sync.destination import IpaasError
from akeneo_assets.sync.engine import Engine


@dataclass(frozen=True)
class Counts:
    """The counts of one kind of record.

    Attributes:
        kind: Its kind in Akeneo.
        akeneo: How many records Akeneo lists; None if it does not say.
        mirror: How many of them the mirror holds.
        states: How many records of the mirror are in each state of the ledger. ``part`` are sub models, which are sent
            as a part of their root model.
    """

    kind: SourceKind
    akeneo: int | None
    mirror: int
    states: Mapping[str, int]

    @property
    def agree(self) -> bool:
        """Whether Akeneo, as far as it says, and the mirror have the same number of records, and none is open.

        Each was sent or deliberately left out.
        """
        settled = sum(self.states.get(state, 0) for state in ("sent", "filtered", "part"))
        return self.akeneo in {None, self.mirror} and self.mirror == settled

    @property
    def adds_up(self) -> bool:
        """Whether nothing is missing: Akeneo and the mirror have the same number, if known, and each has a result."""
        return self.akeneo in {None, self.mirror} and not self.states.get("pending")


@dataclass(frozen=True)
class LinkCounts:
    """How many records of iPaaS.com have an external id of ours.

    Attributes:
        table: The table of external ids.
        ledger: How many the ledger has.
        ipaas: How many active ones iPaaS.com has; None if it does not say.
    """

    table: str
    ledger: int
    ipaas: int | None

    @property
    def agree(self) -> bool:
        """Whether both numbers are the same, as far as they are known."""
        return self.ipaas in {None, self.ledger}


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


def reconcile_links(engine: Engine) -> list[LinkCounts]:
    """Count the external ids, with two requests for each table. Variants have no list, so they are not counted.

    Raises:
        TransientError: iPaaS.com cannot be reached.
    """
    found = []
    for table in ("product category", "product"):
        kinds = [kind for kind, spec in KINDS.items() if spec.external_id_table == table]
        try:
            linked = engine.ipaas.count_linked(table)
        except (AccessDeniedError, IpaasError, MalformedResponseError):
            linked = None  # this user, or this version of the API, cannot count them
        found.append(LinkCounts(table, engine.store.reports.linked(kinds), linked))
    return found
