"""Access and refresh tokens, shared by all processes that use the database."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sqlalchemy import delete, select

from akeneo_assets.http.tokens import Token
from akeneo_assets.store.database import Database
from akeneo_assets.store.locks import Locks
from akeneo_assets.store.schema import tokens


class DatabaseTokenStore:
    """Implements :class:`akeneo_assets.http.tokens.TokenStore`."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks

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

    def renewing(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock, so that only one thread of one process at a time renews this token.

        If the holder takes too long or dies, others continue, at the cost of an additional login.
        """
        return self._locks.hold(name)
