"""Access and refresh tokens, shared by all processes that use the database."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator

from sqlalchemy import delete, or_, select

from akeneo_assets.http.stopping import sleep
from akeneo_assets.http.tokens import Token
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import renewals, tokens

LEASE_SECONDS = 30.0
"""How long a renewal may take; it usually sends two short requests. If the holder takes longer or dies, others
continue, at the cost of an additional login."""

POLL_SECONDS = 0.05


class DatabaseTokenStore:
    """Implements :class:`akeneo_assets.http.tokens.TokenStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks: dict[str, threading.Lock] = {}

    def load(self, name: str) -> Token | None:
        """Return the token stored under ``name``."""
        statement = select(tokens.c.access_token, tokens.c.refresh_token, tokens.c.expires_at)
        with self._database.read() as connection:
            row = connection.execute(statement.where(tokens.c.name == name)).first()
        return None if row is None else Token(row.access_token, row.refresh_token, row.expires_at)

    def save(self, name: str, token: Token) -> None:
        """Store ``token`` under ``name``."""
        values = {
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "expires_at": token.expires_at,
        }
        insert = self._database.insert(tokens).values(name=name, **values)
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=[tokens.c.name], set_=values))

    def forget(self, name: str) -> None:
        """Delete the token stored under ``name``."""
        with self._database.write() as connection:
            connection.execute(delete(tokens).where(tokens.c.name == name))

    @contextlib.contextmanager
    def renewing(self, name: str) -> Iterator[None]:
        """Hold a lock, so that only one thread of one process at a time renews this token."""
        holder = uuid.uuid4().hex
        # Threads of this process wait for a lock, so that only one of them polls the database.
        with self._locks.setdefault(name, threading.Lock()):
            while not self._take(name, holder):
                sleep(POLL_SECONDS)
            try:
                yield
            finally:
                with self._database.write() as connection:
                    connection.execute(delete(renewals).where(renewals.c.name == name, renewals.c.holder == holder))

    def _take(self, name: str, holder: str) -> bool:
        now = self._database.now()
        insert = self._database.insert(renewals).values(name=name, holder=holder, held_until=now + LEASE_SECONDS)
        take = insert.on_conflict_do_update(
            index_elements=[renewals.c.name],
            set_={"holder": insert.excluded.holder, "held_until": insert.excluded.held_until},
            # A lease that is too long was taken while the clock was ahead.
            where=or_(renewals.c.held_until <= now, renewals.c.held_until > now + LEASE_SECONDS),
        )
        with self._database.write() as connection:
            return connection.execute(take.returning(renewals.c.name)).first() is not None
