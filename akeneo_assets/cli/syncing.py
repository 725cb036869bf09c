"""The phases of a sync, as batches of Dagster runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from typing_extensions import Self

from akeneo_assets.assets.run_config import ops_config, tags_of
from akeneo_assets.cli.batches import BatchOutcome, BatchRunner, JobRun
from akeneo_assets.cli.display import BatchProgress, print_warning
from akeneo_assets.cli.groups import grouped
from akeneo_assets.cli.instance import open_instance
from akeneo_assets.cli.subscriptions import command
from akeneo_assets.cli.totals import Totals
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.fingerprint import rules_fingerprint
from akeneo_assets.objects import ObjectName
from akeneo_assets.settings import Settings
from akeneo_assets.store.store import Store
from akeneo_assets.subscription import Subscription
from akeneo_assets.sync import programme
from akeneo_assets.sync.batches import STRUCTURE, Phase
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.partition_keys import changes_key, family_key, is_changes

if TYPE_CHECKING:
    from akeneo_assets.assets.partitions import InstancePartitions

_LATEST: Final = 500


def log_in(settings: Settings) -> None:
    """Test the credentials for both APIs, so that a wrong setup is reported at once instead of by a failed run.

    Raises:
        AkeneoAssetsError: The database, the mapping file, an address or credentials are wrong.
    """
    for warning in settings.warnings:
        print_warning(warning)
    with closing(connect(settings, run_id="log-in")) as engine:
        engine.log_in()


def _end_dead_runs(settings: Settings, subscription: Subscription) -> None:
    """End runs whose process was killed, because without a daemon no sensor does it."""
    with open_instance() as instance:
        if all(run.is_finished for run in instance.get_runs(limit=_LATEST)):
            return
        from akeneo_assets.automation.dead_runs import end_dead_runs
        from akeneo_assets.automation.own_runs import OwnRuns
        from akeneo_assets.cli.subscriptions import project_of

        with closing(Store.open(settings.database_url)) as store:
            end_dead_runs(OwnRuns(instance, project_of(subscription.name).names), store.run_leases)


def _remove_settled_hours(subscription: Subscription) -> None:
    """Remove the partitions of hours whose changes were synced, because without a daemon no sensor does it."""
    from akeneo_assets.automation.own_runs import OwnRuns
    from akeneo_assets.automation.settled_hours import remove_settled_hours
    from akeneo_assets.cli.subscriptions import project_of

    with open_instance() as instance:
        remove_settled_hours(OwnRuns(instance, project_of(subscription.name).names))


class Sync:
    """Context manager that executes the runs of a sync, and stops after the first phase in which a run failed.

    Args:
        settings: The settings of the subscription.
        subscription: The subscription.
        dry_run: Read and plan only.
        quiet: Show no progress.
    """

    def __init__(self, settings: Settings, subscription: Subscription, *, dry_run: bool, quiet: bool) -> None:
        self._settings = settings
        self._subscription = subscription
        self._partitions = _InstancePartitions(subscription)
        mapping = load_mapping(settings.akeneo_assets_mapping)
        self._rules = rules_fingerprint(mapping, settings.akeneo_product_id_format)
        self._progress = BatchProgress(quiet=quiet)
        self._runner = BatchRunner(
            settings.concurrent_batch_executions,
            self._progress.records,
            subscription=subscription.name,
            dry_run=dry_run,
        )
        self.totals = Totals(dry_run=dry_run)

    def full(self) -> Totals:
        """Sync everything: structure, category trees, families. Targets are sent before records that refer to them."""
        self._execute(programme.full(self._partitions, self._planned))
        return self._ended()

    def __enter__(self) -> Self:
        _end_dead_runs(self._settings, self._subscription)
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def categories(self, tree: str | None) -> Totals:
        """Sync one category tree, or all of them."""
        if self._structure(with_structure=True):
            self._categories(tree)
        return self._ended()

    def families(self, codes: Sequence[str]) -> Totals:
        """Sync whole families.

        Args:
            codes: Their codes; ``~none`` stands for the products without a family.

        Raises:
            ConfigurationError: Akeneo has no such family.
        """
        if self._structure(with_structure=True):
            known = self._partitions.families()
            if unknown := [code for code in codes if family_key(code) not in known]:
                raise ConfigurationError(
                    f"Akeneo has no family {', '.join(unknown)}. Choose from "
                    f"{', '.join(key.removeprefix(family_key('')) for key in known)}."
                )
            self._execute(programme.families(map(family_key, codes), self._planned))
        return self._ended()

    def changes(self, *, with_structure: bool = False) -> Totals:
        """Sync changes since the last complete read, records due for retry, and records whose mapping changed.

        Args:
            with_structure: Read the structure even if it was read recently.
        """
        if self._structure(with_structure=with_structure):
            self.poll()
        return self._ended()

    def poll(self) -> Totals:
        """Sync everything that the sensors would request now.

        Raises:
            AkeneoAssetsError: The catalogue was not fully loaded yet, or Akeneo cannot be reached.
        """
        with closing(connect(self._settings, run_id="poll")) as engine, engine.measured() as usage:
            work = engine.find_work()
            self.totals.requests["Akeneo"] += usage().requests.total("akeneo")
            phases = programme.due(
                work,
                engine.store,
                engine.mapping,
                engine.rules_fingerprint,
                hour=changes_key(datetime.now(timezone.utc)),
                partitions=self._partitions,
            )
        self._execute(phases)
        if self._partitions.changes():
            _remove_settled_hours(self._subscription)
        return self._ended()

    def retry(self, keys: Sequence[str]) -> Totals:
        """Retry failed and blocked records now, all or named ones.

        Raises:
            ConfigurationError: None of the named records failed or is blocked.
        """
        with closing(connect(self._settings, run_id="retry")) as engine:
            due = engine.store.work.retry_now(keys or None)
        if keys and not due:
            raise ConfigurationError(
                f"None of {', '.join(keys)} failed or is blocked. To list those that are, run: {command('status')}"
            )
        return self.changes() if due else self._ended()

    def records(self, kind: str, ids: Sequence[str], *, force: bool) -> Totals:
        """Sync named records."""
        config = {"kind": kind, "ids": list(ids), "force": force, "dry_run": self.totals.dry_run}
        op = {self._subscription.scoped("sync_named_records"): {"config": config}}
        if self._structure():
            self._run("records", [JobRun("sync_records", config=op)])
        return self._ended()

    def _structure(self, *, with_structure: bool = False) -> bool:
        """Read the structure if it is older than ten minutes. Return False if a run failed."""
        if not with_structure:
            with closing(connect(self._settings, run_id="structure")) as engine:
                if engine.has_recent_structure:
                    return not self.totals.failures
        return self._execute([Phase("structure", (STRUCTURE,))])

    def _categories(self, tree: str | None) -> None:
        trees = self._partitions.trees()
        if tree is not None and tree not in trees:
            raise ConfigurationError(f"Akeneo has no category tree {tree}. Choose one of {', '.join(trees)}.")
        self._execute([programme.categories(trees if tree is None else [tree])])

    def _execute(self, phases: Iterable[Phase]) -> bool:
        """Execute phases one after the other until a run fails. Return False if one failed."""
        return all(self._run(phase.title, list(self._runs(phase))) for phase in phases)

    def _runs(self, phase: Phase) -> Iterator[JobRun]:
        batches = [each.without_delivery() if self.totals.dry_run else each for each in phase.batches]
        for batch in batches:
            if batch.partition_key is not None and is_changes(batch.partition_key):
                self._partitions.add(batch.partition_key)
        due = [batch for batch in batches if batch.steps]
        # One batch is one run, whatever its size.
        order, records = (self._partitions.in_order(), self._records()) if len(due) > 1 else ((), {})
        for group in grouped(due, order, records, processes=self._settings.concurrent_batch_executions):
            keys = tuple(batch.partition_key for batch in group if batch.partition_key is not None)
            assets = tuple(f"{layer}/{name}" for layer, name in group[0].steps)
            config = ops_config(group[0], self._subscription)
            yield JobRun(group[0].job, keys, assets, config, tags_of(group[0], self._rules))

    def _planned(self) -> Collection[tuple[str, ObjectName]]:
        with closing(Store.open(self._settings.database_url)) as store:
            return store.plan.partitions()

    def _records(self) -> Mapping[str, int]:
        """Return the number of products and product models of each family, as they were read last."""
        with closing(Store.open(self._settings.database_url)) as store:
            return {family_key(family): count for family, count in store.mirror.families().items()}

    def _run(self, title: str, runs: Sequence[JobRun]) -> bool:
        """Execute the runs of a phase. Return False if a run of this or an earlier phase failed."""
        if self.totals.failures or not runs:
            return not self.totals.failures
        with self._progress.phase(title, sum(len(run.partition_keys) or 1 for run in runs)) as advance:
            ranges: list[BatchOutcome] = []
            for outcome in self._runner.run(runs):
                if outcome.failure is not None and len(outcome.batch.partition_keys) > 1:
                    ranges.append(outcome)
                else:
                    self._take(outcome, advance)
            for outcome in self._one_by_one(ranges):
                self._take(outcome, advance)
        return not self.totals.failures

    def _one_by_one(self, failed: Sequence[BatchOutcome]) -> Iterator[BatchOutcome]:
        """Execute failed runs of several partitions again, with a run for each partition, so that one stops no other.

        If each of them would fail for the same reason, yield the failed runs instead.
        """
        reasons = [*self.totals.failures, *(outcome.failure for outcome in failed if outcome.failure is not None)]
        if any(reason.stops_all for reason in reasons):
            yield from failed
            return
        for outcome in failed:
            self.totals.add(replace(outcome, failure=None))
            self._progress.done(f"{outcome.batch}: failed. Each partition is now synced by itself.")
        keys = ((outcome.batch, key) for outcome in failed for key in outcome.batch.partition_keys)
        yield from self._runner.run([replace(run, partition_keys=(key,)) for run, key in keys])

    def _take(self, outcome: BatchOutcome, advance: Callable[[int], None]) -> None:
        self.totals.add(outcome)
        advance(len(outcome.batch.partition_keys) or 1)
        self._progress.done(f"{outcome.batch}: {'failed' if outcome.failure else 'done'}")

    def _ended(self) -> Totals:
        """Return the totals, including the failed and blocked records of this and earlier runs."""
        with closing(Store.open(self._settings.database_url)) as store:
            self.totals.waiting = Counter(store.work.waiting())
        return self.totals


class _InstancePartitions:
    """The current partitions of the instance. It is opened for each call, because a sync may take hours."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    def trees(self) -> list[str]:
        """Return the roots of the category trees."""
        with self._opened() as partitions:
            return partitions.trees()

    def families(self) -> list[str]:
        """Return the keys of the families."""
        with self._opened() as partitions:
            return partitions.families()

    def changes(self) -> list[str]:
        """Return the keys of the hours of changes."""
        with self._opened() as partitions:
            return partitions.changes()

    def in_order(self) -> list[str]:
        """Return the keys of all partitions, in Dagster's order."""
        with self._opened() as partitions:
            return partitions.in_order()

    def add(self, hour: str) -> None:
        """Add the partition of an hour of changes, unless it exists."""
        with self._opened() as partitions:
            partitions.add(hour)

    @contextmanager
    def _opened(self) -> Iterator[InstancePartitions]:
        from akeneo_assets.assets.names import Names
        from akeneo_assets.assets.partitions import InstancePartitions

        with open_instance() as instance:
            yield InstancePartitions(instance, Names(self._subscription))
