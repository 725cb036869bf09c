"""A record that failed is tried again by itself, later each time, or when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT as BODY
from akeneo_assets_tests.sandbox.ipaas_client import Client
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.world import World

_MINUTES = (20, 60, 120)
_NAME = "fjord-sofa-forest"

Cure = Callable[[], object]


@pytest.fixture
def cure(synced: World) -> Iterator[Cure]:
    """A new variant that is refused, since another record has its SKU; the value takes that out of the way."""
    portal = Client(synced.sandbox)
    foreign = portal.accepted("POST", "Product", {**BODY, "sku": _NAME})
    synced.edit.save_product(_NAME, {"family": "sofas", "parent": "fjord-sofa", "values": {"color": [value("forest")]}})
    assert _failed(synced) == 1
    yield lambda: portal.accepted("PUT", f"Product/{foreign['id']}", {**BODY, "id": foreign["id"], "sku": "foreign"})
    portal.session.close()


def _failed(world: World) -> int:
    return poll(world.engine()).loaded.delivered_count("failed")


def test_a_failed_record_is_tried_again_after_longer_and_longer_times(synced: World, clock: Clock, cure: Cure) -> None:
    for minutes in _MINUTES:
        assert poll(synced.engine()).found_nothing
        clock.pass_time(60.0 * minutes - 30.0)
        assert poll(synced.engine()).found_nothing
        clock.pass_time(60.0)
        assert _failed(synced) == 1
    cure()
    clock.pass_time(60.0 * 200)
    poll(synced.engine())
    assert synced.variant(_NAME)["status"] == "Active"
    assert poll(synced.engine()).found_nothing


@pytest.mark.parametrize("named", [True, False])
def test_a_failed_record_is_tried_again_when_asked(synced: World, cure: Cure, named: bool) -> None:
    cure()
    work = synced.engine().store.work
    assert work.retry_now(["mug-white"]) == 0
    assert poll(synced.engine()).found_nothing
    assert work.retry_now([synced.uuid(_NAME)] if named else None) == 1
    poll(synced.engine())
    assert synced.variant(_NAME)["status"] == "Active"
    assert poll(synced.engine()).found_nothing
