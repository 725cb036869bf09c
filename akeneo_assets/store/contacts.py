"""The last contact with Akeneo and iPaaS.com, and the last look for changes, for health checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from akeneo_assets.http.statistics import Contact
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import contacts

CHANGES: Final = "changes"
"""The name of the last look for changes; the other names are APIs."""


@dataclass(frozen=True)
class Seen:
    """The last contact.

    Attributes:
        at: When it ended, in epoch seconds.
        succeeded_at: When a contact last succeeded; None if none ever did.
        problem: Why the last contact failed; None if it succeeded.
    """

    at: float
    succeeded_at: float | None
    problem: str | None


class Contacts:
    """The last contact by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, latest: Mapping[str, Contact]) -> None:
        """Store contacts; a success before them is kept."""
        with self._database.write() as connection:
            for name, contact in sorted(latest.items()):
                succeeded = {} if contact.problem else {"succeeded_at": contact.at}
                values = {"at": contact.at, "problem": contact.problem, **succeeded}
                insert = self._database.insert(contacts).values(name=name, **values)
                connection.execute(insert.on_conflict_do_update(index_elements=[contacts.c.name], set_=values))

    def seen(self) -> dict[str, Seen]:
        """Return the contacts by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(contacts)).all()
        return {row.name: Seen(row.at, row.succeeded_at, row.problem) for row in rows}
