"""What of Akeneo's structure changed, and whether the records that depend on it were marked since."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, bindparam, func, select, update

from akeneo_assets.store.database import Database
from akeneo_assets.store.records import StructureChange
from akeneo_assets.store.schema import mirror, structure_change

_VERSION = select(func.max(structure_change.c.noticed_at))


class StructureChanges:
    """Reads and writes the changes; a change stays until all that depends on it is marked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(structure_change)
        self._note = insert.on_conflict_do_update(
            index_elements=list(structure_change.primary_key),
            set_={"noticed_at": insert.excluded.noticed_at, "followed_at": None},
        )

    def note(self, records: Iterable[tuple[str, str]], moment: float, *, within: Connection) -> None:
        """Note that records of the structure are new, different or gone.

        Args:
            records: Their kinds and keys.
            moment: That of the transaction.
            within: The transaction that changes the mirror.
        """
        rows = [{"kind": kind, "key": key, "noticed_at": moment} for kind, key in sorted(set(records))]
        if rows:
            within.execute(self._note, rows)

    def version(self) -> float:
        """Return the moment at which the structure last changed; 0 when it never did."""
        with self._database.read() as connection:
            return connection.execute(_VERSION).scalar_one() or 0.0

    def deleted(self, kinds: Iterable[str]) -> dict[str, set[str]]:
        """Return the keys of structure records that Akeneo had once, by kind."""
        change, found = structure_change.c, {kind: set[str]() for kind in kinds}
        same = and_(mirror.c.kind == change.kind, mirror.c.key == change.key)
        statement = select(change.kind, change.key).outerjoin(mirror, same)
        with self._database.read() as connection:
            for row in connection.execute(statement.where(change.kind.in_(found), mirror.c.key.is_(None))):
                found[row.kind].add(row.key)
        return found

    def outstanding(self) -> list[StructureChange]:
        """Return the changes whose dependants were not marked yet."""
        statement = select(*(structure_change.c[name] for name in StructureChange.__slots__))
        with self._database.read() as connection:
            rows = connection.execute(statement.where(structure_change.c.followed_at.is_(None)))
            return [StructureChange(*row) for row in rows]

    def follow(self, changes: Iterable[StructureChange]) -> None:
        """Record that the dependants of these changes are marked; a record that changed since stays outstanding."""
        rows = [
            {"of_kind": change.kind, "of_key": change.key, "seen_at": change.noticed_at} for change in sorted(changes)
        ]
        if rows:
            statement = (
                update(structure_change)
                .where(
                    structure_change.c.kind == bindparam("of_kind"),
                    structure_change.c.key == bindparam("of_key"),
                    structure_change.c.noticed_at == bindparam("seen_at"),
                )
                .values(followed_at=structure_change.c.noticed_at)
            )
            with self._database.write() as connection:
                connection.execute(statement, rows)
