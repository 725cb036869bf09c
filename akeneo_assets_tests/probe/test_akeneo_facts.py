"""Each fact about Akeneo is played right and wrong by the sandbox, and the probe tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from akeneo_assets.probe.akeneo.probe import FACTS, AkeneoProbe
from akeneo_assets.probe.facts import Found, Verdict
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sandbox.faults import FaultKind
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.world import World

MOST_REQUESTS: Final = 200
BY_DEFAULT: Final = {
    "akeneo.index": "not testable",
    "akeneo.categories.order": "handled",
    "akeneo.pages.next": "handled",
}
"""An edit would be needed to see the first; the others differ on real servers, too."""


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


def different(found: dict[str, Found]) -> dict[str, Verdict]:
    """Return the facts that are not as on the default sandbox."""
    return {key: each.verdict for key, each in found.items() if each.verdict != BY_DEFAULT.get(key, "as assumed")}


Arrange = Callable[[World], None]


class Difference(NamedTuple):
    """What the sandbox does in another way, and what the probe has to tell."""

    key: str
    arrange: Arrange
    verdict: Verdict


def switched(**values: Any) -> Arrange:
    def arrange(world: World) -> None:
        for name, value in values.items():
            setattr(world.sandbox.akeneo.switches, name, value)

    return arrange


def faulty(kind: FaultKind, **options: Any) -> Arrange:
    def arrange(world: World) -> None:
        world.sandbox.akeneo_faults.add(kind, times=None, **options)

    return arrange


def forbidden(action: str) -> Arrange:
    return faulty("forbid", action=action)


DIFFERENCES: Final = (
    Difference("akeneo.version", switched(version="5.0.100"), "handled"),
    Difference("akeneo.clock", faulty("wrong_date", date=None), "handled"),
    Difference("akeneo.clock", faulty("wrong_date", date="Mon, 01 Jun 2026 10:00:00 GMT"), "handled"),
    *(
        Difference(f"akeneo.lists.{name}", forbidden(f"{name}.list"), "not handled")
        for name in ("products-uuid", "product-models", "categories", "families", "attributes")
    ),
    *(
        Difference(f"akeneo.lists.{name}", forbidden(f"{name}.list"), "not handled")
        for name in ("association-types", "channels", "locales", "currencies")
    ),
    Difference("akeneo.lists.reference-entities", switched(reference_entities=False), "handled"),
    Difference("akeneo.lists.measurement-families", forbidden("measurement-families.list"), "handled"),
    Difference("akeneo.pace", faulty("throttle", action="channels.list", after=1, retry_after=0.1), "not handled"),
    Difference("akeneo.filters.products.parent.in", switched(version="6.0.100"), "handled"),
    Difference("akeneo.filters.products.parent.not-empty", switched(version="6.0.100"), "handled"),
    Difference("akeneo.filters.product-models.parent.in", switched(version="5.0.100"), "not handled"),
    Difference("akeneo.filters.products.family.in", faulty("server_error", path="family.*IN"), "not testable"),
    Difference("akeneo.zone", switched(time_zone="Asia/Tokyo"), "handled"),
    Difference("akeneo.lists.products-uuid", switched(version="6.0.100"), "not handled"),
)


def test_nothing_else_is_different_by_default(world: World) -> None:
    assert different(probed(world)) == {}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.key)
def test_a_difference_is_found(world: World, difference: Difference) -> None:
    difference.arrange(world)

    found = probed(world)[difference.key]

    assert found.verdict == difference.verdict, found


@pytest.mark.parametrize("edition", ["CE", "EE", "GE", "Serenity"])
@pytest.mark.parametrize("version", ["7.0.21", "20260601000000"])
def test_no_difference_is_invented_on_any_edition(world: World, edition: str, version: str) -> None:
    switched(edition=edition, version=version, reference_entities=edition in {"EE", "Serenity"})(world)

    expected = {} if edition in {"EE", "Serenity"} else {"akeneo.lists.reference-entities": "handled"}
    assert different(probed(world)) == expected


def test_what_version_6_lacks_is_told(world: World) -> None:
    switched(version="6.0.100")(world)
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"

    found = different(probed(world))

    assert found == {
        "akeneo.filters.products.parent.in": "handled",
        "akeneo.filters.products.parent.not-empty": "handled",
        "akeneo.filters.products.uuid.in": "not testable",
        "akeneo.pages.next": "as assumed",
        "akeneo.updated.products": "not testable",
    }


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_time_zone_changes_nothing_else(world: World, zone: str) -> None:
    switched(time_zone=zone)(world)

    assert different(probed(world)) == {"akeneo.zone": "handled"}


@pytest.mark.parametrize("order", ["tree", "shuffled"])
def test_the_order_of_categories_is_told(world: World, order: str) -> None:
    switched(category_order=order)(world)

    assert probed(world)["akeneo.categories.order"].verdict == ("as assumed" if order == "tree" else "handled")


def test_an_outage_of_one_list_affects_only_its_facts(world: World) -> None:
    world.sandbox.akeneo_faults.add("server_error", action="currencies.list", times=None)

    found = probed(world)

    assert different(found) == {"akeneo.lists.currencies": "not testable"}


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


def test_every_fact_has_a_name_of_its_own() -> None:
    assert len({fact.key for fact in FACTS}) == len(FACTS)
