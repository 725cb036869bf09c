"""Links between records: the targets of each record, their identity when the record was sent, and which links are due.

A link is due for repair if the identity of its target differs from when it was sent: the target has a different SKU,
iPaaS.com id or kind, was removed, or was sent for the first time. The transaction that changes a target marks the links
to it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)

from akeneo_assets.objects import KINDS, kinds_of
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import chunks, pages
from akeneo_assets.store.records import NOT_STORED, Accepted, Link, Target
from akeneo_assets.store.schema import ledger, links
from akeneo_assets.store.statements import Statement

_KNOWN = select(
    links.c.kind, links.c.key, links.c.relation, links.c.target_kind, links.c.target_key, links.c.sent_as, links.c.due
).where(links.c.kind.in_(bindparam("of_kinds", expanding=True)), links.c.key.in_(bindparam("of_keys", expanding=True)))

_REMOVE = delete(links).where(links.c.kind == bindparam("of_kind"), links.c.key == bindparam("of_key"))
_TARGETS = (
    "SELECT 1 FROM ledger WHERE ledger.kind IN (:first_kind, :second_kind) AND ledger.ipaas_id IS NOT NULL "
    "AND ledger.key = "
)
_IDENTITY = "ledger.kind || ' ' || ledger.ipaas_id || ' ' || COALESCE(ledger.sku, '')"
# The target may have changed between composing the record and accepting it.
_INSERT = Statement(
    "INSERT INTO links (kind, key, relation, target_kind, target_key, sent_as, parked_at, partition_key, due) "
    "VALUES (:kind, :key, :relation, :target_kind, :target_key, :sent_as, :parked_at, :partition_key, "
    ":checked AND (CASE WHEN CAST(:sent_as AS TEXT) IS NULL "
    f"THEN EXISTS ({_TARGETS} :target_key) OR EXISTS ({_TARGETS} "
    "(SELECT mirror.key FROM mirror WHERE mirror.kind = :target_kind AND mirror.identifier = :target_key LIMIT 1)) "
    f"ELSE NOT EXISTS ({_TARGETS} :target_key AND {_IDENTITY} = :sent_as) END))"
)
_MARK = text(
    "UPDATE links SET due = :yes WHERE target_kind = :target_kind AND NOT due AND target_key IN (:key, "
    "(SELECT identifier FROM mirror WHERE mirror.kind = :target_kind AND mirror.key = :key)) "
    "AND (sent_as IS NULL OR sent_as <> :identity)"
)
_LOSE = text(
    "UPDATE links SET due = :yes WHERE target_kind = :target_kind AND target_key = :key AND sent_as IS NOT NULL"
)


FORMULA: Final = "formula"
"""The relation to a record whose id is used in a formula: if the id changes, the record is mapped again."""

_HOLDING = (
    "UPDATE ledger SET changed_at = :moment WHERE (kind, key) IN "
    f"(SELECT links.kind, links.key FROM links WHERE links.relation = '{FORMULA}' AND "
)
_MAP_AGAIN_FOR = text(
    f"{_HOLDING} target_kind = :target_kind AND target_key = :key AND (sent_as IS NULL OR sent_as <> :identity))"
)
_MAP_AGAIN_WITHOUT = text(f"{_HOLDING} target_kind = :target_kind AND target_key = :key AND sent_as IS NOT NULL)")
_MAP_AGAIN = text(f"{_HOLDING} due AND links.kind = :kind AND links.key = :key)")


class Links:
    """Reads and writes the links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lock(self, connection: Connection) -> float:
        """Keep other transactions from accepting or removing records until this one ends, and return its moment.

        Otherwise, a record and its target could be accepted at the same time without seeing each other. The counter of
        moments serves as the lock, because every transaction that marks records increments it first.
        """
        return self._database.moment(connection)

    def keep(
        self,
        links_by_record: Mapping[tuple[str, str], Sequence[Link]],
        partition_key: str,
        *,
        within: Connection | None = None,
    ) -> None:
        """Replace all links of some records.

        Args:
            links_by_record: Destination kind and key of a record → its links, possibly none.
            partition_key: Partition of the attempt.
            within: The transaction to use; default: a new one.
        """
        now = time.time()
        with self._database.write(within) as connection:
            known, due = _known(connection, sorted(links_by_record))
            # The links of most records are unchanged, so skip writing them.
            differ = [
                record
                for record, wanted in sorted(links_by_record.items())
                if record in due or set(wanted) != known.get(record, set())
            ]
            rows = [
                {
                    "kind": kind,
                    "key": key,
                    "relation": link.relation,
                    "target_kind": link.target_kind,
                    "target_key": link.target_key,
                    "sent_as": link.sent_as,
                    "checked": not link.declined,
                    "parked_at": now,
                    "partition_key": partition_key,
                    **_kinds(link.target_kind),
                }
                for kind, key in differ
                for link in sorted({each.place: each for each in links_by_record[kind, key]}.values(), key=_order)
            ]
            if removed := [{"of_kind": kind, "of_key": key} for kind, key in differ if (kind, key) in known]:
                connection.execute(_REMOVE, removed)
            _INSERT.execute(rows, connection)
            if again := [
                record for record in differ if any(each.relation == FORMULA for each in links_by_record[record])
            ]:
                moment = self._database.moment(connection)
                connection.execute(_MAP_AGAIN, [{"moment": moment, "kind": kind, "key": key} for kind, key in again])

    def of(self, kind: str, keys: Sequence[str]) -> dict[str, set[Link]]:
        """Return all links of these records, including those that were not sent, by key."""
        with self._database.read() as connection:
            found, _ = _known(connection, [(kind, key) for key in keys])
        return {key: of_record for (_, key), of_record in found.items()}

    def arrived(self, rows: Sequence[Accepted], moment: float, *, within: Connection) -> None:
        """Mark links to these records as due if they were not sent, or sent with a different identity."""
        marks = [
            {
                "yes": True,
                "target_kind": KINDS[row.kind].source_kind,
                "key": row.key,
                "identity": identity_of(Target(str(row.ipaas_id), row.sku, row.kind == "variant", row.kind)),
            }
            for row in rows
        ]
        if marks:
            within.execute(_MARK, marks)
            within.execute(_MAP_AGAIN_FOR, [{**mark, "moment": moment} for mark in marks])

    def lost(self, kind: str, key: str, moment: float, *, within: Connection) -> None:
        """Mark links to a record that left its place as due, and delete its own links."""
        target = {"target_kind": KINDS[kind].source_kind, "key": key}
        within.execute(_LOSE, {"yes": True, **target})
        within.execute(_MAP_AGAIN_WITHOUT, {"moment": moment, **target})
        within.execute(delete(links).where(links.c.kind == kind, links.c.key == key))

    def due(self, relations: Iterable[str] | None = None) -> Iterator[list[tuple[str, str]]]:
        """Yield pages of (kind, key) of delivered records with links that are due.

        Records that failed or are pending are left out: they get correct links when they are sent.

        Args:
            relations: Only links of these relations.
        """
        statement = select(links.c.kind, links.c.key).where(_is_due()).distinct()
        if relations is not None:
            statement = statement.where(links.c.relation.in_(list(relations)))
        for page in pages(self._database, statement, [links.c.kind, links.c.key]):
            yield [(row.kind, row.key) for row in page]

    def models_due(self) -> Iterator[list[str]]:
        """Yield pages of keys of the delivered models of which several variants have links that are due."""
        variant, model = ledger.alias("variant"), ledger.alias("model")
        # Links that are due are few, so start from them.
        due = select(links.c.key).where(links.c.kind == "variant", _is_due()).distinct().subquery()
        statement = (
            select(model.c.key)
            .select_from(due)
            .join(variant, and_(variant.c.kind == "variant", variant.c.key == due.c.key))
            .join(model, and_(model.c.kind == "product_model", model.c.ipaas_id == variant.c.parent_ipaas_id))
            .where(model.c.state == "sent")
            .group_by(model.c.key)
            .having(func.count() > 1)
        )
        for page in pages(self._database, statement, [model.c.key]):
            yield [row.key for row in page]

    def targets(self, relation: str, *, waited_seconds: float = 0.0) -> list[str]:
        """Return the target keys of unsent links of a relation.

        Args:
            relation: The relation.
            waited_seconds: Only links whose last attempt was at least this long ago.
        """
        # Times in the future were written while the clock was ahead.
        now = time.time()
        has_waited = or_(links.c.parked_at <= now - waited_seconds, links.c.parked_at > now)
        statement = select(links.c.target_key).distinct().where(links.c.relation == relation, links.c.sent_as.is_(None))
        with self._database.read() as connection:
            return sorted(connection.execute(statement.where(has_waited)).scalars())

    def tried(self, relation: str, *, due: Sequence[str], missing: Sequence[str]) -> None:
        """Record which targets exist now, and which are still missing.

        Args:
            relation: The relation.
            due: Keys of targets that exist; links to them become due.
            missing: Keys of targets that are still missing.
        """
        with self._database.write() as connection:
            for keys, values in ((due, {"due": True}), (missing, {"parked_at": time.time()})):
                for chunk in chunks(keys):
                    chosen = and_(links.c.relation == relation, links.c.target_key.in_(chunk))
                    connection.execute(update(links).where(chosen).values(values))

    def fields_not_stored(self) -> list[str]:
        """Return the names of all fields that iPaaS.com does not store of some record."""
        is_waiting = and_(links.c.relation == NOT_STORED, links.c.sent_as.is_(None))
        with self._database.read() as connection:
            return sorted(connection.execute(select(links.c.target_key).distinct().where(is_waiting)).scalars())

    def is_any_delivered(self, fields: Sequence[str]) -> bool:
        """Return whether a delivered record has one of these fields that iPaaS.com does not store."""
        is_one = and_(links.c.relation == NOT_STORED, links.c.sent_as.is_(None), links.c.target_key.in_(fields))
        with self._database.read() as connection:
            return connection.execute(select(links.c.key).where(is_one, _is_delivered()).limit(1)).first() is not None

    def give_up(self, relation: str, field: str) -> None:
        """Record that iPaaS.com does not store the field that the links of a relation fill.

        The links are replaced, so that a change of their targets does not make their records due.

        Args:
            relation: The relation.
            field: The field.
        """
        of_relation = links.c.relation == relation
        record = (links.c.kind, links.c.key)
        holders = select(
            *record,
            *map(literal, (NOT_STORED, "field", field, time.time())),
            func.min(links.c.partition_key),
        ).where(of_relation)
        names = ["kind", "key", "relation", "target_kind", "target_key", "parked_at", "partition_key"]
        insert = self._database.insert(links).from_select(names, holders.group_by(*record)).on_conflict_do_nothing()
        with self._database.write() as connection:
            connection.execute(insert)
            connection.execute(delete(links).where(of_relation))

    def is_any_due(self) -> bool:
        """Return whether any link of a delivered record is due."""
        with self._database.read() as connection:
            return connection.execute(select(links.c.key).where(_is_due()).limit(1)).first() is not None

    def holders(self, kind: str, targets: Iterable[str]) -> set[str]:
        """Return the keys of records of a destination kind with links to any of these products."""
        found: set[str] = set()
        with self._database.read() as connection:
            for chunk in chunks(sorted(set(targets))):
                statement = select(links.c.key).where(
                    links.c.kind == kind, links.c.target_kind == "product", links.c.target_key.in_(chunk)
                )
                found.update(connection.execute(statement).scalars())
        return found


def identity_of(target: Target) -> str:
    """Return the identity of a target; when it changes, records with links to it must be sent again."""
    return f"{target.kind} {target.ipaas_id} {target.sku or ''}"


def _is_due() -> ColumnElement[bool]:
    return and_(text("links.due"), links.c.relation != FORMULA, _is_delivered())


def _is_delivered() -> ColumnElement[bool]:
    return exists().where(
        ledger.c.kind == links.c.kind,
        ledger.c.key == links.c.key,
        ledger.c.state == "sent",
        ledger.c.ipaas_id.is_not(None),
    )


def _kinds(target_kind: str) -> dict[str, str]:
    # Definitions of custom fields are no records: links to them are made due by Links.tried.
    kinds = kinds_of(target_kind) or (target_kind,)
    return {"first_kind": kinds[0], "second_kind": kinds[-1]}


def _known(
    connection: Connection, records: Sequence[tuple[str, str]]
) -> tuple[dict[tuple[str, str], set[Link]], set[tuple[str, str]]]:
    """Return the links of records, by their kind and key, and the records with links that are due."""
    found: dict[tuple[str, str], set[Link]] = defaultdict(set)
    due: set[tuple[str, str]] = set()
    for chunk in chunks(records):
        kinds, keys = map(set, zip(*chunk, strict=True))
        # Together, because a statement for each kind takes as long as all of them. Kinds may share keys.
        for row in connection.execute(_KNOWN, {"of_kinds": sorted(kinds), "of_keys": sorted(keys)}):
            record = (row.kind, row.key)
            found[record].add(Link(row.relation, row.target_kind, row.target_key, row.sent_as))
            if row.due:
                due.add(record)
    return found, due


def _order(link: Link) -> tuple[str, str, str]:
    return link.place
