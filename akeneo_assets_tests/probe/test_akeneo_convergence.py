"""With the oldest Akeneo that the sandbox plays, random edits converge, and after a probe with no more requests."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from akeneo_assets.akeneo.capabilities import FORMAT, SINCE
from akeneo_assets.akeneo.client import AKENEO
from akeneo_assets.documents import JsonObject
from akeneo_assets.probe.akeneo.probe import AkeneoProbe
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.random_edits import AN_EDIT, Edit, make_and_come_to_rest
from akeneo_assets_tests.scenarios.small_world import SmallWorld
from akeneo_assets_tests.scenarios.test_editions import FIVE, switch
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load

_NEW_IDENTIFIERS: Final = frozenset({"rename", "rotate_skus", "give_sku_of_deleted"})
"""Without uuids, these change what others refer to, but not the dates of those: they wait for the weekly read."""

_AN_EDIT: Final = AN_EDIT.filter(lambda edit: edit[0] not in _NEW_IDENTIFIERS)
_PROFILE: Final = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)


@settings(_PROFILE, max_examples=1)
@given(edits=st.lists(_AN_EDIT, min_size=8, max_size=8))
def test_random_edits_converge(edits: Sequence[Edit]) -> None:
    _requests(edits, probed=True)


@pytest.mark.exhaustive
@settings(_PROFILE, max_examples=3)
@given(edits=st.lists(_AN_EDIT, min_size=100, max_size=100))
def test_a_hundred_edits_need_no_more_requests_after_a_probe(edits: Sequence[Edit]) -> None:
    assert _requests(edits, probed=True) <= _requests(edits, probed=False)


def _requests(edits: Sequence[Edit], *, probed: bool) -> int:
    """Load everything, make the edits, and return the number of requests to Akeneo, without those of the probe."""
    clock = Clock()
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        SmallWorld(Path(folder) / "state", clock) as world,
    ):
        patch.setattr(time, "time", clock)
        switch(world, FIVE, "Identifier")
        _know(world, _probed(world) if probed else {})
        world.sandbox.akeneo_counters.reset()
        assert full_load(world.engine()).problems == {}
        make_and_come_to_rest(world, clock, edits)
        requests = world.sandbox.akeneo_counters.total
        assert is_as_a_full_load(world)
        return requests


def _probed(world: World) -> JsonObject:
    probe = AkeneoProbe(world.engine())
    list(probe.run())
    assert probe.found["cursors"] == "encrypted"
    assert set(probe.found["refused_searches"]) == SINCE.keys()
    return probe.found


def _know(world: World, found: JsonObject) -> None:
    """Store what was found out, with pages so small that the small world has several."""
    engine = world.engine()
    engine.store.capabilities.save(AKENEO.name, {**found, "page_size": 5}, {"format": FORMAT})
    engine.close()
