"""A changed asset updates exactly the records that show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError
from akeneo_assets.sandbox.akeneo.editing import Editor
from akeneo_assets_tests.scenarios.polling import poll, remap
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load

pytestmark = pytest.mark.exhaustive

FAMILY = "product_pictures"
FIELD = "{{custom_fields: {{fields: {{Pictures: {{field: pictures, form: {form}}}}}}}}}"
OBJECTS = ("product", "product_model", "variant")


def mapping(form: str) -> str:
    return "\n".join(["settings: {locale: en_US}", *(f"{name}: {FIELD.format(form=form)}" for name in OBJECTS)])


@pytest.fixture(params=["label"])
def shown(synced: World, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """A world after assets were sent in one form."""
    path = tmp_path / "own.yaml"
    path.write_text(mapping(request.param), encoding="utf-8")
    synced.variables["AKENEO_ASSETS_MAPPING"] = str(path)
    remap(synced.engine())
    synced.written()
    return synced


def pictures(record: JsonObject) -> str | None:
    fields = {field["custom_field_name"]: field["value"] for field in record["custom_fields"]}
    return fields.get("Pictures")


def rename(edit: Editor, code: str, name: str) -> None:
    asset = edit._database.get("asset", f"{FAMILY}/{code}")
    assert asset is not None
    label = [{"locale": "en_US", "channel": None, "data": name}]
    edit.save_asset(FAMILY, code, {"values": {**asset["values"], "label": label}})


def written(world: World) -> list[tuple[str, str | None]]:
    return [(entry.action, entry.external_id) for entry in world.written()]


def settled(world: World) -> None:
    assert remap(world.engine()).found_nothing
    assert poll(world.engine()).found_nothing
    assert world.written() == []
    assert world.content() == content_of_a_full_load(world)


def test_labels_are_sent_and_an_asset_without_one_shows_its_code(shown: World) -> None:
    assert pictures(shown.product("straw-hat")) == "A field of linen"
    assert pictures(shown.product("linen-shirt")) == "linen_shirt_folded, A field of linen"
    settled(shown)


def test_a_renamed_asset_updates_only_the_record_that_shows_it(shown: World) -> None:
    counters = shown.sandbox.akeneo_counters
    before = counters.requests("products-uuid.list")
    rename(shown.edit, "fjord_sofa_room", "A sofa at home")

    remap(shown.engine())

    assert written(shown) == [("variant.save", shown.uuid("fjord-sofa-sand"))]
    assert pictures(shown.variant("fjord-sofa-sand")) == "Fjord sofa, sand, A sofa at home"
    # No product is read: the structure requests their number once, and the poll requests changes once.
    assert counters.requests("products-uuid.list") - before == 2
    settled(shown)


def test_a_renamed_asset_of_a_model_updates_its_tree_with_one_write(shown: World) -> None:
    rename(shown.edit, "linen_shirt_folded", "Folded")
    remap(shown.engine())
    assert written(shown) == [("product.replace", "linen-shirt")]
    assert pictures(shown.variant("linen-shirt-white-s")) == "Folded, A field of linen"
    settled(shown)


def test_a_changed_asset_that_no_record_shows_causes_no_write(shown: World) -> None:
    rename(shown.edit, "canvas_tote_worn", "Worn")
    remap(shown.engine())
    assert written(shown) == []
    settled(shown)


@pytest.mark.parametrize("shown", ["link"], indirect=True)
def test_a_changed_link_updates_the_records_that_show_it(shown: World) -> None:
    link = {"values": {"link": [{"locale": None, "channel": None, "data": "fjord/home.jpg"}]}}
    shown.edit.save_asset(FAMILY, "fjord_sofa_room", link)
    remap(shown.engine())
    assert written(shown) == [("variant.save", shown.uuid("fjord-sofa-sand"))]

    shown.sandbox.akeneo.switches.edition = "EE"
    shown.edit.save("asset_attribute", f"{FAMILY}/link", {}, {"suffix": "?width=600"})
    remap(shown.engine())
    shown.written()
    sent = pictures(shown.variant("fjord-sofa-sand"))
    assert sent is not None
    assert sent.endswith("https://pictures.example/fjord/home.jpg?width=600")


@pytest.mark.parametrize("action", ["assets.*", "asset-families.*"])
@pytest.mark.parametrize("shown", ["link"], indirect=True)
def test_a_missing_permission_is_named(shown: World, action: str) -> None:
    shown.sandbox.akeneo_faults.forbid(action)
    permission = "List assets" if action == "assets.*" else "List asset families"
    with pytest.raises(AccessDeniedError, match=f'Enable "{permission}"'):
        shown.engine().read_structure()
