"""Former places: iPaaS.com records that a source record has left, and that must be released.

A record moves to another place if its product model changes, if it becomes a variant or stops being one, or if its
place is assigned to another record. The iPaaS.com record that it leaves is never deleted: its SKU and external id are
removed, and it is disabled. Until then, the place is pending, so that the next run continues after an interrupted one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Executable, Select, bindparam, delete, or_, select, update

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.database import Database
from akeneo_assets.store.links import Links
from akeneo_assets.store.rows import NO_SOURCE
from akeneo_assets.store.schema import former_places, ledger

_RETRY_SECONDS: Final = 600.0

_PENDING: JsonObject = {
    "ipaas_id": None,
    "parent_ipaas_id": None,
    "sku": None,
    "children": {},
    "payload_hash": None,
    "related_hash": None,
    "related_count": 0,
    **NO_SOURCE,
    "document": None,
    "state": "pending",
    "looked_at": 0.0,
}
"""The values of a ledger row whose record must be sent to another place."""


@dataclass(frozen=True, slots=True)
class FormerPlace:
    """An iPaaS.com record that no longer belongs to an Akeneo record.

    Attributes:
        kind: Its destination kind.
        ipaas_id: Its id.
        parent_ipaas_id: For a variant, the id of its product.
        key: Key of the record that it belonged to; None if it never belonged to one.
        payload: The payload that it was released with, including ids, which must be repeated whenever its product is
            replaced. None while it is pending.
    """

    kind: str
    ipaas_id: str
    parent_ipaas_id: str | None
    key: str | None
    payload: JsonObject | None = None


_PLACE = select(*(former_places.c[name] for name in FormerPlace.__slots__)).order_by(
    former_places.c.kind, former_places.c.ipaas_id
)
_PENDING_PLACE = _PLACE.where(
    former_places.c.payload.is_(None),
    or_(
        former_places.c.tried_at.is_(None),
        former_places.c.tried_at < bindparam("retried"),
        # Times in the future were written while the clock was ahead.
        former_places.c.tried_at > bindparam("now"),
    ),
)
_OF_PRODUCT = _PLACE.where(former_places.c.parent_ipaas_id == bindparam("parent"))


def _upsert(database: Database) -> Executable:
    insert = database.insert(former_places)
    return insert.on_conflict_do_update(
        index_elements=list(former_places.primary_key),
        set_={name: insert.excluded[name] for name in ("parent_ipaas_id", "key", "payload")},
    )


class Places:
    """Reads and writes the former places."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._links = Links(database)
        self._upsert = database.built(_upsert)

    def leave(self, place: FormerPlace, *, moves_within_kind: bool) -> None:
        """Remove a record from its place: the place becomes pending, and links to the record become due.

        Args:
            place: The place.
            moves_within_kind: Whether the record will be sent to another place of the same kind; otherwise, its
                ledger row is deleted.
        """
        with self._database.write() as connection:
            moment = self._links.lock(connection)
            connection.execute(self._upsert, [_values(place)])
            lives_here = (ledger.c.kind == place.kind, ledger.c.ipaas_id == place.ipaas_id)
            for row in connection.execute(select(ledger.c.key).where(*lives_here).order_by(ledger.c.key)).all():
                self._links.lost(place.kind, row.key, moment, within=connection)
            if moves_within_kind:
                connection.execute(update(ledger).where(*lives_here).values(_PENDING))
            else:
                connection.execute(delete(ledger).where(*lives_here))

    def keep(self, places: Iterable[FormerPlace]) -> None:
        """Store released places, or iPaaS.com records that never belonged to an Akeneo record."""
        rows = [_values(place) for place in places]
        if rows:
            with self._database.write() as connection:
                connection.execute(self._upsert, rows)

    def forget(self, place: FormerPlace) -> None:
        """Delete a place that no longer exists."""
        chosen = (former_places.c.kind == place.kind, former_places.c.ipaas_id == place.ipaas_id)
        with self._database.write() as connection:
            connection.execute(delete(former_places).where(*chosen))

    def refused(self, place: FormerPlace) -> None:
        """Record that a place could not be released; it is retried after ten minutes."""
        chosen = (former_places.c.kind == place.kind, former_places.c.ipaas_id == place.ipaas_id)
        with self._database.write() as connection:
            connection.execute(update(former_places).where(*chosen).values(tried_at=time.time()))

    def pending(self) -> list[FormerPlace]:
        """Return the places to release now."""
        now = time.time()
        return self._rows(_PENDING_PLACE, {"retried": now - _RETRY_SECONDS, "now": now})

    def is_pending(self, place: FormerPlace) -> bool:
        """Whether a place still has to be released."""
        chosen = (former_places.c.kind == place.kind, former_places.c.ipaas_id == place.ipaas_id)
        pending = select(former_places.c.ipaas_id).where(*chosen, former_places.c.payload.is_(None))
        with self._database.read() as connection:
            return connection.execute(pending).first() is not None

    def of_product(self, parent_ipaas_id: str) -> list[FormerPlace]:
        """Return the former variants of a product, pending and released."""
        return self._rows(_OF_PRODUCT, {"parent": parent_ipaas_id})

    def _rows(self, statement: Select[Any], parameters: Mapping[str, Any]) -> list[FormerPlace]:
        with self._database.read() as connection:
            return [FormerPlace(*row) for row in connection.execute(statement, parameters)]


def _values(place: FormerPlace) -> JsonObject:
    return {name: getattr(place, name) for name in FormerPlace.__slots__}
