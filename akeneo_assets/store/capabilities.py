"""What the last probe found out about Akeneo and iPaaS.com."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import capabilities


@dataclass(frozen=True)
class Known:
    """What is known about one side.

    Attributes:
        document: What was found out.
        versions: What was probed, and with what: name → version.
        found_at: When, in epoch seconds.
    """

    document: JsonObject
    versions: Mapping[str, str]
    found_at: float


class StoredCapabilities:
    """What is known, by side: ``akeneo`` or ``ipaas``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, side: str, document: JsonObject, versions: Mapping[str, str]) -> None:
        """Replace what is known about a side."""
        values = {"document": document, "versions": dict(versions), "found_at": time.time()}
        insert = self._database.insert(capabilities).values(side=side, **values)
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=[capabilities.c.side], set_=values))

    def of(self, side: str) -> Known | None:
        """Return what is known about a side; None before the first probe."""
        with self._database.read() as connection:
            row = connection.execute(select(capabilities).where(capabilities.c.side == side)).first()
        return None if row is None else Known(row.document, row.versions, row.found_at)
