"""What docs/operations.md says about settings that change: credentials, the subscription, and the throttle."""

from __future__ import annotations

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AuthenticationError, ConfigurationError
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS
from akeneo_assets_tests.scenarios.world import World, full_load


def edited(world: World) -> str:
    """Edit a product that was synced, and return its uuid."""
    uuid = world.uuid("straw-hat")
    world.edit.save_product(uuid, {"enabled": False})
    world.written()
    return uuid


@pytest.mark.parametrize(
    "rotated",
    [
        {"AKENEO_CLIENT_ID": "2_rotated", "AKENEO_CLIENT_SECRET": "rotated"},
        {"AKENEO_USERNAME": "rotated", "AKENEO_PASSWORD": "rotated"},
    ],
    ids=["client", "user"],
)
def test_no_edit_is_lost_when_credentials_of_akeneo_are_rotated(
    synced: World, monkeypatch: pytest.MonkeyPatch, rotated: dict[str, str]
) -> None:
    uuid = edited(synced)
    former = synced.engine()
    former.log_in()
    for name, new in rotated.items():
        monkeypatch.setitem(AKENEO_CREDENTIALS, name, new)
    synced.sandbox.akeneo.tokens.expire()
    synced.sandbox.akeneo_faults.add("refuse_refresh", times=None)

    with pytest.raises(AuthenticationError, match=max(rotated)):
        full_load(former)
    full_load(synced.engine())

    assert [entry.external_id for entry in synced.written()] == [uuid]


def test_no_edit_is_lost_when_the_password_of_ipaas_is_rotated(synced: World) -> None:
    uuid = edited(synced)
    former = synced.engine()
    former.log_in()
    synced.ipaas.tokens.password = "rotated"
    synced.ipaas.tokens.expire()
    synced.sandbox.ipaas_faults.add("refuse_refresh", times=None)

    with pytest.raises(AuthenticationError, match="IPAAS_PASSWORD"):
        full_load(former)
    full_load(synced.engine(ipaas_password="rotated"))

    assert [entry.external_id for entry in synced.written()] == [uuid]


def test_no_edit_is_lost_when_the_api_key_of_ipaas_is_rotated(synced: World) -> None:
    uuid = edited(synced)
    synced.ipaas.tokens.api_keys = {"new"}

    with pytest.raises(AuthenticationError, match="IPAAS_API_KEY"):
        full_load(synced.engine(ipaas_api_key="old"))
    full_load(synced.engine(ipaas_api_key="new"))

    assert [entry.external_id for entry in synced.written()] == [uuid]


def test_the_state_of_one_subscription_is_refused_for_another(synced: World) -> None:
    uuid = edited(synced)

    with pytest.raises(ConfigurationError, match="IPAAS_SUBSCRIPTION_ID"):
        full_load(synced.engine(ipaas_subscription_id="1002"))
    assert synced.written() == []

    full_load(synced.engine())
    assert [entry.external_id for entry in synced.written()] == [uuid]


def test_a_first_set_up_starts_slowly_and_is_raised_later(small_world: World, small_content: JsonObject) -> None:
    slow = small_world.engine(akeneo_api_throttle_limit=5)
    slow.read_structure()

    counters = small_world.sandbox.akeneo_counters
    assert counters.total > 5
    assert counters.maximum_in_window(1.0) <= 5
    full_load(small_world.engine())
    assert counters.maximum_in_window(1.0) > 5
    assert small_world.content() == small_content
