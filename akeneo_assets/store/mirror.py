"""The mirror: a copy of the last read version of each Akeneo record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, and_, bindparam, delete, func, or_, select, update

from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import CHUNK, chunks, in_chunks, pages
from akeneo_assets.store.records import NO_FAMILY, Comparison, Head, MergeCounts, SourceRecord
from akeneo_assets.store.schema import ledger, mirror
from akeneo_assets.store.structure_changes import StructureChanges

_ROW = select(
    mirror.c.key,
    mirror.c.hash,
    mirror.c.parent,
    mirror.c.family,
    mirror.c.identifier,
    mirror.c.read_at,
    mirror.c.gone,
)
_IS_OF_KIND = mirror.c.kind == bindparam("of_kind")
_HAS_KEY = and_(_IS_OF_KIND, mirror.c.key.in_(bindparam("keys", expanding=True)))
# Both conditions contain the kind, so that each can use an index.
_HAS_IDENTIFIER = and_(_IS_OF_KIND, mirror.c.identifier.in_(bindparam("identifiers", expanding=True)))
_KNOWN = _ROW.where(_HAS_KEY)
_KNOWN_AND_RIVALS = _ROW.where(or_(_HAS_KEY, _HAS_IDENTIFIER))
_IS_LISTED = and_(_IS_OF_KIND, mirror.c.gone.is_(None))
_KEYS = select(mirror.c.key).where(_IS_LISTED)
_HEADS = select(mirror.c.key, mirror.c.parent, mirror.c.family, mirror.c.hash).where(_IS_LISTED)
_DOCUMENTS = select(mirror.c.key, mirror.c.document).where(_IS_OF_KIND)
_LISTED_DOCUMENTS = _DOCUMENTS.where(mirror.c.gone.is_(None))
_WITH_PREFIX = _LISTED_DOCUMENTS.where(mirror.c.key >= bindparam("first"), mirror.c.key < bindparam("last"))
_PRODUCTS_OF_IDENTIFIERS = select(mirror.c.identifier, mirror.c.key).where(_IS_LISTED)
_IDENTIFIERS = select(mirror.c.key, mirror.c.identifier).where(_IS_OF_KIND, mirror.c.identifier.is_not(None))
_MODEL, _ROOT = (mirror.alias(name) for name in ("model", "root"))
_EDIT_TIMES = (
    select(mirror.c.key, mirror.c.edited_at, _MODEL.c.edited_at, _ROOT.c.edited_at)
    .outerjoin(
        _MODEL,
        and_(mirror.c.kind != "category", _MODEL.c.kind == "product_model", _MODEL.c.key == mirror.c.parent),
    )
    .outerjoin(_ROOT, and_(_ROOT.c.kind == "product_model", _ROOT.c.key == _MODEL.c.parent))
    .where(_IS_OF_KIND)
)
_NEVER_SENT = {"children": {}, "state": "pending", "attempts": 0}
# Greater than every character in a key, so that a prefix search is a range search that can use the index.
_LAST_CHARACTER = "\U0010ffff"


def _upsert(database: Database) -> Executable:
    insert = database.insert(mirror)
    upsert = insert.on_conflict_do_update(
        index_elements=list(mirror.primary_key),
        set_={column.name: insert.excluded[column.name] for column in mirror.c if not column.primary_key},
        # Two runs may read the same record; the older version must not overwrite the newer one.
        where=mirror.c.read_at <= insert.excluded.read_at,
    )
    return database.prepared(upsert, mirror.c.keys())


def _mark_due(database: Database) -> Executable:
    insert = database.insert(ledger)
    upsert = insert.on_conflict_do_update(
        index_elements=list(ledger.primary_key), set_={"changed_at": insert.excluded.changed_at}
    )
    return database.prepared(upsert, ["kind", "key", "changed_at", *_NEVER_SENT])


class Mirror:
    """Reads and writes mirrored records. Records marked as gone are not listed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upsert = database.built(_upsert)
        self._structure_changes = StructureChanges(database)
        # A changed record remains due until it is planned, so the next plan includes it even if this run fails.
        self._mark_due = database.built(_mark_due)

    def compare(self, records: Sequence[SourceRecord]) -> Comparison:
        """Compare a page of records with the mirror. Merging the records that do not differ would change nothing.

        Args:
            records: Records of one kind; if a key is repeated, the last one is used.
        """
        latest = {record.key: record for record in records}
        identifiers = [each.identifier for each in latest.values() if each.identifier is not None]
        known: dict[str, Row[Any]] = {}
        rivals: set[str] = set()
        if records:
            parameters = {"of_kind": records[0].kind, "keys": list(latest)}
            with self._database.read() as connection:
                if identifiers:
                    rows = connection.execute(_KNOWN_AND_RIVALS, {**parameters, "identifiers": identifiers})
                else:
                    rows = connection.execute(_KNOWN, parameters)
                for row in rows.all():
                    if row.key in latest:
                        known[row.key] = row
                    elif row.gone is None:
                        rivals.add(row.key)
        return Comparison(
            differing=[each for each in latest.values() if _is_new(each, known.get(each.key))],
            renamed={key for key, row in known.items() if row.identifier not in {None, latest[key].identifier}},
            rivals=rivals,
        )

    def merge(self, records: Sequence[SourceRecord], *, partition_key: str, read_at: float) -> MergeCounts:
        """Store new and changed records; unchanged records are not written.

        Args:
            records: Records of any kinds; if a key is repeated, the last one is used.
            partition_key: The partition of the new and changed records.
            read_at: A moment before the records were requested; versions that were read later are kept.
        """
        latest: dict[tuple[str, str], SourceRecord] = {
            (record.kind, record.key): record for record in sorted(records, key=_identity)
        }
        created: list[SourceRecord] = []
        changed: list[SourceRecord] = []
        returned: list[SourceRecord] = []
        left: set[str] = set()
        for chunk in chunks(latest.values()):
            known = self._known(chunk)
            for record in chunk:
                row = known.get((record.kind, record.key))
                if row is None:
                    created.append(record)
                elif row.read_at > read_at:
                    continue
                elif _differs(record, row):
                    changed.append(record)
                    if row.parent not in {None, record.parent} and record.kind != "category":
                        left.add(row.parent)
                elif row.gone is not None:
                    returned.append(record)
        if created or changed or returned:
            self._write(created + changed, returned, left, partition_key, read_at)
        return MergeCounts(
            read=len(records),
            created=len(created),
            changed=len(changed),
            unchanged=len(records) - len(created) - len(changed),
        )

    def _known(self, records: Sequence[SourceRecord]) -> dict[tuple[str, str], Row[Any]]:
        known: dict[tuple[str, str], Row[Any]] = {}
        with self._database.read() as connection:
            for kind in {record.kind for record in records}:
                keys = [record.key for record in records if record.kind == kind]
                for row in connection.execute(_KNOWN, {"of_kind": kind, "keys": keys}):
                    known[kind, row.key] = row
        return known

    def _write(
        self,
        written: Sequence[SourceRecord],
        returned: Sequence[SourceRecord],
        left: Collection[str],
        partition_key: str,
        read_at: float,
    ) -> None:
        # Rows are always sorted the same way, to prevent deadlocks.
        rows = [
            {
                "kind": record.kind,
                "key": record.key,
                "parent": record.parent,
                "family": record.family,
                "identifier": record.identifier,
                "hash": record.hash,
                "document": record.document,
                "partition_key": partition_key,
                "read_at": read_at,
                "changed_at": read_at,
                "gone": None,
                "edited_at": record.edited_at,
            }
            for record in sorted(written, key=_identity)
        ]
        marked = {each for record in (*written, *returned) if (each := _destination(record)) is not None}
        # A product model is also due if a variant or sub model moves away from it.
        marked |= self._models(left)
        of_structure = [_identity(record) for record in written if _destination(record) is None]
        with self._database.write() as connection:
            moment = self._database.moment(connection)
            due = self._due(marked, moment)
            if rows:
                connection.execute(self._upsert, rows)
            if due:
                connection.execute(self._mark_due, due)
            self._structure_changes.note(of_structure, moment, within=connection)
            for record in returned:
                connection.execute(update(mirror).where(*_is(record)).values(gone=None))

    def _models(self, codes: Iterable[str]) -> set[tuple[str, str]]:
        """Return the destination records of product models and sub models."""
        return {
            ("product_model", head.parent or head.key) for head in self.named_heads("product_model", codes).values()
        }

    def _due(self, destinations: Iterable[tuple[str, str]], moment: float) -> list[dict[str, Any]]:
        # Rows are always sorted the same way, to prevent deadlocks.
        return [{"kind": kind, "key": key, "changed_at": moment, **_NEVER_SENT} for kind, key in sorted(destinations)]

    def moment(self) -> float:
        """Return a moment at which no merge is in progress.

        Reads after this call see everything that was merged before, and everything that is merged later gets a later
        moment. A clock cannot guarantee this, because a merge that starts earlier may end later.
        """
        return self._database.next_moment()

    def gone_keys(self, kind: str) -> Iterator[list[str]]:
        """Yield pages of keys that Akeneo no longer lists."""
        statement = select(mirror.c.key).where(mirror.c.kind == kind, mirror.c.gone.is_not(None))
        for page in pages(self._database, statement, [mirror.c.key], size=CHUNK):
            yield [row.key for row in page]

    def mark_gone(self, kind: str, keys: Iterable[str], *, at: float) -> int:
        """Mark records as gone that Akeneo no longer lists; reading such a record again restores it.

        The product model of a variant that is gone becomes due, because its options follow its variants.

        Args:
            kind: Source kind.
            keys: Keys of the records.
            at: A moment before the read that missed them; records that were read later are not marked.

        Returns:
            The number of marked records.
        """
        marked = 0
        for chunk in chunks(sorted(set(keys))):
            statement = update(mirror).where(
                mirror.c.kind == kind,
                mirror.c.key.in_(chunk),
                mirror.c.gone.is_(None),
                mirror.c.read_at <= at,
            )
            left = {head.parent for head in self.named_heads(kind, chunk).values() if head.parent is not None}
            destinations = self._models(left) if kind in PRODUCT_SOURCE_KINDS else set()
            with self._database.write() as connection:
                due = self._due(destinations, self._database.moment(connection))
                gone = connection.execute(statement.values(gone=at)).rowcount
                if gone and due:
                    connection.execute(self._mark_due, due)
            marked += gone
        return marked

    def documents(self, kind: str, keys: Iterable[str]) -> dict[str, JsonObject]:
        """Return the mirrored records of ``keys``, including those marked as gone."""
        rows = in_chunks(self._database, _DOCUMENTS, mirror.c.key, keys, {"of_kind": kind})
        return {row.key: row.document for row in rows}

    def all_documents(self, kind: str, *, prefix: str | None = None) -> Iterator[tuple[str, JsonObject]]:
        """Yield all keys and records of a kind, sorted by key; meant for structure and categories.

        Args:
            kind: Source kind.
            prefix: Only keys with this prefix, e.g. ``color/`` for the options of ``color``.
        """
        statement, parameters = _LISTED_DOCUMENTS, {"of_kind": kind}
        if prefix is not None:
            statement, parameters = _WITH_PREFIX, parameters | {"first": prefix, "last": prefix + _LAST_CHARACTER}
        for page in pages(self._database, statement, [mirror.c.key], parameters):
            for row in page:
                yield row.key, row.document

    def keys_of_identifiers(self, identifiers: Iterable[str]) -> dict[str, str]:
        """Return the product keys of known main identifiers."""
        products = {"of_kind": "product"}
        rows = in_chunks(self._database, _PRODUCTS_OF_IDENTIFIERS, mirror.c.identifier, identifiers, products)
        return {row.identifier: row.key for row in rows}

    def other_ids(self, key: str) -> set[str]:
        """Return the other ids of a product besides its key: its uuid or its main identifier."""
        is_meant = (mirror.c.kind == "product", mirror.c.key == key)
        statement = select(mirror.c.identifier, mirror.c.document).where(*is_meant)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        known = set() if row is None else {row.identifier, row.document.get("uuid")}
        return known - {None, key}

    def edit_times(self, kind: str, keys: Iterable[str]) -> dict[str, float]:
        """Return when records, or the product models that they belong to, were last edited in Akeneo, if known."""
        rows = in_chunks(self._database, _EDIT_TIMES, mirror.c.key, keys, {"of_kind": kind})
        edited = {row.key: [each for each in row[1:] if each is not None] for row in rows}
        return {key: max(times) for key, times in edited.items() if times}

    def existing(self, kind: str, keys: Iterable[str]) -> set[str]:
        """Return the mirrored ``keys``."""
        return {row.key for row in in_chunks(self._database, _KEYS, mirror.c.key, keys, {"of_kind": kind})}

    def identifiers_of_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the main identifiers of products by key."""
        rows = in_chunks(self._database, _IDENTIFIERS, mirror.c.key, keys, {"of_kind": "product"})
        return {row.key: row.identifier for row in rows}

    def heads(self, kind: str, *, limit: int | None = None) -> Iterator[list[Head]]:
        """Yield pages of all records of a kind without documents, sorted by key.

        Args:
            kind: The kind.
            limit: Maximum number of records.
        """
        for page in pages(self._database, _HEADS, [mirror.c.key], {"of_kind": kind}, limit=limit):
            yield [Head(*row) for row in page]

    def named_heads(self, kind: str, keys: Iterable[str]) -> dict[str, Head]:
        """Return the mirrored records of ``keys`` without documents."""
        rows = in_chunks(self._database, _HEADS, mirror.c.key, keys, {"of_kind": kind})
        return {row.key: Head(*row) for row in rows}

    def keys_in_partition(self, kind: str, partition_key: str) -> set[str]:
        """Return the keys that last changed in a partition; meant for categories."""
        statement = select(mirror.c.key).where(_is_listed(kind), mirror.c.partition_key == partition_key)
        with self._database.read() as connection:
            return {row.key for row in connection.execute(statement)}

    def missing_category_parents(self) -> set[str]:
        """Return the codes of parent categories that are not mirrored."""
        parent = mirror.alias("parent")
        statement = (
            select(mirror.c.parent)
            .distinct()
            .outerjoin(parent, and_(parent.c.kind == "category", parent.c.key == mirror.c.parent))
            .where(_is_listed("category"), mirror.c.parent.is_not(None), parent.c.key.is_(None))
        )
        with self._database.read() as connection:
            return {row.parent for row in connection.execute(statement)}

    def remove(self, kind: str, keys: Iterable[str]) -> None:
        """Delete structure records that Akeneo no longer has. Products and categories are marked as gone instead."""
        for chunk in chunks(sorted(set(keys))):
            with self._database.write() as connection:
                moment = self._database.moment(connection)
                connection.execute(delete(mirror).where(mirror.c.kind == kind, mirror.c.key.in_(chunk)))
                self._structure_changes.note(((kind, key) for key in chunk), moment, within=connection)

    def families(self) -> dict[str, int]:
        """Return the number of products and product models of each family, with those that Akeneo no longer lists.

        ``NO_FAMILY`` stands for those without a family.
        """
        of_products = mirror.c.kind.in_(PRODUCT_SOURCE_KINDS)
        statement = select(mirror.c.family, func.count()).where(of_products).group_by(mirror.c.family)
        with self._database.read() as connection:
            return {family or NO_FAMILY: count for family, count in connection.execute(statement)}

    def count(self, kind: str) -> int:
        """Return the number of mirrored records of ``kind``."""
        with self._database.read() as connection:
            statement = select(func.count()).select_from(mirror).where(_is_listed(kind))
            return connection.execute(statement).scalar_one()


def _identity(record: SourceRecord) -> tuple[str, str]:
    return record.kind, record.key


def destination(kind: str, key: str, parent: str | None) -> tuple[str, str] | None:
    """Return the kind and key of the destination record to plan when a source record has changed.

    Structure records have none.
    """
    if kind == "product":
        return ("product" if parent is None else "variant"), key
    if kind == "product_model":
        # A sub model has no destination record of its own; its parent is the root model.
        return kind, parent or key
    return (kind, key) if kind == "category" else None


def _destination(record: SourceRecord) -> tuple[str, str] | None:
    return destination(record.kind, record.key, record.parent)


def _is(record: SourceRecord) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return mirror.c.kind == record.kind, mirror.c.key == record.key


def _is_listed(kind: str) -> ColumnElement[bool]:
    return and_(mirror.c.kind == kind, mirror.c.gone.is_(None))


def _is_new(record: SourceRecord, row: Row[Any] | None) -> bool:
    return row is None or row.gone is not None or _differs(record, row)


def _differs(record: SourceRecord, row: Row[Any]) -> bool:
    return (record.hash, record.parent, record.family, record.identifier) != (
        row.hash,
        row.parent,
        row.family,
        row.identifier,
    )
