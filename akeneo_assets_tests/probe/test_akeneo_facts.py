"""Each fact about Akeneo is played right and wrong by the sandbox, and the probe tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.errors import TransientError
from akeneo_assets.probe.akeneo.lists import LISTS
from akeneo_assets.probe.akeneo.probe import FACTS, AkeneoProbe
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.facts import Found, Verdict, examine
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.probe.akeneo_plays import RIGHT, WRONG, Play, products, slow_pages, switched
from akeneo_assets_tests.scenarios.world import World

MOST_REQUESTS: Final = 200
BY_DEFAULT: Final[Mapping[str, Verdict]] = {play.key: "handled" for play in RIGHT}
_BY_KEY: Final = {fact.key: fact for fact in FACTS}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path) -> Iterator[World]:
    """The sample catalogue, as the tests of this module leave it behind."""
    switches = sandbox.akeneo.switches.model_copy()
    world = World(sandbox, tmp_path)
    yield world
    world.close()
    sandbox.akeneo_faults.clear()
    sandbox.akeneo.switches = switches
    sandbox.akeneo.edit._switches = switches


def probed(world: World) -> dict[str, Found]:
    """Run a probe, and return what it found, by fact."""
    with closing(world.engine(fail_fast=True)) as engine:
        return {result.fact.key: result.found for result in AkeneoProbe(engine).run()}


def examined(world: World, *keys: str) -> Found:
    """Return what is found out about the last of some facts."""
    with closing(world.engine(fail_fast=True)) as engine, engine.measured() as usage:
        context = Reading(engine.akeneo, engine.settings, lambda: usage().requests.retries)
        return list(examine(map(_BY_KEY.__getitem__, keys), context, failures=1))[-1].found


def different(found: Mapping[str, Found]) -> dict[str, Verdict]:
    """Return the facts that are not as on the default sandbox."""
    return {key: each.verdict for key, each in found.items() if each.verdict != BY_DEFAULT.get(key, "as assumed")}


def test_nothing_else_is_different_by_default(world: World) -> None:
    assert different(probed(world)) == {}


@pytest.mark.parametrize("play", [*RIGHT, *WRONG], ids=lambda each: each.key)
def test_each_fact_is_played_right_and_wrong(world: World, play: Play) -> None:
    undo = play.arrange(world)
    try:
        found = examined(world, play.key)
    finally:
        if undo is not None:
            undo()

    assert found.verdict == play.verdict, found


def test_a_page_that_another_fact_asked_for_first_is_slow_all_the_same(world: World) -> None:
    slow_pages(world)

    assert examined(world, "akeneo.lists.products", "akeneo.pages.cost").verdict == "not handled"


def test_no_fact_is_missing() -> None:
    assert {play.key for play in WRONG} == {fact.key for fact in FACTS}
    assert len(_BY_KEY) == len(FACTS)


SAAS: Final = "20260601000000"
NO_ENTITIES: Final = dict.fromkeys(
    (f"akeneo.lists.{name}" for name in ("records", "record-attributes", "assets", "asset-attributes")), "handled"
)


@pytest.mark.parametrize("id_format", ["UUID", "Identifier"])
@pytest.mark.parametrize(
    ("edition", "version"),
    [("CE", "7.0.21"), ("EE", "7.0.21"), ("GE", "7.0.21"), ("GE", SAAS), ("Serenity", SAAS)],
)
def test_no_difference_is_invented_on_any_edition(world: World, edition: str, version: str, id_format: str) -> None:
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = id_format
    has_entities = edition in {"EE", "Serenity"}
    switched(edition=edition, version=version, reference_entities=has_entities)(world)

    expected: dict[str, str] = {}
    if not has_entities:
        expected |= NO_ENTITIES | {"akeneo.lists.record-options": "not testable"}
    if edition != "Serenity":
        expected |= dict.fromkeys(SHARE_LINKS, "not testable")
    if id_format == "Identifier":
        expected["akeneo.filters.products.uuid.in"] = "not testable"
    if version != SAAS:
        expected["akeneo.options.with_enriched_attributes"] = "handled"
    assert different(probed(world)) == expected


SHARE_LINKS: Final = {f"akeneo.options.with_asset_share_links.{which}" for which in ("products", "product-models")}


def test_no_difference_is_invented_in_an_empty_catalogue(tmp_path: Path) -> None:
    with Sandbox(catalogue="empty") as sandbox, closing(World(sandbox, tmp_path)) as world:
        assert {each.verdict for each in probed(world).values()} == {"as assumed", "not testable"}


def test_what_version_6_lacks_is_told(world: World) -> None:
    switched(version="6.0.100", edition="CE")(world)
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"

    assert different(probed(world)) == {
        **dict.fromkeys(SHARE_LINKS, "not testable"),
        "akeneo.lists.other-products": "handled",
        "akeneo.filters.products.identifier.in": "handled",
        "akeneo.filters.products.parent.in": "handled",
        "akeneo.filters.products.parent.not-empty": "handled",
        "akeneo.filters.products.uuid.in": "not testable",
        "akeneo.options.with_enriched_attributes": "handled",
        "akeneo.pages.next": "as assumed",
    }


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_time_zone_changes_nothing_else(world: World, zone: str) -> None:
    switched(time_zone=zone)(world)

    assert different(probed(world)) == {"akeneo.zone": "handled"}


@pytest.mark.parametrize(
    ("forbidden", "expected"),
    [
        ("*", {each.name: "Overall Web API access" for each in LISTS}),
        (
            "[!p]*.list",
            {
                each.name: ENDPOINTS[each.endpoint].permission
                for each in LISTS
                if each.name not in {"products", "product-models", "record-attributes", "record-options"}
                if each.name != "asset-attributes"
            },
        ),
    ],
)
def test_all_missing_permissions_are_told(world: World, forbidden: str, expected: Mapping[str, str]) -> None:
    world.sandbox.akeneo_faults.forbid(forbidden)

    found = {key: each for key, each in probed(world).items() if each.verdict == "not handled"}

    told = {key: re.findall(r'Enable "(.+?)"', each.text) for key, each in found.items()}
    assert told == {f"akeneo.lists.{name}": [permission] for name, permission in expected.items()}


def test_an_outage_of_one_list_affects_only_its_facts(world: World) -> None:
    world.sandbox.akeneo_faults.add("server_error", action="association-types.list", times=None)

    assert different(probed(world)) == {"akeneo.lists.association-types": "not testable"}


def test_a_damaged_record_affects_only_facts_about_its_page(world: World) -> None:
    world.sandbox.akeneo_faults.damage(products(world)[7]["uuid"])

    assert different(probed(world)) == dict.fromkeys(
        (
            "akeneo.lists.products",
            "akeneo.pages.size",
            "akeneo.pages.cost",
            "akeneo.options.with_asset_share_links.products",
        ),
        "not testable",
    )


def test_an_outage_ends_the_probe(world: World) -> None:
    world.sandbox.akeneo_faults.add("server_error", path="/rest/", status=503, times=None)

    with pytest.raises(TransientError):
        probed(world)


def test_a_probe_of_both_sides_needs_less_than_200_requests(world: World) -> None:
    counters = (world.sandbox.akeneo_counters, world.sandbox.ipaas_counters)
    before = sum(each.total for each in counters)
    with closing(world.engine()) as engine:
        results = [*AkeneoProbe(engine).run(), *IpaasProbe(engine).run(write=False)]
        known = engine.store.capabilities.of("akeneo")

    assert sum(each.total for each in counters) - before < MOST_REQUESTS
    assert known is not None
    assert known.versions["akeneo"] == world.sandbox.akeneo.switches.version
    assert len({result.fact.key for result in results}) == len(results)


def test_assumptions_read_like_sentences() -> None:
    assert [fact.assumed for fact in FACTS if not fact.assumed[0].isupper() or fact.assumed.endswith(".")] == []
    assert [
        fact.otherwise for fact in FACTS if not (fact.otherwise[0].isupper() and fact.otherwise.endswith("."))
    ] == []
