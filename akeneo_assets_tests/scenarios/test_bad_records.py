"""One bad record, or a bad part of one, never blocks the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT as BODY
from akeneo_assets_tests.sandbox.ipaas_client import SHIRT, Client
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load, load_families, load_records


@pytest.fixture
def portal(world: World) -> Iterator[Client]:
    """Another client that writes to iPaaS.com."""
    client = Client(world.sandbox)
    yield client
    client.session.close()


def test_a_variant_without_a_value_for_an_axis_does_not_block_the_others(world: World) -> None:
    world.edit.save_product("fjord-sofa-sand", {"values": {"color": [{"data": None}]}})
    loaded = load_families(world.engine(), "sofas")
    problem = loaded.problems[world.uuid("fjord-sofa-sand")]
    assert problem.code == "missing_axis_value"
    assert "color" in problem.message
    assert {each["sku"] for each in world.product("fjord-sofa")["variants"]} == {
        "fjord-sofa-charcoal",
        "fjord-sofa-forest",
        "fjord-sofa-sky",
    }
    assert len(world.product("corner-sofa")["variants"]) == 2

    world.edit.save_product("fjord-sofa-sand", {"values": {"color": [{"data": "sand"}]}})
    assert load_families(world.engine(), "sofas").problems == {}
    assert len(world.product("fjord-sofa")["variants"]) == 4


def test_a_refused_variant_does_not_block_the_others(world: World, portal: Client) -> None:
    # iPaaS.com does not say which variant of the request it refuses, only which record is in conflict.
    foreign = portal.accepted("POST", "Product", {**BODY, "sku": "fjord-sofa-sand"})
    loaded = load_families(world.engine(), "sofas")
    problems = loaded.problems
    assert list(problems) == [world.uuid("fjord-sofa-sand")]
    assert str(foreign["id"]) in problems[world.uuid("fjord-sofa-sand")].message
    assert {each["sku"] for each in world.product("fjord-sofa")["variants"]} == {
        "fjord-sofa-forest",
        "fjord-sofa-charcoal",
        "fjord-sofa-sky",
    }
    assert len(world.product("corner-sofa")["variants"]) == 2

    portal.accepted("PUT", f"Product/{foreign['id']}", {**BODY, "id": foreign["id"], "sku": "foreign"})
    world.written()
    assert load_families(world.engine(), "sofas").problems == {}
    assert [(entry.action, entry.external_id) for entry in world.written()] == [
        ("variant.save", world.uuid("fjord-sofa-sand"))
    ]
    load_families(world.engine(), "sofas")
    assert world.written() == []


def test_a_refused_variant_of_a_known_tree_does_not_block_the_others(world: World, portal: Client) -> None:
    engine = world.engine(send_variants_alone=False)
    load_records(engine, "product_model", "fjord-sofa")
    portal.accepted("POST", "Product", {**BODY, "sku": "taken"})
    world.edit.save_product("fjord-sofa-sand", {"values": {"sku": [{"data": "taken"}]}})
    world.edit.save_product("fjord-sofa-sky", {"enabled": False})
    world.edit.save_model("fjord-sofa", {"values": {"name": [{"data": "Sofa Fjord II", "locale": "de_DE"}]}})
    outcome = load_records(engine, "product_model", "fjord-sofa")
    failed = {each.key for result in outcome.delivered.values() for each in result.problems}
    assert failed == {world.uuid("taken")}
    assert world.product("fjord-sofa")["name"] == "Sofa Fjord II"
    assert world.variant("fjord-sofa-sky")["status"] == "Disabled"
    assert world.variant("fjord-sofa-sand")["external_ids"][0]["external_id"] == world.uuid("taken")
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0


def test_a_refused_record_does_not_block_the_others(world: World, portal: Client) -> None:
    shirt = portal.accepted("POST", "Product", {**SHIRT, "variants": [{**SHIRT["variants"][0], "sku": "table-leg"}]})
    loaded = load_families(world.engine(), "spare_parts", "gift_cards")
    assert {key: problem.code for key, problem in loaded.problems.items()} == {world.uuid("table-leg"): "sku_taken"}
    assert world.skus() == ["0042", "no-category", "shirt", "table-leg", "table-screw"]

    variant = {**SHIRT["variants"][0], "id": shirt["variants"][0]["id"], "sku": "shirt-red"}
    portal.accepted("PUT", f"Product/Variant/{shirt['id']}", variant)
    assert load_families(world.engine(), "spare_parts", "gift_cards").problems == {}
    assert world.product("table-leg")["external_ids"][0]["external_id"] == world.uuid("table-leg")


def test_a_custom_field_without_a_definition_is_created_if_allowed(world: World) -> None:
    load_records(world.engine(), "product_model", "fjord-sofa")
    fields = {field["custom_field_name"]: field["value"] for field in world.variant("fjord-sofa-sand")["custom_fields"]}
    assert fields == {"Family": "sofas", "Name": "Sofa Fjord"}


def test_a_custom_field_that_may_not_be_created_is_left_out_and_reported(world: World) -> None:
    world.ipaas.custom_field_definitions_allowed = False
    world.ipaas.define_custom_fields(["Name"], table="product variant")
    outcome = load_records(world.engine(), "product_model", "fjord-sofa")
    assert world.product("fjord-sofa")["custom_fields"] == []
    assert world.variant("fjord-sofa-sand")["custom_fields"] == [{"custom_field_name": "Name", "value": "Sofa Fjord"}]
    warnings = outcome.delivered["product_models"].warnings
    assert [warning for warning in warnings if "'Family'" in warning]
    assert not [warning for warning in warnings if "'Name'" in warning]


def test_a_custom_field_that_another_run_has_just_defined_is_sent(world: World) -> None:
    engine = world.engine()
    load_records(engine, "product", "table-leg")
    # This run read the definitions before another run, or the user, added one.
    world.ipaas.define_custom_fields(["Family", "Name"], table="product variant")
    load_records(engine, "product_model", "fjord-sofa")
    fields = [field["custom_field_name"] for field in world.variant("fjord-sofa-sand")["custom_fields"]]
    assert sorted(fields) == ["Family", "Name"]


def test_a_custom_field_whose_definition_fails_is_sent_once_it_works(fresh: World, clock: Clock) -> None:
    _fail_definitions(fresh, 404)
    loaded = full_load(fresh.engine())
    assert {each.code for each in loaded.problems.values()} == {"custom_field_deferred"}
    assert {"fjord-sofa", "fjord-sofa-sand", "straw-hat"} <= set(fresh.skus())
    assert fresh.product("fjord-sofa")["custom_fields"] == []
    fresh.written()
    clock.pass_time(60)
    assert poll(fresh.engine()).found_nothing
    _fail_definitions(fresh, 502)
    clock.pass_time(3600)
    poll(fresh.engine())
    assert fresh.written() == [], "a field that still cannot be defined causes no write"
    assert poll(fresh.engine()).found_nothing

    fresh.sandbox.ipaas_faults.clear()
    clock.pass_time(3600)
    poll(fresh.engine())
    assert fresh.content() == content_of_a_full_load(fresh)
    assert fresh.waiting_links() == []
    fresh.written()
    clock.pass_time(3600)
    poll(fresh.engine())
    assert fresh.written() == []


def _fail_definitions(world: World, status: int) -> None:
    world.sandbox.ipaas_faults.clear()
    world.sandbox.ipaas_faults.add("html_error", status=status, times=None, method="POST", path="(?i)customfield")
