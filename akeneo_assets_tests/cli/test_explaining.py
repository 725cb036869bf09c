"""``akeneo-assets explain`` shows where a record's fields come from and what was sent, without any request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.world import World, load_structure
from akeneo_assets_tests.shell import Shell

LINES = """\
settings:
  channel: ecommerce
  locale: fr_FR
  locale_fallbacks: [en_US]
product:
  name: name
  description: description
  tax_class: {lookup: brand, table: {nordlys: "17"}, default: "1"}
  weight: {formula: "unit('weight', 'KILOGRAM') * 2"}
  msrp: name
"""


def use_mapping(shell: Shell, lines: str) -> Path:
    path = shell.folder / "mapping.yaml"
    path.write_text(lines, encoding="utf-8")
    shell.set({"AKENEO_ASSETS_MAPPING": str(path)})
    return path


def fields(document: Any) -> dict[str, Any]:
    return {field["destination"]: field for field in document["fields"]}


def test_each_field_is_reported_with_its_source_and_why(loaded_shell: Shell) -> None:
    use_mapping(loaded_shell, LINES)

    called = loaded_shell.call("explain", "product", "straw-hat", "--json")

    assert called.code == 0
    found = fields(called.document)
    name = found["name"]
    assert (name["rule"], name["source"], name["value"], name["result"]) == (
        "attribute",
        "name",
        "Chapeau de paille",
        "Chapeau de paille",
    )
    assert (name["locale"], name["choice"]) == ("fr_FR", "own locale")
    assert (found["status"]["rule"], found["status"]["value"], found["status"]["result"]) == (
        "lookup",
        False,
        "Disabled",
    )
    assert found["msrp"]["result"] is None
    assert found["msrp"]["warnings"] == ["name is not a number"]
    sent = {name: field["result"] for name, field in found.items() if field["result"] is not None}
    payload = called.document["mapped"]["payload"]
    assert {name: payload[name] for name in payload if name not in {"custom_fields", "inventory"}} == {
        name: value for name, value in sent.items() if not name.startswith(("custom_fields.", "related_products["))
    }


def test_differences_from_the_last_sent_version_are_reported(loaded_shell: Shell) -> None:
    called = loaded_shell.call("explain", "product", "straw-hat", "--json")

    assert called.document["differs"] == {"status": {"from": "Active", "to": "Disabled"}}
    assert called.document["ledger"]["state"] == "sent"
    text = loaded_shell.call("explain", "product", called.document["key"]).text
    assert "iPaaS.com id " + called.document["ledger"]["ipaas_id"] in text
    assert "status Active Disabled" in text


@pytest.mark.parametrize(
    ("kind", "record_id", "expected"),
    [
        (
            "product",
            "linen-shirt-white-s",
            ("variant ", "options[0].value Weiß property $label of color white Weiß", "custom_fields.Name"),
        ),
        (
            "product",
            "bed-set-white",
            ("kit.sku", "components[0].quantity 2 association ", "in iPaaS.com, id ", "Categories: bed_linen"),
        ),
        (
            "product_model",
            "linen-shirt",
            ("Variants: ", "options[0].values[1].value Salbei property $label of color ", "lookup $enabled"),
        ),
        ("category", "hats", ("Parent: accessories", "property $label")),
    ],
)
def test_every_kind_of_record_is_explained(
    kind: str, record_id: str, expected: tuple[str, ...], loaded_shell: Shell
) -> None:
    called = loaded_shell.call("explain", kind, record_id)

    assert called.code == 0, called.errors
    for part in (*expected, "No difference from what iPaaS.com last accepted."):
        assert part in called.text


def test_a_variant_is_a_kind_and_its_timeline_is_reported(loaded_shell: Shell) -> None:
    document = loaded_shell.call("explain", "variant", "linen-shirt-white-s", "--json").document

    assert document["kind"] == "variant"
    first = document["timeline"][-1]
    assert (first["status"], first["action"], first["reason"]) == ("sent", "create", "new")
    assert first["changes"]["sku"] == {"from": None, "to": "linen-shirt-white-s"}
    text = loaded_shell.call("explain", "variant", document["key"]).text
    assert "sent create new created with" in text
    assert 'sku: "linen-shirt-white-s"' in text


@pytest.mark.parametrize(
    ("kind", "record_id", "message"),
    [
        ("variant", "straw-hat", "straw-hat is a simple product, not a variant."),
        ("variant", "bed-set-white", "Explain it with: akeneo-assets explain bundle bed-set-white"),
        ("bundle", "linen-shirt-white-s", "linen-shirt-white-s is a variant, not a bundle."),
    ],
)
def test_a_record_of_another_kind_is_refused(kind: str, record_id: str, message: str, loaded_shell: Shell) -> None:
    called = loaded_shell.call("explain", kind, record_id)

    assert called.code == 2
    assert message in called.errors


def test_links_are_reported_with_their_target_and_whether_it_exists(loaded_shell: Shell) -> None:
    document = loaded_shell.call("explain", "product", "bed-set-white", "--json").document

    found, target = fields(document), "components[0].target"
    component = document["mapped"]["components"][0]
    assert found[target]["result"] == component["target"]["key"]
    assert found["components[0].quantity"]["result"] == component["quantity"]
    assert (found[target]["rule"], found[target]["source"]) == ("association", "PRODUCTSET")
    assert document["targets"][target]["ipaas_id"]
    text = loaded_shell.call("explain", "product", document["key"]).text
    assert f"in iPaaS.com, id {document['targets'][target]['ipaas_id']}" in text


def test_a_missing_target_is_reported(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Sandbox() as sandbox:
        world = World(sandbox, tmp_path_factory.mktemp("dry"))
        load_structure(world.engine())
        world.engine().sync_records("product", [world.uuid("bed-set-white")], dry_run=True)
        shell.set(world.environment())
        world.close()

    called = shell.call("explain", "product", "bed-set-white")

    assert called.text.count("not in iPaaS.com yet") == called.text.count("].target") > 0


def test_a_custom_field_that_is_no_longer_mapped_is_reported(loaded_shell: Shell) -> None:
    use_mapping(loaded_shell, "product: {custom_fields: {fields: {Family: null}}}")

    called = loaded_shell.call("explain", "product", "mug-sage", "--json")

    field = fields(called.document)["custom_fields.Family"]
    assert (field["rule"], field["result"]) == ("no line", None)
    assert called.document["differs"]["custom_fields.Family"]["to"] is None


def test_a_blocked_record_is_reported_with_its_error(loaded_shell: Shell) -> None:
    called = loaded_shell.call("explain", "category", "first")

    assert called.code == 1
    assert "Last result: blocked" in called.text
    assert "second" in called.text
    document = loaded_shell.call("explain", "category", "first", "--json").document
    assert document["ledger"]["state"] == "blocked"
    assert document["ledger"]["error_message"]


def test_a_refused_record_is_reported_with_its_next_retry(loaded_shell: Shell) -> None:
    called = loaded_shell.call("explain", "product", "mug-white")

    assert called.code == 1
    assert "Last result: failed VALD-1025" in called.text
    ledger = loaded_shell.call("explain", "product", "mug-white", "--json").document["ledger"]
    assert (ledger["state"], ledger["error_code"]) == ("failed", "VALD-1025")
    assert ledger["failed_at"] in called.text
    assert ("next retry" in called.text) is ("next_retry_at" in ledger)


def test_a_record_that_was_never_sent_is_reported_with_the_next_step(loaded_shell: Shell) -> None:
    called = loaded_shell.call("explain", "product", "new-mug")

    assert called.code == 0
    key = loaded_shell.call("explain", "product", "new-mug", "--json").document["key"]
    assert f"Not sent yet. Next: akeneo-assets sync record product {key}" in called.text


def test_a_record_that_the_mapping_leaves_out_is_reported(loaded_shell: Shell) -> None:
    use_mapping(loaded_shell, "filter: {enabled: true}")

    called = loaded_shell.call("explain", "product", "straw-hat", "--json")

    assert called.code == 1
    assert called.document["mapped"] is None
    assert called.document["problem"]["code"] == "filtered"
    assert "Cannot be sent filtered" in loaded_shell.call("explain", "product", "straw-hat").text


def test_a_variant_that_is_left_out_is_missing_from_its_model(loaded_shell: Shell) -> None:
    use_mapping(loaded_shell, "filter: {expression: sku != 'linen-shirt-white-s'}")

    assert loaded_shell.call("explain", "product", "linen-shirt-white-s").code == 1
    model = loaded_shell.call("explain", "product_model", "linen-shirt", "--json").document
    assert fields(model)["status"]["result"] == model["mapped"]["payload"]["status"] == "Active"
    assert "linen-shirt-white-s" not in json.dumps(model["mapped"])


@pytest.mark.parametrize(
    ("kind", "record_id", "expected"),
    [
        ("product", "nope", "akeneo-assets sync record product nope --dry-run"),
        ("category", "straw-hat", "akeneo-assets sync record category straw-hat --dry-run"),
        ("product_model", "linen-shirt-white", "Explain its product model linen-shirt"),
    ],
)
def test_a_record_missing_from_the_mirror_is_reported_with_the_next_step(
    kind: str, record_id: str, expected: str, loaded_shell: Shell
) -> None:
    called = loaded_shell.call("explain", kind, record_id)

    assert called.code == 2
    assert expected in called.text
    assert called.output == ""


def test_an_empty_mirror_is_reported(shell: Shell) -> None:
    called = shell.call("explain", "product", "straw-hat")

    assert called.code == 2
    assert "akeneo-assets sync record product straw-hat --dry-run" in called.text


def test_nothing_is_cut_off_in_a_pipe(loaded_shell: Shell) -> None:
    use_mapping(loaded_shell, "product: {description: {static: " + "x" * 150 + "end}}")

    called = loaded_shell.call("explain", "product", "straw-hat")

    assert "…" not in called.output
    assert "end" in called.output
    assert called.output.count("x") >= 150
    (line,) = (line for line in called.output.splitlines() if line.strip().startswith("name "))
    assert line.split() == ["name", "Straw", "hat", "property", "$label", "Straw", "hat"]
