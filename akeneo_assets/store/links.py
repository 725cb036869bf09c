"""Parked links: references that could not be sent because their target is not at iPaaS.com yet."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import and_, delete, exists, func, or_, select

from akeneo_assets.store.database import Database
from akeneo_assets.store.ledger import TARGET_KINDS
from akeneo_assets.store.pages import in_chunks, pages
from akeneo_assets.store.records import ParkedLink
from akeneo_assets.store.schema import ledger, links, mirror


class Links:
    """Reads and writes the parked links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def park(self, kind: str, key: str, parked: Sequence[ParkedLink], partition_key: str) -> None:
        """Let ``parked`` be all the links that one record still misses; none, when it is empty.

        Args:
            kind: Destination kind of the record.
            key: Its key.
            parked: Its links whose target is missing.
            partition_key: Partition of the attempt.
        """
        if set(parked) == set(self.of(kind, [key]).get(key, ())):
            return  # most records park nothing, now as before: no write
        now = time.time()
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
            for link in sorted(set(parked), key=_order)
        ]
        with self._database.write() as connection:
            connection.execute(delete(links).where(links.c.kind == kind, links.c.key == key))
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

    def of(self, kind: str, keys: Iterable[str]) -> dict[str, list[ParkedLink]]:
        """Return the parked links of each of ``keys`` that has any."""
        statement = select(links.c.key, links.c.relation, links.c.target_kind, links.c.target_key).where(
            links.c.kind == kind
        )
        found: dict[str, list[ParkedLink]] = defaultdict(list)
        for row in in_chunks(self._database, statement, links.c.key, keys):
            found[row.key].append(ParkedLink(row.relation, row.target_kind, row.target_key))
        return {key: sorted(parked, key=_order) for key, parked in found.items()}

    def count(self) -> dict[str, int]:
        """Return the number of parked links by relation."""
        statement = select(links.c.relation, func.count()).group_by(links.c.relation)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}


def _order(link: ParkedLink) -> tuple[str, str, str]:
    return link.relation, link.target_kind, link.target_key
