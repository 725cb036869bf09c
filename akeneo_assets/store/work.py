"""What is left to do, according to the state: records that changed, are due for retry, or need re-mapping."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, true, union, update

from akeneo_assets.objects import KINDS
from akeneo_assets.store.database import Database
from akeneo_assets.store.ledger import RETRY_SECONDS
from akeneo_assets.store.pages import CHUNK, chunks, pages
from akeneo_assets.store.records import NO_FAMILY, State
from akeneo_assets.store.schema import ledger, mirror, windows
from akeneo_assets.store.unreadable import Unreadable

_FIRST_HOUR = "changes:"
_AFTER_ALL_HOURS = "changes;"
"""Partition keys of hours of changes are between these two."""


class Work:
    """Reads what is left to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due_keys(self, kind: str) -> Iterator[list[str]]:
        """Yield pages of keys that must be planned, because they changed or are due for retry.

        Args:
            kind: Destination kind.
        """
        due = self._due(ledger.c.kind == kind)
        for page in pages(self._database, select(due.c.key), [due.c.key], size=CHUNK):
            yield [row.key for row in page]

    def changed_keys(self, kind: str) -> Iterator[list[str]]:
        """Yield pages of keys of a destination kind that changed since they were planned."""
        return self._keys(kind, _has_changed())

    def has_changed(self, kinds: Sequence[str]) -> bool:
        """Return whether any record of these destination kinds changed since it was planned."""
        return self._any(kinds, _has_changed())

    def keys_to_retry(self, kind: str) -> Iterator[list[str]]:
        """Yield pages of keys of a destination kind that are due for retry."""
        return self._keys(kind, _is_due_for_retry(self._database.now()))

    def is_any_due_for_retry(self, kinds: Sequence[str]) -> bool:
        """Return whether any failed record of these destination kinds is due for retry."""
        return self._any(kinds, _is_due_for_retry(self._database.now()))

    def _keys(self, kind: str, condition: ColumnElement[bool]) -> Iterator[list[str]]:
        statement = select(ledger.c.key).where(ledger.c.kind == kind, condition)
        for page in pages(self._database, statement, [ledger.c.key], size=CHUNK):
            yield [row.key for row in page]

    def _any(self, kinds: Sequence[str], condition: ColumnElement[bool]) -> bool:
        # The order is that of the index. Without it, PostgreSQL expects to find a row soon by reading the whole ledger.
        order = (ledger.c.kind, ledger.c.key)
        statement = select(ledger.c.key).where(ledger.c.kind.in_(kinds), condition).order_by(*order).limit(1)
        with self._database.read() as connection:
            return connection.execute(statement).first() is not None

    def mark(self, records: Iterable[tuple[str, str]]) -> None:
        """Mark records as due, because something that their mapping depends on changed.

        Args:
            records: Their destination kinds and keys.
        """
        keys: dict[str, list[str]] = defaultdict(list)
        for kind, key in records:
            keys[kind].append(key)
        for kind in sorted(keys):
            for chunk in chunks(sorted(set(keys[kind]))):
                chosen = and_(ledger.c.kind == kind, ledger.c.key.in_(chunk))
                with self._database.write() as connection:
                    moment = self._database.moment(connection)
                    self._database.lock_rows(connection, select(ledger.c.key).where(chosen).order_by(ledger.c.key))
                    connection.execute(update(ledger).where(chosen).values(changed_at=moment))

    def mark_everything(self) -> None:
        """Mark all records as due."""
        self._mark_all(true())

    def mark_blocked(self) -> None:
        """Mark all blocked records as due, because a change may have unblocked them."""
        self._mark_all(ledger.c.state == "blocked")

    def _mark_all(self, condition: ColumnElement[bool]) -> None:
        statement = select(ledger.c.kind, ledger.c.key).where(condition)
        for page in pages(self._database, statement, [ledger.c.kind, ledger.c.key], size=CHUNK):
            self.mark((row.kind, row.key) for row in page)

    def families_with_outdated_rules(self, rules: str) -> list[str]:
        """Return the families of delivered or blocked products and models that were mapped with outdated rules.

        Args:
            rules: Fingerprint of the current rules.
        """
        families: set[str] = set()
        for kind in ("product", "product_model"):
            statement = (
                select(mirror.c.family)
                .distinct()
                .join(ledger, and_(ledger.c.kind == kind, ledger.c.key == mirror.c.key))
                .where(mirror.c.kind == kind, mirror.c.gone.is_(None), _has_outdated_rules(rules))
            )
            with self._database.read() as connection:
                families.update(row.family or NO_FAMILY for row in connection.execute(statement))
        return sorted(families)

    def categories_with_outdated_rules(self, rules: str) -> list[str]:
        """Return the codes of delivered or blocked categories that were mapped with outdated rules."""
        statement = (
            select(ledger.c.key)
            .join(mirror, and_(mirror.c.kind == "category", mirror.c.key == ledger.c.key, mirror.c.gone.is_(None)))
            .where(ledger.c.kind == "category", _has_outdated_rules(rules))
        )
        with self._database.read() as connection:
            return sorted(connection.execute(statement).scalars())

    def forget_unknown(self, looked_at: float) -> None:
        """Mark records that Akeneo no longer lists as not due, because they cannot be planned.

        Args:
            looked_at: The current moment; a later change makes them due again.
        """
        listed = is_listed()
        with self._database.write() as connection:
            connection.execute(
                update(ledger).where(ledger.c.changed_at > ledger.c.looked_at, ~listed).values(looked_at=looked_at)
            )
            is_due = _is_due_for_retry(self._database.now())
            connection.execute(update(ledger).where(is_due, ~listed).values(next_retry_at=None))

    def waiting(self) -> dict[State, int]:
        """Return the number of failed and blocked records, by state.

        Records that Akeneo no longer lists are not counted, nor are products that became variants, or the reverse.
        """
        statement = select(ledger.c.state, func.count()).where(is_open(), is_listed()).group_by(ledger.c.state)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def due_count(self) -> int:
        """Return the number of records that changed or are due for retry."""
        statement = select(func.count()).select_from(self._due(true()))
        with self._database.read() as connection:
            return int(connection.execute(statement).scalar_one())

    def oldest_edit(self) -> str | None:
        """Return Akeneo's date of the longest waiting edit among the due records; None if no edit waits.

        Records that are due for another reason, such as a new mapping, are not edits.
        """
        due = self._due(true())
        source = and_(mirror.c.kind == _source_kind(due.c.kind), mirror.c.key == due.c.key, mirror.c.gone.is_(None))
        record = and_(ledger.c.kind == due.c.kind, ledger.c.key == due.c.key)
        # Looked up for each record that is due: for a join, PostgreSQL would read all records.
        changed_at = select(mirror.c.changed_at).where(source).limit(1).scalar_subquery()
        sent_moment = select(ledger.c.sent_moment).where(record).scalar_subquery()
        edited = select(due.c.kind, due.c.key).where(changed_at > sent_moment).order_by(changed_at).limit(1)
        with self._database.read() as connection:
            row = connection.execute(edited).first()
            if row is None:
                return None
            kind = KINDS[row.kind].source_kind
            found = select(mirror.c.document).where(mirror.c.kind == kind, mirror.c.key == row.key)
            date = connection.execute(found).scalar_one().get("updated")
        return date if isinstance(date, str) else None

    def last_edit(self) -> tuple[str, float] | None:
        """Return Akeneo's date of the last edit that arrived, and when iPaaS.com accepted it in epoch seconds.

        Edits from before the first read of the catalogue do not count, whenever they are sent. None if there was no
        edit yet.
        """
        hours = and_(ledger.c.partition_key > _FIRST_HOUR, ledger.c.partition_key < _AFTER_ALL_HOURS)
        latest = select(func.max(ledger.c.partition_key)).where(hours)
        of_edits = and_(ledger.c.partition_key == latest.scalar_subquery(), ledger.c.state == "sent")
        statement = (
            select(mirror.c.document, ledger.c.sent_at)
            .select_from(ledger)
            .join(mirror, is_source())
            .where(of_edits, mirror.c.edited_at >= select(func.min(windows.c.recorded_at)).scalar_subquery())
            .where(mirror.c.changed_at <= ledger.c.sent_moment)
            .order_by(ledger.c.sent_moment.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        date = None if row is None else row.document.get("updated")
        return None if row is None or not isinstance(date, str) else (date, row.sent_at)

    def _due(self, condition: ColumnElement[bool]) -> Subquery:
        """Return kinds and keys of the records that changed or are due for retry."""
        # A union of two small indexes. For "or", both databases would read the whole ledger.
        keys = select(ledger.c.kind, ledger.c.key).where(condition)
        return union(keys.where(_has_changed()), keys.where(_is_due_for_retry(self._database.now()))).subquery("due")

    def retry_now(self, keys: Sequence[str] | None = None) -> int:
        """Mark failed and blocked records as due for retry now.

        Args:
            keys: Keys or SKUs of the records; None for all of them.

        Returns:
            The number of marked records.
        """
        waiting = ledger.c.state.in_(("failed", "blocked"))
        chosen: list[ColumnElement[bool]] = [waiting]
        if keys is not None:
            chosen = [
                and_(waiting, or_(ledger.c.key.in_(chunk), ledger.c.sku.in_(chunk))) for chunk in chunks(sorted(keys))
            ]
        with self._database.write() as connection:
            moment = self._database.moment(connection)
            due = sum(
                connection.execute(update(ledger).where(condition).values(changed_at=moment, looked_at=0.0)).rowcount
                for condition in chosen
            )
        Unreadable(self._database).retry_now(keys)
        return due


def is_source() -> ColumnElement[bool]:
    """Whether a record of the mirror is the source of a record of the ledger."""
    return and_(mirror.c.kind == _source_kind(ledger.c.kind), mirror.c.key == ledger.c.key, mirror.c.gone.is_(None))


def _source_kind(kind: ColumnElement[str]) -> ColumnElement[str]:
    return case((kind == "variant", "product"), else_=kind)


def is_open() -> ColumnElement[bool]:
    """Whether a record of the ledger failed or is blocked."""
    # The first condition is that of an index, which makes this fast for any number of records.
    return and_(ledger.c.failed_since.is_not(None), ledger.c.state.in_(("failed", "blocked")))


def is_listed() -> ColumnElement[bool]:
    """Whether Akeneo lists a record of the ledger as a record of this kind.

    A simple product that became a variant, or the reverse, is planned only as its new kind.
    """
    source = (
        select(mirror.c.key)
        .where(
            is_source(),
            or_(ledger.c.kind != "product", mirror.c.parent.is_(None)),
            or_(ledger.c.kind != "variant", mirror.c.parent.is_not(None)),
        )
        .limit(1)
        .correlate(ledger)
    )
    # Looked up for each record of the ledger: for "exists", PostgreSQL would read the whole mirror.
    return source.scalar_subquery().is_not(None)


def _has_changed() -> ColumnElement[bool]:
    # The same condition as the partial index, which makes this fast for any number of records.
    return ledger.c.changed_at > ledger.c.looked_at


def _is_due_for_retry(now: ColumnElement[float]) -> ColumnElement[bool]:
    # Records with a failure in the future failed while the clock was ahead, so their retry is scheduled too late.
    has_come = or_(ledger.c.next_retry_at <= now, ledger.c.failed_at > now + RETRY_SECONDS)
    return and_(ledger.c.state == "failed", ledger.c.next_retry_at.is_not(None), has_come)


def _has_outdated_rules(rules: str) -> ColumnElement[bool]:
    # Records without a fingerprint are mapped again anyway. Two ranges can use an index, unlike "not equal".
    mapped = ledger.c.state.in_(("sent", "blocked", "filtered"))
    return and_(mapped, or_(ledger.c.source_rules < rules, ledger.c.source_rules > rules))
