"""``akeneo-assets mapping``: files are created, checked and compared with the mirror, and nothing is sent."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import Shell, writes

FRENCH = "settings: {channel: ecommerce, locale: fr_FR}"
WITH_A_WARNING = "settings: {channel: ecommerce}\nproduct:\n  name: name\n"


def write(shell: Shell, lines: str) -> str:
    (shell.folder / "own.yaml").write_text(lines, encoding="utf-8")
    return "own.yaml"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("product:\n  custom_fields:\n    fieldz: 1", "line 3: product.custom_fields.fieldz: this name is unknown"),
        ("product:\n\n  name: nmae", "own.yaml:3: product.name: There is no attribute nmae. Did you mean name?"),
        ("filter:\n  categories:\n    - hats\n    - hut", "own.yaml:4: filter.categories[1]: There is no category hut"),
        (
            'product:\n  weight: {formula: "sku - 1"}',
            "own.yaml:2: product.weight: On 73 of 73 sample records",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(lines: str, expected: str, loaded_shell: Shell) -> None:
    called = loaded_shell.call("mapping", "check", write(loaded_shell, lines))

    assert called.code == 2
    assert expected in called.text
    document = loaded_shell.call("mapping", "check", "own.yaml", "--json").document
    assert not document["passed"]
    assert document["problems"][0]["severity"] == "error"


def test_every_mistake_in_an_invalid_file_is_an_entry(shell: Shell) -> None:
    lines = "settings:\n  chanel: x\nproduct:\n  name: {formula: 'uper(name)'}\n"

    called = shell.call("mapping", "check", write(shell, lines), "--json")

    assert called.code == 2
    assert called.document["problems"] == [
        {
            "line": 2,
            "place": "settings.chanel",
            "message": "this name is unknown here.",
            "fix": "Correct or remove it.",
            "severity": "error",
        },
        {
            "line": 4,
            "place": "product.name.formula",
            "message": "calls the unknown function uper.",
            "fix": "Did you mean upper?",
            "severity": "error",
        },
    ]
    text = shell.call("mapping", "check", "own.yaml").text
    assert "own.yaml is invalid: line 2: settings.chanel: this name is unknown here. Correct or remove it." in text


def test_a_missing_file_is_an_entry(shell: Shell) -> None:
    document = shell.call("mapping", "check", "nowhere.yaml", "--json").document

    (problem,) = document["problems"]
    assert (problem["line"], problem["place"], document["passed"]) == (None, None, False)
    assert "cannot be read" in problem["message"]
    assert problem["fix"] == "Choose another file, or correct AKENEO_ASSETS_MAPPING."


def test_a_category_attribute_that_no_category_has_is_a_warning(loaded_shell: Shell) -> None:
    called = loaded_shell.call("mapping", "check", write(loaded_shell, "category:\n  description: headlin"))

    assert called.code == 0
    assert "warning own.yaml:2: category.description: There is no attribute headlin with a value in any" in called.text
    assert "Did you mean headline?" in called.text
    right = loaded_shell.call("mapping", "check", write(loaded_shell, "category:\n  description: headline"))
    assert "fits the catalogue" in right.text


def test_a_file_with_a_warning_passes(loaded_shell: Shell) -> None:
    called = loaded_shell.call("mapping", "check", write(loaded_shell, WITH_A_WARNING))

    assert called.code == 0
    assert "warning own.yaml:3: product.name: iPaaS.com requires name" in called.text
    (problem,) = loaded_shell.call("mapping", "check", "own.yaml", "--json").document["problems"]
    assert (problem["severity"], problem["line"], problem["place"]) == ("warning", 3, "product.name")


def test_the_mapping_in_use_is_checked_by_default(loaded_shell: Shell) -> None:
    shipped = loaded_shell.call("mapping", "check").text
    assert "the default mapping fits the catalogue" in shipped
    # Including the mug that was created after the load.
    assert "note settings.price_attribute is not set: all 187 products are sent with price 0." in shipped
    loaded_shell.set({"AKENEO_ASSETS_MAPPING": write(loaded_shell, "product: {name: nmae}")})
    assert "own.yaml:1: product.name" in loaded_shell.call("mapping", "check").text


def test_unchecked_parts_are_reported_if_there_is_no_mirror(shell: Shell) -> None:
    called = shell.call("mapping", "check", write(shell, "product: {name: nmae}"))

    assert called.code == 0
    assert "no codes were checked and no formulas were tested. Read it with: akeneo-assets check" in called.text
    assert "has no errors in the parts that could be checked" in called.text


def test_lists_that_were_not_read_are_reported(loaded_shell: Shell) -> None:
    called = loaded_shell.call("mapping", "check", write(loaded_shell, "product: {description: brand}"))

    assert called.code == 0
    assert "attributes/brand/options" in called.text


def test_the_check_of_the_setup_shows_warnings(shell: Shell) -> None:
    with Sandbox() as sandbox:
        shell.use(sandbox)
        shell.set({"AKENEO_ASSETS_MAPPING": write(shell, WITH_A_WARNING)})
        called = shell.call("check")
        document = shell.call("check", "--json").document
        assert writes(sandbox) == {}

    assert called.code == 0
    assert "product.name: iPaaS.com requires name, but the attribute name is not in these families" in called.text
    assert document["passed"]
    warnings = {step["step"]: len(step["warnings"]) for step in document["steps"]}
    assert warnings.pop("mapping") == 2, "also that no price is set"
    assert not any(warnings.values())


def test_a_starter_is_valid_as_it_is_and_when_it_is_uncommented(loaded_shell: Shell) -> None:
    assert loaded_shell.call("mapping", "init").code == 0
    path = loaded_shell.folder / "mapping.yaml"
    text = path.read_text(encoding="utf-8")

    assert load_mapping(path) == load_mapping()
    assert loaded_shell.call("mapping", "check", "mapping.yaml").code == 0
    path.write_text(re.sub(r"^#(?=\S|  )", "", text, flags=re.MULTILINE), encoding="utf-8")
    assert load_mapping(path).inventory
    checked = loaded_shell.call("mapping", "check", "mapping.yaml", "--json").document
    assert checked["passed"], checked["problems"]


def test_a_starter_names_the_schema_for_editors(shell: Shell) -> None:
    shell.call("mapping", "init", "own.yaml")

    first = (shell.folder / "own.yaml").read_text(encoding="utf-8").splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=file://")
    assert Path(schema).name == "schema.json"
    assert Path(schema).exists()


def test_a_starter_overwrites_nothing(shell: Shell) -> None:
    name = write(shell, FRENCH)

    called = shell.call("mapping", "init", name)

    assert called.code == 2
    assert "own.yaml already exists and was not changed" in called.text
    assert (shell.folder / name).read_text(encoding="utf-8") == FRENCH


def test_records_that_would_change_are_counted_and_shown(loaded_shell: Shell) -> None:
    name = write(loaded_shell, "product:\n  description: description\n  custom_fields: {fields: {Family: null}}")

    document = loaded_shell.call("mapping", "diff", name, "--json").document

    assert document["compared"] == {
        "categories": 70,
        "products": 104,
        "bundles": 8,
        "product_models": 17,
        "variants": 75,
    }
    assert document["different"].keys() == {"products", "bundles"}
    assert len(document["first"]) == 4
    changed = {field for each in document["first"] for field in each["fields"]}
    assert changed <= {"description", "custom_fields.Family"}
    text = loaded_shell.call("mapping", "diff", name, "--limit", "1").text
    assert "would change" in text
    assert "custom_fields.Family" in text
    assert "more records would change" in text


def test_a_record_that_would_be_left_out_is_reported(loaded_shell: Shell) -> None:
    name = write(loaded_shell, "filter: {exclude_families: [gift_cards, clothing]}")

    document = loaded_shell.call("mapping", "diff", name, "--json").document

    assert document["different"]["products"] == 1
    (card,) = (each for each in document["first"] if each["object"] == "products")
    assert card["fields"]["record"]["from"] == "sent"
    assert card["fields"]["record"]["to"].startswith("left out: ")
    assert document["different"]["product_models"] > 0
    assert document["different"]["variants"] > document["different"]["product_models"]


def test_a_bundle_that_would_be_a_product_is_reported(loaded_shell: Shell) -> None:
    name = write(loaded_shell, "settings: {bundle_association_types: []}")

    document = loaded_shell.call("mapping", "diff", name, "--json").document

    assert document["compared"]["products"] == 112
    assert {"from": "bundles", "to": "products"} in [each["fields"].get("object") for each in document["first"]]


def test_the_same_mapping_changes_nothing(loaded_shell: Shell) -> None:
    called = loaded_shell.call("mapping", "diff", write(loaded_shell, "product: {name: $label}"))

    assert called.code == 0
    assert "None of the 274 records in the mirror would change." in called.text


def test_a_comparison_writes_no_state(loaded_shell: Shell, loaded_variables: Mapping[str, str]) -> None:
    path = loaded_variables["AKENEO_ASSETS_DATABASE_URL"].removeprefix("sqlite:///")

    def content() -> list[str]:
        with sqlite3.connect(path) as connection:
            dump = list(connection.iterdump())
        connection.close()
        return dump

    before = content()
    assert loaded_shell.call("mapping", "diff", write(loaded_shell, FRENCH)).code == 0
    assert loaded_shell.call("mapping", "check", "own.yaml").code == 0
    assert loaded_shell.call("explain", "product", "straw-hat").code == 0

    assert content() == before
