"""What is open now: records that failed or are blocked according to the ledger, whichever run noticed them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import PAGE, pages
from akeneo_assets.store.records import NO_FAMILY, Scope, State
from akeneo_assets.store.schema import ledger, mirror
from akeneo_assets.store.work import is_listed, is_source


@dataclass(frozen=True)
class OpenProblem:
    """A record that is not in iPaaS.com as it is in Akeneo.

    Attributes:
        kind: Its kind.
        key: Its key, which is its external id.
        sku: The SKU that it was last accepted with, or else its identifier in Akeneo, if it has one.
        ipaas_id: Its iPaaS.com id, if it has one.
        state: ``failed`` or ``blocked``.
        code: Code of the error.
        message: What happened, and what to do.
        attempts: Number of failures since it was last accepted.
        failed_at: When it last failed or was blocked, in epoch seconds.
        next_retry_at: When it is retried automatically, in epoch seconds; None if it is not.
    """

    kind: str
    key: str
    sku: str | None
    ipaas_id: str | None
    state: State
    code: str | None
    message: str | None
    attempts: int
    failed_at: float | None
    next_retry_at: float | None


@dataclass(frozen=True)
class OpenCounts:
    """How many problems are open.

    Attributes:
        failed: Number of failed records.
        blocked: Number of blocked records.
        oldest_at: When the one that was not tried for the longest time failed or was blocked, in epoch seconds.
    """

    failed: int
    blocked: int
    oldest_at: float | None


class OpenProblems:
    """Reads what is open. Records that Akeneo no longer lists are not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, object_name: ObjectName | None = None, scope: Scope | None = None) -> OpenCounts:
        """Count what is open.

        Args:
            object_name: Only records of this object.
            scope: Only records of this selection, e.g. of a family; see :meth:`all`.
        """
        columns = (ledger.c.state, func.count(), func.min(ledger.c.failed_at))
        statement = _open(select(*columns), object_name, scope).group_by(ledger.c.state)
        with self._database.read() as connection:
            rows = {row[0]: row for row in connection.execute(statement)}
        times = [row[2] for row in rows.values() if row[2] is not None]
        number = {state: int(row[1]) for state, row in rows.items()}
        return OpenCounts(number.get("failed", 0), number.get("blocked", 0), min(times, default=None))

    def all(
        self, object_name: ObjectName | None = None, scope: Scope | None = None, *, size: int = PAGE
    ) -> Iterator[list[OpenProblem]]:
        """Yield pages of what is open, sorted by kind and key.

        Args:
            object_name: Only records of this object.
            scope: Only records of this selection: those of a family, those that last changed in a partition of
                changes, or some keys.
            size: Records per page.
        """
        columns = (
            ledger.c.kind,
            ledger.c.key,
            func.coalesce(ledger.c.sku, mirror.c.identifier).label("sku"),
            ledger.c.ipaas_id,
            ledger.c.state,
            ledger.c.error_code.label("code"),
            ledger.c.error_message.label("message"),
            ledger.c.attempts,
            ledger.c.failed_at,
            ledger.c.next_retry_at,
        )
        statement = _open(select(*columns), object_name, scope)
        for page in pages(self._database, statement, [ledger.c.kind, ledger.c.key], size=size):
            yield [OpenProblem(**row._mapping) for row in page]  # noqa: SLF001 - SQLAlchemy's public way to a dict


def _open(statement: Select[Any], object_name: ObjectName | None, scope: Scope | None) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [ledger.c.state.in_(("failed", "blocked")), is_listed()]
    if object_name is not None:
        spec = OBJECTS[object_name]
        conditions.append(ledger.c.kind.in_(spec.due_kinds if spec.kind is None else (spec.kind,)))
        if spec.kind == "product":
            # A record that was never accepted has no object yet, and counts as a product.
            conditions.append(func.coalesce(ledger.c.object, "products") == object_name)
    if scope is not None:
        if scope.family is not None:
            family = None if scope.family == NO_FAMILY else scope.family
            conditions.append(mirror.c.family.is_(None) if family is None else mirror.c.family == family)
        elif scope.partition_key is not None:
            conditions.append(mirror.c.partition_key == scope.partition_key)
        else:
            conditions.append(mirror.c.key.in_(scope.keys or ()))
    return statement.select_from(ledger).join(mirror, is_source()).where(and_(*conditions))
