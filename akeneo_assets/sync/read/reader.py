"""Reads category trees, families and named records of Akeneo into the mirror, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.records import main_identifier
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import Start
from akeneo_assets.documents import JsonObject
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.records import NO_FAMILY, MergeCounts, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.category_forest import CategoryForest
from akeneo_assets.sync.read.merger import Merger
from akeneo_assets.sync.read.record_pages import IDS_A_REQUEST, RecordPages
from akeneo_assets.sync.read.unreadable import Damages
from akeneo_assets.sync.results import StepResult


class Reader:
    """Reads categories, product models and products.

    Args:
        akeneo: The Akeneo client.
        store: The state.
        id_format: Whether the key of a product is its uuid or its identifier.
        identifier_attribute: Code of the attribute that contains the main identifier.
        partition_key: The partition that changed records are stored under.
        run_id: The run, for the windows.
        options: The read options that the mapping needs, see :mod:`akeneo_assets.mapping.catalogue.read_options`.
        two_way_types: Codes of the two-way association types.
        lacks: Returns whether a product or model refers to something that the structure does not contain.
        connections: The maximum number of concurrent requests.

    Attributes:
        damages: The records that could not be read.
        pages: Reads the lists.
        merger: Merges them into the mirror.
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
        connections: int = 1,
    ) -> None:
        self._akeneo = akeneo
        self._store = store
        self._run_id = run_id
        self.damages = Damages(store, id_format=id_format, partition_key=partition_key, run_id=run_id)
        self.pages = RecordPages(
            akeneo,
            self.damages,
            store.mirror.moment,
            id_format=id_format,
            identifier_attribute=identifier_attribute,
            options=options,
            connections=connections,
        )
        self.merger = Merger(
            store,
            self.pages,
            self.damages,
            partition_key=partition_key,
            two_way_types=two_way_types,
            lacks=lacks,
        )

    @property
    def found_unknown(self) -> bool:
        """Whether a new or changed record refers to something that the structure does not contain."""
        return self.merger.found_unknown

    def category_tree(self, root: str) -> StepResult:
        """Read the category ``root`` and all categories below it."""
        start = self._akeneo.clock.start()
        counts = self.merger.read("category", Search().where("code", "IN", [root]))
        counts += self.merger.read("category", Search().where("parent", "=", root))
        counts += self._missing_parents()
        self.damages.settle_missing("category", self.damages.due_in(root))
        if self.damages.all_named:
            self._store.windows.record("category", root, 0.0, self._akeneo.passed_at(start), self._run_id)
        return self.result(counts)

    def stray_categories(self) -> StepResult:
        """Read the categories that belong to no tree, because no search by tree finds them.

        Their parents are missing or form a cycle, or the connection may see only a part of their tree.
        """
        started = self._store.mirror.moment()
        damages: list[Damage] = []
        pages = self.pages.read("category", damaged=damages.append)
        listed = {record.key: record for records, _ in pages for record in records}
        for damage in damages:
            parent = damage.record.get("parent")
            if damage.record and parent is not None and parent not in listed:
                # The others are reported when their tree is read.
                self.damages.note("category", damage)
        # Also those of the last read, so that a repaired category is no longer reported before its tree is read again.
        mirrored = [head for page in self._store.mirror.heads("category") for head in page]
        strays = {
            *_strays({code: record.parent for code, record in listed.items()}),
            *_strays({head.key: head.parent for head in mirrored}) & listed.keys(),
        }
        return self.result(self.merger.merge([listed[code] for code in sorted(strays)], started))

    def product_models(self, family: str) -> StepResult:
        """Read all product models of a family. Every product model has one."""
        start = self._akeneo.clock.start()
        counts = MergeCounts()
        if family != NO_FAMILY:
            counts = self.merger.read_family("product_model", family)
        self._record_family("product_model", family, start)
        return self.result(counts)

    def products(self, family: str) -> StepResult:
        """Read all products of a family: simple products and variants."""
        start = self._akeneo.clock.start()
        counts = self.merger.read_family("product", family)
        self._record_family("product", family, start)
        return self.result(counts)

    def _record_family(self, kind: str, family: str, start: Start) -> None:
        if not self.damages.all_named:
            return
        until = self._akeneo.passed_at(start)
        self._store.windows.record(kind, f"family:{family}", 0.0, until, self._run_id, options=self.pages.options)

    def named(self, kind: str, ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Read single records, and the parts of their trees that are not in the mirror.

        Args:
            kind: ``category``, ``product_model`` or ``product`` (including variants).
            ids: Codes; for products uuids or identifiers.

        Returns:
            The keys of the records that were found, and the ids that Akeneo does not have.
        """
        found: list[SourceRecord] = []
        for records, asked_at in self.pages.named(kind, ids):
            self.merger.merge(records, asked_at)
            found.extend(records)
        keys = [record.key for record in found]
        if kind == "category":
            self._missing_parents()
        else:
            self.trees_of(kind, keys)
        known = {*keys, *(record.identifier for record in found), *self.damages.keys(kind)}
        return keys, [each for each in ids if each not in known]

    def all_products(self, take: Callable[[list[SourceRecord], float], None]) -> None:
        """Read all products, with all allowed connections. The mirror is not changed.

        Args:
            take: Called with each page, and a moment before it was requested.
        """
        self._store.windows.narrow(self.pages.options)
        self.pages.read_long("product", None, take)

    def skus(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the SKU of each product: the main identifier, or else the uuid.

        Products that are read for this are not merged into the mirror, so they are still new when their family is read.
        """
        if self.pages.id_format == "Identifier":
            return {key: key for key in keys}
        skus = self._store.mirror.identifiers_of_keys(keys)
        unknown = [key for key in keys if key not in skus]
        for start in range(0, len(unknown), IDS_A_REQUEST):
            search = Search().where("uuid", "IN", unknown[start : start + IDS_A_REQUEST])
            for page in self._akeneo.list(self._akeneo.products_endpoint, search=search):
                for document in page:
                    identifier = main_identifier(document, self.pages.identifier_attribute)
                    skus[document["uuid"]] = identifier or document["uuid"]
        return skus

    def trees_of(self, kind: str, keys: Sequence[str]) -> MergeCounts:
        """Read the trees of records: always for product models, and for variants if they were never read completely."""
        counts = MergeCounts()
        mirror = self._store.mirror
        heads = mirror.named_heads(kind, keys)
        tops = {head.parent for head in heads.values() if head.parent is not None}
        if kind == "product_model":
            tops |= {head.key for head in heads.values() if head.parent is None}
        counts += self.merger.read_models(tops - mirror.existing("product_model", tops))
        roots = {head.parent or head.key for head in mirror.named_heads("product_model", tops).values()}
        unread = roots - self._store.mirror.existing("product_model", sorted(roots))
        counts += self.merger.read_models(unread)
        whole = roots if kind == "product_model" else {root for root in roots if not self._is_complete(root)}
        for root in sorted(whole):
            start = self._akeneo.clock.start()
            counts += self.merger.read_below({root: None})
            if self.damages.all_named:
                self._store.windows.record("product_tree", root, 0.0, self._akeneo.passed_at(start), self._run_id)
        return counts

    def _is_complete(self, root: str) -> bool:
        """Whether all variants of a root model were read before, with its family or its tree."""
        head = self._store.mirror.named_heads("product_model", [root]).get(root)
        scopes = [("product_tree", root), *([("product", f"family:{head.family}")] if head is not None else [])]
        return any(self._store.windows.latest(kind, scope) is not None for kind, scope in scopes)

    def _missing_parents(self) -> MergeCounts:
        """Read parents that are not in the mirror: pages shift when the tree is edited during the read."""
        counts = MergeCounts()
        asked: set[str] = set()
        while missing := self._store.mirror.missing_category_parents() - asked:
            asked |= missing
            wanted = sorted(missing)
            for start in range(0, len(wanted), IDS_A_REQUEST):
                chunk = wanted[start : start + IDS_A_REQUEST]
                counts += self.merger.read("category", Search().where("code", "IN", chunk))
        return counts

    def result(self, counts: MergeCounts) -> StepResult:
        """Return the result of a step that read records, including those that could not be read."""
        result = StepResult.of_merge(counts)
        self.damages.report(result)
        return result


def _strays(parents: Mapping[str, str | None]) -> set[str]:
    """Return the codes of the categories that belong to no tree."""
    return {code for code, place in CategoryForest(parents).places.items() if place.root is None}
