"""What runs next, and in which order, for all kinds of states."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

from akeneo_assets.mapping.catalogue.read_options import ASSET_SHARE_LINKS
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.objects import OBJECTS, PRODUCT_OBJECTS, ObjectName
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import NO_FAMILY, Attempt, Blocked, Failed, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync import programme
from akeneo_assets.sync.agenda import Work
from akeneo_assets.sync.batches import STRUCTURE, Batch, Phase, batch_of
from akeneo_assets_tests.state import put_empty_state

HOUR: Final = "changes:2026-11-25T15"
RUN = Attempt("x", "run", looked_at=7.0)
RULES: Final = "new"
NOTHING: Final = Work(
    to_read=False,
    to_send=False,
    category_roots=(),
    unknown_trees=False,
    unknown_families=(),
    read_until={"category": 1.0, "product_model": 2.0, "product": 3.0},
    changed_records={},
)
EVERYTHING: Final = {(f"family:{code}", name) for code in ("lamps", "shoes", NO_FAMILY) for name in PRODUCT_OBJECTS}
LINKS: Final = "product: {custom_fields: {fields: {P: {field: pictures, form: link}}}}"

NEEDS: Final[dict[tuple[str, str], set[tuple[str, str]]]] = {
    **{("catalog", name): {("akeneo", source) for source in spec.made_from} for name, spec in OBJECTS.items()},
    **{
        ("ipaas", name): {("catalog", name), *(("ipaas", each) for each in spec.waits_for)}
        for name, spec in OBJECTS.items()
    },
}
"""Each step, and the steps that it waits for."""

Asked = list[tuple[str, str | None]]


@dataclass
class Known:
    """The partitions of a catalogue."""

    roots: list[str] = field(default_factory=lambda: ["master", "season"])
    keys: list[str] = field(default_factory=lambda: ["family:lamps", "family:shoes", f"family:{NO_FAMILY}"])

    def trees(self) -> list[str]:
        return self.roots

    def families(self) -> list[str]:
        return self.keys


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two trees, two families, a simple product in each and one without a family; nothing is due."""
    put_empty_state(tmp_path / "state.db")
    opened = Store.open(f"sqlite:///{tmp_path / 'state.db'}")
    records = [
        SourceRecord("attribute", "pictures", {"code": "pictures", "type": "pim_catalog_asset_collection"}, "h"),
        *(SourceRecord("family", code, {}, "h") for code in ("lamps", "shoes")),
        *(SourceRecord("category", code, {}, "h") for code in ("master", "season")),
        SourceRecord("category", "hats", {}, "h", parent="master"),
        SourceRecord("product", "lamp", {}, "h", family="lamps"),
        SourceRecord("product", "shoe", {}, "h", family="shoes"),
        SourceRecord("product", "odd", {}, "h"),
    ]
    opened.mirror.merge(records, partition_key="x", read_at=1.0)
    yield opened
    opened.close()


def asked(batches: Iterable[Batch]) -> Asked:
    return [(batch.job, batch.partition_key) for batch in batches]


def asked_by_phase(phases: Iterable[Phase]) -> dict[str, Asked]:
    return {phase.title: asked(phase.batches) for phase in phases}


def mapped(store: Store, kind: str, key: str, rules: str) -> None:
    source = SourceFingerprint("content", rules, "structure")
    store.ledger.block([Blocked(kind, key, "code", "…", RUN, source)])


def fail(store: Store, kind: str, key: str) -> None:
    store.ledger.fail([Failed(kind, key, "500", "later", RUN, retry=True)])


def test_a_full_load_goes_through_its_phases_in_order() -> None:
    steps = {
        phase.title: [(batch.partition_key, [f"{layer}/{name}" for layer, name in batch.steps])]
        for phase in programme.full(Known(["master"], ["family:shoes"]), lambda: {("family:shoes", "bundles")})
        for batch in phase.batches
    }

    assert steps == {
        "structure": [(None, ["akeneo/structure"])],
        "categories": [("master", ["akeneo/categories", "catalog/categories", "ipaas/categories"])],
        "products": [
            (
                "family:shoes",
                [
                    "akeneo/product_models",
                    "akeneo/products",
                    "catalog/product_models",
                    "catalog/products",
                    "catalog/variants",
                    "catalog/bundles",
                    "catalog/related_products",
                    "ipaas/product_models",
                    "ipaas/products",
                    "ipaas/variants",
                    "ipaas/bundles",
                    "ipaas/related_products",
                ],
            )
        ],
        "linked products": [("family:shoes", ["ipaas/bundles"])],
        "remaining": [("family:shoes", ["ipaas/bundles"])],
        "links": [("family:shoes", ["ipaas/related_products"])],
    }
    assert list(steps) == ["structure", "categories", "products", "linked products", "remaining", "links"]


def test_a_full_load_uses_the_partitions_of_the_structure() -> None:
    known = Known([], [])
    planned: set[tuple[str, ObjectName]] = set()
    phases = programme.full(known, lambda: planned)

    assert asked(next(phases).batches) == [("structure", None)]
    known.roots, known.keys = ["season", "master"], [f"family:{NO_FAMILY}", "family:shoes"]
    planned |= {("family:shoes", "products"), ("changes:2026-01-02T03", "bundles")}

    assert [asked(phase.batches) for phase in phases] == [
        [("categories", "master"), ("categories", "season")],
        [("full_load", "family:shoes"), ("full_load", f"family:{NO_FAMILY}")],
        # Records with links are sent in one order, whatever their families.
        in_one := [("full_load", f"family:{NO_FAMILY}")],
        # Of a family without links, nothing is left by then.
        [("full_load", "family:shoes")],
        # Links are repaired once, not for each family.
        in_one,
    ]


def test_a_full_load_without_links_sends_nothing_a_second_time() -> None:
    titles = [phase.title for phase in programme.full(Known(), list) if phase.batches]

    assert titles == ["structure", "categories", "products", "links"]


def test_links_are_repaired_only_at_the_end_of_a_full_load() -> None:
    repairing = {
        phase.title
        for phase in programme.full(Known(), lambda: EVERYTHING)
        for batch in phase.batches
        if "related_products" in batch.delivers and batch.links == "repair"
    }

    assert repairing == {"links"}


def test_nothing_is_planned_or_delivered_before_what_it_needs() -> None:
    """In a full load, across all partitions; in any other batch, within its own partition."""
    everything = [("family:shoes", programme.families(["family:lamps", "family:shoes"], lambda: EVERYTHING))]
    alone = [(key, iter([Phase("changes", (batch_of(key),))])) for key in ("master", HOUR, "family:shoes")]
    for key, phases in (*everything, *alone):
        done = {("ipaas", "categories"), ("akeneo", "categories")} if key != "master" else set()
        for phase in phases:
            before = set(done)
            for batch in phase.batches:
                own = set(before)
                for step in batch.steps:
                    assert NEEDS.get(step, set()) <= own, (phase.title, step)
                    own.add(step)
                done |= own
        assert {name for layer, name in done if layer == "ipaas"} in ({"categories"}, set(OBJECTS))


def test_a_dry_run_reads_and_plans_only() -> None:
    batch = batch_of("family:shoes").without_delivery()

    assert {layer for layer, _ in batch.steps} == {"akeneo", "catalog"}
    assert not [
        step
        for phase in programme.full(Known(), lambda: EVERYTHING)
        for each in phase.batches
        if not each.reads
        for step in each.without_delivery().steps
    ]


@pytest.mark.parametrize(
    ("key", "reads", "job"),
    [
        ("master", True, "categories"),
        ("master", False, "categories"),
        ("family:shoes", True, "full_load"),
        ("family:shoes", False, "deliver_due"),
        (HOUR, True, "changes"),
        (HOUR, False, "deliver_due"),
    ],
)
def test_each_partition_has_its_job(key: str, reads: bool, job: str) -> None:
    batch = batch_of(key, reads=reads)

    assert (batch.job, batch.partition_key) == (job, key)
    assert bool(batch.reads) == (job != "deliver_due")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, []),
        ({"to_send": True}, [("deliver_due", HOUR)]),
        ({"to_read": True}, [("changes", HOUR)]),
        # Changed records are delivered together with those that were waiting.
        ({"to_read": True, "to_send": True}, [("changes", HOUR)]),
        ({"category_roots": ("master", "season")}, [("categories", "master"), ("categories", "season")]),
        ({"category_roots": ("outlet",)}, [("structure", None), ("categories", "outlet")]),
        ({"unknown_trees": True, "category_roots": ("master",)}, [("structure", None), ("categories", "master")]),
        ({"unknown_families": ("socks",), "to_read": True}, [("structure", None), ("changes", HOUR)]),
    ],
    ids=str,
)
def test_changes_in_akeneo_request_their_batches(found: dict[str, Any], expected: Asked) -> None:
    assert asked(programme.changed(replace(NOTHING, **found), HOUR, Known())) == expected


def test_changes_are_read_from_where_the_last_read_ended() -> None:
    (batch,) = programme.changed(replace(NOTHING, to_read=True), HOUR, Known())

    assert batch.since == {"product_models": 2.0, "products": 3.0}


def test_unknown_trees_and_families_are_reported() -> None:
    work = replace(NOTHING, category_roots=("outlet", "master"), unknown_trees=True, unknown_families=("socks",))

    assert programme.unknown(work, Known()) == ("#", "outlet", "family:socks")


def test_failed_records_are_retried_when_they_are_due(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(store, "product", "shoe")
    fail(store, "category", "hats")
    assert asked(programme.to_retry(store, HOUR)) == []

    later = time.time() + 20 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: later)

    assert asked(programme.to_retry(store, HOUR)) == [("categories", "master"), ("deliver_due", HOUR)]


def test_records_with_outdated_rules_are_mapped_again_without_reading(store: Store) -> None:
    for key in ("lamp", "odd"):
        mapped(store, "product", key, "old")
    mapped(store, "product", "shoe", RULES)
    mapped(store, "category", "hats", "old")

    assert asked(programme.with_outdated_rules(store, load_mapping(), RULES)) == [
        ("categories", "master"),
        ("deliver_due", "family:lamps"),
        ("deliver_due", f"family:{NO_FAMILY}"),
    ]


def test_a_family_is_read_again_only_if_the_mapping_needs_more_data(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(LINKS, encoding="utf-8")
    mapping = load_mapping(tmp_path / "mapping.yaml")
    for family, options in (("lamps", frozenset({ASSET_SHARE_LINKS})), ("shoes", frozenset[str]())):
        store.windows.record("product", f"family:{family}", 0.0, 1.0, "run", options=options)
    for key in ("lamp", "shoe"):
        mapped(store, "product", key, "old")

    due = programme.due(NOTHING, store, mapping, RULES, hour=HOUR, partitions=Known())

    assert asked_by_phase(due) == {"mapping": [("full_load", "family:shoes"), ("deliver_due", "family:lamps")]}


def test_due_batches_are_in_order_and_each_partition_occurs_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(store, "product", "shoe")
    fail(store, "category", "hats")
    mapped(store, "category", "season", "old")
    mapped(store, "product", "lamp", "old")
    later = time.time() + 20 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    work = replace(NOTHING, to_read=True, category_roots=("master",), unknown_families=("socks",))

    due = programme.due(work, store, load_mapping(), RULES, hour=HOUR, partitions=Known())

    found = asked_by_phase(due)
    assert found == {
        "structure": [("structure", None)],
        "categories": [("categories", "master"), ("categories", "season")],
        "changes": [("changes", HOUR)],
        "mapping": [("deliver_due", "family:lamps")],
    }
    assert list(found) == ["structure", "categories", "changes", "mapping"]


def test_a_new_tree_is_loaded_as_soon_as_the_structure_contains_it(store: Store) -> None:
    known = Known()
    work = replace(NOTHING, category_roots=("outlet",))
    phases = programme.due(work, store, load_mapping(), RULES, hour=HOUR, partitions=known)

    assert next(phases).batches == (STRUCTURE,)
    known.roots.append("outlet")

    assert [asked(phase.batches) for phase in phases] == [[("categories", "outlet")]]


def test_trees_and_families_that_akeneo_deleted_are_left_out() -> None:
    due = [batch_of("no_such_tree"), batch_of("master"), batch_of("family:no_more"), batch_of(HOUR)]

    assert asked_by_phase(programme.in_order(due, Known())) == {
        "categories": [("categories", "master")],
        "changes": [("changes", HOUR)],
        "mapping": [],
    }
