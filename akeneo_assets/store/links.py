"""Parked links: references that could not be sent because their target is not at iPaaS.com yet."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select, update

from akeneo_assets.store.database import Database
from akeneo_assets.store.ledger import TARGET_KINDS
from akeneo_assets.store.pages import chunks, pages
from akeneo_assets.store.records import ParkedLink
from akeneo_assets.store.schema import ledger, links, mirror

_PARKED = select(links.c.key, links.c.relation, links.c.target_kind, links.c.target_key).where(
    links.c.kind == bindparam("of_kind"), links.c.key.in_(bindparam("of_keys", expanding=True))
)


class Links:
    """Reads and writes the parked links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def park(
        self,
        parked: Mapping[tuple[str, str], Sequence[ParkedLink]],
        partition_key: str,
        *,
        within: Connection | None = None,
    ) -> None:
        """Let these be all the links that each of some records still misses.

        Args:
            parked: Destination kind and key of a record → its links whose target is missing; none, when it is empty.
            partition_key: Partition of the attempt.
            within: A transaction to do so in; without one it gets its own.
        """
        now = time.time()
        keys: dict[str, list[str]] = defaultdict(list)
        for kind, key in sorted(parked):
            keys[kind].append(key)
        with self._database.write(within) as connection:
            for kind, of_kind in keys.items():
                known = _parked(connection, kind, of_kind)
                # Most records park nothing, now as before: no write.
                differ = [key for key in of_kind if set(parked[kind, key]) != known.get(key, set())]
                rows = [
                    {
                        "kind": kind,
                        "key": key,
                        "relation": link.relation,
                        "target_kind": link.target_kind,
                        "target_key": link.target_key,
                        "parked_at": now,
                        "partition_key": partition_key,
                    }
                    for key in differ
                    for link in sorted(set(parked[kind, key]), key=_order)
                ]
                if differ:
                    connection.execute(delete(links).where(links.c.kind == kind, links.c.key.in_(differ)))
                if rows:
                    connection.execute(self._database.insert(links).on_conflict_do_nothing(), rows)

    def resolvable(self, relations: Iterable[str] | None = None) -> Iterator[list[tuple[str, str]]]:
        """Yield pages of (kind, key) of the records of which a parked link can go now.

        Args:
            relations: Only links of these relations.
        """
        arrived = exists().where(
            ledger.c.key == links.c.target_key,
            ledger.c.ipaas_id.is_not(None),
            or_(
                *(and_(links.c.target_kind == group, ledger.c.kind.in_(kinds)) for group, kinds in TARGET_KINDS.items())
            ),
        )
        # A product that was named by its identifier before the mirror knew it.
        identified = exists().where(
            links.c.target_kind == "product",
            mirror.c.kind == "product",
            mirror.c.identifier == links.c.target_key,
            ledger.c.kind.in_(TARGET_KINDS["product"]),
            ledger.c.key == mirror.c.key,
            ledger.c.ipaas_id.is_not(None),
        )
        statement = select(links.c.kind, links.c.key).where(or_(arrived, identified)).distinct()
        if relations is not None:
            statement = statement.where(links.c.relation.in_(list(relations)))
        for page in pages(self._database, statement, [links.c.kind, links.c.key]):
            yield [(row.kind, row.key) for row in page]

    def targets(self, relation: str, *, parked_before: float | None = None) -> list[str]:
        """Return the target keys of the parked links of a relation.

        Args:
            relation: The relation.
            parked_before: Only those that were parked, or tried again, before this moment.
        """
        statement = select(links.c.target_key).distinct().where(links.c.relation == relation)
        if parked_before is not None:
            statement = statement.where(links.c.parked_at <= parked_before)
        with self._database.read() as connection:
            return sorted(connection.execute(statement).scalars())

    def holders(self, relation: str, target_keys: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
        """Yield pages of (kind, key) of the records with a parked link to one of these targets."""
        chosen = and_(links.c.relation == relation, links.c.target_key.in_(target_keys))
        statement = select(links.c.kind, links.c.key).where(chosen).distinct()
        for page in pages(self._database, statement, [links.c.kind, links.c.key]):
            yield [(row.kind, row.key) for row in page]

    def tried(self, relation: str, target_keys: Sequence[str]) -> None:
        """Note that these targets still cannot be linked to."""
        chosen = and_(links.c.relation == relation, links.c.target_key.in_(target_keys))
        with self._database.write() as connection:
            connection.execute(update(links).where(chosen).values(parked_at=time.time()))

    def of(self, kind: str, keys: Iterable[str]) -> dict[str, list[ParkedLink]]:
        """Return the parked links of each of ``keys`` that has any."""
        with self._database.read() as connection:
            return {key: sorted(parked, key=_order) for key, parked in _parked(connection, kind, keys).items()}

    def count(self) -> dict[str, int]:
        """Return the number of parked links by relation."""
        statement = select(links.c.relation, func.count()).group_by(links.c.relation)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}


def _parked(connection: Connection, kind: str, keys: Iterable[str]) -> dict[str, set[ParkedLink]]:
    found: dict[str, set[ParkedLink]] = defaultdict(set)
    for chunk in chunks(keys):
        for row in connection.execute(_PARKED, {"of_kind": kind, "of_keys": chunk}):
            found[row.key].add(ParkedLink(row.relation, row.target_kind, row.target_key))
    return found


def _order(link: ParkedLink) -> tuple[str, str, str]:
    return link.relation, link.target_kind, link.target_key
