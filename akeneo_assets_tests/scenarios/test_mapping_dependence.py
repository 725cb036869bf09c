"""What the mapping file names changes in Akeneo: exactly the records that show it are written, and nothing stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.sync.mapping_checking import check_mapping
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


def test_what_records_name_themselves_comes_with_its_label_and_follows_it(synced: World, own: Any) -> None:
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


def test_an_attribute_that_is_deleted_in_akeneo_costs_its_field_and_stops_nothing(synced: World, own: Any) -> None:
    own("product: {description: description, weight: {field: weight, unit: GRAM, default: 7}}")
    assert synced.product("mug-white")["weight"] != 7

    synced.edit.delete("attribute", "weight")
    (told,) = synced.engine().read_structure().attention
    assert (told.key, told.code) == ("product.weight", "mapping_warning")
    remap(synced.engine())

    assert synced.product("mug-white")["weight"] == 7, "the mirror still holds the value"
    engine = synced.engine()
    (problem,) = check_mapping(engine.mapping, engine.store).problems
    assert (problem.severity, problem.place) == ("warning", "product.weight")
    assert "The attribute weight was deleted in Akeneo" in problem.message
    synced.edit.save_product("mug-white", {"enabled": False})
    poll(synced.engine())
    assert synced.product("mug-white")["status"] == "Disabled"
