"""The same promises with every supported edition and version of Akeneo."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets_tests.scenarios.polling import Clock, poll, remap
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load, load_records

SAAS: dict[str, Any] = {"version": "20260601000000", "edition": "Serenity"}
SEVEN: dict[str, Any] = {"version": "7.0.21", "edition": "EE"}
SIX: dict[str, Any] = {"version": "6.0.140", "edition": "EE"}
FIVE: dict[str, Any] = {"version": "5.0.100", "edition": "CE", "reference_entities": False}
"""The oldest version that the sandbox plays."""

PLACE = {"family": "clothing", "parent": "linen-shirt-sage"}
WITHOUT = {"reference_entities": False}

EDITIONS: dict[str, tuple[dict[str, Any], str]] = {
    "SaaS": (SAAS, "UUID"),
    "SaaS without reference entities": (SAAS | WITHOUT, "UUID"),
    "7.0": (SEVEN, "UUID"),
    "7.0 by identifier, without reference entities": (SEVEN | WITHOUT, "Identifier"),
    "6.0": (SIX, "Identifier"),
    "6.0 without reference entities": (SIX | WITHOUT, "Identifier"),
    "5.0": (FIVE, "Identifier"),
}


def switch(world: World, switches: dict[str, Any], id_format: str) -> None:
    for name, value in switches.items():
        setattr(world.sandbox.akeneo.switches, name, value)
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = id_format


_MORE = {"SaaS", "SaaS without reference entities", "7.0", "6.0 without reference entities"}


@pytest.mark.parametrize(
    "edition",
    [pytest.param(name, marks=[pytest.mark.exhaustive] if name in _MORE else []) for name in EDITIONS],
)
def test_full_load_edit_and_poll(fresh: World, clock: Clock, edition: str) -> None:
    switch(fresh, *EDITIONS[edition])
    engine = fresh.engine()
    assert full_load(engine).problems == {}
    assert {"straw-hat", "linen-shirt-white-s", "bed-set-white"} <= set(fresh.skus())
    clock.pass_time(3600)
    assert poll(fresh.engine()).found_nothing

    fresh.edit.save_model("linen-shirt", {"values": {"name": [{"data": "Hemd II", "locale": "de_DE"}]}})
    fresh.edit.save_model("linen-shirt-sage", {"values": {"care_instructions": [{"data": "Cold", "locale": "en_US"}]}})
    fresh.edit.save_product("straw-hat", {"enabled": False})
    fresh.edit.save_product("linen-shirt-sage-m", {**PLACE, "values": {"size": [{"data": "m"}]}})
    fresh.edit.save_category("hats", {"labels": {"en_US": "Hats and caps"}})
    polled = poll(fresh.engine())
    assert polled.loaded.problems == {}
    assert fresh.product("straw-hat")["status"] == "Disabled"
    assert fresh.content() == content_of_a_full_load(fresh)
    assert poll(fresh.engine()).found_nothing
    assert remap(fresh.engine()).found_nothing


@pytest.mark.parametrize("edition", ["7.0", "6.0"])
def test_named_records(fresh: World, edition: str) -> None:
    switch(fresh, *EDITIONS[edition])
    outcome = load_records(fresh.engine(), "product", "straw-hat", "linen-shirt-white-s", "no-such-product")
    assert outcome.missing == ["no-such-product"]
    assert {"straw-hat", "linen-shirt-white-s", "linen-shirt-sage-s"} <= set(fresh.skus())


def test_uuids_before_akeneo_7_are_refused_with_the_setting_to_change(fresh: World) -> None:
    switch(fresh, SIX, "UUID")
    with pytest.raises(
        ConfigurationError, match=r"requires version 7\.0 or later\. Set AKENEO_PRODUCT_ID_FORMAT to Identifier"
    ):
        full_load(fresh.engine())


def test_a_refusal_with_another_message_is_recognized_by_the_version(fresh: World) -> None:
    switch(fresh, SIX, "Identifier")
    full_load(fresh.engine())
    for code in ("linen-shirt", "fjord-sofa"):
        fresh.edit.save_model(code, {"values": {"name": [{"data": "Hemd II", "locale": "de_DE"}]}})
    fault = fresh.sandbox.akeneo_faults.add(
        "server_error", status=422, times=None, action="products.list", path="parent.*IN"
    )
    poll(fresh.engine())
    assert fault.fired
    assert fresh.product("linen-shirt")["name"] == "Hemd II"
