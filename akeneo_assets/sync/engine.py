"""The engine of one run: clients, store and mapping put together, and the three steps over them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from akeneo_assets.akeneo.client import AKENEO, AkeneoClient
from akeneo_assets.documents import JsonObject
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.mapping.catalogue.read_options import read_options
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.shapes import as_codes
from akeneo_assets.settings import Settings
from akeneo_assets.store.records import Attempt, Scope, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.changes import PROBE_REQUESTS, ChangeReader
from akeneo_assets.sync.composing import Composer, Targets
from akeneo_assets.sync.conflicts import Owner
from akeneo_assets.sync.current_mapping import CurrentMapping
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.decisions import PlanContext
from akeneo_assets.sync.delivering import Deliverer
from akeneo_assets.sync.dependants import mark_dependants
from akeneo_assets.sync.difference import in_words
from akeneo_assets.sync.locations import Locations
from akeneo_assets.sync.mapped_trees import MappedTrees
from akeneo_assets.sync.noticing import Work, look_for_work
from akeneo_assets.sync.objects import OBJECTS, PRODUCT_OBJECTS, WAITS_FOR, ObjectName
from akeneo_assets.sync.partition_keys import family_of, is_changes, scope_of
from akeneo_assets.sync.planning import plan
from akeneo_assets.sync.reading import Reader
from akeneo_assets.sync.repairing import RELATIONS, plan_repairs
from akeneo_assets.sync.results import RecordsResult, StepResult, Took
from akeneo_assets.sync.structure_reading import READ_WINDOW, StructureReader, load_attributes
from akeneo_assets.sync.sweeping import Sweeper, plan_disabled

AnyReader = TypeVar("AnyReader", bound=Reader)

_log = logging.getLogger(__name__)

_DUE_KINDS: Mapping[ObjectName, tuple[str, ...]] = {
    "product_models": ("product_model", "variant"),
    "products": ("product",),
    "variants": ("product_model", "variant"),
    "bundles": ("product",),
    "related_products": ("product", "product_model", "variant"),
}
"""Object → the destination kinds whose due records lead to it."""

STRUCTURE_SECONDS: Final = 600.0
"""How old the structure may be when single records or changes are synced."""

_COMPONENT_OBJECTS: tuple[ObjectName, ...] = (*WAITS_FOR["bundles"], "bundles")


class Engine:
    """Reads, plans and delivers for one run.

    Args:
        settings: The subscription settings.
        store: The state.
        akeneo: The source.
        ipaas: The destination.
        mapping: The mapping file.
        statistics: Of both clients.
        run_id: The run, for the ledger and the vendor's log.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        akeneo: AkeneoClient,
        ipaas: IpaasClient,
        mapping: MappingFile,
        statistics: RequestStatistics,
        *,
        run_id: str,
    ) -> None:
        self.settings = settings
        self.store = store
        self.akeneo = akeneo
        self.ipaas = ipaas
        self._mapping = CurrentMapping(store, mapping, settings.akeneo_product_id_format)
        self._statistics = statistics
        self._run_id = run_id
        self._trees = MappedTrees()
        self._custom_fields = CustomFieldDefinitions(ipaas)
        self._locations = Locations(ipaas, create_missing=settings.create_missing_locations)
        self._ensured: set[Reference] = set()

    # What the steps share

    @property
    def mapping(self) -> MappingFile:
        """The mapping file."""
        return self._mapping.file

    @property
    def structure(self) -> Structure:
        """The structure as the mirror has it.

        Raises:
            ConfigurationError: It was never read.
        """
        return self._mapping.structure

    @property
    def mapper(self) -> Mapper:
        """The mapping, held against the structure.

        Raises:
            ConfigurationError: The mapping names what the catalogue does not have.
        """
        return self._mapping.mapper

    @property
    def needs_structure(self) -> bool:
        """Whether the mapping needs lists of the structure that were not read for it yet.

        Raises:
            ConfigurationError: Nothing of the structure was ever read.
        """
        return self._mapping.needs_structure

    @property
    def rules_fingerprint(self) -> str:
        """Changes whenever the mapping file does, or the code that applies it; known without the structure."""
        return self._mapping.rules_fingerprint

    def log_in(self) -> None:
        """Make sure of both credentials, before anything is read or sent.

        Raises:
            AuthenticationError: One of them was refused.
            TransientError: An API cannot be reached.
        """
        self.akeneo.log_in()
        self.ipaas.log_in()

    def close(self) -> None:
        """Close connections and the database."""
        self.akeneo.close()
        self.ipaas.close()
        self.store.close()

    @contextmanager
    def measured(self) -> Iterator[Callable[[], Took]]:
        """Measure a step: the value is a function that tells what the step took so far."""
        started, before = time.monotonic(), self._statistics.snapshot()
        yield lambda: Took(time.monotonic() - started, self._statistics.snapshot() - before)

    # Read

    def read_structure(self) -> StepResult:
        """Read the structure, and hold the mapping against it.

        Raises:
            AccessDeniedError: The connection lacks a permission that any later step needs.
            ConfigurationError: The mapping names what the catalogue does not have.
        """
        self.akeneo.count(self.akeneo.products_endpoint)
        self.akeneo.count("product-models")
        result = self._structure_reader().read()
        self._mapping.refresh()
        self.mark_dependants()
        _ = self.mapper
        for warning in self._mapping.warnings:
            result.note("mapping", warning.place or "", "mapping_warning", f"{warning.message} {warning.fix}")
        return result

    @property
    def has_recent_structure(self) -> bool:
        """Whether the structure was read in the last ten minutes, with all that the mapping needs of it."""
        read = self.store.windows.latest(*READ_WINDOW)
        return (
            read is not None and 0 <= time.time() - read.to_at < STRUCTURE_SECONDS and not self._mapping.needs_structure
        )

    def _read_what_is_unknown(self, reader: Reader) -> None:
        """Read the structure where a record that was just read names something that it lacks, such as a new option."""
        if reader.found_unknown:
            _log.info("A record refers to something new; the structure is read again")
            self.read_structure()

    def mark_dependants(self) -> None:
        """Make the records due that depend on what changed in the structure."""
        if changes := mark_dependants(self.store):
            _log.info("%d records of the structure changed; the records that depend on them are re-mapped", changes)

    def category_roots(self) -> list[str]:
        """Codes of the category trees."""
        return self._structure_reader().roots()

    def families(self) -> list[str]:
        """Codes of the families, as the mirror has them."""
        return [head.key for page in self.store.mirror.heads("family") for head in page]

    def read_category_tree(self, root: str) -> StepResult:
        """Read one category tree; with the first tree also the categories that hang on no tree at all."""
        reader = self._reader(root)
        before = self._mapping.category_parents()
        result = reader.category_tree(root)
        if before and self._mapping.category_parents() != before:
            # What stands below the categories that are sent is another set of products now.
            self._mapping.forget_categories()
            self.store.work.mark_everything()
        if root == min(self.category_roots(), default=root):
            result.add(reader.stray_categories())
        return result

    def read_product_models(self, partition_key: str, *, since: float | None = None) -> StepResult:
        """Read the product models of a partition: those of a family, or those that changed.

        Args:
            partition_key: The partition.
            since: What changed since then, where that is earlier than the last complete read; epoch seconds.
        """
        if is_changes(partition_key):
            reader = self._change_reader(partition_key)
            result = reader.changed_product_models(since=since)
            self._read_what_is_unknown(reader)
            return result
        return self._reader(partition_key).product_models(family_of(partition_key))

    def read_products(self, partition_key: str, *, since: float | None = None, look_back: bool = False) -> StepResult:
        """Read the products of a partition: those of a family, or those that changed.

        Args:
            partition_key: The partition.
            since: What changed since then, where that is earlier than the last complete read; epoch seconds.
            look_back: Also what changed in the days before (PRODUCT_VARIANT_POLL_SEARCH_DAYS).
        """
        if is_changes(partition_key):
            days = self.settings.product_variant_poll_search_days
            reader = self._change_reader(partition_key)
            result = reader.changed_products(since=since, look_back_days=days, look_back=look_back)
            self._read_what_is_unknown(reader)
            return result
        return self._reader(partition_key).products(family_of(partition_key))

    def is_throttled(self) -> bool:
        """Whether a look at Akeneo would have to wait for the throttle; costs no request."""
        return self.store.budget.is_spent(AKENEO.name, PROBE_REQUESTS)

    def look_for_work(self) -> Work:
        """Ask Akeneo what changed, and the ledger what waits."""
        return look_for_work(self.store, self._change_reader("changes:probe"))

    def all_products(self) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield pages of all products as Akeneo has them now, each with the moment before it was asked for."""
        if self.store.windows.latest(*READ_WINDOW) is None:
            self.read_structure()
        yield from self._reader("all").all_products()

    def sweep(self, kind: str, *, largest_share: float) -> StepResult:
        """Compare the ids that Akeneo lists with the mirror; see :mod:`akeneo_assets.sync.sweeping`."""
        return self._build(Sweeper, f"sweep:{self._run_id}").sweep(kind, largest_share=largest_share)

    def disable_gone(self) -> dict[ObjectName, StepResult]:
        """Send what is gone from Akeneo once more, as Disabled."""
        partition_key = f"gone:{self._run_id}"
        planned = plan_disabled(self.store, partition_key)
        return {name: self.deliver(name, partition_key, repair=False) for name in OBJECTS if name in planned}

    # Plan

    def plan(
        self, object_name: ObjectName, partition_key: str, *, scope: Scope | None = None, force: bool = False
    ) -> StepResult:
        """Plan one object of a partition.

        Args:
            object_name: Which of the six.
            partition_key: The partition; for categories the root's code.
            scope: Other records than the partition's; their plan is filed under the partition all the same.
            force: Plan unchanged records too.
        """
        if is_changes(partition_key):
            self.mark_dependants()
            self.store.work.forget_unknown(self.store.mirror.moment())
        scopes = self._scopes(object_name, partition_key) if scope is None else [scope]
        self._mapping.refresh()
        if self.needs_structure:
            self.read_structure()
        looked_at = self.store.mirror.moment()
        self._mapping.refresh()
        context = PlanContext(
            self.store,
            self.mapper,
            Attempt(partition_key, self._run_id, looked_at),
            force=force,
            send_variants_alone=self.settings.send_variants_alone,
            trees=self._trees,
        )
        return plan(context, object_name, scopes)

    def _scopes(self, object_name: ObjectName, partition_key: str) -> Iterator[Scope]:
        """Yield the records that a partition plans: a tree, a family, or whatever is due."""
        if object_name == "categories":
            yield Scope(partition_key=partition_key)
        elif is_changes(partition_key):
            for kind in _DUE_KINDS[object_name]:
                for keys in self.store.work.due_keys(kind):
                    yield Scope.of_keys(keys)
        else:
            yield scope_of(partition_key)

    def plan_sample(self, object_name: ObjectName, partition_key: str, limit: int = 10) -> list[dict[str, str]]:
        """Return planned records of an object as a table: record, action, reason, and what differs.

        Args:
            object_name: Which of the six.
            partition_key: The partition.
            limit: How many records of each reason, at most.
        """
        reasons = sorted({reason for _, reason in self.store.plan.counts(object_name, partition_key)})
        return [
            {
                "record": f"{row.kind} {row.key}",
                "action": row.action,
                "reason": row.reason,
                "differs": in_words(row.difference or {}),
            }
            for reason in reasons
            for page in self.store.plan.rows(object_name, partition_key, reason=reason, limit=limit)
            for row in page
        ]

    # Deliver

    def deliver(
        self, object_name: ObjectName, partition_key: str, *, repair: bool = True, wait_for_others: bool = True
    ) -> StepResult:
        """Carry out the plan of one object of a partition.

        Args:
            object_name: Which of the six.
            partition_key: The partition.
            repair: Afterwards send the records, of any partition, whose parked links can be resolved now.
            wait_for_others: Wait for records that another run is at.
        """
        deliverer = self._deliverer(partition_key)
        result = deliverer.deliver(object_name, wait_for_others=wait_for_others)
        if repair and object_name in RELATIONS:
            repairs = plan_repairs(self.store, self._custom_fields, object_name, partition_key)
            if repairs:
                _log.info("%d records get links whose targets are now in iPaaS.com", repairs)
                repaired = deliverer.deliver(object_name)
                repaired.counts["repaired"] = repaired.counts.pop("updated", 0)
                result.add(repaired)
        return result

    # Named records

    def sync_records(
        self, kind: str, ids: Sequence[str], *, dry_run: bool = False, force: bool = False
    ) -> RecordsResult:
        """Read, plan and deliver single records, with the categories of theirs that are not in iPaaS.com yet.

        Args:
            kind: ``category``, ``product_model`` or ``product`` (simple products, variants and bundles).
            ids: Codes; for products uuids or identifiers.
            dry_run: Stop after the plan.
            force: Send records that did not change, too.
        """
        partition_key = f"records:{self._run_id}"
        reader = self._reader(partition_key)
        found, missing = reader.named(kind, ids)
        self._read_what_is_unknown(reader)
        outcome = RecordsResult(missing=missing)
        scopes: dict[ObjectName, Scope] = {}
        if kind != "category" and (categories := self._read_missing_categories(kind, found, reader)):
            scopes["categories"] = Scope.of_keys(categories)
        named: Sequence[ObjectName] = ("categories",) if kind == "category" else PRODUCT_OBJECTS
        scopes |= dict.fromkeys(named, Scope.of_keys(found))
        for object_name, scope in scopes.items():
            is_named = object_name in named
            outcome.planned[object_name] = self.plan(object_name, partition_key, scope=scope, force=force and is_named)
        if not dry_run:
            for object_name in scopes:
                outcome.delivered[object_name] = self.deliver(object_name, partition_key)
        return outcome

    # Parts

    def _structure_reader(self) -> StructureReader:
        workers = self.settings.akeneo_concurrent_connections
        return StructureReader(self.akeneo, self.store, self.mapping, workers=workers)

    def _reader(self, partition_key: str) -> Reader:
        return self._build(Reader, partition_key)

    def _change_reader(self, partition_key: str) -> ChangeReader:
        return self._build(ChangeReader, partition_key)

    def _build(self, reader: type[AnyReader], partition_key: str) -> AnyReader:
        attributes = load_attributes(self.store)
        types = self.store.mirror.all_documents("association_type")
        return reader(
            self.akeneo,
            self.store,
            id_format=self.settings.akeneo_product_id_format,
            identifier_attribute=attributes.identifier_attribute,
            partition_key=partition_key,
            run_id=self._run_id,
            options=read_options(self.mapping, attributes),
            two_way_types=frozenset(code for code, each in types if each.get("is_two_way") is True),
            lacks=self._lacks,
        )

    def _lacks(self, document: JsonObject) -> bool:
        return self.structure.lacks(document)

    def _deliverer(self, partition_key: str) -> Deliverer:
        skip_prerequisite = self.settings.skip_related_product_prerequisite
        composer = Composer(
            Targets(self.store, self._reader(partition_key).skus if skip_prerequisite else None),
            self.settings.ipaas_subscription_id,
            skip_prerequisite,
        )
        return Deliverer(
            self.store,
            self.ipaas,
            composer,
            self._custom_fields,
            self._locations,
            partition_key=partition_key,
            run_id=self._run_id,
            workers=self.settings.ipaas_concurrent_connections,
            owner_of=self._owner_of,
            ensure_components=self._ensure_components if self.settings.create_missing_bundle_items else None,
        )

    def _owner_of(self, kind: str, key: str, sku: str) -> Owner:
        """Tell whose record of Akeneo holds a SKU: look at what is planned for it, and ask Akeneo to be sure."""
        source_kind = "product" if kind == "variant" else kind
        asked_at = self.store.mirror.moment()
        found, _ = self._reader(f"owners:{self._run_id}").named(source_kind, [key])
        if key not in found:
            self.store.mirror.mark_gone(source_kind, [key], at=asked_at)
            return "gone"
        head = self.store.mirror.named_heads(source_kind, [key]).get(key)
        if source_kind == "product" and head is not None and (head.parent is not None) != (kind == "variant"):
            return "leaving"
        planned = self.store.plan.skus(kind, key)
        if planned:
            return "staying" if sku in planned else "leaving"
        state = self.store.ledger.states(kind, [key]).get(key)
        return "leaving" if state is not None and state.changed_at > state.looked_at else "staying"

    def _read_missing_categories(self, kind: str, keys: Sequence[str], reader: Reader) -> list[str]:
        """Read the categories of products or models, and of their trees, that are not in iPaaS.com; return them."""
        mirror, of_products = self.store.mirror, [*keys] if kind == "product" else []
        of_models = [*keys] if kind == "product_model" else []
        for roots in mirror.tree_roots(Scope.of_keys(keys)):
            for tree in mirror.trees(roots):
                of_models += [head.key for head in (tree.root, *tree.models)]
                of_products += [head.key for head in tree.variants]
        models, products = mirror.documents("product_model", of_models), mirror.documents("product", of_products)
        named = {
            code
            for each in (models, products)
            for document in each.values()
            for code in as_codes(document.get("categories"))
        }
        missing = sorted(named - self.store.ledger.targets("category", named).keys())
        found, _ = reader.named("category", missing) if missing else ([], [])
        return found

    def _ensure_components(self, references: Sequence[Reference]) -> None:
        """Transfer records that bundles are made of; each is tried once a run, which also ends rings of bundles."""
        wanted = [reference for reference in references if reference not in self._ensured]
        self._ensured.update(wanted)
        partition_key = f"components:{self._run_id}"
        for kind in ("product_model", "product"):
            keys = [reference.key for reference in wanted if reference.kind == kind]
            if not keys:
                continue
            known = self.store.mirror.existing(kind, keys)
            unread = [key for key in keys if key not in known]
            if unread:
                found, _ = self._reader(partition_key).named(kind, unread)
                known |= set(found)
            if categories := self._read_missing_categories(kind, sorted(known), self._reader(partition_key)):
                self.plan("categories", partition_key, scope=Scope.of_keys(categories))
                self.deliver("categories", partition_key, repair=False, wait_for_others=False)
            scope = Scope.of_keys(sorted(known))
            for object_name in _COMPONENT_OBJECTS:
                self.plan(object_name, partition_key, scope=scope)
            for object_name in _COMPONENT_OBJECTS:
                # Bundles are held meanwhile, perhaps one that another run waits for.
                self.deliver(object_name, partition_key, repair=False, wait_for_others=False)
