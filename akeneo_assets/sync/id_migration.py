"""Migrates a state and the external ids in iPaaS.com to the other AKENEO_PRODUCT_ID_FORMAT.

There are three steps, each of which can be repeated: read both ids of every product, link the records in iPaaS.com by
the new id and rewrite the ledger, and look for records that the ledger does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.http.stopping import threads
from akeneo_assets.mapping.record.mapped_record import MappedRecord, Reference
from akeneo_assets.objects import KINDS
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.id_migration import Rewritten
from akeneo_assets.store.records import LedgerEntry, SourceRecord
from akeneo_assets.sync.destination import IpaasError
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.external_id_formats import is_uuid
from akeneo_assets.sync.progress import report_progress

_KINDS: Final = ("product", "variant")
_FORMER: Final[Mapping[ProductIdFormat, ProductIdFormat]] = {"UUID": "Identifier", "Identifier": "UUID"}


@dataclass
class MigratedIds:
    """What a migration did, or would do.

    Attributes:
        products: Products that Akeneo lists in the new format.
        renamed: Records in the ledger that got a new key.
        linked: Records in iPaaS.com that were linked by their new external id.
        found: How many of these the ledger did not know.
        without_identifier: Keys of products without an identifier, which have no id in the format Identifier.
        refused: Why iPaaS.com refused to link records, by key.
    """

    products: int = 0
    renamed: int = 0
    linked: int = 0
    found: int = 0
    without_identifier: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class IdMigrator:
    """Migrates one state.

    Args:
        engine: An engine connected with the new format, whatever the format of the state.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = engine.store
        self._ids = engine.store.id_migration
        self._to = engine.settings.akeneo_product_id_format

    def preview(self) -> MigratedIds:
        """Count what would be migrated. Writes nothing, except that the structure is read if it never was."""
        result = MigratedIds()

        def take(records: list[SourceRecord], _: float) -> None:
            result.products += len(records)
            keys = {old: record.key for record in records if (old := self._old_key(record)) is not None}
            for kind in _KINDS:
                entries = self._store.ledger.entries(kind, keys).values()
                result.renamed += len(entries)
                result.linked += sum(entry.ipaas_id is not None for entry in entries)

        self._engine.all_products(take)
        if self._to == "Identifier":
            result.without_identifier = self._ids.without_identifier()
        return result

    def migrate(self) -> MigratedIds:
        """Migrate everything, or the rest that an earlier attempt left.

        Raises:
            TransientError: Akeneo or iPaaS.com cannot be reached. The next call continues from there.
        """
        result = MigratedIds()
        self._read(result)
        self._settle_unlisted(result)
        with threads(self._engine.settings.ipaas_concurrent_connections, "link") as pool:
            for kind, keys in self._ids.ledger_keys():
                self._rewrite(kind, keys, pool, result)
            self._ids.rewrite_links()
            self._look_up(pool, result)
        self._ids.finish(self._to)
        return result

    # Read

    def _read(self, result: MigratedIds) -> None:
        def take(records: list[SourceRecord], asked_at: float) -> None:
            self._store.mirror.merge(records, partition_key="migrate-ids", read_at=asked_at)
            self._ids.note((self._old_key(record) or record.key, record.key) for record in records)
            result.products += len(records)
            report_progress("read", "product", len(records))

        self._engine.all_products(take)

    def _old_key(self, record: SourceRecord) -> str | None:
        if self._to == "UUID":
            return record.identifier
        former = record.document.get("uuid")
        if former is None:
            raise ConfigurationError(
                f"Akeneo sent no UUID for the product {record.key}. Akeneo has UUIDs since version 7.0. "
                "Older versions only support AKENEO_PRODUCT_ID_FORMAT=Identifier."
            )
        return str(former)

    def _settle_unlisted(self, result: MigratedIds) -> None:
        for page in self._ids.unlisted():
            keys: dict[str, str] = {}
            for each in page:
                new = each.document.get("uuid") if self._to == "UUID" else each.identifier
                if new is not None:
                    keys[each.key] = str(new)
                elif self._to == "Identifier":
                    result.without_identifier.append(each.key)
            self._ids.rename_unlisted(sorted(keys.items()))
            self._ids.forget_mirrored({each.key for each in page} - keys.keys())

    # Link and rewrite

    def _rewrite(self, kind: str, keys: Sequence[str], pool: ThreadPoolExecutor, result: MigratedIds) -> None:
        entries = self._store.ledger.entries(kind, keys)
        mapped = {
            key: MappedRecord.from_document(entry.document)
            for key, entry in entries.items()
            if entry.document is not None
        }
        named = {each.key for record in mapped.values() for each in _targets(record)}
        new_keys = self._ids.new_keys({*keys, *named})
        own = {} if kind == "product_model" else {key: new_keys[key] for key in entries if key in new_keys}
        linked = [(key, new, str(entries[key].ipaas_id)) for key, new in own.items() if entries[key].ipaas_id]
        refusals = pool.map(lambda each: self._link(kind, each[1], each[2]), linked)
        for (_, new, _), refusal in zip(linked, refusals, strict=True):
            self._count_link(new, refusal, result)
        rows = [
            rewritten
            for key, entry in entries.items()
            if (rewritten := self._rewritten(entry, mapped.get(key), own.get(key, key), new_keys)) is not None
        ]
        self._ids.rewrite(rows)
        result.renamed += len(own)
        report_progress("link", kind, len(linked))

    def _rewritten(
        self, entry: LedgerEntry, mapped: MappedRecord | None, key: str, new_keys: Mapping[str, str]
    ) -> Rewritten | None:
        """Return a record of the ledger with its new key and references; None if it already has them."""
        payload_hash, related_hash, count, document = (
            entry.payload_hash,
            entry.related_hash,
            entry.related_count,
            entry.document,
        )
        if mapped is not None and document is not None:
            after = renamed(mapped, key, new_keys, self._to)
            was, now = _in_format(mapped, _FORMER[self._to]), _in_format(after, self._to)
            document = {**document, **after.to_document()}
            # A hash that is neither of the two was not accepted like this, so the record stays due.
            payload_hash = now.base_hash if payload_hash == was.base_hash else payload_hash
            related_hash = now.related_hash if related_hash == was.related_hash else related_hash
            count = len(now.related)
        row = Rewritten(entry.kind, entry.key, key, document, payload_hash, related_hash, count)
        same = (entry.key, entry.document, entry.payload_hash, entry.related_hash) == (
            row.new_key,
            row.document,
            row.payload_hash,
            row.related_hash,
        )
        return None if same else row

    def _link(self, kind: str, external_id: str, ipaas_id: str) -> str | None:
        """Link a record in iPaaS.com by its new external id. Return why that was refused; None if it was not."""
        try:
            self._engine.ipaas.link(KINDS[kind].external_id_table, external_id, ipaas_id)
        except IpaasError as error:
            return str(error)
        return None

    def _count_link(self, key: str, refusal: str | None, result: MigratedIds) -> None:
        if refusal is None:
            result.linked += 1
        else:
            result.refused[key] = refusal

    # What the ledger does not know

    def _look_up(self, pool: ThreadPoolExecutor, result: MigratedIds) -> None:
        for page in self._ids.never_sent():
            found = pool.map(lambda each: self._find_and_link(*each), page)
            due: list[tuple[str, str]] = []
            for (_, new, is_variant), (is_there, refusal) in zip(page, found, strict=True):
                if is_there:
                    result.found += refusal is None
                    self._count_link(new, refusal, result)
                    due.append(("variant" if is_variant else "product", new))
            self._ids.mark_looked_up([old for old, _, _ in page])
            # They may have failed because they were not linked.
            self._store.work.mark(due)
            report_progress("look up", "product", len(page))

    def _find_and_link(self, old: str, new: str, is_variant: bool) -> tuple[bool, str | None]:
        kind = "variant" if is_variant else "product"
        found = self._engine.ipaas.find_external(KINDS[kind].external_id_table, old)
        return (False, None) if found is None else (True, self._link(kind, new, found.ipaas_id))


def renamed(mapped: MappedRecord, key: str, new_keys: Mapping[str, str], to: ProductIdFormat) -> MappedRecord:
    """Return a mapped record as the mapping would produce it in the other format.

    Args:
        mapped: The record.
        key: Its new key.
        new_keys: The new keys of the products that it refers to, by their old ones.
        to: The new format.
    """

    def of(target: Reference) -> Reference:
        if target.kind != "product":
            return target
        if to == "UUID" and mapped.kind == "product_model":
            # In all systems, Akeneo's product models refer to products by their identifiers.
            return Reference("product", target.key, "identifier")
        if to == "Identifier" and target.by == "identifier":
            return Reference("product", target.key)
        return replace(target, key=new_keys.get(target.key, target.key))

    return replace(
        mapped,
        key=key,
        components=tuple(sorted(replace(each, target=of(each.target)) for each in mapped.components)),
        related=tuple(sorted(replace(each, target=of(each.target)) for each in mapped.related)),
    )


def _in_format(mapped: MappedRecord, id_format: ProductIdFormat) -> MappedRecord:
    """Return a record with the links that a format can express: products without an identifier need the UUID format."""
    if id_format == "UUID":
        return mapped
    return replace(
        mapped,
        components=tuple(each for each in mapped.components if _has_identifier(each.target)),
        related=tuple(each for each in mapped.related if _has_identifier(each.target)),
    )


def _has_identifier(target: Reference) -> bool:
    return target.kind != "product" or not is_uuid(target.key)


def _targets(mapped: MappedRecord) -> Iterator[Reference]:
    yield from (each.target for each in mapped.components)
    yield from (each.target for each in mapped.related)
