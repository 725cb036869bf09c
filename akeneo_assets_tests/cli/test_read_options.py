"""A mapping that newly wants links, from the command line."""

from __future__ import annotations

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import Shell, keep_families, writes

MAPPING = "product: {custom_fields: {fields: {Pictures: {field: pictures, form: link}}}}"
LINK = "https://assets.akeneo.example/product_pictures/file/linen_field.jpg"


def test_sync_changes_reads_the_families_again_that_lack_links(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox() as sandbox:
        keep_families(sandbox, "accessories")
        shell = Shell(tmp_path_factory.mktemp("links"), monkeypatch)
        shell.use(sandbox)
        assert shell.call("sync", "full").code == 0
        path = shell.folder / "mapping.yaml"
        path.write_text(MAPPING, encoding="utf-8")
        shell.set({"AKENEO_ASSETS_MAPPING": str(path)})

        called = shell.call("sync", "changes")

        assert called.code == 0, called.text
        (hat,) = (product for product in sandbox.ipaas.products() if product["sku"] == "straw-hat")
        assert {"custom_field_name": "Pictures", "value": LINK} in hat["custom_fields"]
        sent = writes(sandbox)
        assert shell.call("sync", "changes").code == 0
        assert writes(sandbox) == sent
