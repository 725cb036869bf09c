"""The windows of source time that were read completely; adjacent windows are merged."""

from __future__ import annotations

import time

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, text, update

from akeneo_assets.store.database import Database
from akeneo_assets.store.records import Window
from akeneo_assets.store.schema import windows

_FAMILY = "family:"
_OPTIONS = select(windows.c.kind, windows.c.scope, windows.c.options)
_OTHER_OPTIONS = _OPTIONS.where(windows.c.options != "", windows.c.options != bindparam("written"))
_WINDOW = select(*(windows.c[name] for name in Window.__slots__))
_IS_MEANT = and_(windows.c.kind == bindparam("of_kind"), windows.c.scope == bindparam("of_scope"))
_LATEST = _WINDOW.where(_IS_MEANT).order_by(windows.c.to_at.desc()).limit(1)
_OF_KIND = _WINDOW.add_columns(windows.c.scope).where(windows.c.kind == bindparam("of_kind")).order_by(windows.c.to_at)
_TOUCHES = and_(_IS_MEANT, windows.c.from_at <= bindparam("end"), windows.c.to_at >= bindparam("beginning"))
_TOUCHING, _REMOVE_TOUCHING, _ADD = _WINDOW.where(_TOUCHES), delete(windows).where(_TOUCHES), insert(windows)


class Windows:
    """Reads and writes the windows. A scope is a part that is read separately, e.g. a family."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        kind: str,
        scope: str,
        from_at: float,
        to_at: float,
        run_id: str,
        *,
        options: frozenset[str] = frozenset(),
    ) -> None:
        """Record that ``[from_at, to_at)`` was read completely.

        Args:
            kind: Source kind.
            scope: The part of the kind that was read.
            from_at: Start of the interval, epoch seconds.
            to_at: End of the interval; an empty interval is ignored.
            run_id: The run that read it.
            options: The read options that were used.
        """
        if from_at > to_at:
            raise ValueError(f"The window ends ({to_at}) before it begins ({from_at})")
        if from_at == to_at:
            return
        touched = {"of_kind": kind, "of_scope": scope, "beginning": from_at, "end": to_at}
        with self._database.write() as connection:
            self._lock(connection)
            met = [Window(*row) for row in connection.execute(_TOUCHING, touched)]
            connection.execute(_REMOVE_TOUCHING, touched)
            connection.execute(
                _ADD,
                {
                    "kind": kind,
                    "scope": scope,
                    "from_at": min([from_at, *(window.from_at for window in met)]),
                    "to_at": max([to_at, *(window.to_at for window in met)]),
                    "run_id": run_id,
                    "recorded_at": time.time(),
                    "options": _written(options),
                },
            )

    def narrow(self, options: frozenset[str]) -> None:
        """Record that reads now use these options: families no longer count as read with any others."""
        with self._database.read() as connection:
            others = connection.execute(_OTHER_OPTIONS, {"written": _written(options)}).all()
        too_wide = [row for row in others if not options.issuperset(row.options.split())]
        for row in too_wide:
            had = and_(windows.c.kind == row.kind, windows.c.scope == row.scope, windows.c.options == row.options)
            with self._database.write() as connection:
                connection.execute(
                    update(windows).where(had).values(options=_written(options.intersection(row.options.split())))
                )

    def families_read_without(self, options: frozenset[str]) -> set[str]:
        """Return the families that were read completely, but without some of these options."""
        if not options:
            return set()
        families = _OPTIONS.where(
            windows.c.scope.startswith(_FAMILY, autoescape=True), windows.c.options != _written(options)
        )
        with self._database.read() as connection:
            rows = connection.execute(families)
            return {row.scope.removeprefix(_FAMILY) for row in rows if not options.issubset(row.options.split())}

    def _lock(self, connection: Connection) -> None:
        if not self._database.is_sqlite:
            # Otherwise, two runs that record adjacent windows at the same time would not see each other's row.
            connection.execute(text("LOCK TABLE windows IN SHARE ROW EXCLUSIVE MODE"))

    def cut_back(self, kind: str, scope: str, to_at: float) -> None:
        """Remove everything after ``to_at`` from the windows.

        Args:
            kind: Source kind.
            scope: The part of the kind.
            to_at: The new end, epoch seconds.
        """
        later = and_(windows.c.kind == kind, windows.c.scope == scope, windows.c.to_at > to_at)
        with self._database.write() as connection:
            self._lock(connection)
            connection.execute(delete(windows).where(later, windows.c.from_at >= to_at))
            connection.execute(update(windows).where(later).values(to_at=to_at))

    def latest(self, kind: str, scope: str) -> Window | None:
        """Return the window with the latest end; None if nothing was read yet."""
        with self._database.read() as connection:
            row = connection.execute(_LATEST, {"of_kind": kind, "of_scope": scope}).first()
        return None if row is None else Window(*row)

    def latest_by_scope(self, kind: str) -> dict[str, Window]:
        """Return the window with the latest end of each scope of a kind that was read."""
        with self._database.read() as connection:
            return {scope: Window(*row) for *row, scope in connection.execute(_OF_KIND, {"of_kind": kind})}


def _written(options: frozenset[str]) -> str:
    return " ".join(sorted(options))
