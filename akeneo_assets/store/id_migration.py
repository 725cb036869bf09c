"""Give all products of the state other keys: those of another AKENEO_PRODUCT_ID_FORMAT.

Each step can be repeated, whatever was done of it before. Until the last one the state serves nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, exists, select, update

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import CHUNK, chunks, in_chunks, pages
from akeneo_assets.store.schema import id_migration, identity, ledger, links, mirror, plan

MIGRATING: Final = "migrating_to"
"""Name under which the identity of the state holds the format, while a migration is under way."""

_PRODUCT_KINDS: Final = ("product", "variant")
_LEDGER_KINDS: Final = ("product_model", *_PRODUCT_KINDS)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A record of the ledger as it has to be.

    Args:
        kind: Destination kind.
        old_key: The key that it has.
        new_key: The key that it gets; may be the same.
        document: Its payload, whose references have the new keys.
        payload_hash: Fingerprint of that.
        related_hash: Fingerprint of its related products.
        related_count: How many there are.
    """

    kind: str
    old_key: str
    new_key: str
    document: JsonObject | None
    payload_hash: str | None
    related_hash: str | None
    related_count: int


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A mirrored product that Akeneo did not list."""

    key: str
    identifier: str | None
    document: JsonObject


class IdMigration:
    """Reads and writes what a migration needs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(id_migration)
        self._note = insert.on_conflict_do_update(index_elements=["old_key"], set_={"new_key": insert.excluded.new_key})

    def begin(self, id_format: str) -> bool:
        """Reserve the state for the migration; tell whether one was under way already."""
        with self._database.write() as connection:
            under_way = connection.execute(select(identity.c.value).where(identity.c.name == MIGRATING)).first()
            self._set(connection, MIGRATING, id_format)
        return under_way is not None

    def abandon(self) -> None:
        """Give the state free again: nothing was changed yet."""
        with self._database.write() as connection:
            connection.execute(delete(identity).where(identity.c.name == MIGRATING))

    def note(self, keys: Iterable[tuple[str, str]]) -> None:
        """Take note of products by their old and new keys, and let the mirror have them by the new ones only.

        Args:
            keys: Old and new key; the same where a product had none.
        """
        rows = [{"old_key": old, "new_key": new} for old, new in sorted(set(keys))]
        if not rows:
            return
        old_keys = [row["old_key"] for row in rows if row["old_key"] != row["new_key"]]
        with self._database.write() as connection:
            connection.execute(self._note, rows)
            connection.execute(delete(mirror).where(mirror.c.kind == "product", mirror.c.key.in_(old_keys)))

    def unlisted(self) -> Iterator[list[Unlisted]]:
        """Yield pages of the mirrored products of which no note was taken."""
        is_noted = exists().where(id_migration.c.new_key == mirror.c.key)
        statement = select(mirror.c.key, mirror.c.identifier, mirror.c.document)
        statement = statement.where(mirror.c.kind == "product", ~is_noted)
        for page in pages(self._database, statement, [mirror.c.key], size=CHUNK):
            yield [Unlisted(*row) for row in page]

    def without_identifier(self) -> list[str]:
        """Return the keys of the mirrored products that have no identifier."""
        statement = select(mirror.c.key).where(
            mirror.c.kind == "product", mirror.c.identifier.is_(None), mirror.c.gone.is_(None)
        )
        with self._database.read() as connection:
            return list(connection.execute(statement.order_by(mirror.c.key)).scalars())

    def rename_unlisted(self, keys: Iterable[tuple[str, str]]) -> None:
        """Give mirrored products that Akeneo did not list their new keys, where these are free.

        Args:
            keys: Old and new key.
        """
        for old, new in keys:
            with self._database.write() as connection:
                taken = select(mirror.c.key).where(mirror.c.kind == "product", mirror.c.key == new)
                if connection.execute(taken).first() is None:
                    connection.execute(self._note, [{"old_key": old, "new_key": new}])
                    connection.execute(update(mirror).where(_is(mirror, "product", old)).values(key=new))

    def forget_mirrored(self, keys: Collection[str]) -> None:
        """Take products from the mirror that have no key in the new format; the ledger keeps them."""
        for chunk in chunks(sorted(keys)):
            with self._database.write() as connection:
                connection.execute(delete(mirror).where(mirror.c.kind == "product", mirror.c.key.in_(chunk)))

    def new_keys(self, old_keys: Iterable[str]) -> dict[str, str]:
        """Return the new key of each of ``old_keys`` that gets another one."""
        statement = select(id_migration.c.old_key, id_migration.c.new_key)
        rows = in_chunks(self._database, statement, id_migration.c.old_key, old_keys)
        return {row.old_key: row.new_key for row in rows if row.old_key != row.new_key}

    def ledger_keys(self) -> Iterator[tuple[str, list[str]]]:
        """Yield pages of the keys of models, products and variants in the ledger, with their kind."""
        for kind in _LEDGER_KINDS:
            statement = select(ledger.c.key).where(ledger.c.kind == kind)
            for page in pages(self._database, statement, [ledger.c.key], size=CHUNK):
                yield kind, [row.key for row in page]

    def rewrite(self, records: Sequence[Rewritten]) -> None:
        """Rewrite records of the ledger with their parked links, all or none."""
        with self._database.write() as connection:
            for record in records:
                values: dict[str, Any] = {
                    name: getattr(record, name)
                    for name in ("document", "payload_hash", "related_hash", "related_count")
                }
                if record.new_key != record.old_key:
                    values |= {"key": record.new_key, **_make_way(connection, record)}
                connection.execute(update(ledger).where(_is(ledger, record.kind, record.old_key)).values(values))

    def rewrite_links(self) -> None:
        """Let parked links lead to the new keys."""
        statement = select(links.c.target_key).distinct().where(links.c.target_kind == "product")
        for page in pages(self._database, statement, [links.c.target_key], size=CHUNK):
            for old, new in self.new_keys(row.target_key for row in page).items():
                with self._database.write() as connection:
                    moved = and_(links.c.target_kind == "product", links.c.target_key == old)
                    rows = connection.execute(delete(links).where(moved).returning(*links.c)).mappings().all()
                    insert = self._database.insert(links).on_conflict_do_nothing()
                    connection.execute(insert, [{**row, "target_key": new} for row in rows])

    def never_sent(self) -> Iterator[list[tuple[str, str, bool]]]:
        """Yield pages of the products that nobody knows in iPaaS.com: old key, new key, whether it is a variant."""
        sent = exists().where(
            ledger.c.kind.in_(_PRODUCT_KINDS), ledger.c.key == id_migration.c.new_key, ledger.c.ipaas_id.is_not(None)
        )
        statement = (
            select(id_migration.c.old_key, id_migration.c.new_key, mirror.c.parent)
            .join(mirror, and_(mirror.c.kind == "product", mirror.c.key == id_migration.c.new_key))
            .where(
                id_migration.c.looked_up == 0,
                id_migration.c.old_key != id_migration.c.new_key,
                mirror.c.gone.is_(None),
                ~sent,
            )
        )
        for page in pages(self._database, statement, [id_migration.c.old_key], size=CHUNK):
            yield [(row.old_key, row.new_key, row.parent is not None) for row in page]

    def mark_looked_up(self, old_keys: Collection[str]) -> None:
        """Record that iPaaS.com was asked for these products."""
        with self._database.write() as connection:
            chosen = id_migration.c.old_key.in_(old_keys)
            connection.execute(update(id_migration).where(chosen).values(looked_up=1))

    def finish(self, id_format: str) -> None:
        """Release the state in the new format. Discard the plan, so that it is made again."""
        with self._database.write() as connection:
            connection.execute(delete(plan).where(plan.c.kind.in_(_LEDGER_KINDS)))
            connection.execute(delete(id_migration))
            self._set(connection, "product_id_format", id_format)
            connection.execute(delete(identity).where(identity.c.name == MIGRATING))

    def _set(self, connection: Connection, name: str, value: str) -> None:
        insert = self._database.insert(identity).values(name=name, value=value)
        connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def _make_way(connection: Connection, record: Rewritten) -> dict[str, Any]:
    """Free the new key of a record, and return what it takes over from there.

    What was read in the new format is marked as due there, and was never sent.
    """
    there = _is(ledger, record.kind, record.new_key)
    changed_at = connection.execute(select(ledger.c.changed_at).where(there)).scalar_one_or_none()
    connection.execute(delete(ledger).where(there))
    connection.execute(delete(links).where(_is(links, record.kind, record.new_key)))
    connection.execute(update(links).where(_is(links, record.kind, record.old_key)).values(key=record.new_key))
    return {} if changed_at is None else {"changed_at": changed_at}


def _is(table: Any, kind: str, key: str) -> Any:
    return and_(table.c.kind == kind, table.c.key == key)
