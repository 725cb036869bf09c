"""Syncs named records, and components of bundles, with those of their categories that are not in iPaaS.com yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.shapes import as_codes
from akeneo_assets.objects import OBJECTS, PRODUCT_OBJECTS, PRODUCT_SOURCE_KINDS, TREE_OBJECTS, ObjectName
from akeneo_assets.store.records import Scope
from akeneo_assets.store.store import Store
from akeneo_assets.sync.named_ids import without_skus
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.readers import Readers
from akeneo_assets.sync.results import RecordsResult, StepResult
from akeneo_assets.sync.steps.reading import Reading

_COMPONENT_OBJECTS: tuple[ObjectName, ...] = (*OBJECTS["bundles"].waits_for, "bundles")


class Steps(Protocol):
    """The steps after reading, see :class:`akeneo_assets.sync.engine.Engine`."""

    def plan(
        self, object_name: ObjectName, partition_key: str, *, scope: Scope | None = None, force: bool = False
    ) -> StepResult:
        """Plan one object of a partition."""

    def deliver(
        self, object_name: ObjectName, partition_key: str, *, repair: bool = True, wait_for_others: bool = True
    ) -> StepResult:
        """Carry out the plan of one object of a partition."""


class NamedRecords:
    """Syncs named records of one run.

    Args:
        store: The state.
        readers: Creates the readers.
        reading: Reads the structure again if a record refers to something unknown.
        steps: Plans and delivers.
        run_id: The run.
    """

    def __init__(self, store: Store, readers: Readers, reading: Reading, steps: Steps, *, run_id: str) -> None:
        self._store = store
        self._readers = readers
        self._reading = reading
        self._steps = steps
        self._run_id = run_id
        self._ensured: set[Reference] = set()

    def sync(self, kind: str, ids: Sequence[str], *, dry_run: bool = False, force: bool = False) -> RecordsResult:
        """Read, plan and deliver single records, with those of their categories that are not in iPaaS.com yet.

        Args:
            kind: ``category``, ``product_model`` or ``product`` (simple products, variants and bundles).
            ids: Codes, SKUs; for products also uuids or identifiers.
            dry_run: Stop after the plan.
            force: Also send unchanged records.
        """
        partition_key = f"records:{self._run_id}"
        reader = self._readers.records(partition_key)
        found, missing = reader.named(kind, without_skus(self._store, kind, ids))
        self._reading.read_what_is_unknown(reader)
        outcome = RecordsResult(missing=missing)
        scopes: dict[ObjectName, Scope] = {}
        if kind != "category" and (categories := self._read_missing_categories(kind, found, reader)):
            scopes["categories"] = Scope.of_keys(categories)
        named = TREE_OBJECTS if kind == "category" else PRODUCT_OBJECTS
        scopes |= dict.fromkeys(named, Scope.of_keys(found))
        for object_name, scope in scopes.items():
            is_named = object_name in named
            outcome.planned[object_name] = self._steps.plan(
                object_name, partition_key, scope=scope, force=force and is_named
            )
        if not dry_run:
            for object_name in scopes:
                outcome.delivered[object_name] = self._steps.deliver(object_name, partition_key)
        return outcome

    def ensure_components(self, references: Sequence[Reference]) -> None:
        """Sync the components of bundles. Each is tried only once per run, even if bundles contain each other."""
        wanted = [reference for reference in references if reference not in self._ensured]
        self._ensured.update(wanted)
        partition_key = f"components:{self._run_id}"
        for kind in PRODUCT_SOURCE_KINDS:
            keys = [reference.key for reference in wanted if reference.kind == kind]
            if not keys:
                continue
            known = self._store.mirror.existing(kind, keys)
            unread = [key for key in keys if key not in known]
            if unread:
                found, _ = self._readers.records(partition_key).named(kind, unread)
                known |= set(found)
            if categories := self._read_missing_categories(kind, sorted(known), self._readers.records(partition_key)):
                self._steps.plan("categories", partition_key, scope=Scope.of_keys(categories))
                self._steps.deliver("categories", partition_key, repair=False, wait_for_others=False)
            scope = Scope.of_keys(sorted(known))
            for object_name in _COMPONENT_OBJECTS:
                self._steps.plan(object_name, partition_key, scope=scope)
            for object_name in _COMPONENT_OBJECTS:
                # This run has claimed bundles, and another run may be waiting for one of them.
                self._steps.deliver(object_name, partition_key, repair=False, wait_for_others=False)

    def _read_missing_categories(self, kind: str, keys: Sequence[str], reader: Reader) -> list[str]:
        """Read and return the categories of records, and of their trees, that are not in iPaaS.com."""
        mirror, of_products = self._store.mirror, [*keys] if kind == "product" else []
        of_models = [*keys] if kind == "product_model" else []
        for roots in self._store.product_trees.tree_roots(Scope.of_keys(keys)):
            for tree in self._store.product_trees.trees(roots):
                of_models += [head.key for head in (tree.root, *tree.models)]
                of_products += [head.key for head in tree.variants]
        models, products = mirror.documents("product_model", of_models), mirror.documents("product", of_products)
        named = {
            code
            for each in (models, products)
            for document in each.values()
            for code in as_codes(document.get("categories"))
        }
        missing = sorted(named - self._store.ledger.targets("category", named).keys())
        found, _ = reader.named("category", missing) if missing else ([], [])
        return found
