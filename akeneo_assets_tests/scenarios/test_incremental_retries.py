"""A failed record is retried automatically, with growing waits, or on request."""

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
    """A new variant that is refused because another record has its SKU; call the value to remove that record."""
    portal = Client(synced.sandbox)
    foreign = portal.accepted("POST", "Product", {**BODY, "sku": _NAME})
    synced.edit.save_product(_NAME, {"family": "sofas", "parent": "fjord-sofa", "values": {"color": [value("forest")]}})
    assert _failed(synced) == 1
    yield lambda: portal.accepted("PUT", f"Product/{foreign['id']}", {**BODY, "id": foreign["id"], "sku": "foreign"})
    portal.session.close()


def _failed(world: World) -> int:
    return poll(world.engine()).loaded.delivered_count("failed")


def test_a_failed_record_is_retried_with_growing_waits(synced: World, clock: Clock, cure: Cure) -> None:
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
def test_a_failed_record_is_retried_on_request(synced: World, cure: Cure, named: bool) -> None:
    cure()
    work = synced.engine().store.work
    assert work.retry_now(["mug-white"]) == 0
    assert poll(synced.engine()).found_nothing
    assert work.retry_now([synced.uuid(_NAME)] if named else None) == 1
    poll(synced.engine())
    assert synced.variant(_NAME)["status"] == "Active"
    assert poll(synced.engine()).found_nothing
