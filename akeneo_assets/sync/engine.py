"""The engine of a run: combines clients, store and mapping to read, plan and deliver."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from akeneo_assets.akeneo.client import AKENEO, AkeneoClient
from akeneo_assets.documents import JsonObject
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.mapping.catalogue.read_options import read_options
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.shapes import as_codes
from akeneo_assets.objects import KINDS, OBJECTS, PRODUCT_OBJECTS, PRODUCT_SOURCE_KINDS, TREE_OBJECTS, ObjectName
from akeneo_assets.settings import Settings
from akeneo_assets.store.records import Attempt, Scope, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.agenda import Work, find_work
from akeneo_assets.sync.custom_fields import CustomFieldDefinitions
from akeneo_assets.sync.deliver.composer import Composer, Targets
from akeneo_assets.sync.deliver.conflicts import Owner
from akeneo_assets.sync.deliver.deliverer import Deliverer
from akeneo_assets.sync.deliver.locations import Locations
from akeneo_assets.sync.destination import Destination
from akeneo_assets.sync.partition_keys import family_of, is_changes, scope_of
from akeneo_assets.sync.plan.current_mapping import CurrentMapping
from akeneo_assets.sync.plan.dependants import mark_dependants
from akeneo_assets.sync.plan.difference import in_words
from akeneo_assets.sync.plan.gone import plan_disabled
from akeneo_assets.sync.plan.mapped_products import MappedProducts
from akeneo_assets.sync.plan.mapped_trees import MappedTrees
from akeneo_assets.sync.plan.page import PlanContext
from akeneo_assets.sync.plan.planners import plan
from akeneo_assets.sync.plan.repairs import plan_repairs
from akeneo_assets.sync.read.changes import PROBE_REQUESTS, ChangeReader
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.structure import READ_WINDOW, StructureReader, load_attributes
from akeneo_assets.sync.read.sweep import Sweeper
from akeneo_assets.sync.results import RecordsResult, StepResult, Usage

_log = logging.getLogger(__name__)

STRUCTURE_SECONDS: Final = 600.0
"""How old the structure may be, in seconds, when single records or changes are synced."""

_COMPONENT_OBJECTS: tuple[ObjectName, ...] = (*OBJECTS["bundles"].waits_for, "bundles")


class Engine:
    """Reads, plans and delivers for one run.

    Args:
        settings: The subscription settings.
        store: The state.
        akeneo: The source.
        ipaas: The destination.
        mapping: The mapping file.
        statistics: Request statistics of both clients.
        run_id: The run, for the ledger and the vendor's log.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        akeneo: AkeneoClient,
        ipaas: Destination,
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
        self._products = MappedProducts()
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
        """The structure in the mirror.

        Raises:
            ConfigurationError: It was never read.
        """
        return self._mapping.structure

    @property
    def mapper(self) -> Mapper:
        """The mapping, checked against the structure.

        Raises:
            ConfigurationError: The mapping refers to something that the catalogue does not have.
        """
        return self._mapping.mapper

    @property
    def needs_structure(self) -> bool:
        """Whether the mapping needs lists of the structure that have not been read yet.

        Raises:
            ConfigurationError: The structure was never read.
        """
        return self._mapping.needs_structure

    @property
    def rules_fingerprint(self) -> str:
        """Fingerprint of the mapping file and of the code that applies it. Does not need the structure."""
        return self._mapping.rules_fingerprint

    def log_in(self) -> None:
        """Check the credentials for both APIs before anything is read or sent.

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
    def measured(self) -> Iterator[Callable[[], Usage]]:
        """Measure a step. Yields a function that returns the duration and requests of the step so far."""
        started, before = time.monotonic(), self._statistics.snapshot()
        yield lambda: Usage(time.monotonic() - started, self._statistics.snapshot() - before)

    # Read

    def read_structure(self) -> StepResult:
        """Read the structure, and check the mapping against it.

        Raises:
            AccessDeniedError: The connection lacks a permission that any later step needs.
            ConfigurationError: The mapping refers to something that the catalogue does not have.
        """
        self.akeneo.count(self.akeneo.products_endpoint)
        self.akeneo.count("product-models")
        result = self._structure_reader().read()
        self._mapping.refresh()
        self.mark_dependants()
        _ = self.mapper
        for warning in self._mapping.warnings:
            result.add_problem("mapping", warning.place or "", "mapping_warning", f"{warning.message} {warning.fix}")
        return result

    @property
    def has_recent_structure(self) -> bool:
        """Whether the structure was read in the last ten minutes, with everything that the mapping needs."""
        read = self.store.windows.latest(*READ_WINDOW)
        return (
            read is not None and 0 <= time.time() - read.to_at < STRUCTURE_SECONDS and not self._mapping.needs_structure
        )

    def _read_what_is_unknown(self, reader: Reader | ChangeReader) -> None:
        """Read the structure again if a record refers to something unknown, such as a new option."""
        if reader.found_unknown:
            _log.info("A record refers to something new, so the structure is read again")
            self.read_structure()

    def mark_dependants(self) -> None:
        """Mark the records as due that depend on changes of the structure."""
        if changes := mark_dependants(self.store):
            _log.info("%d records of the structure changed. Records that depend on them are re-mapped", changes)

    def category_roots(self) -> list[str]:
        """Codes of the category trees."""
        return self._structure_reader().roots()

    def families(self) -> list[str]:
        """Codes of the families in the mirror."""
        return [head.key for page in self.store.mirror.heads("family") for head in page]

    def read_category_tree(self, root: str) -> StepResult:
        """Read a category tree. Along with the first tree, also read the categories that belong to no tree."""
        reader = self._reader(root)
        before = self._mapping.category_parents()
        result = reader.category_tree(root)
        if before and self._mapping.category_parents() != before:
            # The category filter of the mapping now selects other products.
            self._mapping.forget_categories()
            self.store.work.mark_everything()
        if root == min(self.category_roots(), default=root):
            result.add(reader.stray_categories())
        return result

    def read_product_models(self, partition_key: str, *, since: float | None = None) -> StepResult:
        """Read the product models of a partition: those of a family, or those that changed.

        Args:
            partition_key: The partition.
            since: Read changes since this time, in epoch seconds, if it is earlier than the last complete read.
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
            since: Read changes since this time, in epoch seconds, if it is earlier than the last complete read.
            look_back: Also read changes of the last PRODUCT_VARIANT_POLL_SEARCH_DAYS days.
        """
        if is_changes(partition_key):
            days = self.settings.product_variant_poll_search_days
            reader = self._change_reader(partition_key)
            result = reader.changed_products(since=since, look_back_days=days, look_back=look_back)
            self._read_what_is_unknown(reader)
            return result
        return self._reader(partition_key).products(family_of(partition_key))

    def is_throttled(self) -> bool:
        """Whether asking Akeneo for changes would have to wait for the throttle. Makes no request."""
        return self.store.budget.is_spent(AKENEO.name, PROBE_REQUESTS)

    def find_work(self) -> Work:
        """Find changes in Akeneo, and pending work in the ledger."""
        return find_work(self.store, self._change_reader("changes:probe"))

    def all_products(self) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield pages of all products that Akeneo has now, each with a moment before it was requested."""
        if self.store.windows.latest(*READ_WINDOW) is None:
            self.read_structure()
        yield from self._reader("all").all_products()

    def sweep(self, kind: str, *, largest_share: float) -> StepResult:
        """Compare the ids that Akeneo lists with the mirror; see :mod:`akeneo_assets.sync.read.sweep`."""
        reader = self._reader(f"sweep:{self._run_id}")
        return Sweeper(reader, self.akeneo, self.store).sweep(kind, largest_share=largest_share)

    def disable_gone(self) -> dict[ObjectName, StepResult]:
        """Send the records that no longer exist in Akeneo once more, with the status Disabled."""
        partition_key = f"gone:{self._run_id}"
        planned = plan_disabled(self.store, partition_key)
        return {name: self.deliver(name, partition_key, repair=False) for name in OBJECTS if name in planned}

    # Plan

    def plan(
        self, object_name: ObjectName, partition_key: str, *, scope: Scope | None = None, force: bool = False
    ) -> StepResult:
        """Plan one object of a partition.

        Args:
            object_name: One of the six objects.
            partition_key: The partition; for categories the root's code.
            scope: Plan these records instead of the partition's. Their plan is still stored under the partition.
            force: Also plan unchanged records.
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
            products=self._products,
        )
        return plan(context, object_name, scopes)

    def _scopes(self, object_name: ObjectName, partition_key: str) -> Iterator[Scope]:
        """Yield the records that a partition plans: a tree, a family, or all due records."""
        if OBJECTS[object_name].by_tree:
            yield Scope(partition_key=partition_key)
        elif is_changes(partition_key):
            for kind in OBJECTS[object_name].due_kinds:
                for keys in self.store.work.due_keys(kind):
                    yield Scope.of_keys(keys)
        else:
            yield scope_of(partition_key)

    def plan_sample(self, object_name: ObjectName, partition_key: str, limit: int = 10) -> list[dict[str, str]]:
        """Return planned records of an object as a table: record, action, reason, and what differs.

        Args:
            object_name: One of the six objects.
            partition_key: The partition.
            limit: The maximum number of records for each reason.
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
            object_name: One of the six objects.
            partition_key: The partition.
            repair: Afterwards, also send records of any partition whose kept links can be resolved now.
            wait_for_others: Wait for records that another run is delivering.
        """
        deliverer = self._deliverer(partition_key)
        result = deliverer.deliver(object_name, wait_for_others=wait_for_others)
        if repair and OBJECTS[object_name].repairs:
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
        """Read, plan and deliver single records, with those of their categories that are not in iPaaS.com yet.

        Args:
            kind: ``category``, ``product_model`` or ``product`` (simple products, variants and bundles).
            ids: Codes; for products uuids or identifiers.
            dry_run: Stop after the plan.
            force: Also send unchanged records.
        """
        partition_key = f"records:{self._run_id}"
        reader = self._reader(partition_key)
        found, missing = reader.named(kind, ids)
        self._read_what_is_unknown(reader)
        outcome = RecordsResult(missing=missing)
        scopes: dict[ObjectName, Scope] = {}
        if kind != "category" and (categories := self._read_missing_categories(kind, found, reader)):
            scopes["categories"] = Scope.of_keys(categories)
        named = TREE_OBJECTS if kind == "category" else PRODUCT_OBJECTS
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
        attributes = load_attributes(self.store)
        types = self.store.mirror.all_documents("association_type")
        return Reader(
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

    def _change_reader(self, partition_key: str) -> ChangeReader:
        return ChangeReader(self._reader(partition_key), self.akeneo, self.store, run_id=self._run_id)

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
        """Return the owner of a SKU: ask Akeneo whether the record still exists, then check what is planned for it."""
        source_kind = KINDS[kind].source_kind
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
        """Read and return the categories of records, and of their trees, that are not in iPaaS.com."""
        mirror, of_products = self.store.mirror, [*keys] if kind == "product" else []
        of_models = [*keys] if kind == "product_model" else []
        for roots in self.store.product_trees.tree_roots(Scope.of_keys(keys)):
            for tree in self.store.product_trees.trees(roots):
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
        """Sync the components of bundles. Each is tried only once per run, even if bundles contain each other."""
        wanted = [reference for reference in references if reference not in self._ensured]
        self._ensured.update(wanted)
        partition_key = f"components:{self._run_id}"
        for kind in PRODUCT_SOURCE_KINDS:
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
                # This run has claimed bundles, and another run may be waiting for one of them.
                self.deliver(object_name, partition_key, repair=False, wait_for_others=False)
