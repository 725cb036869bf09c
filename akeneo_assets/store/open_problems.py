"""What is open now: failed and blocked records and waiting links according to the ledger, whichever run caused them."""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, not_, or_, select

from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.database import Database
from akeneo_assets.store.records import NO_FAMILY, NOT_STORED, RELATED, RELATED_PRODUCTS
from akeneo_assets.store.schema import ledger, links, mirror
from akeneo_assets.store.unreadable import UNREADABLE
from akeneo_assets.store.work import is_listed, is_open, is_source

Waiting: TypeAlias = Literal["links", "fields"]


@dataclass(frozen=True)
class OpenProblem:
    """A record that is not in iPaaS.com as it is in Akeneo.

    Attributes:
        kind: Its kind.
        key: Its key, which is its external id.
        code: Code of the error.
        message: What happened, and what to do.
        sku: The SKU that it was last accepted with, or else its identifier in Akeneo, if it has one.
        ipaas_id: Its iPaaS.com id, if it has one.
        attempts: Number of failures since it was last accepted.
        since: Since when it is failed or blocked, in epoch seconds.
        next_retry_at: When it is retried automatically, in epoch seconds; None if it is not.
        document: The record as Akeneo sent it; None if it was never read.
    """

    kind: str
    key: str
    code: str | None
    message: str | None
    sku: str | None = None
    ipaas_id: str | None = None
    attempts: int = 0
    since: float | None = None
    next_retry_at: float | None = None
    document: JsonObject | None = None


@dataclass(frozen=True)
class OpenGroup:
    """How much is open among the records that share a family and a partition.

    Attributes:
        failed: Number of failed records.
        blocked: Number of blocked records.
        since: Since when the oldest one is open, in epoch seconds.
        attempts: The most failures of one of them since it was last accepted.
        family: Their family; None if they have none, or were never read.
        partition_key: The partition in which they last changed; if they were never read, in which that was tried.
        is_read: Whether they were ever read.
        key: For categories, the key of the only record of the group; else None.
    """

    failed: int
    blocked: int
    since: float
    attempts: int
    family: str | None
    partition_key: str
    is_read: bool
    key: str | None = None


@dataclass(frozen=True)
class WaitingGroup:
    """How many links wait, or fields are not stored, among the delivered records that share a family and a partition.

    Attributes:
        count: Number of links or fields.
        since: Since when the oldest one is, in epoch seconds.
        family: Their family, if they have one.
        partition_key: The partition in which they last changed.
        key: For categories, the key of the only record of the group; else None.
    """

    count: int
    since: float
    family: str | None
    partition_key: str
    key: str | None = None


class OpenProblems:
    """Reads what is open. Records that Akeneo no longer lists are not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def groups(self, object_name: ObjectName) -> list[OpenGroup]:
        """Return how much is open of an object."""
        with self._database.read() as connection:
            return [OpenGroup(*row) for row in connection.execute(_groups(object_name))]

    def of_partition(
        self, object_name: ObjectName, partition_key: str, keys: Collection[str], limit: int, *, states: Collection[str]
    ) -> list[OpenProblem]:
        """Return what is open of an object in a partition, the oldest first.

        Args:
            object_name: One of the six objects.
            partition_key: A family or an hour of changes.
            keys: For a category tree, the keys of its open categories.
            limit: Maximum number of records.
            states: ``failed``, ``blocked``, or both.
        """
        columns = (
            ledger.c.kind,
            ledger.c.key,
            ledger.c.error_code,
            ledger.c.error_message,
            func.coalesce(ledger.c.sku, mirror.c.identifier),
            ledger.c.ipaas_id,
            ledger.c.attempts,
            ledger.c.failed_since,
            ledger.c.next_retry_at,
            mirror.c.document,
        )
        statement = (
            select(*columns)
            .select_from(_sources())
            .where(_is_open_of(object_name), ledger.c.state.in_(states), _is_in(object_name, partition_key, keys))
            .order_by(ledger.c.failed_since, ledger.c.kind, ledger.c.key)
        )
        with self._database.read() as connection:
            return [OpenProblem(*row) for row in connection.execute(statement.limit(limit))]

    def waiting_links(self, object_name: ObjectName, *, older_than: float) -> list[WaitingGroup]:
        """Return how many links of delivered records wait for their target.

        Args:
            object_name: The object that sends the links.
            older_than: Only links that wait for more than this many seconds.
        """
        return self._counted(object_name, "links", time.time() - older_than)

    def fields_not_stored(self, object_name: ObjectName) -> list[WaitingGroup]:
        """Return how many fields of delivered records iPaaS.com does not store, as the last probe found out.

        Args:
            object_name: The object that sends the fields.
        """
        return self._counted(object_name, "fields", math.inf)

    def fields_in(
        self, object_name: ObjectName, partition_key: str, keys: Collection[str], limit: int
    ) -> list[tuple[str, OpenProblem]]:
        """Return the fields of an object in a partition that are not stored, each with its record, the oldest first.

        Args:
            object_name: The object that sends the fields.
            partition_key: A family or an hour of changes.
            keys: For a category tree, the keys of its categories with such fields.
            limit: Maximum number of fields.
        """
        sku = func.coalesce(ledger.c.sku, mirror.c.identifier)
        columns = (links.c.target_key, *_RECORD, sku, ledger.c.ipaas_id, _SINCE, mirror.c.document)
        statement = _waiting(select(*columns), object_name, "fields").where(_is_in(object_name, partition_key, keys))
        ordered = statement.order_by(_SINCE, *_RECORD, links.c.target_key).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(ordered).all()
        return [
            (field, OpenProblem(kind, key, NOT_STORED, None, sku, ipaas_id, since=since, document=document))
            for field, kind, key, sku, ipaas_id, since, document in rows
        ]

    def _counted(self, object_name: ObjectName, what: Waiting, limit: float) -> list[WaitingGroup]:
        with self._database.read() as connection:
            statement = _waiting_groups(object_name, what)
            return [WaitingGroup(*row) for row in connection.execute(statement, {"limit": limit})]


@lru_cache
def _groups(object_name: ObjectName) -> Select[Any]:
    by_state = (func.sum(case((ledger.c.state == state, 1), else_=0)) for state in ("failed", "blocked"))
    group = [
        mirror.c.family,
        func.coalesce(mirror.c.partition_key, ledger.c.partition_key),
        mirror.c.key.is_not(None),
        *_record_key(object_name),
    ]
    totals = (*by_state, func.min(ledger.c.failed_since), func.max(ledger.c.attempts))
    return select(*totals, *group).select_from(_sources()).where(_is_open_of(object_name)).group_by(*group)


_RECORD = (ledger.c.kind, ledger.c.key)

# A link is tried again without sending its record, so that it may wait longer than since the last try.
_SINCE = case((ledger.c.sent_at < links.c.parked_at, ledger.c.sent_at), else_=links.c.parked_at)


@lru_cache
def _waiting_groups(object_name: ObjectName, what: Waiting) -> Select[Any]:
    group = [mirror.c.family, mirror.c.partition_key, *_record_key(object_name)]
    waiting = _waiting(select(func.count(), func.min(_SINCE), *group), object_name, what)
    return waiting.where(bindparam("limit") > _SINCE).group_by(*group)


def _waiting(statement: Select[Any], object_name: ObjectName, what: Waiting) -> Select[Any]:
    """Select from the waiting links of the delivered records of an object, or from the fields that are not stored."""
    is_field = links.c.relation == NOT_STORED
    is_related = or_(links.c.relation == RELATED, and_(is_field, links.c.target_key == RELATED_PRODUCTS))
    of_object = is_related if object_name == "related_products" else not_(is_related)
    return (
        statement.select_from(links)
        .join(ledger, and_(ledger.c.kind == links.c.kind, ledger.c.key == links.c.key))
        .join(mirror, is_source())
        .where(links.c.sent_as.is_(None), is_field if what == "fields" else not_(is_field), of_object)
        .where(ledger.c.state == "sent", _is_of(object_name), is_listed())
    )


def _sources() -> Any:
    return ledger.outerjoin(mirror, is_source())


def _record_key(object_name: ObjectName) -> list[ColumnElement[str]]:
    return [ledger.c.key] if OBJECTS[object_name].by_tree else []


def _is_open_of(object_name: ObjectName) -> ColumnElement[bool]:
    # An unreadable record may be unknown to the mirror.
    return and_(is_open(), or_(is_listed(), ledger.c.error_code == UNREADABLE), _is_of(object_name))


def _is_of(object_name: ObjectName) -> ColumnElement[bool]:
    spec = OBJECTS[object_name]
    if spec.kind is None:
        return ledger.c.kind.in_(spec.due_kinds)
    if spec.kind != "product":
        return ledger.c.kind == spec.kind
    # Whether a product that could not be mapped is a bundle is unknown; it counts as a product.
    return and_(ledger.c.kind == spec.kind, func.coalesce(ledger.c.object, "products") == object_name)


def _is_in(object_name: ObjectName, partition_key: str, keys: Collection[str]) -> ColumnElement[bool]:
    if OBJECTS[object_name].by_tree:
        return ledger.c.key.in_(keys)
    prefix, _, family = partition_key.partition(":")
    if prefix != "family":
        return func.coalesce(mirror.c.partition_key, ledger.c.partition_key) == partition_key
    never_read = and_(mirror.c.key.is_(None), ledger.c.partition_key == partition_key)
    of_family = mirror.c.family.is_(None) if family == NO_FAMILY else mirror.c.family == family
    return or_(never_read, and_(mirror.c.key.is_not(None), of_family))
