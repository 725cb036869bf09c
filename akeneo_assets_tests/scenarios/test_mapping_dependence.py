"""If something that the mapping file uses changes in Akeneo, exactly the records that show it are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sync.inspect.check_mapping import check_mapping
from akeneo_assets_tests.scenarios.polling import poll, remap
from akeneo_assets_tests.scenarios.world import World

RECORDS = """
product_model:
  custom_fields:
    fields:
      Home: designer.nationality
      Styles: designer.styles
variant: {custom_fields: {fields: {Home: "designer.nationality"}}}
"""


@pytest.fixture
def own(synced: World, tmp_path: Path) -> Any:
    """Set the mapping file."""

    def use(text: str) -> None:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        synced.variables["AKENEO_ASSETS_MAPPING"] = str(path)
        remap(synced.engine())
        synced.written()

    return use


def fields(record: Any) -> dict[str, Any]:
    return {each["custom_field_name"]: each["value"] for each in record["custom_fields"]}


def test_labels_of_linked_records_are_sent_and_updated(synced: World, own: Any) -> None:
    own(RECORDS)
    sofa = synced.product("fjord-sofa")
    assert (fields(sofa)["Home"], fields(sofa)["Styles"]) == ("Schweden", "Minimalistisch")

    swedish = [{"locale": "de_DE", "channel": None, "data": "Kingdom of Sweden"}]
    synced.edit.save_record("countries", "sweden", {"values": {"label": swedish}})
    synced.edit.save_record("countries", "italy", {"values": {"label": swedish}})
    remap(synced.engine())

    assert fields(synced.product("fjord-sofa"))["Home"] == "Kingdom of Sweden"
    assert {entry.external_id for entry in synced.written()} == {"fjord-sofa"}

    option = {"labels": {"de_DE": "Little"}}
    synced.edit.save("reference_entity_attribute_option", "designers/styles/minimal", {}, option)
    remap(synced.engine())

    assert fields(synced.product("fjord-sofa"))["Styles"] == "Little"
    assert {entry.external_id for entry in synced.written()} == {"fjord-sofa"}
    remap(synced.engine())
    assert synced.written() == []


def test_an_attribute_deleted_in_akeneo_clears_its_field_and_blocks_nothing(synced: World, own: Any) -> None:
    own("product: {description: description, weight: {field: weight, unit: GRAM, default: 7}}")
    assert synced.product("mug-white")["weight"] != 7

    synced.edit.delete("attribute", "weight")
    (reported,) = synced.engine().read_structure().problems
    assert (reported.key, reported.code) == ("product.weight", "mapping_warning")
    remap(synced.engine())

    assert synced.product("mug-white")["weight"] == 7, "the mirror still contains the value"
    engine = synced.engine()
    (problem,) = check_mapping(engine.mapping, engine.store).problems
    assert (problem.severity, problem.place) == ("warning", "product.weight")
    assert "The attribute weight was deleted in Akeneo" in problem.message
    synced.edit.save_product("mug-white", {"enabled": False})
    poll(synced.engine())
    assert synced.product("mug-white")["status"] == "Disabled"


def test_numbered_fields_that_are_no_longer_needed_are_cleared(synced: World, own: Any) -> None:
    own("product: {custom_fields: {fields: {Material: {field: material, collection: numbered}}}}")
    synced.edit.save_product("canvas-tote-navy", {"values": {"material": [value(["cotton", "linen", "wool"])]}})
    poll(synced.engine())
    assert numbered(synced) == ["Baumwolle", "Leinen", "Wolle"]

    synced.edit.save_product("canvas-tote-navy", {"values": {"material": [value(["linen"])]}})
    poll(synced.engine())

    assert numbered(synced) == ["Leinen"]


def numbered(world: World) -> list[str]:
    found = fields(world.product("canvas-tote-navy"))
    return [found[name] for name in sorted(found) if name.startswith("Material")]


def test_an_invalid_file_does_not_change_the_state(synced: World, own: Any) -> None:
    before = ledger(synced)
    usual = synced.variables["AKENEO_ASSETS_MAPPING"]
    with pytest.raises(ConfigurationError, match=r"There is no attribute desription. Did you mean description\?"):
        own("product: {description: desription}")
    engine = synced.engine()
    for refused in (lambda: engine.plan("products", "family:accessories"), lambda: poll(engine)):
        with pytest.raises(ConfigurationError, match="desription"):
            refused()
    assert ledger(synced) == before

    synced.variables["AKENEO_ASSETS_MAPPING"] = usual
    poll(synced.engine())
    assert synced.written() == []


def test_options_that_a_file_newly_needs_are_sent_with_their_labels_at_once(synced: World, tmp_path: Path) -> None:
    own_file = tmp_path / "own.yaml"
    synced.variables["AKENEO_ASSETS_MAPPING"] = str(own_file)
    own_file.write_text("product: {custom_fields: {fields: {Family: $family}}}", encoding="utf-8")
    remap(synced.engine())
    own_file.write_text("product: {custom_fields: {fields: {Made of: material}}}", encoding="utf-8")
    synced.written()

    poll(synced.engine())

    assert fields(synced.product("canvas-tote-navy"))["Made of"] == "Baumwolle"
    assert {entry.action for entry in synced.written()} == {"product.replace"}
    remap(synced.engine())
    assert synced.written() == [], "nothing had to be corrected"


def ledger(world: World) -> list[str]:
    """Return all rows as text, so that missing numbers are equal."""
    frames = world.engine().store.reports.ledger_frames()
    return [frame.to_json(orient="records", date_format="iso") for frame in frames]
