"""A mapping that newly needs links, from the command line."""

from __future__ import annotations

from pathlib import Path

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.agenda import families_to_read
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.shell import Shell, keep_families

MAPPING = "product: {custom_fields: {fields: {Pictures: {field: pictures, form: link}}}}"
LINK = "https://assets.akeneo.example/product_pictures/file/linen_field.jpg"


def test_sync_changes_reads_families_without_links_again(tmp_path: Path, shell: Shell) -> None:
    with Sandbox() as sandbox:
        keep_families(sandbox, "accessories", "sofas")
        sandbox.akeneo.edit.delete_category("collections")
        world = World(sandbox, tmp_path)
        full_load(world.engine())
        # A family that Akeneo no longer has: its products wait for the next check for deleted records.
        keep_families(sandbox, "accessories")
        path = tmp_path / "mapping.yaml"
        path.write_text(MAPPING, encoding="utf-8")
        shell.set({**world.environment(), "AKENEO_ASSETS_MAPPING": str(path)})

        called = shell.call("sync", "changes")

        assert "Error" not in called.errors
        assert {"custom_field_name": "Pictures", "value": LINK} in world.product("straw-hat")["custom_fields"]
        engine = world.engine(akeneo_assets_mapping=str(path))
        assert families_to_read(engine.store, engine.mapping) == []
        world.close()
