"""``akeneo-assets sandbox edit`` changes a record of a running sandbox, or says why it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi
from akeneo_assets_tests.shell import Shell, unused_port


@pytest.fixture(scope="module")
def akeneo() -> Iterator[AkeneoApi]:
    with Sandbox(None, unused_port(), apps=("akeneo",)) as sandbox:
        api = AkeneoApi(sandbox)
        yield api
        api.session.close()


def port_of(akeneo: AkeneoApi) -> str:
    return akeneo.sandbox.akeneo_url.rpartition(":")[2]


@pytest.mark.parametrize(
    ("edit", "path", "found"),
    [
        (("product", "straw-hat", "price", "12.50"), "products/straw-hat", "{'amount': '12.50', 'currency': 'EUR'}"),
        (
            ("product", "straw-hat", "name", "Sun hat"),
            "products/straw-hat",
            "'de_DE', 'scope': None, 'data': 'Sun hat'",
        ),
        (("product", "straw-hat", "enabled", "false"), "products/straw-hat", "'enabled': False"),
        (("product", "0042", "sku", "0043"), "products/0043", "'identifier': '0043'"),
        (("product_model", "linen-shirt", "name", "Shirt"), "product-models/linen-shirt", "'data': 'Shirt'"),
        (("category", "sofas", "parent", "furniture"), "categories/sofas", "'parent': 'furniture'"),
        (("option", "color/sage", "label", "Salvia"), "attributes/color/options/sage", "'de_DE': 'Salvia'"),
    ],
    ids=str,
)
def test_an_edit_is_made(edit: tuple[str, ...], path: str, found: str, akeneo: AkeneoApi, shell: Shell) -> None:
    called = shell.call("sandbox", "edit", *edit, "--akeneo-port", port_of(akeneo))

    assert called.code == 0, called.errors
    assert f"Changed {edit[2]}" in called.output
    assert found in str(akeneo.document(path))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("product", "no-such", "price", "1"), "The sandbox has no product 'no-such'"),
        (("product", "straw-hat", "prize", "1"), "There is no field 'prize'. Use one of sku, enabled, categories"),
        (("product", "straw-hat", "price", "cheap"), "nothing was changed: This value should be a valid number."),
        (("product", "straw-hat", "sku", "mug-white"), "The mug-white identifier is already used"),
        (("product", "straw-hat", "enabled", "no"), "enabled is true or false, not 'no'"),
        (("option", "sage", "label", "x"), "'sage' is not an option. Name it like color/sage"),
    ],
    ids=str,
)
def test_an_impossible_edit_is_refused_with_the_reason(
    edit: tuple[str, ...], message: str, akeneo: AkeneoApi, shell: Shell
) -> None:
    called = shell.call("sandbox", "edit", *edit, "--akeneo-port", port_of(akeneo))

    assert called.code == 2
    assert message in called.text


def test_without_a_sandbox_the_message_says_how_to_start_one(shell: Shell) -> None:
    called = shell.call("sandbox", "edit", "product", "a", "name", "b", "--akeneo-port", str(unused_port()))

    assert called.code == 2
    assert "Start one with" in called.text
