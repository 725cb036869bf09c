"""Batches of the programme, run on an engine without Dagster: what the assets of their runs do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from akeneo_assets.objects import ObjectName, SourceName
from akeneo_assets.sync.batches import Batch, Layer
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import family_keys
from akeneo_assets.sync.results import StepResult


@dataclass(frozen=True)
class Step:
    """One step of a batch; call it to run it."""

    layer: Layer
    name: str
    take: Callable[[], StepResult]

    def __call__(self) -> StepResult:
        return self.take()


def steps_of(engine: Engine, batch: Batch) -> Iterator[Step]:
    """Yield the steps of a batch in order."""
    key = batch.partition_key or ""
    for source in batch.reads:
        yield Step("akeneo", source, partial(_read, engine, source, key, batch))
    for name in batch.plans:
        yield Step("catalog", name, partial(engine.plan, name, key))
    for name in batch.delivers:
        yield Step("ipaas", name, partial(_deliver, engine, name, key, batch))


class EnginePartitions:
    """The partitions that Dagster has after the structure was read.

    Args:
        engine: Requests the category trees from Akeneo each time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def trees(self) -> Sequence[str]:
        return self._engine.category_roots()

    def families(self) -> Sequence[str]:
        return family_keys(self._engine.families())


def _read(engine: Engine, source: SourceName | str, key: str, batch: Batch) -> StepResult:
    if source == "product_models":
        return engine.read_product_models(key, since=batch.since.get("product_models"))
    if source == "products":
        return engine.read_products(key, since=batch.since.get("products"))
    return engine.read_structure() if source == "structure" else engine.read_category_tree(key)


def _deliver(engine: Engine, name: ObjectName, key: str, batch: Batch) -> StepResult:
    if batch.links == "in order":
        return engine.deliver_held(key)
    return engine.deliver(name, key, repair=batch.links == "repair", hold=batch.links == "hold")
