"""After a probe, a full load and random edits have the same result as without one, and need no more requests."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas.client import IPAAS
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.random_edits import AN_EDIT, Edit, make_and_come_to_rest
from akeneo_assets_tests.scenarios.small_world import SmallWorld
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load

_MOST_DIFFERENT: Final = "merges, text ids, no target checks"
_SERVERS: Final[Mapping[str, Mapping[str, Any]]] = {
    _MOST_DIFFERENT: {
        "put_merges": True,
        "ids": "text",
        "related_targets_must_exist": False,
        "components_must_exist": False,
    },
    "merges": {"put_merges": True},
    "nulls empty custom fields": {"put_merges": True, "custom_fields_emptied_by": frozenset({"null"})},
    "replaces": {},
    "number ids": {"ids": "number"},
    "ids of variants": {"variant_path": "variant"},
    "no nulls": {"nulls_accepted": False},
}
_ALONE: Final = frozenset({"nulls empty custom fields", "number ids", "ids of variants", "no nulls"})
"""Those with which nothing works, or not everything, before a probe."""


def _settings(examples: int) -> settings:
    return settings(
        deadline=None,
        suppress_health_check=list(HealthCheck),
        max_examples=examples,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
    )


@_settings(examples=1)
@given(edits=st.lists(AN_EDIT, min_size=3, max_size=3))
def test_after_a_probe_everything_converges(edits: Sequence[Edit]) -> None:
    _check(_MOST_DIFFERENT, edits)


@pytest.mark.exhaustive
@pytest.mark.parametrize("server", _SERVERS)
@_settings(examples=2)
@given(edits=st.lists(AN_EDIT, min_size=100, max_size=100))
def test_after_a_probe_a_hundred_edits_converge(server: str, edits: Sequence[Edit]) -> None:
    _check(server, edits)


def _check(server: str, edits: Sequence[Edit]) -> None:
    after_a_probe = _requests(server, edits, probed=True)
    if server not in _ALONE:
        assert after_a_probe <= _requests(server, edits, probed=False)


def _requests(server: str, edits: Sequence[Edit], *, probed: bool) -> int:
    """Load everything, make the edits, and return the number of requests to iPaaS.com."""
    clock = Clock()
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        SmallWorld(Path(folder) / "state", clock) as world,
    ):
        patch.setattr(time, "time", clock)
        for name, value in _SERVERS[server].items():
            setattr(world.ipaas.switches if hasattr(world.ipaas.switches, name) else world.ipaas, name, value)
        if probed:
            list(IpaasProbe(world.engine()).run(write=True))
            assert world.engine().store.capabilities.of(IPAAS.name) is not None
        world.sandbox.ipaas_counters.reset()
        assert full_load(world.engine()).problems == {}
        make_and_come_to_rest(world, clock, edits)
        assert is_as_a_full_load(world)
        return world.sandbox.ipaas_counters.total


def test_a_probe_does_not_disturb_a_load(small_world: World, small_content: JsonObject) -> None:
    engine = small_world.engine()
    probing = threading.Thread(target=lambda: list(IpaasProbe(small_world.engine()).run(write=True)))
    probing.start()
    loaded = full_load(engine)
    probing.join()

    assert loaded.problems == {}
    content = small_world.content()
    content["products"] = [each for each in content["products"] if not each["sku"].startswith(PREFIX)]
    assert content == small_content
