"""A full load with the engine, batch by batch and phase by phase, as in ``akeneo-assets sync full``."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from akeneo_assets.objects import ObjectName
from akeneo_assets.settings import Settings
from akeneo_assets.store.store import Store
from akeneo_assets.sync import programme
from akeneo_assets.sync.batches import STRUCTURE, Layer
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.batches import EnginePartitions, Step, steps_of

Part: TypeAlias = Literal["connect", "structure", "read", "plan", "deliver"]

_PARTS: Final[Mapping[Layer, Part]] = {"akeneo": "read", "catalog": "plan", "ipaas": "deliver"}


@dataclass
class Load:
    """The results and the cost of a full load.

    Attributes:
        read: Records read, by source.
        delivered: Delivered records, by object and outcome.
        repaired: Records that were sent a second time, because link targets were created.
        cpu_seconds: User and system time by step.
        process_cpu_seconds: Time of the whole process, including its imports.
        peak_bytes: Maximum resident memory.
        waiting_links: Links that still wait for their target at the end.
        runs: How often an engine was connected.
    """

    read: Counter[str] = field(default_factory=Counter)
    delivered: dict[str, Counter[str]] = field(default_factory=dict)
    repaired: int = 0
    cpu_seconds: defaultdict[Part, float] = field(default_factory=lambda: defaultdict(float))
    process_cpu_seconds: float = 0.0
    peak_bytes: int = 0
    waiting_links: int = 0
    runs: int = 0


def full_load() -> Load:
    """Load everything with the settings of the environment; each batch opens new connections, like a Dagster run."""
    return _FullLoad().execute()


class _FullLoad:
    def __init__(self) -> None:
        self._load = Load()
        self._settings = Settings.from_environment()
        self._trees: Sequence[str] = ()
        self._families: Sequence[str] = ()

    def execute(self) -> Load:
        for phase in programme.full(self, self._planned):
            for batch in phase.batches:
                with self._engine() as engine:
                    for step in steps_of(engine, batch):
                        self._take(step)
                    if batch == STRUCTURE:
                        found = EnginePartitions(engine)
                        self._trees, self._families = found.trees(), found.families()
                    self._load.waiting_links = sum(engine.store.reports.summary()["waiting_links"].values())
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

    def _planned(self) -> Collection[tuple[str, ObjectName]]:
        with closing(Store.open(self._settings.database_url)) as store:
            return store.plan.partitions()

    def trees(self) -> Sequence[str]:
        return self._trees

    def families(self) -> Sequence[str]:
        return self._families

    def _take(self, step: Step) -> None:
        before = time.process_time()
        result = step()
        part = "structure" if step.name == "structure" else _PARTS[step.layer]
        self._load.cpu_seconds[part] += time.process_time() - before
        if part == "read":
            self._load.read[step.name] += result.counts["read"]
        elif part == "deliver":
            self._load.repaired += result.counts["repaired"]
            self._load.delivered.setdefault(step.name, Counter()).update(result.counts)
