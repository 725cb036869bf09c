"""The sample catalogue in a mirror, for commands that send no requests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.shell import Shell


@pytest.fixture(scope="package")
def loaded_variables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The settings of a state after a full load; Akeneo and iPaaS.com are no longer running.

    The straw hat was disabled in Akeneo and read since, but not sent; `new-mug` was read, and never sent; the
    white mug was refused; the categories `first` and `second`, each below the other, are blocked.
    """
    with Sandbox() as sandbox:
        folder = tmp_path_factory.mktemp("loaded")
        world = World(sandbox, folder)
        full_load(world.engine())
        uuid = world.uuid("straw-hat")
        world.edit.save_product(uuid, {"enabled": False})
        world.edit.save_product("new-mug", {"family": "tableware"})
        world.engine().sync_records("product", [uuid, "new-mug"], dry_run=True)
        refused = folder / "refused.yaml"
        refused.write_text("product: {status: {static: Sometimes}}", encoding="utf-8")
        world.engine(akeneo_assets_mapping=str(refused)).sync_records("product", ["mug-white"])
        world.edit.save_category("first", {"parent": "second"})
        world.edit.save_category("second", {"parent": "first"})
        world.engine().sync_records("category", ["first"])
        variables = world.environment()
        world.close()
    return variables


@pytest.fixture
def loaded_shell(shell: Shell, loaded_variables: Mapping[str, str]) -> Shell:
    """A shell with that state, which tests must not change."""
    shell.set(loaded_variables)
    return shell
