"""Records that Akeneo lists but could not return; they are read again until this succeeds, even without changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Executable, and_, case, delete, or_, select, update

from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import chunks
from akeneo_assets.store.schema import ledger, unreadable

_KEYS: Final = select(unreadable.c.kind, unreadable.c.key)
UNREADABLE: Final = "unreadable"
"""The error code of these records in the ledger."""

_RETRY_SECONDS: Final = 600
_SLOWEST: Final = 10
"""Waits increase as for failed records, up to the wait after this many attempts: 18 hours."""


def _note(database: Database) -> Executable:
    insert = database.insert(unreadable)
    attempts = unreadable.c.attempts + 1
    counted = case((attempts > _SLOWEST, _SLOWEST), else_=attempts)
    retry_at = insert.excluded.failed_at + _RETRY_SECONDS * counted * (counted + 1)
    # Several steps of a run may meet the same record; this counts as one attempt.
    early = unreadable.c.next_retry_at > insert.excluded.failed_at
    return insert.on_conflict_do_update(
        index_elements=list(unreadable.primary_key),
        set_={
            "partition_key": insert.excluded.partition_key,
            "failed_at": insert.excluded.failed_at,
            "attempts": case((early, unreadable.c.attempts), else_=attempts),
            "next_retry_at": case((early, unreadable.c.next_retry_at), else_=retry_at),
        },
    )


class Unreadable:
    """Stores unreadable records outside the ledger, because planning their earlier version does not fix them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._note = database.built(_note)

    def note(self, kind: str, key: str, partition_key: str) -> None:
        """Store a record that could not be read.

        Args:
            kind: Source kind.
            key: Its key in the mirror.
            partition_key: The partition that was read.
        """
        with self._database.write() as connection:
            now = self._database.time(connection)
            row = {
                "kind": kind,
                "key": key,
                "partition_key": partition_key,
                "failed_at": now,
                "attempts": 1,
                "next_retry_at": now + 2 * _RETRY_SECONDS,
            }
            connection.execute(self._note, row)

    def keys(self) -> set[tuple[str, str]]:
        """Return the source kinds and keys of all unreadable records."""
        with self._database.read() as connection:
            return {(row.kind, row.key) for row in connection.execute(_KEYS)}

    def due(self, kinds: Sequence[str]) -> dict[str, str]:
        """Return the keys and partitions of records of these source kinds that are due for retry."""
        now = self._database.now()
        # Times in the future were written while the clock was ahead.
        has_come = or_(unreadable.c.next_retry_at <= now, unreadable.c.failed_at > now)
        statement = select(unreadable.c.key, unreadable.c.partition_key).where(unreadable.c.kind.in_(kinds), has_come)
        with self._database.read() as connection:
            return {row.key: row.partition_key for row in connection.execute(statement.order_by(unreadable.c.key))}

    def settle(self, records: Mapping[tuple[str, str], tuple[str, str] | None]) -> None:
        """Delete records that were read, or that Akeneo no longer lists.

        Args:
            records: Source kind and key → destination kind and key, which becomes due; None if there is none.
        """
        with self._database.write() as connection:
            moment = self._database.moment(connection)
            for (kind, key), destination in sorted(records.items()):
                connection.execute(delete(unreadable).where(unreadable.c.kind == kind, unreadable.c.key == key))
                reported = and_(ledger.c.key == key, ledger.c.error_code == UNREADABLE)
                other = and_(reported, ledger.c.ipaas_id.is_(None))
                if destination is not None:
                    # It was reported as a different kind before it could be read, or as a sub model.
                    other = and_(other, or_(ledger.c.kind != destination[0], ledger.c.key != destination[1]))
                connection.execute(delete(ledger).where(other))
                connection.execute(
                    update(ledger).where(reported).values(changed_at=moment, error_code=None, error_message=None)
                )

    def retry_now(self, keys: Iterable[str] | None = None) -> None:
        """Mark records as due for retry now.

        Args:
            keys: Their keys or SKUs; None for all of them.
        """
        with self._database.write() as connection:
            if keys is None:
                connection.execute(update(unreadable).values(next_retry_at=0.0))
                return
            for chunk in chunks(sorted(keys)):
                named = select(ledger.c.key).where(ledger.c.sku.in_(chunk))
                chosen = unreadable.c.key.in_(chunk) | unreadable.c.key.in_(named)
                connection.execute(update(unreadable).where(chosen).values(next_retry_at=0.0))
