"""Throttling and token expiry in the middle of a load."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.scenarios.world import World, full_load


@pytest.mark.parametrize(
    "retry_after",
    [
        pytest.param({}, marks=pytest.mark.exhaustive),
        {"retry_after": 1},
        pytest.param({"retry_after": 1, "retry_after_date": True}, marks=pytest.mark.exhaustive),
    ],
    ids=["no Retry-After", "seconds", "date"],
)
def test_a_load_survives_many_429_responses(
    small_world: World, small_content: JsonObject, retry_after: dict[str, Any]
) -> None:
    storms = [
        small_world.sandbox.akeneo_faults.add("throttle", times=3, after=10, **retry_after),
        small_world.sandbox.ipaas_faults.add("throttle", times=4, after=30, **retry_after),
    ]
    loaded = full_load(small_world.engine())
    assert [storm.fired for storm in storms] == [3, 4]
    assert loaded.delivered_count("failed", "blocked") == 0
    assert small_world.content() == small_content
    assert small_world.waiting_links() == []


def test_a_load_survives_the_expiry_of_its_tokens(small_world: World, small_content: JsonObject) -> None:
    for faults in (small_world.sandbox.akeneo_faults, small_world.sandbox.ipaas_faults):
        faults.add("expire_tokens", times=None, after=5, every=25)
    small_world.sandbox.akeneo_faults.add("refuse_refresh", times=1)
    loaded = full_load(small_world.engine())
    assert small_world.sandbox.akeneo_counters.statuses(401) >= 2
    assert small_world.sandbox.ipaas_counters.statuses(401) >= 5
    assert loaded.delivered_count("failed", "blocked") == 0
    assert small_world.content() == small_content
