"""Changes of Akeneo's structure, and whether the records that depend on them have been marked."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Executable, and_, bindparam, func, select, update

from akeneo_assets.store.database import Database
from akeneo_assets.store.records import StructureChange
from akeneo_assets.store.schema import mirror, structure_change

_VERSION = select(func.max(structure_change.c.noticed_at))


def _note(database: Database) -> Executable:
    insert = database.insert(structure_change)
    return insert.on_conflict_do_update(
        index_elements=list(structure_change.primary_key),
        set_={"noticed_at": insert.excluded.noticed_at, "followed_at": None},
    )


class StructureChanges:
    """Reads and writes the changes; a change is outstanding until all records that depend on it are marked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._note = database.built(_note)

    def note(self, records: Iterable[tuple[str, str]], moment: float, *, within: Connection) -> None:
        """Record that structure records were added, changed or deleted.

        Args:
            records: Their kinds and keys.
            moment: The moment of the transaction.
            within: The transaction that changes the mirror.
        """
        rows = [{"kind": kind, "key": key, "noticed_at": moment} for kind, key in sorted(set(records))]
        if rows:
            within.execute(self._note, rows)

    def version(self) -> float:
        """Return the moment of the last change of the structure; 0 if it never changed."""
        with self._database.read() as connection:
            return connection.execute(_VERSION).scalar_one() or 0.0

    def deleted(self, kinds: Iterable[str]) -> dict[str, set[str]]:
        """Return the keys of structure records that were deleted in Akeneo, by kind."""
        change, found = structure_change.c, {kind: set[str]() for kind in kinds}
        same = and_(mirror.c.kind == change.kind, mirror.c.key == change.key)
        statement = select(change.kind, change.key).outerjoin(mirror, same)
        with self._database.read() as connection:
            for row in connection.execute(statement.where(change.kind.in_(found), mirror.c.key.is_(None))):
                found[row.kind].add(row.key)
        return found

    def outstanding(self) -> list[StructureChange]:
        """Return the changes whose dependent records are not marked yet."""
        statement = select(*(structure_change.c[name] for name in StructureChange.__slots__))
        with self._database.read() as connection:
            rows = connection.execute(statement.where(structure_change.c.followed_at.is_(None)))
            return [StructureChange(*row) for row in rows]

    def follow(self, changes: Iterable[StructureChange]) -> None:
        """Record that the dependent records of these changes are marked; newer changes remain outstanding."""
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
