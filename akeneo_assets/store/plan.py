"""The plan: the destination records to create or update, until they are delivered."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Executable, and_, bindparam, case, delete, func, or_, select, true, update

from akeneo_assets.objects import ObjectName
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import chunks, in_chunks, pages
from akeneo_assets.store.records import Action, PlannedRecord
from akeneo_assets.store.rows import column_names, columns, read_record, row_values
from akeneo_assets.store.schema import plan

HELD: Final = range(1_000_000, 1_000_000_000)
"""Positions of records that a full load holds until the records that they refer to were sent."""

SENT: Final = HELD.stop
"""The position of a held record after it was sent, until the delivery of its partition counts it."""

_ORDER = [plan.c.sequence, plan.c.kind, plan.c.key]
_RECORD = select(*columns(plan, PlannedRecord))
_IS_OF_PARTITION = and_(plan.c.object == bindparam("of_object"), plan.c.partition_key == bindparam("of_partition"))
_ANY = select(plan.c.key).where(_IS_OF_PARTITION).limit(1)
_UNCLAIMED = {"claimed_by": None, "claimed_until": None, "claimed_hash": None}
_PAGE = 200  # rows come with their payloads


def _upsert(database: Database) -> Executable:
    insert = database.insert(plan)
    names = [*column_names(PlannedRecord), "planned_at"]
    # The claim is kept, because the previous version may still be in delivery.
    replaced = {name: insert.excluded[name] for name in names if not plan.c[name].primary_key}
    upsert = insert.on_conflict_do_update(index_elements=list(plan.primary_key), set_=replaced)
    return database.prepared(upsert, names)


class Plan:
    """Reads and writes planned records, and assigns them to the threads that deliver them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upsert = database.built(_upsert)

    def put(self, rows: Sequence[PlannedRecord]) -> None:
        """Plan records, replacing their earlier plans."""
        latest = {(row.object, row.kind, row.key): row for row in rows}
        if latest:
            with self._database.write() as connection:
                planned = {"planned_at": time.time()}
                connection.execute(
                    self._upsert, [row_values(latest[identity]) | planned for identity in sorted(latest)]
                )

    def clear(self, object_name: str, partition_key: str) -> None:
        """Delete the plan for an object in a partition, except for claimed records."""
        if not self.holds_any(object_name, partition_key):
            return
        unclaimed = or_(plan.c.claimed_until.is_(None), plan.c.claimed_until <= self._database.now())
        with self._database.write() as connection:
            connection.execute(
                delete(plan).where(plan.c.object == object_name, plan.c.partition_key == partition_key, unclaimed)
            )

    def discard(self, object_name: str, records: Iterable[tuple[str, str]]) -> None:
        """Remove records from the plan, because they were delivered or no longer need to be sent.

        A record that was planned with a different payload while it was claimed remains in the plan, unclaimed, because
        the delivered payload is outdated.

        Args:
            object_name: The object that they were planned for.
            records: Their kinds and keys.
        """
        if not self._has_any(plan.c.object == object_name):
            return
        settled = or_(
            plan.c.claimed_until.is_(None),
            plan.c.claimed_until <= self._database.now(),
            plan.c.claimed_hash == plan.c.payload_hash,
        )
        for chosen in _chosen(object_name, records):
            with self._database.write() as connection:
                # Lock rows in the same order as put, to prevent deadlocks.
                connection.execute(select(plan.c.key).where(chosen).order_by(plan.c.key).with_for_update())
                connection.execute(delete(plan).where(chosen, settled))
                connection.execute(update(plan).where(chosen).values(_UNCLAIMED))

    def holds_any(self, object_name: str, partition_key: str) -> bool:
        """Return whether anything is planned for an object in a partition, including claimed records."""
        with self._database.read() as connection:
            return (
                connection.execute(_ANY, {"of_object": object_name, "of_partition": partition_key}).first() is not None
            )

    def partitions(self) -> set[tuple[str, ObjectName]]:
        """Return the partitions that have planned records, each with an object of those records."""
        statement = select(plan.c.partition_key, plan.c.object).distinct()
        with self._database.read() as connection:
            return {(row.partition_key, row.object) for row in connection.execute(statement)}

    def claim(
        self,
        object_name: str,
        *,
        partition_key: str | None = None,
        claimant: str,
        lease_seconds: float,
        limit: int,
        positions: range | None = None,
    ) -> list[PlannedRecord]:
        """Claim the next records to deliver; each record is claimed only once.

        Args:
            object_name: The object to deliver.
            partition_key: Only records planned in this partition.
            claimant: The name of the claimant, for :meth:`renew` and :meth:`release`.
            lease_seconds: How long the claim lasts; it expires if the claimant dies.
            limit: Maximum number of records.
            positions: Only records with a ``sequence`` in this range.

        Returns:
            Records to create or update, sorted by sequence, kind and key; empty if there are no unclaimed records.
        """
        with self._database.write() as connection:
            # The time after the wait for other transactions, or the claim would be shorter by that wait.
            now = self._database.now()
            due = (
                _RECORD.where(
                    plan.c.object == object_name,
                    or_(plan.c.claimed_until.is_(None), plan.c.claimed_until <= now),
                    _in_partition(partition_key),
                    _at(positions),
                )
                .order_by(*_ORDER)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            # A claim that lasts longer than its lease was made while the clock was ahead. Unlike "is not null", a range
            # can use the index.
            too_long = and_(plan.c.claimed_by > "", plan.c.claimed_until > now + lease_seconds)
            connection.execute(update(plan).where(too_long).values(claimed_until=now + lease_seconds))
            rows = connection.execute(due).all()
            claim = update(plan).values(
                claimed_by=claimant, claimed_until=now + lease_seconds, claimed_hash=plan.c.payload_hash
            )
            for chosen in _chosen(object_name, ((row.kind, row.key) for row in rows)):
                connection.execute(claim.where(chosen))
        return [read_record(PlannedRecord, row) for row in rows]

    def renew(self, claimant: str, lease_seconds: float) -> None:
        """Extend all claims of ``claimant`` to ``lease_seconds`` from now."""
        with self._database.write() as connection:
            connection.execute(
                update(plan)
                .where(plan.c.claimed_by == claimant)
                .values(claimed_until=self._database.now() + lease_seconds)
            )

    def claimed_seconds(self, object_name: str, partition_key: str) -> float | None:
        """Return the seconds until the first claim expires; None if there are no claims."""
        statement = select(func.min(plan.c.claimed_until) - self._database.now()).where(
            plan.c.object == object_name, plan.c.partition_key == partition_key
        )
        with self._database.read() as connection:
            seconds: float | None = connection.execute(statement).scalar_one()
        return seconds

    def release(self, claimant: str) -> None:
        """Release all claims of ``claimant``."""
        with self._database.write() as connection:
            connection.execute(update(plan).where(plan.c.claimed_by == claimant).values(_UNCLAIMED))

    def hold(self, objects: Sequence[str], partition_key: str) -> None:
        """Hold the records of a partition that refer to others, which are planned with a ``sequence`` of at least 1."""
        chosen = and_(plan.c.object.in_(objects), plan.c.partition_key == partition_key, _at(range(1, HELD.start)))
        if self._has_any(chosen):
            with self._database.write() as connection:
                connection.execute(update(plan).where(chosen).values(sequence=HELD.start))

    def held(self, object_name: str) -> Iterator[list[PlannedRecord]]:
        """Yield pages of the held records of an object, of all partitions."""
        statement = _RECORD.where(plan.c.object == object_name, _at(HELD))
        for page in pages(self._database, statement, _ORDER, size=_PAGE):
            yield [read_record(PlannedRecord, row) for row in page]

    def held_by_partition(self, object_name: str) -> dict[str, tuple[int, float]]:
        """Return how many records of an object are held, and since when the first one is planned, by partition."""
        statement = (
            select(plan.c.partition_key, func.count(), func.min(plan.c.planned_at))
            .where(plan.c.object == object_name, _at(HELD))
            .group_by(plan.c.partition_key)
        )
        with self._database.read() as connection:
            return {key: (count, since) for key, count, since in connection.execute(statement)}

    def put_in_order(self, object_name: str, levels: Mapping[tuple[str, str], int]) -> None:
        """Set the levels in which held records are sent.

        Args:
            object_name: The object that they were planned for.
            levels: Kind and key of a record → its level. Those that are no longer held are ignored.
        """
        statement = (
            update(plan)
            .where(
                plan.c.object == object_name,
                plan.c.kind == bindparam("of_kind"),
                plan.c.key == bindparam("of_key"),
                _at(HELD),
            )
            .values(sequence=bindparam("position"))
        )
        rows = (
            {"of_kind": kind, "of_key": key, "position": HELD.start + level} for (kind, key), level in levels.items()
        )
        for chunk in chunks(rows):
            with self._database.write() as connection:
                connection.execute(statement, chunk)

    def held_positions(self, objects: Sequence[str]) -> list[tuple[int, str]]:
        """Return the positions of all held records in order, each with an object that has records there."""
        statement = select(plan.c.sequence, plan.c.object).where(plan.c.object.in_(objects), _at(HELD)).distinct()
        with self._database.read() as connection:
            return sorted((row.sequence, row.object) for row in connection.execute(statement))

    def keep_sent(self, object_name: str, records: Iterable[tuple[str, str]]) -> None:
        """Release held records that were sent. They stay planned until the delivery of their partition counts them."""
        position = case((_at(HELD), SENT), else_=plan.c.sequence)
        for chosen in _chosen(object_name, records):
            with self._database.write() as connection:
                connection.execute(update(plan).where(chosen).values(sequence=position, **_UNCLAIMED))

    def take_sent(self, object_name: str, partition_key: str) -> dict[Action, int]:
        """Remove the held records of a partition that were sent, and return their number by action."""
        sent = and_(plan.c.object == object_name, plan.c.partition_key == partition_key, plan.c.sequence == SENT)
        if not self._has_any(sent):
            return {}
        with self._database.write() as connection:
            statement = select(plan.c.action, func.count()).where(sent).group_by(plan.c.action)
            counts: dict[Action, int] = {row[0]: row[1] for row in connection.execute(statement)}
            connection.execute(delete(plan).where(sent))
        return counts

    def counts(
        self, object_name: str, partition_key: str | None = None, *, positions: range | None = None
    ) -> dict[tuple[Action, str], int]:
        """Return the number of planned records by action and reason."""
        statement = (
            select(plan.c.action, plan.c.reason, func.count())
            .where(plan.c.object == object_name, _in_partition(partition_key), _at(positions))
            .group_by(plan.c.action, plan.c.reason)
        )
        with self._database.read() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(statement)}

    def _has_any(self, chosen: ColumnElement[bool]) -> bool:
        """Return whether any record is chosen. A read costs less than a write, which waits for other writers."""
        with self._database.read() as connection:
            return connection.execute(select(plan.c.key).where(chosen).limit(1)).first() is not None

    def skus(self, kind: str, key: str) -> set[str | None]:
        """Return the SKUs in a record's planned payloads."""
        with self._database.read() as connection:
            rows = connection.execute(select(plan.c.document).where(plan.c.kind == kind, plan.c.key == key)).scalars()
            return {document.get("sku") for document in rows}

    def planned_elsewhere(self, object_name: str, kind: str, keys: Iterable[str]) -> Iterator[PlannedRecord]:
        """Yield the planned records that belong to other objects than ``object_name``.

        Args:
            object_name: The object to leave out.
            kind: The kind of the records.
            keys: Their keys.
        """
        statement = _RECORD.where(plan.c.object != object_name, plan.c.kind == kind)
        for row in in_chunks(self._database, statement, plan.c.key, keys):
            yield read_record(PlannedRecord, row)

    def rows(
        self,
        object_name: str,
        partition_key: str | None = None,
        reason: str | None = None,
        limit: int | None = None,
    ) -> Iterator[list[PlannedRecord]]:
        """Yield pages of planned records, sorted by sequence, kind and key.

        Args:
            object_name: The object that they are planned for.
            partition_key: Only records planned in this partition.
            reason: Only records planned for this reason.
            limit: Maximum number of records.
        """
        statement = _RECORD.where(plan.c.object == object_name, _in_partition(partition_key))
        if reason is not None:
            statement = statement.where(plan.c.reason == reason)
        for page in pages(self._database, statement, _ORDER, size=_PAGE, limit=limit):
            yield [read_record(PlannedRecord, row) for row in page]


def _in_partition(partition_key: str | None) -> ColumnElement[bool]:
    return true() if partition_key is None else plan.c.partition_key == partition_key


def _at(positions: range | None) -> ColumnElement[bool]:
    if positions is None:
        return true()
    return and_(plan.c.sequence >= positions.start, plan.c.sequence < positions.stop)


def _chosen(object_name: str, records: Iterable[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together select ``records``."""
    keys_by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, key in records:
        keys_by_kind[kind].append(key)
    for kind in sorted(keys_by_kind):
        for chunk in chunks(sorted(keys_by_kind[kind])):
            yield and_(plan.c.object == object_name, plan.c.kind == kind, plan.c.key.in_(chunk))
