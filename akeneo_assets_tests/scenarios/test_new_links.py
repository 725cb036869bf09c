"""A mapping that newly needs links: families that were read without them are read again."""

from __future__ import annotations

from pathlib import Path

from akeneo_assets.sync.agenda import families_to_read
from akeneo_assets_tests.scenarios.polling import remap
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import keep_families

MAPPING = "product: {custom_fields: {fields: {Pictures: {field: pictures, form: link}}}}"
LINK = "https://assets.akeneo.example/product_pictures/file/linen_field.jpg"


def test_families_without_links_are_read_again_unless_akeneo_no_longer_has_them(synced: World, tmp_path: Path) -> None:
    keep_families(synced.sandbox, "accessories")
    path = tmp_path / "links.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    engine = synced.engine(akeneo_assets_mapping=str(path))

    remap(engine)

    assert {"custom_field_name": "Pictures", "value": LINK} in synced.product("straw-hat")["custom_fields"]
    assert families_to_read(engine.store, engine.mapping) == []
