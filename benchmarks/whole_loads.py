"""What a first load and a second, unchanged load cost the engine, compared with the lowest possible cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from akeneo_assets.objects import ObjectName
from benchmarks.loading import Load, full_load
from benchmarks.processes import UNTHROTTLED, RunningSandbox, in_fresh_process, running_sandbox, scratch_folder
from benchmarks.reporting import Figure, Section

PAGE: Final = 100
LINKED: Final = 0.2
MEGABYTE: Final = 1e6
MOST_MEGABYTES: Final = 400.0
MOST_WRITES: Final = 1.08
"""Writes of a first load, compared with one for each record that is not a variant: some links need a second one."""
SENT_MILLISECONDS: Final = 1.5
UNCHANGED_MILLISECONDS: Final = 0.25

_READS: Final = {
    "categories": ("categories.list",),
    "product_models": ("product-models.list",),
    "products": ("products-uuid.list", "products.list"),
}
"""Source → the requests that list it."""

_FIRST_WRITES: Final = ("category.create", "product.create")
_WRITTEN_ALONE: Final[tuple[ObjectName, ...]] = ("categories", "product_models", "products", "bundles")
"""Objects that need a request for each record; variants and related products are sent with them."""

_SECOND_WRITES: Final = ("category.replace", "product.replace", "variant.save")


@dataclass(frozen=True)
class Measured:
    """A load, and what both servers counted during it."""

    load: Load
    akeneo: Mapping[str, int]
    ipaas: Mapping[str, int]
    no_op_writes: int


def measure(products: int) -> list[Section]:
    """Load a generated catalogue into an empty iPaaS.com, twice."""
    with running_sandbox(products) as sandbox, scratch_folder() as folder:
        first = measured_load(sandbox, folder)
        second = measured_load(sandbox, folder)
    return [
        _first(f"First load of {products:,} products by the engine, in one process", first),
        _unchanged("The same load again, without changes", second),
    ]


def measure_linked(products: int) -> list[Section]:
    """Load a generated catalogue of which every fifth product has links to products anywhere."""
    with running_sandbox(products, linked=LINKED) as sandbox, scratch_folder() as folder:
        load = measured_load(sandbox, folder)
    return [_first(f"First load of {products:,} products with links to products anywhere", load)]


def measured_load(sandbox: RunningSandbox, folder: str) -> Measured:
    """Load everything in a fresh process."""
    sandbox.reset_counters()
    load = in_fresh_process({**sandbox.environment, **UNTHROTTLED}, folder, full_load)
    akeneo, ipaas = sandbox.counters("akeneo"), sandbox.counters("ipaas")
    return Measured(load, akeneo["requests"], ipaas["requests"], sum(ipaas["no_op_writes"].values()))


def sent_records(objects: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return how many records of each object a load sent. Links are parts of records.

    Args:
        objects: Object → outcome → number of records.
    """
    return {
        name: counts["created"] + counts["updated"] for name, counts in objects.items() if name != "related_products"
    }


def writes_a_record(ipaas: Mapping[str, int], sent: Mapping[str, int]) -> float:
    """Return the writes that the server counted, compared with one for each record that is sent alone."""
    return sum(ipaas.get(action, 0) for action in (*_FIRST_WRITES, *_SECOND_WRITES)) / sum(
        sent[name] for name in _WRITTEN_ALONE
    )


def _first(title: str, measured: Measured) -> Section:
    load, ipaas = measured.load, measured.ipaas
    sent = sent_records(load.delivered)
    records = sum(sent.values())
    alone = sum(sent[name] for name in _WRITTEN_ALONE)
    return Section(
        title,
        [
            *(Figure(f"sent, {name}", count, "records") for name, count in sent.items()),
            Figure("sent, records with links", load.delivered["related_products"]["created"], "records"),
            *_reads(measured),
            Figure("first writes", sum(ipaas.get(action, 0) for action in _FIRST_WRITES), "requests", at_most=alone),
            Figure("all writes, compared with one per record", writes_a_record(ipaas, sent), "times", MOST_WRITES),
            Figure("writes that changed nothing", measured.no_op_writes, "requests", at_most=0),
            Figure("other requests to iPaaS.com", _other(ipaas), "requests"),
            Figure("links that still wait", load.waiting_links, "links", at_most=0),
            *_cost(load, records, "sent record", SENT_MILLISECONDS),
        ],
    )


def _unchanged(title: str, measured: Measured) -> Section:
    load = measured.load
    return Section(
        title,
        [
            *_reads(measured),
            Figure("requests to iPaaS.com", sum(measured.ipaas.values()), "requests", at_most=0),
            *_cost(load, load.read.total(), "unchanged record", UNCHANGED_MILLISECONDS),
        ],
    )


def _other(ipaas: Mapping[str, int]) -> int:
    return sum(count for action, count in ipaas.items() if action not in {*_FIRST_WRITES, *_SECOND_WRITES})


def _reads(measured: Measured) -> list[Figure]:
    figures: list[Figure] = []
    of_lists = 0
    for kind, actions in _READS.items():
        read, requests = measured.load.read[kind], sum(measured.akeneo.get(action, 0) for action in actions)
        of_lists += requests
        figures += [
            Figure(f"read, {kind}", read, "records"),
            Figure(f"read, {kind}, at least {math.ceil(read / PAGE):,}", requests, "requests"),
        ]
    others = sum(measured.akeneo.values()) - of_lists
    return [*figures, Figure("other requests to Akeneo, for structure and logins", others, "requests")]


def _cost(load: Load, records: int, record: str, goal: float) -> list[Figure]:
    steps = {step: 1000 * load.cpu_seconds[step] / records for step in ("read", "plan", "deliver")}
    return [
        *(Figure(f"processor time per {record}, {step}", value, "ms") for step, value in steps.items()),
        Figure(f"processor time per {record}, all three", sum(steps.values()), "ms", at_most=goal),
        Figure(f"processor time, {load.runs} times to connect", load.cpu_seconds["connect"], "s"),
        Figure("processor time, structure", load.cpu_seconds["structure"], "s"),
        Figure("processor time, whole process with its imports", load.process_cpu_seconds, "s"),
        Figure("peak memory", load.peak_bytes / MEGABYTE, "MB", at_most=MOST_MEGABYTES),
    ]
