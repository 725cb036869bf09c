"""What the last probe found out about Akeneo and iPaaS.com."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import capabilities

_Capabilities = TypeVar("_Capabilities", bound=BaseModel)


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

    def read(self, side: str, model: type[_Capabilities], stored_with: str) -> _Capabilities:
        """Return what the engine can rely on; nothing before the first probe, or if another release stored it.

        Args:
            side: ``akeneo`` or ``ipaas``.
            model: The capabilities of this side.
            stored_with: Their format in this release.
        """
        known = self.of(side)
        try:
            if known is not None and known.versions.get("format") == stored_with:
                return model.model_validate(known.document)
        except ValidationError:
            pass
        return model()
