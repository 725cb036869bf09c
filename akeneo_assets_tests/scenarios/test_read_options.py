"""If a mapping needs more data than was read, the records are read again, and nothing else is requested."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError
from akeneo_assets.sync.agenda import families_to_read
from akeneo_assets_tests.scenarios.polling import poll, remap
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, load_records

pytestmark = pytest.mark.exhaustive

PLAIN = "product: {custom_fields: {all: true}}"
LINKS = """
product: {custom_fields: {all: true, fields: {Pictures: {field: pictures, form: link}}}}
product_model: {custom_fields: {fields: {Pictures: {field: pictures, form: link}}}}
variant: {custom_fields: {fields: {Pictures: {field: pictures, form: link}}}}
"""
COMPLETE = "filter: {completeness: {minimum: 100, locale: de_DE}}"
SHARED = "https://assets.akeneo.example/product_pictures/file"
LINEN = f"{SHARED}/linen_field.jpg"
ROOM = "https://pictures.example/fjord/room.jpg?width=1200"


@pytest.fixture
def mapping(synced: World, tmp_path: Path) -> Path:
    """The mapping file that the world was loaded with."""
    path = tmp_path / "own.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    synced.variables["AKENEO_ASSETS_MAPPING"] = str(path)
    remap(synced.engine())
    synced.written()
    return path


def unread(world: World) -> list[str]:
    engine = world.engine()
    return families_to_read(engine.store, engine.mapping)


def pictures(record: JsonObject) -> str | None:
    fields = {field["custom_field_name"]: field["value"] for field in record["custom_fields"]}
    return fields.get("Pictures")


def settle(world: World) -> None:
    """Let the sensors do their work, then check that nothing is left to do."""
    remap(world.engine())
    assert unread(world) == []
    world.written()
    assert poll(world.engine()).found_nothing
    assert remap(world.engine()).found_nothing
    assert world.written() == []


def test_links_that_a_mapping_newly_needs_are_read_and_sent(synced: World, mapping: Path) -> None:
    mapping.write_text(LINKS, encoding="utf-8")
    assert {"accessories", "clothing", "sofas"} <= set(unread(synced))

    settle(synced)

    assert pictures(synced.product("straw-hat")) == LINEN
    assert pictures(synced.product("linen-shirt")) == f"{SHARED}/linen_shirt_folded.jpg, {LINEN}"
    assert pictures(synced.variant("linen-shirt-white-s")) == f"{SHARED}/linen_shirt_folded.jpg, {LINEN}"
    # The second has no file, but a link into another system.
    assert pictures(synced.variant("fjord-sofa-sand")) == f"{SHARED}/fjord_sofa_sand.jpg, {ROOM}"
    assert synced.content() == content_of_a_full_load(synced)


def test_completeness_that_a_mapping_newly_needs_is_read(synced: World, mapping: Path) -> None:
    synced.edit.save_product("mug-white", {"enabled": False})
    synced.edit.save_product("tea-towel-white", {"enabled": False})
    poll(synced.engine())
    mapping.write_text(PLAIN + "\n" + COMPLETE, encoding="utf-8")
    synced.edit.save_product("mug-white", {"enabled": True})

    settle(synced)

    engine = synced.engine()
    states = engine.store.ledger.states("product", [synced.uuid("mug-white"), synced.uuid("tea-towel-white")])
    # Only the mug has a German name.
    assert states[synced.uuid("mug-white")].state == "sent"
    assert states[synced.uuid("tea-towel-white")].state == "filtered"
    assert synced.product("mug-white")["status"] == "Active"


def test_data_that_the_mapping_does_not_need_is_not_requested(synced: World, mapping: Path) -> None:
    assert unread(synced) == []
    mapping.write_text("settings: {media: link}\nproduct: {custom_fields: {attributes: [picture]}}", encoding="utf-8")
    assert unread(synced) == []
    mapping.write_text("product: {custom_fields: {fields: {P: {field: pictures, form: label}}}}", encoding="utf-8")
    assert unread(synced) == []
    mapping.write_text("settings: {media: link}\nvariant: {custom_fields: {attributes: [pict*]}}", encoding="utf-8")
    assert "clothing" in unread(synced)


def test_a_family_that_cannot_be_read_stays_due(synced: World, mapping: Path) -> None:
    mapping.write_text(LINKS, encoding="utf-8")
    before = unread(synced)
    engine = synced.engine()
    engine.read_product_models("family:accessories")
    synced.sandbox.akeneo_faults.forbid("products-uuid.*")
    with pytest.raises(AccessDeniedError):
        engine.read_products("family:accessories")

    assert unread(synced) == before
    synced.sandbox.akeneo_faults.clear()
    settle(synced)
    assert pictures(synced.product("straw-hat")) == LINEN


@pytest.mark.exhaustive
def test_records_that_were_read_without_links_in_between_are_read_again(synced: World, mapping: Path) -> None:
    mapping.write_text(LINKS, encoding="utf-8")
    settle(synced)
    mapping.write_text(PLAIN, encoding="utf-8")
    synced.edit.save_product("straw-hat", {"enabled": False})
    poll(synced.engine())
    assert pictures(synced.product("straw-hat")) is None

    mapping.write_text(LINKS, encoding="utf-8")
    assert "accessories" in unread(synced)
    settle(synced)
    assert pictures(synced.product("straw-hat")) == LINEN


def test_links_that_differ_in_every_response_change_nothing(synced: World, mapping: Path) -> None:
    synced.sandbox.akeneo.switches.asset_sharing = "signed"
    mapping.write_text(LINKS, encoding="utf-8")
    settle(synced)
    sent = pictures(synced.product("straw-hat"))
    assert sent is not None
    assert sent.startswith(f"{LINEN}?signature=")

    engine = synced.engine()
    load_records(engine, "product", synced.uuid("straw-hat"))
    assert engine.read_products("family:accessories").counts["updated"] == 0
    assert synced.written() == []


def test_single_records_are_read_with_their_links(synced: World, mapping: Path) -> None:
    mapping.write_text(LINKS, encoding="utf-8")
    load_records(synced.engine(), "product", synced.uuid("straw-hat"), synced.uuid("fjord-sofa-sand"))
    assert pictures(synced.product("straw-hat")) == LINEN
    assert "accessories" in unread(synced), "the others were not read"


def test_other_editions_send_no_links_so_the_code_is_sent(synced: World, mapping: Path) -> None:
    synced.sandbox.akeneo.switches.edition = "EE"
    mapping.write_text(LINKS, encoding="utf-8")
    settle(synced)
    assert pictures(synced.product("straw-hat")) == "linen_field"
    assert pictures(synced.variant("fjord-sofa-sand")) == f"fjord_sofa_sand, {ROOM}"
