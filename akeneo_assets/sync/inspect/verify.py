"""Reads records back from iPaaS.com, and compares them with what it accepted. Sends nothing."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.objects import KINDS
from akeneo_assets.store.pages import chunks
from akeneo_assets.store.records import RELATED, RELATED_PRODUCTS, LedgerEntry, Link
from akeneo_assets.store.store import Store
from akeneo_assets.sync.custom_fields import RELATION as CUSTOM_FIELD
from akeneo_assets.sync.custom_fields import CustomField
from akeneo_assets.sync.deliver.composer import Composer, Targets, references_of
from akeneo_assets.sync.deliver.locations import Locations
from akeneo_assets.sync.destination import Destination, ErrorCode, IpaasError
from akeneo_assets.sync.inspect.drift import drift

_PAGE: Final = 100
_FIELDS: Final = {
    "category": "categories",
    "component": "kit",
    "parent": "parent_id",
    RELATED: RELATED_PRODUCTS,
}
"""The relation of a link → the field that it fills."""


@dataclass(frozen=True)
class Drifted:
    """A record that differs in iPaaS.com from what was accepted.

    Attributes:
        kind: Its kind.
        key: Its key.
        sku: Its SKU, if it has one.
        ipaas_id: Its iPaaS.com id.
        fields: Field → ``{"accepted": …, "found": …}``. If iPaaS.com no longer has the record, the field is ``record``.
    """

    kind: str
    key: str
    sku: str | None
    ipaas_id: str
    fields: JsonObject


@dataclass
class ReadBack:
    """What was read back.

    Attributes:
        records: Number of records that were compared.
        differ: The records that differ.
        skipped: Records that could not be compared: they were sent again in the meantime, or cannot be read.
    """

    records: int = 0
    differ: list[Drifted] = field(default_factory=list)
    skipped: int = 0


class Verifier:
    """Compares records in iPaaS.com with what it accepted.

    Args:
        store: The state.
        ipaas: The destination.
        system_id: The subscription that the external ids belong to.
    """

    def __init__(self, store: Store, ipaas: Destination, system_id: str) -> None:
        self._store = store
        self._ipaas = ipaas
        stores_related = ipaas.capabilities.related_products_stored is not False
        self._composer = Composer(Targets(store), system_id, False, stores_related)
        self._locations = Locations(ipaas, create_missing=False)
        self._defined: set[tuple[str, str]] | None = None

    def sample(self, size: int, seed: str) -> list[tuple[str, str]]:
        """Return the kinds and keys of a random sample of the accepted records; the same seed chooses the same."""

        def rank(record: tuple[str, str]) -> bytes:
            return sha256("\n".join((seed, *record)).encode()).digest()

        records = chain.from_iterable(self._store.ledger.comparable())
        return heapq.nsmallest(size, records, key=rank)

    def read_back(
        self, records: Iterable[tuple[str, str]], on_page: Callable[[ReadBack, tuple[str, str]], None]
    ) -> None:
        """Read records back and compare them, one request for each.

        Args:
            records: Their kinds and keys.
            on_page: Called after each page with what was found in it, and with its last record.

        Raises:
            AccessDeniedError: The user may not read records.
            TransientError: iPaaS.com cannot be reached.
        """
        for page in chunks(records, _PAGE):
            found = ReadBack()
            for kind in dict.fromkeys(kind for kind, _ in page):
                self._read_kind(kind, [key for each, key in page if each == kind], found)
            on_page(found, page[-1])

    def repair(self, drifted: Sequence[Drifted]) -> None:
        """Make records due, so that the next delivery sends them again, and only them."""
        records = [(each.kind, each.key) for each in drifted]
        self._store.ledger.mark_in_flight(records)
        self._store.work.mark(records)

    def _read_kind(self, kind: str, keys: list[str], found: ReadBack) -> None:
        links = self._store.links.of(kind, keys)
        for key, entry in self._store.ledger.entries(kind, keys).items():
            if entry.ipaas_id is None or entry.document is None or entry.payload_hash is None:
                found.skipped += 1
                continue
            try:
                fields = self._compare(entry, links.get(key, set()))
            except RecordError:
                found.skipped += 1
                continue
            if fields and not self._is_unchanged(entry):
                found.skipped += 1
                continue
            found.records += 1
            if fields:
                found.differ.append(Drifted(kind, key, entry.sku, entry.ipaas_id, fields))

    def _is_unchanged(self, entry: LedgerEntry) -> bool:
        """Whether the record was not sent while it was read back."""
        now = self._store.ledger.entry(entry.kind, entry.key)
        return now is not None and (now.sent_moment, now.payload_hash) == (entry.sent_moment, entry.payload_hash)

    def _compare(self, entry: LedgerEntry, links: set[Link]) -> JsonObject:
        try:
            record = self._get(entry.kind, str(entry.ipaas_id))
        except IpaasError as error:
            if error.code != ErrorCode.NOT_FOUND:
                raise
            return {"record": {"accepted": "sent", "found": None}}
        if entry.kind == "variant":
            record = {**record, "product_id": record.get("parent_id")}
        return drift(self._accepted(entry, links), record)

    def _get(self, kind: str, ipaas_id: str) -> JsonObject:
        if kind == "category":
            return self._ipaas.get_category(ipaas_id)
        return self._ipaas.get_variant(ipaas_id) if kind == "variant" else self._ipaas.get_product(ipaas_id)

    def _accepted(self, entry: LedgerEntry, links: set[Link]) -> JsonObject:
        """Return the payload that was accepted, without its variants, which are records of their own."""
        mapped = MappedRecord.from_document(entry.document or {})
        self._composer.targets.load(references_of(mapped))
        composed = self._composer.compose(mapped, guess=False)
        # A link that is due now was sent with another identity of its target, or was not sent.
        due = {link.relation for link in links ^ set(composed.links[mapped.kind, mapped.key])}
        left_out = {"variants", *(_FIELDS[relation] for relation in due if relation in _FIELDS)}
        payload = {name: value for name, value in composed.payload.items() if name not in left_out}
        payload = self._locations.prepare(payload)[0]
        if payload.get("custom_fields"):
            deferred = {CustomField.of_key(link.target_key).name for link in links if link.relation == CUSTOM_FIELD}
            payload["custom_fields"] = list(self._defined_fields(mapped.kind, payload["custom_fields"], deferred))
        return payload if entry.kind != "variant" else {**payload, "product_id": entry.parent_ipaas_id}

    def _defined_fields(self, kind: str, given: list[JsonObject], deferred: set[str]) -> Iterator[JsonObject]:
        if self._defined is None:
            self._defined = {
                (str(each["table_name"]).casefold(), str(each["name"])) for each in self._ipaas.list_custom_fields()
            }
        table = KINDS[kind].external_id_table
        for each in given:
            name = each["custom_field_name"]
            if (table, name) in self._defined and name not in deferred:
                yield each
