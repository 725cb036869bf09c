"""Named locks, shared by all processes that use the database."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator

from sqlalchemy import delete, or_

from akeneo_assets.http.stopping import sleep
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import renewals

LEASE_SECONDS = 30.0
"""How long a holder may take; it usually sends a few short requests. If it takes longer or dies, others continue."""

POLL_SECONDS = 0.05


class Locks:
    """Locks by name.

    Args:
        database: Where they are stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads: dict[str, threading.Lock] = {}

    @contextlib.contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold a lock, so that only one thread of one process at a time is inside the block."""
        holder = uuid.uuid4().hex
        # Threads of this process wait for a lock, so that only one of them polls the database.
        with self._threads.setdefault(name, threading.Lock()):
            while not self._take(name, holder):
                sleep(POLL_SECONDS)
            try:
                yield
            finally:
                with self._database.write() as connection:
                    connection.execute(delete(renewals).where(renewals.c.name == name, renewals.c.holder == holder))

    def _take(self, name: str, holder: str) -> bool:
        with self._database.write() as connection:
            # The time after the transaction has begun: one that waited for another would take the lease of the other
            # for one that is too long.
            now = self._database.now()
            insert = self._database.insert(renewals).values(name=name, holder=holder, held_until=now + LEASE_SECONDS)
            take = insert.on_conflict_do_update(
                index_elements=[renewals.c.name],
                set_={"holder": insert.excluded.holder, "held_until": insert.excluded.held_until},
                # A lease that is too long was taken while the clock was ahead.
                where=or_(renewals.c.held_until <= now, renewals.c.held_until > now + LEASE_SECONDS),
            )
            return connection.execute(take.returning(renewals.c.name)).first() is not None
