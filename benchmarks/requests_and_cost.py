"""What a first load and a second, unchanged load cost, compared with the lowest possible cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from akeneo_assets.objects import ObjectName
from benchmarks.loading import Load, full_load
from benchmarks.processes import RunningSandbox, in_fresh_process, running_sandbox, scratch_folder
from benchmarks.reporting import Check, Figure, Section

UNTHROTTLED: Final = {
    f"{api}_API_THROTTLE_{name}": value
    for api in ("AKENEO", "IPAAS")
    # A short window instead of a high limit: every allowed request takes a row in the state database.
    for name, value in (("LIMIT", "2000"), ("SECONDS", "1"))
}
PAGE: Final = 100
LINKED: Final = 0.2
MEGABYTE: Final = 1e6

_READS: Final = {
    "categories": ("categories.list",),
    "product_models": ("product-models.list",),
    "products": ("products-uuid.list", "products.list"),
}
"""Source → the requests that list it."""

_FIRST_WRITES: Final[Mapping[str, tuple[ObjectName, ...]]] = {
    "category.create": ("categories",),
    "product.create": ("product_models", "products", "bundles"),
}
"""Request → the objects that need one for each record; variants and related products are sent with them."""

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
    return [_first(f"First load of {products} products", first), _unchanged(second)]


def measure_linked(products: int) -> list[Section]:
    """Load a generated catalogue of which every fifth product has links to products anywhere."""
    with running_sandbox(products, linked=LINKED) as sandbox, scratch_folder() as folder:
        load = measured_load(sandbox, folder)
    return [_first(f"First load of {products} products with links to products anywhere", load)]


def measured_load(sandbox: RunningSandbox, folder: str) -> Measured:
    """Load everything in a fresh process."""
    sandbox.reset_counters()
    load = in_fresh_process({**sandbox.environment, **UNTHROTTLED}, folder, full_load)
    akeneo, ipaas = sandbox.counters("akeneo"), sandbox.counters("ipaas")
    return Measured(load, akeneo["requests"], ipaas["requests"], sum(ipaas["no_op_writes"].values()))


def _first(title: str, measured: Measured) -> Section:
    load = measured.load
    sent = Counter({name: counts["created"] + counts["updated"] for name, counts in load.delivered.items()})
    linked = sent.pop("related_products", 0)
    ideal = sum(sent[name] for names in _FIRST_WRITES.values() for name in names)
    first = sum(measured.ipaas.get(action, 0) for action in _FIRST_WRITES)
    second = sum(measured.ipaas.get(action, 0) for action in _SECOND_WRITES)
    records = sent.total()
    cpu = sum(load.cpu_seconds[step] for step in ("read", "plan", "deliver"))
    return Section(
        title,
        [
            *_records(load),
            *(Figure(f"sent, {name}", count) for name, count in sent.items()),
            *_reads(measured),
            *(_writes(measured, action, sum(sent[name] for name in names)) for action, names in _FIRST_WRITES.items()),
            Figure("second writes, for records with a link that could not be sent at first", second, "requests"),
            Figure("records with links", linked),
            Figure("links that still wait", load.waiting_links),
            *_other_requests(measured),
            *_cost(load, records, "sent record"),
        ],
        [
            Check("one first write per record", first, ideal, "requests"),
            Check("all writes, compared with one per record", (first + second) / ideal, 1.08, "times"),
            Check("processor time per sent record: read, plan, deliver", 1000 * cpu / records, 2.0, "ms"),
            Check("peak memory", load.peak_bytes / MEGABYTE, 400.0, "MB"),
            Check("writes that changed nothing", measured.no_op_writes, 0, "requests"),
        ],
    )


def _unchanged(measured: Measured) -> Section:
    load = measured.load
    records = load.read.total()
    cpu = sum(load.cpu_seconds[step] for step in ("read", "plan", "deliver"))
    return Section(
        "The same load again, without changes",
        [
            *_records(load),
            *_reads(measured),
            *_other_requests(measured),
            *_cost(load, records, "unchanged record"),
        ],
        [
            Check("requests to iPaaS.com", sum(measured.ipaas.values()), 0, "requests"),
            Check("processor time per unchanged record: read, plan, deliver", 1000 * cpu / records, 0.3, "ms"),
            Check("peak memory", load.peak_bytes / MEGABYTE, 400.0, "MB"),
        ],
    )


def _records(load: Load) -> list[Figure]:
    return [Figure(f"read, {kind}", count) for kind, count in load.read.items()]


def _reads(measured: Measured) -> list[Figure]:
    return [
        Figure(
            f"reads, {kind}",
            sum(measured.akeneo.get(action, 0) for action in actions),
            "requests",
            least=math.ceil(measured.load.read[kind] / PAGE),
            records=measured.load.read[kind],
        )
        for kind, actions in _READS.items()
    ]


def _writes(measured: Measured, action: str, records: int) -> Figure:
    return Figure(f"first writes, {action}", measured.ipaas.get(action, 0), "requests", least=records, records=records)


def _other_requests(measured: Measured) -> list[Figure]:
    named = {*(action for actions in _READS.values() for action in actions), *_FIRST_WRITES, *_SECOND_WRITES}
    return [
        Figure(f"{side} {action}", count, "requests")
        for side, counts in (("Akeneo", measured.akeneo), ("iPaaS.com", measured.ipaas))
        for action, count in sorted(counts.items())
        if action not in named
    ]


def _cost(load: Load, records: int, record: str) -> list[Figure]:
    return [
        *(
            Figure(f"processor time, {step} per {record}", 1000 * load.cpu_seconds[step] / records, "ms")
            for step in ("read", "plan", "deliver")
        ),
        Figure(f"processor time, {load.runs} times to connect", load.cpu_seconds["connect"], "s"),
        Figure("processor time, structure", load.cpu_seconds["structure"], "s"),
        Figure("processor time, whole process with its imports", load.process_cpu_seconds, "s"),
        Figure("peak memory", load.peak_bytes / MEGABYTE, "MB"),
    ]
