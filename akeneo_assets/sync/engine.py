"""The engine of a run: combines clients, store and mapping to read, plan and deliver."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from akeneo_assets.akeneo.client import AKENEO, AkeneoClient
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import StateError
from akeneo_assets.http.statistics import Contact, RequestStatistics
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.file.rule_names import RuleNames
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.settings import Settings
from akeneo_assets.store.contacts import CHANGES
from akeneo_assets.store.records import Attempt, Scope, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.agenda import Work, find_work
from akeneo_assets.sync.destination import Destination
from akeneo_assets.sync.garbage import rarely_searched
from akeneo_assets.sync.partition_keys import is_changes
from akeneo_assets.sync.plan.current_mapping import CurrentMapping
from akeneo_assets.sync.plan.gone import plan_disabled
from akeneo_assets.sync.plan.mapped_products import MappedProducts
from akeneo_assets.sync.plan.mapped_trees import MappedTrees
from akeneo_assets.sync.plan.page import PlanContext
from akeneo_assets.sync.plan.planners import plan
from akeneo_assets.sync.plan.sample import plan_sample
from akeneo_assets.sync.plan.scopes import scopes_of
from akeneo_assets.sync.read.changes import PROBE_REQUESTS
from akeneo_assets.sync.read.readers import Readers
from akeneo_assets.sync.read.sweep import Sweeper
from akeneo_assets.sync.results import RecordsResult, StepResult, Usage
from akeneo_assets.sync.steps.delivery import Delivery
from akeneo_assets.sync.steps.named_records import NamedRecords
from akeneo_assets.sync.steps.pace import allowed_a_minute
from akeneo_assets.sync.steps.reading import Reading


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
        self._working = ExitStack()
        self._working.enter_context(rarely_searched())
        self._trees = MappedTrees()
        self._products = MappedProducts()
        self._readers = Readers(settings, store, akeneo, mapping, run_id=run_id, lacks=self._lacks)
        self._reading = Reading(settings, store, akeneo, self._mapping, self._readers)
        self._named_records = NamedRecords(store, self._readers, self._reading, self, run_id=run_id)
        self._delivery = Delivery(
            settings,
            store,
            ipaas,
            self._readers,
            run_id=run_id,
            ensure_components=self._named_records.ensure_components,
            rule_of=RuleNames(mapping).of,
        )

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
        # A failing database was reported by the step that met it first.
        if contacts := self._statistics.contacts():
            with suppress(StateError):
                self.store.contacts.save(contacts)
        self.store.close()
        self._working.close()

    @contextmanager
    def measured(self) -> Iterator[Callable[[], Usage]]:
        """Measure a step. Yields a function that returns the duration and requests of the step so far."""
        started, before, allowed = time.monotonic(), self._statistics.snapshot(), allowed_a_minute(self.settings)
        yield lambda: Usage(time.monotonic() - started, self._statistics.snapshot() - before, allowed)

    # Read, see akeneo_assets.sync.steps.reading

    def read_structure(self) -> StepResult:
        """Read the structure, and check the mapping against it.

        Raises:
            AccessDeniedError: The connection lacks a permission that any later step needs.
            ConfigurationError: The mapping refers to something that the catalogue does not have.
        """
        return self._reading.read_structure()

    @property
    def has_recent_structure(self) -> bool:
        """Whether the structure was read in the last ten minutes, with everything that the mapping needs."""
        return self._reading.has_recent_structure

    def category_roots(self) -> list[str]:
        """Codes of the category trees."""
        return self._readers.structure().roots()

    def families(self) -> list[str]:
        """Codes of the families in the mirror."""
        return [head.key for page in self.store.mirror.heads("family") for head in page]

    def read_category_tree(self, root: str) -> StepResult:
        """Read a category tree. Along with the first tree, also read the categories that belong to no tree."""
        return self._reading.read_category_tree(root)

    def read_product_models(self, partition_key: str, *, since: float | None = None) -> StepResult:
        """Read the product models of a partition: those of a family, or those that changed."""
        return self._reading.read_product_models(partition_key, since=since)

    def read_products(self, partition_key: str, *, since: float | None = None, look_back: bool = False) -> StepResult:
        """Read the products of a partition: those of a family, or those that changed."""
        return self._reading.read_products(partition_key, since=since, look_back=look_back)

    def is_throttled(self) -> bool:
        """Whether asking Akeneo for changes would have to wait for the throttle. Makes no request."""
        return self.store.akeneo_budget.is_spent(AKENEO.name, PROBE_REQUESTS)

    def find_work(self) -> Work:
        """Find changes in Akeneo, and pending work in the ledger."""
        work = find_work(self.store, self._readers.changes("changes:probe"), self.ipaas.capabilities)
        self.store.contacts.save({CHANGES: Contact(time.time(), problem=None)})
        return work

    def all_products(self, take: Callable[[list[SourceRecord], float], None]) -> None:
        """Read all products that Akeneo has now.

        Args:
            take: Called with each page, and a moment before it was requested.
        """
        self._reading.all_products(take)

    def sweep(self, kind: str, *, largest_share: float) -> StepResult:
        """Compare the ids that Akeneo lists with the mirror; see :mod:`akeneo_assets.sync.read.sweep`."""
        reader = self._readers.records(f"sweep:{self._run_id}")
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
            self._reading.mark_dependants()
            self.store.work.forget_unknown(self.store.mirror.moment())
        scopes = scopes_of(self.store, object_name, partition_key) if scope is None else [scope]
        looked_at = self.store.mirror.moment()
        self._mapping.refresh()
        if self.needs_structure:
            self._reading.read_structure()
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

    def plan_sample(self, object_name: ObjectName, partition_key: str) -> list[dict[str, str]]:
        """Return planned records as a table, see :func:`akeneo_assets.sync.plan.sample.plan_sample`."""
        return plan_sample(self.store, object_name, partition_key)

    # Deliver

    def deliver(
        self,
        object_name: ObjectName,
        partition_key: str,
        *,
        repair: bool = True,
        wait_for_others: bool = True,
        hold: bool = False,
    ) -> StepResult:
        """Carry out the plan of one object of a partition, see :meth:`Delivery.deliver`."""
        return self._delivery.deliver(
            object_name, partition_key, repair=repair, wait_for_others=wait_for_others, hold=hold
        )

    def deliver_held(self, partition_key: str) -> StepResult:
        """Send the held records of all partitions, see :meth:`Delivery.deliver_held`."""
        return self._delivery.deliver_held(partition_key)

    # Named records

    def sync_records(
        self, kind: str, ids: Sequence[str], *, dry_run: bool = False, force: bool = False
    ) -> RecordsResult:
        """Sync named records, see :meth:`akeneo_assets.sync.steps.named_records.NamedRecords.sync`."""
        return self._named_records.sync(kind, ids, dry_run=dry_run, force=force)

    # Parts

    def _lacks(self, document: JsonObject) -> bool:
        return self.structure.lacks(document)
