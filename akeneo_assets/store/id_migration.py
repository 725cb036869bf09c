"""Change the keys of all products in the state to a different AKENEO_PRODUCT_ID_FORMAT.

All steps can be repeated after an interruption. Until the last step, the state cannot be used for anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Executable, and_, delete, exists, select, update

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.changelog import Changelog
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import CHUNK, chunks, in_chunks, pages
from akeneo_assets.store.schema import id_migration, identity, ledger, links, mirror, plan

MIGRATING: Final = "migrating_to"
"""The name of the identity entry with the new format while a migration is in progress."""

_PRODUCT_KINDS: Final = ("product", "variant")
_LEDGER_KINDS: Final = ("product_model", *_PRODUCT_KINDS)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A ledger record with its new key and references.

    Args:
        kind: Destination kind.
        old_key: Its current key.
        new_key: Its new key; may be the same.
        document: Its payload, with new keys in its references.
        payload_hash: Fingerprint of the payload.
        related_hash: Fingerprint of its related products.
        related_count: The number of its related products.
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
    """A mirrored product that Akeneo no longer lists."""

    key: str
    identifier: str | None
    document: JsonObject


def _note(database: Database) -> Executable:
    insert = database.insert(id_migration)
    return insert.on_conflict_do_update(index_elements=["old_key"], set_={"new_key": insert.excluded.new_key})


class IdMigration:
    """Reads and writes the state during a migration of product ids."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changelog = Changelog(database)
        self._note = database.built(_note)

    def begin(self, id_format: str) -> bool:
        """Reserve the state for the migration; return whether one was already in progress."""
        with self._database.write() as connection:
            in_progress = connection.execute(select(identity.c.value).where(identity.c.name == MIGRATING)).first()
            self._set(connection, MIGRATING, id_format)
        return in_progress is not None

    def abandon(self) -> None:
        """Cancel the migration before anything was changed."""
        with self._database.write() as connection:
            connection.execute(delete(identity).where(identity.c.name == MIGRATING))

    def note(self, keys: Iterable[tuple[str, str]]) -> None:
        """Record the old and new keys of products, and remove the old keys from the mirror.

        Args:
            keys: Pairs of old and new key; both are the same if a product had no old key.
        """
        rows = [{"old_key": old, "new_key": new} for old, new in sorted(set(keys))]
        if not rows:
            return
        old_keys = [row["old_key"] for row in rows if row["old_key"] != row["new_key"]]
        with self._database.write() as connection:
            connection.execute(self._note, rows)
            connection.execute(delete(mirror).where(mirror.c.kind == "product", mirror.c.key.in_(old_keys)))

    def unlisted(self) -> Iterator[list[Unlisted]]:
        """Yield pages of mirrored products without a recorded new key."""
        is_noted = exists().where(id_migration.c.new_key == mirror.c.key)
        statement = select(mirror.c.key, mirror.c.identifier, mirror.c.document)
        statement = statement.where(mirror.c.kind == "product", ~is_noted)
        for page in pages(self._database, statement, [mirror.c.key], size=CHUNK):
            yield [Unlisted(*row) for row in page]

    def without_identifier(self) -> list[str]:
        """Return the keys of mirrored products without an identifier."""
        statement = select(mirror.c.key).where(
            mirror.c.kind == "product", mirror.c.identifier.is_(None), mirror.c.gone.is_(None)
        )
        with self._database.read() as connection:
            return list(connection.execute(statement.order_by(mirror.c.key)).scalars())

    def rename_unlisted(self, keys: Iterable[tuple[str, str]]) -> None:
        """Change the keys of mirrored products that Akeneo no longer lists, unless the new key is already used.

        Args:
            keys: Pairs of old and new key.
        """
        for old, new in keys:
            with self._database.write() as connection:
                taken = select(mirror.c.key).where(mirror.c.kind == "product", mirror.c.key == new)
                if connection.execute(taken).first() is None:
                    connection.execute(self._note, [{"old_key": old, "new_key": new}])
                    connection.execute(update(mirror).where(_is(mirror, "product", old)).values(key=new))

    def forget_mirrored(self, keys: Collection[str]) -> None:
        """Remove products without a key in the new format from the mirror; the ledger keeps them."""
        for chunk in chunks(sorted(keys)):
            with self._database.write() as connection:
                connection.execute(delete(mirror).where(mirror.c.kind == "product", mirror.c.key.in_(chunk)))

    def new_keys(self, old_keys: Iterable[str]) -> dict[str, str]:
        """Return the new keys of those ``old_keys`` that change."""
        statement = select(id_migration.c.old_key, id_migration.c.new_key)
        rows = in_chunks(self._database, statement, id_migration.c.old_key, old_keys)
        return {row.old_key: row.new_key for row in rows if row.old_key != row.new_key}

    def ledger_keys(self) -> Iterator[tuple[str, list[str]]]:
        """Yield pages of keys of models, products and variants in the ledger, with their kind."""
        for kind in _LEDGER_KINDS:
            statement = select(ledger.c.key).where(ledger.c.kind == kind)
            for page in pages(self._database, statement, [ledger.c.key], size=CHUNK):
                yield kind, [row.key for row in page]

    def rewrite(self, records: Sequence[Rewritten]) -> None:
        """Rewrite ledger records and their links in one transaction."""
        with self._database.write() as connection:
            for record in records:
                values: dict[str, Any] = {
                    name: getattr(record, name)
                    for name in ("document", "payload_hash", "related_hash", "related_count")
                }
                if record.new_key != record.old_key:
                    values |= {"key": record.new_key, **_make_way(connection, record)}
                    self._changelog.rename(record.kind, record.old_key, record.new_key, connection)
                connection.execute(update(ledger).where(_is(ledger, record.kind, record.old_key)).values(values))

    def rewrite_links(self) -> None:
        """Change the targets of links to the new keys."""
        statement = select(links.c.target_key).distinct().where(links.c.target_kind == "product")
        for page in pages(self._database, statement, [links.c.target_key], size=CHUNK):
            for old, new in self.new_keys(row.target_key for row in page).items():
                with self._database.write() as connection:
                    moved = and_(links.c.target_kind == "product", links.c.target_key == old)
                    rows = connection.execute(delete(links).where(moved).returning(*links.c)).mappings().all()
                    insert = self._database.insert(links).on_conflict_do_nothing()
                    connection.execute(insert, [{**row, "target_key": new} for row in rows])

    def never_sent(self) -> Iterator[list[tuple[str, str, bool]]]:
        """Yield pages of products without an iPaaS.com id: old key, new key, and whether it is a variant."""
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
        """Record that these products were looked up in iPaaS.com."""
        with self._database.write() as connection:
            chosen = id_migration.c.old_key.in_(old_keys)
            connection.execute(update(id_migration).where(chosen).values(looked_up=1))

    def finish(self, id_format: str) -> None:
        """Finish the migration, and discard the plan, so that it is created again."""
        with self._database.write() as connection:
            connection.execute(delete(plan).where(plan.c.kind.in_(_LEDGER_KINDS)))
            connection.execute(delete(id_migration))
            self._set(connection, "product_id_format", id_format)
            connection.execute(delete(identity).where(identity.c.name == MIGRATING))

    def _set(self, connection: Connection, name: str, value: str) -> None:
        insert = self._database.insert(identity).values(name=name, value=value)
        connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def _make_way(connection: Connection, record: Rewritten) -> dict[str, Any]:
    """Remove the record that already has the new key of another one, and return the values to take over from it.

    Records read in the new format are marked as changed under their new key, but were never sent.
    """
    there = _is(ledger, record.kind, record.new_key)
    changed_at = connection.execute(select(ledger.c.changed_at).where(there)).scalar_one_or_none()
    connection.execute(delete(ledger).where(there))
    connection.execute(delete(links).where(_is(links, record.kind, record.new_key)))
    connection.execute(update(links).where(_is(links, record.kind, record.old_key)).values(key=record.new_key))
    return {} if changed_at is None else {"changed_at": changed_at}


def _is(table: Any, kind: str, key: str) -> Any:
    return and_(table.c.kind == kind, table.c.key == key)
