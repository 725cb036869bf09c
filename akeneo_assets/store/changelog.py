"""The changelog: each send of a record and each failure, until it is older than the retention period."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, select, tuple_, update

from akeneo_assets.documents import JsonObject, canonical_bytes
from akeneo_assets.http.redaction import beginning, without_secrets
from akeneo_assets.store.database import Database
from akeneo_assets.store.records import Accepted, Blocked, ChangelogEntry, Event, Failed
from akeneo_assets.store.schema import changelog
from akeneo_assets.store.statements import insert_into

EXCHANGE_CHARACTERS: Final = 4_000
"""How much of a request, of a response and of a changed value is kept."""

_BATCH: Final = 1_000
_UNDELIVERED: Final = "not sent"
_INSERT: Final = insert_into(changelog, changelog.c.keys())
_ENTRY = [changelog.c[name] for name in ChangelogEntry.__slots__ if name not in {"changes", "exchange"}]


class Changelog:
    """Writes what happened to records, and reads it back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, rows: Sequence[Accepted | Failed | Blocked], moment: float, within: Connection) -> None:
        """Add what happened to records, in the transaction that changes the ledger.

        Accepted records without an event are left out: they were only repeated.

        Args:
            rows: The records, each once.
            moment: The moment of the transaction.
            within: The transaction.
        """
        at = time.time() if self._database.is_sqlite else self._database.time(within)
        entries = [
            _entry(row, row.event or Event(None, _UNDELIVERED), moment, at)
            for row in rows
            if row.event is not None or not isinstance(row, Accepted)
        ]
        _INSERT.execute(entries, within)

    def of_record(self, kinds: Iterable[str], key: str, limit: int) -> list[ChangelogEntry]:
        """Return what happened to a record, newest first.

        A variant that was sent with its product model has the request and the response of the model.

        Args:
            kinds: The kinds that the record has or had: a simple product may become a variant, and the reverse.
            key: Its key.
            limit: Maximum number of entries.
        """
        newest = changelog.c.moment.desc()
        statement = select(*_ENTRY, changelog.c.changes, changelog.c.exchange).where(
            changelog.c.kind.in_(list(kinds)), changelog.c.key == key
        )
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(newest).limit(limit)).all()
            moments = [row.moment for row in rows if row.kind == "variant" and row.exchange is None]
            models = select(changelog.c.moment, changelog.c.exchange).where(
                changelog.c.run_id.in_({row.run_id for row in rows}),
                changelog.c.kind == "product_model",
                changelog.c.moment.in_(moments),
            )
            sent_together = {row.moment: row.exchange for row in connection.execute(models)} if moments else {}
        return [
            ChangelogEntry(
                **{column.name: getattr(row, column.name) for column in _ENTRY},
                changes=None if row.changes is None else orjson.loads(row.changes),
                exchange=row.exchange or sent_together.get(row.moment),
            )
            for row in rows
        ]

    def delete_older_than(self, seconds: float) -> int:
        """Delete entries that are older than ``seconds``, in short transactions, and return how many."""
        identity = tuple_(*changelog.primary_key)
        with self._database.read() as connection:
            limit = self._database.time(connection) - seconds
        old = select(*changelog.primary_key).where(changelog.c.at < limit).order_by(changelog.c.at).limit(_BATCH)
        deleted = 0
        while True:
            with self._database.write() as connection:
                found = connection.execute(delete(changelog).where(identity.in_(old))).rowcount
            deleted += found
            if found < _BATCH:
                return deleted

    def rename(self, kind: str, old_key: str, new_key: str, within: Connection) -> None:
        """Give the history of a record to its new key."""
        chosen = (changelog.c.kind == kind, changelog.c.key == old_key)
        within.execute(update(changelog).where(*chosen).values(key=new_key))


def _entry(row: Accepted | Failed | Blocked, event: Event, moment: float, at: float) -> dict[str, Any]:
    accepted, refused = (row, None) if isinstance(row, Accepted) else (None, row)
    return {
        "kind": row.kind,
        "key": row.key,
        "moment": moment,
        "at": at,
        "run_id": row.attempt.run_id,
        "partition_key": row.attempt.partition_key,
        "sku": event.sku if accepted is None else accepted.sku,
        "ipaas_id": event.ipaas_id if accepted is None else accepted.ipaas_id,
        "status": "sent" if refused is None else "failed" if isinstance(refused, Failed) else "blocked",
        "action": event.action,
        "reason": event.reason,
        "attempts": event.attempts,
        "error_code": None if refused is None else refused.code,
        # A response may contain NUL, which PostgreSQL cannot store.
        "error_message": None if refused is None else without_secrets(refused.message).replace("\0", ""),
        "changes": None if event.changes is None else _changes(event.changes),
        "exchange": _exchange(event),
        "edited_at": event.edited_at,
    }


def _changes(changes: JsonObject) -> str:
    """Return the changed fields as JSON. A long value is replaced by the beginning of its JSON."""
    shown = {
        field: {name: _limited(value) for name, value in change.items()}
        for field, change in without_secrets(changes).items()
    }
    return canonical_bytes(shown).decode()


def _limited(value: Any) -> Any:
    written = canonical_bytes(value)
    return value if len(written) <= EXCHANGE_CHARACTERS else f"{beginning(written, EXCHANGE_CHARACTERS)}…"


def _exchange(event: Event) -> JsonObject | None:
    if event.request is None and event.response is None:
        return None
    return {"request": _text(event.request), "response": _text(event.response)}


def _text(document: Any) -> str | None:
    return None if document is None else beginning(orjson.dumps(document), EXCHANGE_CHARACTERS)
