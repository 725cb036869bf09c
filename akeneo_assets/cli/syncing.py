"""The phases of a sync, as batches of Dagster runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Final

from typing_extensions import Self

from akeneo_assets.cli.batches import Batch, BatchRunner
from akeneo_assets.cli.display import BatchProgress
from akeneo_assets.cli.instance import open_instance
from akeneo_assets.cli.totals import Totals
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import Settings
from akeneo_assets.sync.connecting import connect

_READ: Final = ("akeneo/product_models", "akeneo/products")
_FIRST: Final = ("product_models", "products", "variants")

# Links are repaired once, after all families, and not after each.
_NO_REPAIR: Final = {"ipaas__related_products": {"config": {"repair": False}}}


def log_in(settings: Settings) -> None:
    """Try the credentials of both sides: what is wrong with the set-up is told at once, without a run that fails.

    Raises:
        AkeneoAssetsError: The database, the mapping file, an address or credentials are wrong.
    """
    with closing(connect(settings, run_id="log-in")) as engine:
        engine.log_in()


class Sync:
    """Executes the runs of a sync, phase by phase, until one cannot be carried out; a context manager.

    Args:
        settings: The subscription settings.
        dry_run: Read and plan only.
        quiet: Show no progress.
    """

    def __init__(self, settings: Settings, *, dry_run: bool, quiet: bool) -> None:
        self._progress = BatchProgress(quiet=quiet)
        self._runner = BatchRunner(settings.concurrent_batch_executions, self._progress.records)
        self.totals = Totals(dry_run=dry_run)
        self._layers = ("catalog",) if dry_run else ("catalog", "ipaas")

    def full(self) -> Totals:
        """Everything: structure, category trees, then all families; whoever is pointed to goes before who points."""
        if self._phase("structure", [Batch("structure")]):
            self._categories(None)
        families = self._partitions("catalog_batches")
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
        return self.totals

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.__exit__()

    def categories(self, tree: str | None) -> Totals:
        """One category tree, or all of them."""
        if self._phase("structure", [Batch("structure")]):
            self._categories(tree)
        return self.totals

    def records(self, kind: str, ids: Sequence[str], *, force: bool) -> Totals:
        """Named records."""
        config = {"kind": kind, "ids": list(ids), "force": force, "dry_run": self.totals.dry_run}
        op = {"sync_named_records": {"config": config}}
        if self._phase("structure", [Batch("structure")]):
            self._phase("records", [Batch("sync_records", config=op)])
        return self.totals

    def _categories(self, tree: str | None) -> None:
        trees = self._partitions("category_trees")
        if tree is not None and tree not in trees:
            raise ConfigurationError(f"Akeneo has no category tree {tree}. Choose one of {', '.join(trees)}.")
        trees = trees if tree is None else [tree]
        assets = ("akeneo/categories", *self._assets(("categories",)))
        self._phase("categories", [Batch("categories", key, assets) for key in trees])

    def _assets(self, objects: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{layer}/{name}" for name in objects for layer in self._layers)

    def _phase(self, title: str, batches: Sequence[Batch]) -> bool:
        """Execute the batches of a phase; False when one of this or an earlier phase could not be carried out."""
        if self.totals.failures:
            return False
        with self._progress.phase(title, len(batches)) as advance:
            for outcome in self._runner.run(batches):
                self.totals.add(outcome)
                advance()
                self._progress.done(f"{outcome.batch}: {'failed' if outcome.failure else 'done'}")
                if outcome.failure is not None:
                    break
        return not self.totals.failures

    @staticmethod
    def _partitions(name: str) -> list[str]:
        with open_instance() as instance:
            return sorted(instance.get_dynamic_partitions(name))
