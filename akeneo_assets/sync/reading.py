"""Read: bring Akeneo's records into the mirror, page by page as they arrive."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient, UnsupportedSearchError
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.records import content_hash, main_identifier, product_key
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import Start
from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.errors import ConfigurationError, RecordError
from akeneo_assets.mapping.catalogue.read_options import COMPLETENESSES
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.records import NO_FAMILY, MergeCounts, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.category_forest import CategoryForest
from akeneo_assets.sync.damages import Damages
from akeneo_assets.sync.former_partners import PRODUCT_SOURCE_KINDS, lost_partners
from akeneo_assets.sync.progress import announce
from akeneo_assets.sync.results import StepResult

IDS_A_REQUEST: Final = 100
"""Akeneo refuses more than 100 values in ``identifier IN``, and an address gets too long with more uuids."""

_REFUSALS: Final = (400, 422)
_CATEGORY_PARAMETERS: Final = {"with_enriched_attributes": True}
"""Without it, categories come without their attributes."""


class Reader:
    """Reads categories, product models and products.

    Args:
        akeneo: The Akeneo client.
        store: The state.
        id_format: Whether products are known by uuid or by identifier.
        identifier_attribute: Code of the attribute that holds the main identifier.
        partition_key: The partition under which changed records are filed.
        run_id: The run, for the windows.
        options: The read options that the mapping needs, see :mod:`akeneo_assets.mapping.catalogue.read_options`.
        two_way_types: Codes of the association types that Akeneo keeps on both sides.
        lacks: Tells whether the structure lacks something that a product or model names.

    Attributes:
        found_unknown: Whether a new or changed record names something that the structure lacks.
    """

    def __init__(
        self,
        akeneo: AkeneoClient,
        store: Store,
        *,
        id_format: ProductIdFormat,
        identifier_attribute: str | None,
        partition_key: str,
        run_id: str,
        options: frozenset[str] = frozenset(),
        two_way_types: frozenset[str] = frozenset(),
        lacks: Callable[[JsonObject], bool] | None = None,
    ) -> None:
        self._akeneo = akeneo
        self._store = store
        self._id_format = id_format
        self._identifier_attribute = identifier_attribute
        self._partition_key = partition_key
        self._run_id = run_id
        self._options = options
        self._looked_at: set[str] = set()
        self._two_way_types = two_way_types
        self._lacks = lacks
        self.found_unknown = False
        self._parameters: Mapping[str, Mapping[str, bool]] = {
            "category": _CATEGORY_PARAMETERS,
            "product": dict.fromkeys(options, True),
            "product_model": dict.fromkeys(options - {COMPLETENESSES}, True),
        }
        self._single_valued: set[tuple[str, str]] = set()
        self._damages = Damages(store, id_format=id_format, partition_key=partition_key, run_id=run_id)

    def category_tree(self, root: str) -> StepResult:
        """Read the category ``root`` and everything below it."""
        start = self._akeneo.clock.start()
        counts = self._read("category", "categories", Search().where("code", "IN", [root]))
        counts += self._read("category", "categories", Search().where("parent", "=", root))
        counts += self._missing_parents()
        self._damages.settle_missing("category", self._damages.due_in(root))
        if self._damages.all_named:
            self._store.windows.record("category", root, 0.0, self._akeneo.passed_at(start), self._run_id)
        return self._result(counts)

    def stray_categories(self) -> StepResult:
        """Read the categories from which no way leads to a root: no search by tree finds them.

        That is how damaged data look, and trees of which the connection may see only a part.
        """
        started = self._store.mirror.moment()
        damages: list[Damage] = []
        pages = self._pages("category", "categories", damaged=damages.append)
        listed = {record.key: record for records, _ in pages for record in records}
        for damage in damages:
            parent = damage.record.get("parent")
            if damage.record and parent is not None and parent not in listed:
                # The others are reported by the reading of their own tree.
                self._damages.note("category", damage)
        # Those of the last time, too: one that was cured must not look damaged until its tree is read again.
        mirrored = [head for page in self._store.mirror.heads("category") for head in page]
        strays = {
            *_strays({code: record.parent for code, record in listed.items()}),
            *_strays({head.key: head.parent for head in mirrored}) & listed.keys(),
        }
        return self._result(self._merge([listed[code] for code in sorted(strays)], started))

    def product_models(self, family: str) -> StepResult:
        """Read all product models of a family; there are none without a family."""
        start = self._akeneo.clock.start()
        counts = MergeCounts()
        if family != NO_FAMILY:
            counts = self._read("product_model", "product-models", Search().where("family", "IN", [family]))
        self._record_family("product_model", family, start)
        return self._result(counts)

    def products(self, family: str) -> StepResult:
        """Read all products of a family, simple ones and variants."""
        start = self._akeneo.clock.start()
        search = Search().where("family", "EMPTY") if family == NO_FAMILY else Search().where("family", "IN", [family])
        counts = self._read("product", self._akeneo.products_endpoint, search)
        self._record_family("product", family, start)
        return self._result(counts)

    def _record_family(self, kind: str, family: str, start: Start) -> None:
        if not self._damages.all_named:
            return
        until = self._akeneo.passed_at(start)
        self._store.windows.record(kind, f"family:{family}", 0.0, until, self._run_id, options=self._options)

    def named(self, kind: str, ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Read single records, with the trees that they belong to as far as the mirror lacks them.

        Args:
            kind: ``category``, ``product_model`` or ``product`` (which means variants too).
            ids: Codes; for products uuids or identifiers.

        Returns:
            The keys of the records that were found, and the ids that Akeneo does not have.
        """
        found: list[SourceRecord] = []
        for start in range(0, len(ids), IDS_A_REQUEST):
            for endpoint, name, values in self._searches(kind, ids[start : start + IDS_A_REQUEST]):
                for records, asked_at in self._pages_of(kind, endpoint, name, values):
                    self._merge(records, asked_at)
                    found.extend(records)
        keys = [record.key for record in found]
        if kind == "category":
            self._missing_parents()
        else:
            self._trees_of(kind, keys)
        known = {*keys, *(record.identifier for record in found), *self._damages.keys(kind)}
        return keys, [each for each in ids if each not in known]

    def all_products(self) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield pages of all products, each with the moment before it was asked for; none gets into the mirror."""
        self._store.windows.narrow(self._options)
        yield from self._pages("product", self._akeneo.products_endpoint)

    def skus(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the SKU of each of these products: the main identifier, else the uuid.

        What is read for that does not get into the mirror: there it would no longer be new when its family is read.
        """
        if self._id_format == "Identifier":
            return {key: key for key in keys}
        skus = self._store.mirror.identifiers_of_keys(keys)
        unknown = [key for key in keys if key not in skus]
        for start in range(0, len(unknown), IDS_A_REQUEST):
            search = Search().where("uuid", "IN", unknown[start : start + IDS_A_REQUEST])
            for page in self._akeneo.list(self._akeneo.products_endpoint, search=search):
                for document in page:
                    skus[document["uuid"]] = main_identifier(document, self._identifier_attribute) or document["uuid"]
        return skus

    def _searches(self, kind: str, ids: Sequence[str]) -> Iterable[tuple[str, str, Sequence[str]]]:
        """Yield endpoint, property and values."""
        if kind == "category":
            yield "categories", "code", ids
        elif kind == "product_model":
            yield "product-models", "identifier", ids
        else:
            uuids = [each for each in ids if self._id_format == "UUID" and _is_uuid(each)]
            identifiers = [each for each in ids if each not in uuids]
            if uuids:
                yield self._akeneo.products_endpoint, "uuid", uuids
            if identifiers:
                attribute = self._identifier_attribute or "identifier"
                yield self._akeneo.products_endpoint, attribute, identifiers

    def _trees_of(self, kind: str, keys: Sequence[str]) -> MergeCounts:
        """Read the rest of the trees of these records: whole ones for models, missing ones for variants."""
        counts = MergeCounts()
        mirror = self._store.mirror
        heads = mirror.named_heads(kind, keys)
        tops = {head.parent for head in heads.values() if head.parent is not None}
        if kind == "product_model":
            tops |= {head.key for head in heads.values() if head.parent is None}
        counts += self._named_models(tops - mirror.existing("product_model", tops))
        roots = {head.parent or head.key for head in mirror.named_heads("product_model", tops).values()}
        unread = roots - self._store.mirror.existing("product_model", sorted(roots))
        counts += self._named_models(unread)
        whole = roots if kind == "product_model" else {root for root in roots if not self._is_complete(root)}
        for root in sorted(whole):
            start = self._akeneo.clock.start()
            counts += self._read("product_model", "product-models", Search().where("parent", "IN", [root]))
            counts += self._read("product", self._akeneo.products_endpoint, Search().where("parent", "=", root))
            if self._damages.all_named:
                self._store.windows.record("product_tree", root, 0.0, self._akeneo.passed_at(start), self._run_id)
        return counts

    def _named_models(self, codes: Iterable[str]) -> MergeCounts:
        wanted = sorted(codes)
        if not wanted:
            return MergeCounts()
        return self._read("product_model", "product-models", Search().where("identifier", "IN", wanted))

    def _is_complete(self, root: str) -> bool:
        """Whether all variants of a root model were read at some time, by its family or by itself."""
        head = self._store.mirror.named_heads("product_model", [root]).get(root)
        scopes = [("product_tree", root), *([("product", f"family:{head.family}")] if head is not None else [])]
        return any(self._store.windows.latest(kind, scope) is not None for kind, scope in scopes)

    def _missing_parents(self) -> MergeCounts:
        """Read parents that the mirror lacks: pages shift while somebody edits the tree."""
        counts = MergeCounts()
        asked: set[str] = set()
        while missing := self._store.mirror.missing_category_parents() - asked:
            asked |= missing
            wanted = sorted(missing)
            for start in range(0, len(wanted), IDS_A_REQUEST):
                chunk = wanted[start : start + IDS_A_REQUEST]
                counts += self._read("category", "categories", Search().where("code", "IN", chunk))
        return counts

    def _read(self, kind: str, endpoint: str, search: Search) -> MergeCounts:
        counts = MergeCounts()
        for records, asked_at in self._pages(kind, endpoint, search):
            counts += self._merge(records, asked_at)
            announce("read", kind, len(records))
        return counts

    def _pages(
        self,
        kind: str,
        endpoint: str,
        search: Search | None = None,
        *,
        action: str | None = None,
        damaged: Callable[[Damage], None] | None = None,
    ) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield pages of records, each with a moment before it was asked for.

        It decides which of two reads of a record is the newer one, however long either takes to merge it.
        """
        asked_at = self._store.mirror.moment()
        attribute = self._identifier_attribute
        pages = self._akeneo.list(
            endpoint,
            search=search,
            params=self._parameters.get(kind),
            action=action,
            damaged=damaged or functools.partial(self._damages.note, kind),
            bare={"attributes": attribute} if attribute is not None and kind != "category" else None,
        )
        for page in pages:
            yield [self._source_record(kind, document) for document in page], asked_at
            asked_at = self._store.mirror.moment()

    def _pages_of(
        self, kind: str, endpoint: str, name: str, values: Sequence[str], *, apart: Iterable[str] | None = None
    ) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield the pages of records with one of these values; older Akeneos take only one of them at a time.

        Args:
            kind: Source kind.
            endpoint: The list.
            name: The property.
            values: The values.
            apart: The values that lead to all records when they are asked for one by one.
        """
        if (endpoint, name) not in self._single_valued:
            try:
                yield from self._pages(kind, endpoint, Search().where(name, "IN", list(values)))
            except (UnsupportedSearchError, RecordError) as error:
                if not self._is_for_want_of_lists(error):
                    raise
                self._single_valued.add((endpoint, name))
            else:
                return
        for value in values if apart is None else apart:
            try:
                yield from self._pages(kind, endpoint, Search().where(name, "=", value))
            except RecordError as error:
                # Nothing hangs any more on a model that was deleted meanwhile.
                if name != "parent" or error.status not in _REFUSALS:
                    raise

    def _is_for_want_of_lists(self, error: RecordError | ConfigurationError) -> bool:
        """Whether a search was refused because Akeneo takes lists of values since 7.0 only."""
        if isinstance(error, RecordError):
            return error.status in _REFUSALS and self._akeneo.is_before(7)
        return isinstance(error, UnsupportedSearchError)

    def _merge(self, records: Sequence[SourceRecord], asked_at: float) -> MergeCounts:
        # Before: a killed run must not leave records behind that a family is taken to have been read with more than.
        self._store.windows.narrow(self._options)
        if self._id_format == "UUID" and records and records[0].kind == "product":
            self._look_at_others(records)
        kind = records[0].kind if records else ""
        changed = self._changed(kind, records) if kind in PRODUCT_SOURCE_KINDS else []
        if self._lacks is not None and not self.found_unknown:
            self.found_unknown = any(self._lacks(record.document) for record in changed)
        # In one go: once a record is merged nobody sees any more whom it was associated with.
        read = [*records, *self._former_partners(changed)]
        counts = self._store.mirror.merge(read, partition_key=self._partition_key, read_at=asked_at)
        self._damages.settle(read)
        return counts

    def _result(self, counts: MergeCounts) -> StepResult:
        result = result_of(counts)
        self._damages.report(result)
        return result

    def _changed(self, kind: str, records: Sequence[SourceRecord]) -> list[SourceRecord]:
        known = self._store.mirror.named_heads(kind, [record.key for record in records])
        return [each for each in records if each.key not in known or known[each.key].hash != each.hash]

    def _former_partners(self, changed: list[SourceRecord]) -> list[SourceRecord]:
        """Read the other side of two-way associations that were removed: Akeneo gives it no new date.

        The other side may have changed otherwise, too, and may have former partners of its own.
        """
        partners: list[SourceRecord] = []
        seen = {(record.kind, record.key) for record in changed}
        while self._two_way_types and changed:
            lost = lost_partners(self._store, changed, self._two_way_types) - seen
            seen |= lost
            changed = []
            for kind in PRODUCT_SOURCE_KINDS:
                keys = sorted(key for of_kind, key in lost if of_kind == kind)
                found = [record for page in self._named_pages(kind, keys) for record in page]
                partners += found
                changed += self._changed(kind, found)
                if kind == "product_model":
                    partners += self._below(found)
        return partners

    def _below(self, models: Sequence[SourceRecord]) -> Iterator[SourceRecord]:
        """Read what inherits the associations of these models."""
        codes = [model.key for model in models]
        for endpoint, kind in (("product-models", "product_model"), (self._akeneo.products_endpoint, "product")):
            found: list[SourceRecord] = []
            for start in range(0, len(codes), IDS_A_REQUEST):
                asked = codes[start : start + IDS_A_REQUEST]
                found += [
                    record for records, _ in self._pages_of(kind, endpoint, "parent", asked) for record in records
                ]
            yield from found
            codes += [record.key for record in found]

    def _named_pages(self, kind: str, ids: Sequence[str]) -> Iterator[list[SourceRecord]]:
        for start in range(0, len(ids), IDS_A_REQUEST):
            for endpoint, name, values in self._searches(kind, ids[start : start + IDS_A_REQUEST]):
                for records, _ in self._pages_of(kind, endpoint, name, values):
                    yield records

    def _look_at_others(self, records: Sequence[SourceRecord]) -> None:
        """Read again, before these products are merged, what Akeneo changed along with their identifiers.

        Product models name their associated products by identifier, and get no date when one is renamed. And a product
        that had the identifier of one of these before was renamed or deleted.
        """
        mirror = self._store.mirror
        if renamed := mirror.renamed(records):
            self._named_models(self._store.links.holders("product_model", renamed))
        rivals = sorted(mirror.rivals(records) - self._looked_at)
        self._looked_at.update(rivals)
        for start in range(0, len(rivals), IDS_A_REQUEST):
            asked = rivals[start : start + IDS_A_REQUEST]
            started = mirror.moment()
            search = Search().where("uuid", "IN", asked)
            found: set[str] = set()
            for page, asked_at in self._pages("product", self._akeneo.products_endpoint, search):
                found.update(record.key for record in page)
                self._merge(page, asked_at)
            mirror.mark_gone("product", set(asked) - found - self._damages.keys("product"), at=started)

    def _source_record(self, kind: str, document: JsonObject) -> SourceRecord:
        if kind == "product":
            return SourceRecord(
                kind,
                product_key(document, self._id_format),
                document,
                self._hash(document),
                parent=document.get("parent"),
                family=document.get("family"),
                identifier=main_identifier(document, self._identifier_attribute),
            )
        return SourceRecord(
            kind,
            document["code"],
            document,
            content_hash(kind, document),
            parent=document.get("parent"),
            family=document.get("family"),
        )

    def _hash(self, document: JsonObject) -> str:
        content = content_hash("product", document)
        return fingerprint(content, document.get("completenesses")) if COMPLETENESSES in self._options else content


def _strays(parents: Mapping[str, str | None]) -> set[str]:
    """Codes of the categories from which no way leads to a root."""
    return {code for code, place in CategoryForest(parents).places.items() if place.root is None}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def result_of(counts: MergeCounts) -> StepResult:
    """Return what a merge met as the result of a step."""
    result = StepResult()
    result.counts.update(
        {"read": counts.read, "created": counts.created, "updated": counts.changed, "unchanged": counts.unchanged}
    )
    return result
