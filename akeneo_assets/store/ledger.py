"""The ledger: the accepted payload of each record in iPaaS.com, and the outcome of the last attempt to send it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)

from akeneo_assets import metrics
from akeneo_assets.objects import kinds_of
from akeneo_assets.store.changelog import Changelog
from akeneo_assets.store.database import Database
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.pages import chunks, in_chunks, pages
from akeneo_assets.store.records import (
    Accepted,
    Blocked,
    Failed,
    LedgerEntry,
    LedgerState,
    State,
    Target,
    TargetGroup,
)
from akeneo_assets.store.rows import SOURCE_COLUMNS, column_names, column_values, columns, read_record, row_values
from akeneo_assets.store.schema import ledger
from akeneo_assets.store.statements import Statement, insert_into

RETRY_SECONDS = 600
"""After n failures, a record is retried after n·(n+1) times this: 20 minutes, 1 hour, 2 hours, …"""

MOST_ATTEMPTS = 10
"""After this many failures (more than two days), a record is retried only if it changes or on request."""

_SETTLED: Mapping[str, Any] = {
    "state": "sent",
    "attempts": 0,
    "error_code": None,
    "error_message": None,
    "failed_at": None,
    "failed_since": None,
    "next_retry_at": None,
    "sent_at": None,
    "sent_moment": 0.0,
}
"""The values of an accepted record; the last two are set when it is accepted."""

Row = TypeVar("Row", Accepted, Failed, Blocked)

_REFUSED = ("state", "error_code", "error_message", "failed_at", "run_id", "partition_key", "looked_at")
"""The columns that a refusal replaces."""

# The time orders only records that were accepted before moments were introduced.
_ACCEPTED = (ledger.c.sent_moment, ledger.c.sent_at)
_STATE = select(*columns(ledger, LedgerState))
_ENTRY = select(*columns(ledger, LedgerEntry))
_TARGETS = select(ledger.c.key, ledger.c.ipaas_id, ledger.c.sku, ledger.c.kind, *_ACCEPTED).where(
    ledger.c.kind.in_(bindparam("kinds", expanding=True)), ledger.c.ipaas_id.is_not(None)
)
_STATE_OF_KIND = _STATE.where(ledger.c.kind == bindparam("of_kind"))
_ENTRY_OF_KIND = _ENTRY.where(ledger.c.kind == bindparam("of_kind"))


def _accept() -> Statement:
    """Return the upsert of accepted records."""
    names = [*column_names(Accepted), *_SETTLED]
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if not ledger.c[name].primary_key)
    return insert_into(ledger, names, f"ON CONFLICT (kind, key) DO UPDATE SET {changed}")


_ACCEPT = _accept()


def _refuse(database: Database) -> Executable:
    insert = database.insert(ledger)
    given = insert.excluded
    attempts = ledger.c.attempts + given.attempts
    return insert.on_conflict_do_update(
        index_elements=list(ledger.primary_key),
        set_={
            **{name: given[name] for name in _REFUSED},
            **{
                name: case((given.source_rules.is_(None), ledger.c[name]), else_=given[name]) for name in SOURCE_COLUMNS
            },
            "object": func.coalesce(given.object, ledger.c.object),
            "failed_since": case(
                (given.failed_since.is_(None), null()),
                else_=func.coalesce(ledger.c.failed_since, given.failed_since),
            ),
            "attempts": attempts,
            "next_retry_at": case(
                (or_(given.next_retry_at.is_(None), attempts >= MOST_ATTEMPTS), null()),
                else_=given.failed_at + RETRY_SECONDS * attempts * (attempts + 1),
            ),
        },
    )


class Ledger:
    """Reads and writes the destination records."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changelog = Changelog(database)
        self._refuse = database.built(_refuse)

    def states(self, kind: str, keys: Iterable[str]) -> dict[str, LedgerState]:
        """Return the known records of ``keys``, with what planning needs."""
        rows = in_chunks(self._database, _STATE_OF_KIND, ledger.c.key, keys, {"of_kind": kind})
        return {row.key: read_record(LedgerState, row) for row in rows}

    def entries(self, kind: str, keys: Iterable[str]) -> dict[str, LedgerEntry]:
        """Return the known records of ``keys``, with everything about them."""
        rows = in_chunks(self._database, _ENTRY_OF_KIND, ledger.c.key, keys, {"of_kind": kind})
        return {row.key: read_record(LedgerEntry, row) for row in rows}

    def entry(self, kind: str, key: str) -> LedgerEntry | None:
        """Return everything about one record; None if it is unknown."""
        return self.entries(kind, [key]).get(key)

    def keys_of_skus(self, kinds: Iterable[str], skus: Iterable[str]) -> dict[str, set[str]]:
        """Return the keys of the records of these kinds that were sent with a SKU, by SKU."""
        statement = select(ledger.c.sku, ledger.c.key).where(ledger.c.kind.in_(list(kinds)))
        found: dict[str, set[str]] = {}
        for row in in_chunks(self._database, statement, ledger.c.sku, skus):
            found.setdefault(row.sku, set()).add(row.key)
        return found

    def children_of(self, kind: str, parent_ipaas_id: str) -> list[LedgerEntry]:
        """Return the records of ``kind`` that belong to one iPaaS.com record, e.g. the variants of a product."""
        statement = _ENTRY.where(ledger.c.kind == kind, ledger.c.parent_ipaas_id == parent_ipaas_id)
        with self._database.read() as connection:
            return [read_record(LedgerEntry, row) for row in connection.execute(statement.order_by(ledger.c.key))]

    def holding(self, ipaas_id: str) -> list[LedgerEntry]:
        """Return the records with an iPaaS.com id: at most one of each kind, because kinds may share ids."""
        statement = _ENTRY.where(ledger.c.ipaas_id == ipaas_id).order_by(ledger.c.kind, ledger.c.key)
        with self._database.read() as connection:
            return [read_record(LedgerEntry, row) for row in connection.execute(statement)]

    def comparable(self, after: tuple[str, str] | None = None) -> Iterator[list[tuple[str, str]]]:
        """Yield pages of kinds and keys of the records whose accepted payload is known, in the order of both.

        Args:
            after: Continue after this record; None starts with the first one.
        """
        statement = select(ledger.c.kind, ledger.c.key).where(
            ledger.c.state == "sent", ledger.c.payload_hash.is_not(None), ledger.c.ipaas_id.is_not(None)
        )
        if after is not None:
            statement = statement.where(tuple_(ledger.c.kind, ledger.c.key) > tuple_(*map(literal, after)))
        for page in pages(self._database, statement, [ledger.c.kind, ledger.c.key]):
            yield [(row.kind, row.key) for row in page]

    def accept(
        self, rows: Sequence[Accepted], *, moment: float | None = None, within: Connection | None = None
    ) -> None:
        """Record accepted records, and clear their earlier failures.

        Args:
            rows: The records.
            moment: The moment of the transaction, if it already has one.
            within: The transaction to use; default: a new one.
        """
        with self._database.write(within) as connection:
            accepted_at = self._database.moment(connection) if moment is None else moment
            settled = {**_SETTLED, "sent_at": time.time(), "sent_moment": accepted_at}
            once = _once(rows)
            _ACCEPT.execute([row_values(row) | settled for row in once], connection)
            self._changelog.write(once, accepted_at, connection)

    def report_arrivals(self, rows: Sequence[Accepted]) -> None:
        """Report how long edits took to arrive; call it when the transaction that accepted them has ended."""
        now = time.time()
        for row in rows:
            # As in the heartbeat, full loads do not count: their edits are as old as the catalogue.
            if row.event is not None and row.event.edited_at is not None and _is_of_change(row):
                metrics.record(metrics.ARRIVAL, max(0.0, now - row.event.edited_at), {"object": row.kind})

    def fail(self, rows: Sequence[Failed]) -> None:
        """Record refusals; the ids, hashes and payload of the last accepted version remain."""
        if not rows:
            return
        with self._database.write() as connection:
            moment = self._database.moment(connection)
            now = self._database.time(connection)
            retry_at = {True: now + 2 * RETRY_SECONDS, False: None}
            once = _once(rows)
            refused = [
                _outcome(row, "failed", now) | {"attempts": 1, "next_retry_at": retry_at[row.retry]} for row in once
            ]
            connection.execute(self._refuse, refused)
            self._changelog.write(once, moment, connection)

    def block(self, rows: Sequence[Blocked]) -> None:
        """Record that records are blocked or filtered; this does not count as an attempt.

        The changelog gets an entry when a record becomes blocked, or is blocked for another reason.
        """
        if not rows:
            return
        now = time.time()
        once = _once(rows)
        refused = [
            _outcome(row, "filtered" if row.filtered else "blocked", now) | {"attempts": 0, "next_retry_at": None}
            for row in once
        ]
        newly_blocked = self._newly_blocked(once)
        with self._database.write() as connection:
            moment = self._database.moment(connection) if newly_blocked else 0.0
            connection.execute(self._refuse, refused)
            self._changelog.write(newly_blocked, moment, connection)

    def _newly_blocked(self, rows: Sequence[Blocked]) -> list[Blocked]:
        blocked = [row for row in rows if not row.filtered]
        keys: dict[str, list[str]] = defaultdict(list)
        for row in blocked:
            keys[row.kind].append(row.key)
        known = {
            (kind, state.key, state.error_code)
            for kind, of_kind in keys.items()
            for state in self.states(kind, of_kind).values()
            if state.state == "blocked"
        }
        return [row for row in blocked if (row.kind, row.key, row.code) not in known]

    def confirm(self, kind: str, sources: Mapping[str, SourceFingerprint | None], *, looked_at: float) -> None:
        """Record that these sources still map to the last accepted payload, and clear earlier refusals.

        Args:
            kind: Destination kind.
            sources: The current fingerprints by key.
            looked_at: The moment at which the sources were read.
        """
        if not sources:
            return
        settled = {name: value for name, value in _SETTLED.items() if not name.startswith("sent_")}
        statement = (
            update(ledger)
            .where(ledger.c.kind == kind, ledger.c.key == bindparam("of_key"))
            .values({name: bindparam(f"new_{name}") for name in SOURCE_COLUMNS} | settled | {"looked_at": looked_at})
        )
        rows = [
            {"of_key": key, **{f"new_{name}": value for name, value in column_values("source", sources[key]).items()}}
            for key in sorted(sources)
        ]
        with self._database.write() as connection:
            connection.execute(statement, rows)

    def mark_due(self, records: Iterable[tuple[str, str]]) -> None:
        """Mark records as due until they are accepted or refused.

        Args:
            records: Their kinds and keys.
        """
        self._update(records, ledger.c.changed_at <= ledger.c.looked_at, looked_at=0.0)

    def mark_in_flight(self, records: Iterable[tuple[str, str]]) -> None:
        """Mark records as in flight: their accepted payload is unknown until there is a response.

        Args:
            records: Their kinds and keys.
        """
        self._update(records, ledger.c.payload_hash.is_not(None), payload_hash=None)

    def _update(self, records: Iterable[tuple[str, str]], condition: ColumnElement[bool], **values: Any) -> None:
        keys: dict[str, list[str]] = defaultdict(list)
        for kind, key in records:
            keys[kind].append(key)
        if not keys:
            return
        with self._database.write() as connection:
            for kind in sorted(keys):
                for chunk in chunks(sorted(set(keys[kind]))):
                    chosen = and_(ledger.c.kind == kind, ledger.c.key.in_(chunk), condition)
                    self._database.lock_rows(connection, select(ledger.c.key).where(chosen).order_by(ledger.c.key))
                    connection.execute(update(ledger).where(chosen).values(**values))

    def targets(self, kind_group: TargetGroup, keys: Iterable[str]) -> dict[str, Target]:
        """Return the iPaaS.com records that links to ``keys`` can point to.

        If a product became a variant, or the reverse, the one that was accepted last is returned.
        """
        kinds = {"kinds": kinds_of(kind_group)}
        rows = in_chunks(self._database, _TARGETS, ledger.c.key, keys, kinds)
        return {
            row.key: Target(row.ipaas_id, row.sku, row.kind == "variant", row.kind)
            for row in sorted(rows, key=lambda row: (row.sent_moment, row.sent_at or 0.0))
        }


def _once(rows: Sequence[Row]) -> list[Row]:
    """Return one row for each record, because PostgreSQL cannot change it twice in a statement, in a fixed order.

    The order prevents deadlocks.
    """
    latest = {(row.kind, row.key): row for row in rows}
    return [latest[identity] for identity in sorted(latest)]


def _outcome(row: Failed | Blocked, state: State, now: float) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "key": row.key,
        "children": {},
        "state": state,
        "error_code": row.code,
        # A response may contain NUL, which PostgreSQL cannot store.
        "error_message": row.message.replace("\0", ""),
        "failed_at": now,
        "failed_since": None if state == "filtered" else now,
        "object": row.object,
        **column_values("attempt", row.attempt),
        **column_values("source", row.source if isinstance(row, Blocked) else None),
    }


def _is_of_change(row: Accepted) -> bool:
    """Whether the record was sent because of a change, and not in a full load."""
    return (row.attempt.partition_key or "").startswith("changes:")
