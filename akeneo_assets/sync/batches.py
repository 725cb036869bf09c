"""A batch describes what one run does: its job, its partition and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from akeneo_assets.objects import PRODUCT_OBJECTS, PRODUCT_SOURCE_KINDS, SOURCES, TREE_OBJECTS, ObjectName, SourceName
from akeneo_assets.sync.partition_keys import is_changes, is_tree

JobName: TypeAlias = Literal["structure", "categories", "full_load", "changes", "deliver_due"]
Layer: TypeAlias = Literal["akeneo", "catalog", "ipaas"]
Title: TypeAlias = Literal[
    "structure", "categories", "products", "linked products", "remaining", "links", "changes", "mapping"
]
LinkMode: TypeAlias = Literal["repair", "keep", "hold", "in order"]

PRODUCT_SOURCES: Final = tuple(SOURCES[kind] for kind in PRODUCT_SOURCE_KINDS)
"""The sources that are read for a partition of products: all except the categories."""


@dataclass(frozen=True)
class Batch:
    """What one run does: it reads, then makes all plans, then delivers.

    Attributes:
        job: The job.
        partition_key: Its partition; None for the structure, which has none.
        reads: The sources that it reads from Akeneo.
        plans: The objects that it plans, in order.
        delivers: The objects that it delivers, in order.
        links: What it does with links. ``repair``: it ends by sending kept links whose targets now exist, in records of
            any partition. ``keep``: it does not. ``hold``: it does not send records with links. ``in order``: it only
            sends the records of all partitions that were held, each after those that it refers to.
        since: Source → read changes since this time, in epoch seconds, if it is earlier than the last complete read.
    """

    job: JobName
    partition_key: str | None = None
    reads: tuple[SourceName | Literal["structure"], ...] = ()
    plans: tuple[ObjectName, ...] = ()
    delivers: tuple[ObjectName, ...] = ()
    links: LinkMode = "repair"
    since: Mapping[SourceName, float] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[tuple[Layer, str], ...]:
        """Layer and name of each step, in order."""
        return (
            *(("akeneo", name) for name in self.reads),
            *(("catalog", name) for name in self.plans),
            *(("ipaas", name) for name in self.delivers),
        )

    def without_delivery(self) -> Batch:
        """Return the batch of a dry run, which reads and plans only."""
        return replace(self, delivers=(), links="repair")


@dataclass(frozen=True)
class Phase:
    """Batches that do not wait for each other. All of them end before the next phase begins."""

    title: Title
    batches: tuple[Batch, ...]


STRUCTURE: Final = Batch("structure", reads=("structure",))


def batch_of(partition_key: str, *, reads: bool = True, since: Mapping[SourceName, float] | None = None) -> Batch:
    """Return the batch that syncs a whole partition.

    Args:
        partition_key: A category tree, a family or an hour of changes.
        reads: Whether it reads from Akeneo first. The batch of a category tree always does.
        since: Source → read changes since this time, in epoch seconds; only for an hour of changes.
    """
    if is_tree(partition_key):
        return Batch("categories", partition_key, ("categories",), TREE_OBJECTS, TREE_OBJECTS)
    if not reads:
        return Batch("deliver_due", partition_key, (), PRODUCT_OBJECTS, PRODUCT_OBJECTS)
    job: JobName = "changes" if is_changes(partition_key) else "full_load"
    return Batch(job, partition_key, PRODUCT_SOURCES, PRODUCT_OBJECTS, PRODUCT_OBJECTS, since=since or {})
