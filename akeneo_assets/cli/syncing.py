"""The phases of a sync, as batches of Dagster runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime, timezone
from typing import Final

from typing_extensions import Self

from akeneo_assets.cli.batches import Batch, BatchRunner
from akeneo_assets.cli.display import BatchProgress, print_warning
from akeneo_assets.cli.instance import open_instance
from akeneo_assets.cli.totals import Totals
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import Settings
from akeneo_assets.store.store import Store
from akeneo_assets.sync.connecting import connect
from akeneo_assets.sync.noticing import PRODUCT_KINDS, families_to_read, trees_mapped_otherwise, trees_to_try_again
from akeneo_assets.sync.objects import OBJECTS
from akeneo_assets.sync.partition_keys import changes_key

_READ: Final = ("akeneo/product_models", "akeneo/products")
_LATEST: Final = 500
_FIRST: Final = ("product_models", "products", "variants")

# Links are repaired once, after all families, and not after each.
_NO_REPAIR: Final = {"ipaas__related_products": {"config": {"repair": False}}}


def log_in(settings: Settings) -> None:
    """Try the credentials of both sides: what is wrong with the set-up is told at once, without a run that fails.

    Raises:
        AkeneoAssetsError: The database, the mapping file, an address or credentials are wrong.
    """
    for warning in settings.warnings:
        print_warning(warning)
    with closing(connect(settings, run_id="log-in")) as engine:
        engine.log_in()


def _end_dead_runs(settings: Settings) -> None:
    """End runs whose process was killed: without a daemon no sensor does it."""
    with open_instance() as instance:
        if all(run.is_finished for run in instance.get_runs(limit=_LATEST)):
            return
        from akeneo_assets.automation.dead_runs import end_dead_runs

        with closing(Store.open(settings.database_url)) as store:
            end_dead_runs(instance, store.run_leases)


class Sync:
    """Executes the runs of a sync, phase by phase, until one cannot be carried out; a context manager.

    Args:
        settings: The subscription settings.
        dry_run: Read and plan only.
        quiet: Show no progress.
    """

    def __init__(self, settings: Settings, *, dry_run: bool, quiet: bool) -> None:
        self._settings = settings
        self._progress = BatchProgress(quiet=quiet)
        self._runner = BatchRunner(settings.concurrent_batch_executions, self._progress.records)
        self.totals = Totals(dry_run=dry_run)
        self._layers = ("catalog",) if dry_run else ("catalog", "ipaas")

    def full(self) -> Totals:
        """Sync everything: structure, category trees, families. Targets are sent before records that refer to them."""
        if self._phase("structure", [Batch("structure")]):
            self._categories(None)
        families = [key for key in self._partitions("catalog_batches") if key.startswith("family:")]
        # Links are planned with the records that they go with, and settled after the bundles, which have some too.
        first = (*_READ, *self._assets(_FIRST), "catalog/related_products")
        links = () if self.totals.dry_run else ("ipaas/related_products",)
        bundles = (*self._assets(("bundles",)), *links)
        no_repair = _NO_REPAIR if links else {}
        if (
            self._phase("products", [Batch("full_load", key, first) for key in families])
            and self._phase("bundles", [Batch("full_load", key, bundles, no_repair) for key in families])
            and links
        ):
            self._phase("links", [Batch("full_load", families[-1], links)])
        return self._ended()

    def __enter__(self) -> Self:
        _end_dead_runs(self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def categories(self, tree: str | None) -> Totals:
        """One category tree, or all of them."""
        if self._phase("structure", [Batch("structure")]):
            self._categories(tree)
        return self._ended()

    def changes(self, *, with_structure: bool = False) -> Totals:
        """Sync changes since the last complete read, records due for retry, and records whose mapping changed.

        Args:
            with_structure: Read the structure although that was done a moment ago.
        """
        if self._structure(with_structure=with_structure):
            self.poll()
        return self._ended()

    def poll(self) -> Totals:
        """What the sensors would ask for now.

        Raises:
            AkeneoAssetsError: The catalogue was not loaded completely yet, or Akeneo cannot be asked.
        """
        with closing(connect(self._settings, run_id="poll")) as engine, engine.measured() as took:
            work, store, rules = engine.look_for_work(), engine.store, engine.rules_fingerprint
            self.totals.requests["Akeneo"] += took().requests.total("akeneo")
            trees = {*work.category_roots, *trees_to_try_again(store), *trees_mapped_otherwise(store, rules)}
            unread = families_to_read(store, engine.mapping)
            families = [each for each in store.work.families_mapped_otherwise(rules) if each not in unread]
            waits = work.to_send or store.work.is_to_be_tried_again(PRODUCT_KINDS)
        if work.unknown_trees or work.unknown_families:
            self._structure(with_structure=True)
        self._phase("categories", self._tree_batches(trees.intersection(self._partitions("category_trees"))))
        planned = self._assets(OBJECTS[1:])
        key = changes_key(datetime.now(timezone.utc))
        if work.to_read or waits:
            with open_instance() as instance:
                instance.add_dynamic_partitions("catalog_batches", [key])
        if work.to_read:
            self._phase("changes", [Batch("changes", key, (*_READ, *planned))])
        elif waits:
            self._phase("changes", [Batch("deliver_due", key, planned)])
        remapped = [Batch("full_load", f"family:{family}", (*_READ, *planned)) for family in unread]
        remapped += [Batch("deliver_due", f"family:{family}", planned) for family in families]
        # A family that Akeneo no longer has has no partition any more.
        known = set(self._partitions("catalog_batches"))
        self._phase("mapping", [batch for batch in remapped if batch.partition_key in known])
        return self._ended()

    def retry(self, keys: Sequence[str]) -> Totals:
        """Failed and blocked records, all or named ones, now.

        Raises:
            ConfigurationError: None of the named records waits.
        """
        with closing(connect(self._settings, run_id="retry")) as engine:
            due = engine.store.work.try_again(keys or None)
        if keys and not due:
            raise ConfigurationError(
                f"None of {', '.join(keys)} failed or is blocked. akeneo-assets status lists those that are."
            )
        return self.changes() if due else self._ended()

    def records(self, kind: str, ids: Sequence[str], *, force: bool) -> Totals:
        """Named records."""
        config = {"kind": kind, "ids": list(ids), "force": force, "dry_run": self.totals.dry_run}
        op = {"sync_named_records": {"config": config}}
        if self._structure():
            self._phase("records", [Batch("sync_records", config=op)])
        return self._ended()

    def _structure(self, *, with_structure: bool = False) -> bool:
        """Read the structure where it is older than ten minutes; False when something could not be carried out."""
        if not with_structure:
            with closing(connect(self._settings, run_id="structure")) as engine:
                if engine.has_recent_structure:
                    return not self.totals.failures
        return self._phase("structure", [Batch("structure")])

    def _categories(self, tree: str | None) -> None:
        trees = self._partitions("category_trees")
        if tree is not None and tree not in trees:
            raise ConfigurationError(f"Akeneo has no category tree {tree}. Choose one of {', '.join(trees)}.")
        trees = trees if tree is None else [tree]
        self._phase("categories", self._tree_batches(trees))

    def _tree_batches(self, trees: Iterable[str]) -> list[Batch]:
        assets = ("akeneo/categories", *self._assets(("categories",)))
        return [Batch("categories", tree, assets) for tree in sorted(trees)]

    def _assets(self, objects: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{layer}/{name}" for name in objects for layer in self._layers)

    def _phase(self, title: str, batches: Sequence[Batch]) -> bool:
        """Execute the batches of a phase; False when one of this or an earlier phase could not be carried out."""
        if self.totals.failures or not batches:
            return not self.totals.failures
        with self._progress.phase(title, len(batches)) as advance:
            for outcome in self._runner.run(batches):
                self.totals.add(outcome)
                advance()
                self._progress.done(f"{outcome.batch}: {'failed' if outcome.failure else 'done'}")
        return not self.totals.failures

    def _ended(self) -> Totals:
        """Return the totals, with what the state says of records that this and earlier runs left behind."""
        with closing(Store.open(self._settings.database_url)) as store:
            self.totals.waiting = Counter(store.work.waiting())
        return self.totals

    @staticmethod
    def _partitions(name: str) -> list[str]:
        with open_instance() as instance:
            return sorted(instance.get_dynamic_partitions(name))
