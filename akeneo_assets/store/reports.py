"""Reports for users, as pandas data frames; long tables are read in chunks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Row, Select, and_, case, distinct, func, literal, select

from akeneo_assets.objects import SOURCES
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import pages
from akeneo_assets.store.records import NOT_STORED
from akeneo_assets.store.schema import ledger, links, mirror, plan
from akeneo_assets.store.work import is_open

if TYPE_CHECKING:
    import pandas as pd

_FAILURE = [
    ledger.c.kind,
    ledger.c.key,
    ledger.c.sku,
    ledger.c.state,
    ledger.c.error_code.label("code"),
    ledger.c.error_message.label("message"),
    ledger.c.attempts,
    ledger.c.failed_at,
    ledger.c.next_retry_at,
]
# Moments are not times, and have no meaning to users.
_LEFT_OUT = {"children", "document", "changed_at", "looked_at", "sent_moment"}
_LEDGER = [column for column in ledger.c if column.name not in _LEFT_OUT]
_LINK = list(links.c)
_FAILING = is_open()
_NOT_STORED = and_(links.c.sent_as.is_(None), links.c.relation == NOT_STORED)
_WAITS = and_(links.c.sent_as.is_(None), links.c.relation != NOT_STORED)


class Reports:
    """Reads data frames; columns that end in ``_at`` contain UTC times."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def failures(self, limit: int = 1_000) -> pd.DataFrame:
        """Return failed and blocked records, newest first.

        Args:
            limit: Maximum number of rows.
        """
        statement = select(*_FAILURE).where(_FAILING)
        return self._frame(statement.order_by(ledger.c.failed_at.desc(), ledger.c.kind, ledger.c.key), limit)

    def waiting_links(self, limit: int = 1_000) -> pd.DataFrame:
        """Return links that were not sent because their target is missing, longest waiting first.

        Args:
            limit: Maximum number of rows.
        """
        statement = select(*_LINK).where(_WAITS)
        return self._frame(statement.order_by(links.c.parked_at, *links.primary_key), limit)

    def ledger_frames(self, kind: str | None = None, chunk: int = 10_000) -> Iterator[pd.DataFrame]:
        """Yield the ledger without payloads.

        Args:
            kind: Only this destination kind.
            chunk: Rows per data frame.
        """
        statement = select(*_LEDGER)
        if kind is not None:
            statement = statement.where(ledger.c.kind == kind)
        for page in pages(self._database, statement, list(ledger.primary_key), size=chunk):
            yield _frame(statement, page)

    def summary(self) -> dict[str, Any]:
        """Return a summary of the database.

        Returns:
            ``records``: number by kind and state. ``planned``: number by object and action. ``waiting_links``: number
            of unsent links by relation. ``not_stored``: number of records by the field that iPaaS.com does not store.
            ``oldest_failure_at``: epoch seconds; None if no record is failed or blocked.
        """
        with self._database.read() as connection:
            records = connection.execute(_counted(ledger.c.kind, ledger.c.state)).all()
            planned = connection.execute(_counted(plan.c.object, plan.c.action)).all()
            waiting_links = connection.execute(
                select(links.c.relation, func.count()).where(_WAITS).group_by(links.c.relation)
            ).all()
            not_stored = connection.execute(
                select(links.c.target_key, func.count()).where(_NOT_STORED).group_by(links.c.target_key)
            ).all()
            oldest = connection.execute(select(func.min(ledger.c.failed_at)).where(_FAILING)).scalar_one()
        return {
            "records": _nested(records),
            "planned": _nested(planned),
            "waiting_links": {row[0]: row[1] for row in waiting_links},
            "not_stored": {row[0]: row[1] for row in not_stored},
            "oldest_failure_at": oldest,
        }

    def listed(self) -> dict[str, dict[str, int]]:
        """Return the number of records that Akeneo lists according to the mirror, by source kind and state.

        Besides the states of the ledger there is ``part`` for sub models, which are sent as a part of their root model.
        """
        is_variant = and_(mirror.c.kind == "product", mirror.c.parent.is_not(None))
        state = case(
            (and_(mirror.c.kind == "product_model", mirror.c.parent.is_not(None)), literal("part")),
            else_=func.coalesce(ledger.c.state, "pending"),
        )
        sent_as = and_(
            ledger.c.kind == case((is_variant, literal("variant")), else_=mirror.c.kind), ledger.c.key == mirror.c.key
        )
        counted = (
            select(mirror.c.kind, state, func.count())
            .select_from(mirror.outerjoin(ledger, sent_as))
            .where(mirror.c.kind.in_(SOURCES), mirror.c.gone.is_(None))
            .group_by(mirror.c.kind, state)
        )
        with self._database.read() as connection:
            return _nested(connection.execute(counted).all())

    def linked(self, kinds: Collection[str]) -> int:
        """Return how many records of iPaaS.com have an external id of ours, according to the ledger."""
        statement = select(func.count(distinct(ledger.c.ipaas_id))).where(ledger.c.kind.in_(kinds))
        with self._database.read() as connection:
            return int(connection.execute(statement).scalar_one())

    def _frame(self, statement: Select[Any], limit: int) -> pd.DataFrame:
        with self._database.read() as connection:
            return _frame(statement, connection.execute(statement.limit(limit)).all())


def _frame(statement: Select[Any], rows: Sequence[Row[Any]]) -> pd.DataFrame:
    # Imported here, because loading pandas takes longer than most commands that do not need it.
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame([tuple(row) for row in rows], columns=statement.selected_columns.keys())
    for name in frame.columns:
        if name.endswith("_at"):
            frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
    return frame


def _counted(outer: Column[Any], inner: Column[Any]) -> Select[Any]:
    return select(outer, inner, func.count()).group_by(outer, inner)


def _nested(rows: Sequence[Row[Any]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for outer, inner, count in rows:
        nested.setdefault(outer, {})[inner] = count
    return nested
