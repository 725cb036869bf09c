"""A full load through the engine, batch by batch and phase by phase as ``akeneo-assets sync full`` does it."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from akeneo_assets.assets.partitions import family_keys
from akeneo_assets.settings import Settings
from akeneo_assets.sync.connecting import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.objects import ObjectName
from akeneo_assets.sync.results import StepResult

Step: TypeAlias = Literal["connect", "structure", "read", "plan", "deliver"]

_FIRST: Final[tuple[ObjectName, ...]] = ("product_models", "products", "variants")


@dataclass
class Load:
    """What a full load did and what it cost.

    Attributes:
        read: Records read, by source kind.
        planned: By object, records by outcome.
        delivered: Likewise.
        repaired: Records that were sent a second time, with links whose targets had come.
        cpu_seconds: User and system time by step.
        process_cpu_seconds: Of the whole process, its imports included.
        peak_bytes: Greatest resident memory.
        parked: Links that still wait for their target at the end.
        runs: How often an engine was connected.
    """

    read: Counter[str] = field(default_factory=Counter)
    planned: dict[str, Counter[str]] = field(default_factory=dict)
    delivered: dict[str, Counter[str]] = field(default_factory=dict)
    repaired: int = 0
    cpu_seconds: defaultdict[Step, float] = field(default_factory=lambda: defaultdict(float))
    process_cpu_seconds: float = 0.0
    peak_bytes: int = 0
    parked: int = 0
    runs: int = 0


def full_load() -> Load:
    """Load everything with the settings of the environment; each batch connects anew, as each Dagster run does."""
    return _FullLoad().execute()


class _FullLoad:
    def __init__(self) -> None:
        self._load = Load()
        self._settings = Settings.from_environment()

    def execute(self) -> Load:
        with self._engine() as engine:
            self._timed("structure", engine.read_structure)
            trees, families = engine.category_roots(), family_keys(engine.families())
        for tree in trees:
            with self._engine() as engine:
                self._read("category", Engine.read_category_tree, engine, tree)
                self._plan(engine, "categories", tree)
                self._deliver(engine, "categories", tree)
        for family in families:
            with self._engine() as engine:
                self._read("product_model", Engine.read_product_models, engine, family)
                self._read("product", Engine.read_products, engine, family)
                for name in (*_FIRST, "related_products"):
                    self._plan(engine, name, family)
                for name in _FIRST:
                    self._deliver(engine, name, family)
        for family in families:
            with self._engine() as engine:
                self._plan(engine, "bundles", family)
                self._deliver(engine, "bundles", family)
                self._deliver(engine, "related_products", family, repair=False)
        with self._engine() as engine:
            self._deliver(engine, "related_products", families[-1])
            self._load.parked = sum(engine.store.reports.summary()["parked"].values())
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self._load.process_cpu_seconds = usage.ru_utime + usage.ru_stime
        self._load.peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return self._load

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        self._load.runs += 1
        before = time.process_time()
        engine = connect(self._settings, run_id=f"bench-{self._load.runs}")
        engine.log_in()
        self._load.cpu_seconds["connect"] += time.process_time() - before
        try:
            yield engine
        finally:
            engine.close()

    def _read(self, kind: str, step: Callable[[Engine, str], StepResult], engine: Engine, key: str) -> None:
        self._load.read[kind] += self._timed("read", lambda: step(engine, key)).counts["read"]

    def _plan(self, engine: Engine, name: ObjectName, key: str) -> None:
        result = self._timed("plan", lambda: engine.plan(name, key))
        self._load.planned.setdefault(name, Counter()).update(result.counts)

    def _deliver(self, engine: Engine, name: ObjectName, key: str, *, repair: bool = True) -> None:
        result = self._timed("deliver", lambda: engine.deliver(name, key, repair=repair))
        self._load.repaired += result.counts["repaired"]
        self._load.delivered.setdefault(name, Counter()).update(result.counts)

    def _timed(self, step: Step, work: Callable[[], StepResult]) -> StepResult:
        before = time.process_time()
        result = work()
        self._load.cpu_seconds[step] += time.process_time() - before
        return result
