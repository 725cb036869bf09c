from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.file.finding import MappingFileError
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.file.sources import LookupSource, StaticSource

if TYPE_CHECKING:
    from pathlib import Path


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        load_mapping(path)
    assert raised.value.settings == ("AKENEO_ASSETS_MAPPING",)
    message = str(raised.value)
    assert str(path) in message
    return message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("product:\n  nmae: title\n", ["line 2: product.nmae: this name is unknown here"]),
        ("prodcut:\n  name: title\n", ["line 1: prodcut: this name is unknown here"]),
        ("settings:\n  channel: shop\n  chanel: tv\n", ["line 3: settings.chanel:"]),
        ("settings:\n  locale_fallbacks: en_US\n", ["line 2: settings.locale_fallbacks: must be a list"]),
        ("settings:\n  price_attribute: [price]\n", ["line 2: settings.price_attribute:"]),
        ("product:\n  name: [title]\n", ["line 2: product.name: must be the code of an attribute"]),
        ("product:\n  name: {from: title}\n", ["line 2: product.name: must be the code of an attribute"]),
        ("product:\n  name: {field: t, fallback: x}\n", ["line 2: product.name.fallback: this name"]),
        ("product:\n  tax_class: {lookup: brand}\n", ["line 2: product.tax_class.table: is required"]),
        ("product:\n  name: two words\n", ["line 2: product.name: must be an attribute code (letters, digits and _"]),
        ("product:\n  name: null\n", ["line 2: product.name:"]),
        ("product: [name]\n", ["line 1: product: must contain `name: value` lines"]),
        ("product: {custom_fields: {all: perhaps}}\n", ["line 1: product.custom_fields.all: must be true or false"]),
        ("filter: {expression: 'a ='}\n", ["line 1: filter.expression: continues after its end"]),
        ("filter: {expression: $enabld}\n", ["line 1: filter.expression: is not an expression"]),
        ("filter: {completeness: {minimum: 101}}\n", ["line 1: filter.completeness.minimum: "]),
        ("filter: {families: []}\n", ["line 1: filter.families: must not be empty. Fill or remove it."]),
        ("filter:\n  categories: []\n", ["line 2: filter.categories: must not be empty."]),
        ("product:\n  weight: {static: heavy}\n", ["line 2: product.weight.static: must be a number. Write a number"]),
        ("product:\n  msrp: {field: price, default: '-'}\n", ["line 2: product.msrp.default: must be a number"]),
        (
            "inventory:\n- {location: {static: A}, qty_on_hand: {static: true}}\n",
            ["line 2: inventory[0].qty_on_hand.st"],
        ),
        (
            "product:\n  width:\n    lookup: color\n    table:\n      blue: 1\n      red: wide\n",
            ["line 6: product.width.table.red: must be a number"],
        ),
        (
            "product:\n  allow_discounts: {static: yes}\n",
            ["line 2: product.allow_discounts.static: must be true or false. Write true or false."],
        ),
        ("filter: {family: a}\n", ["line 1: filter.family: this name is unknown here"]),
        ("alternate_id:\n  - {alternate_id: ean}\n", ["line 2: alternate_id[0].alternate_id_type_id: is required"]),
        ("product:\n  name: {formula: 'name ~'}\n", ["line 2: product.name.formula: is not an expression"]),
        (
            "product:\n  custom_fields:\n    fields:\n      X: {formula: 'uper(name)'}\n",
            ["line 4: product.custom_fields.fields.X.formula: calls the unknown function uper. Did you mean upper?"],
        ),
        (
            "product:\n  name: {formula: \"first_match(name, '(a+')\"}\n",
            ["line 2: product.name.formula: has an invalid pattern"],
        ),
        (
            "product: {name: {formula: 'range(10 ** 9)'}}\n",
            ["line 1: product.name.formula: calls the unknown function range"],
        ),
        ("product: {name: {formula: '9 ** 9 ** 9'}}\n", ["product.name.formula: contains **, which is not supported"]),
        ("product: {name: {formula: 'name.__class__'}}\n", ["product.name.formula: "]),
        ("product: {name: {formula: '{% for a in b %}'}}\n", ["line 1: product.name.formula: is not an expression"]),
        ("product: {name: {formula: 'name.center(10)'}}\n", ["calls something that is not a function"]),
        ("product: {name: {formula: 'name|pprint'}}\n", ["calls the unknown function pprint"]),
        ("product: {name: {formula: [a]}}\n", ["line 1: product.name.formula: must be text"]),
        ("product: {name: {field: a, form: nice}}\n", ["line 1: product.name.form: must be 'code', 'label', 'link'"]),
        ("product: {name: {field: $label, unit: GRAM}}\n", ["product.name: the property $label cannot have unit"]),
        ("product: {name: $label.x}\n", ["line 1: product.name: must be an attribute code (letters"]),
        (
            "product: {custom_fields: {attributes: [{grp: a}]}}\n",
            ["line 1: product.custom_fields.attributes[0].group: is required"],
        ),
        ("product: {tax_class: {lookup: a, table: {b: 2026-01-01}}}\n", ["product.tax_class.table.b: must be text"]),
        ("variant:\n  name: title\n", ["line 2: variant.name: this name is unknown here"]),
        (
            "product:\n  msrp: {static: .nan}\n",
            ["line 2: product.msrp.static: must be text, a number, true or false"],
        ),
        ("product:\n  custom_fields:\n    attributes: brand\n", ["line 3: product.custom_fields.attributes:"]),
        (
            "inventory:\n  - location_id: {static: '1'}\n  - qty_on_hand: stock\n",
            ["line 3: inventory[1]: needs either location (a name) or location_id"],
        ),
        (
            "product:\n  name: $lable\n",
            ["line 2: product.name: there is no property $lable here", "$label", "$identifier"],
        ),
        ("category:\n  name: $uuid\n", ["line 2: category.name: there is no property $uuid", "$code, $label"]),
        (
            "product:\n  custom_fields:\n    attributes:\n      - brand\n      - $brand\n",
            ["line 5: product.custom_fields.attributes[1]: there is no property $brand"],
        ),
        (
            "product:\n  name: a\n  name: b\n",
            ["line 3: product.name: `name` is a duplicate; it is first used in line 2"],
        ),
        (
            "product: {}\nkit: {}\nproduct: {}\n",
            ["line 3: product: `product` is a duplicate; it is first used in line 1"],
        ),
        ("product:\n  name: 'open\n", ["line ", "invalid YAML"]),
        ("product:\n\tname: x\n", ["line 2: invalid YAML"]),
        ("a: !!python/object:os.x {}\n", ["line 1: invalid YAML"]),
        ("a: \x07\n", ["invalid YAML"]),
        ("- product\n", ["line 1: must contain `settings:`"]),
        ("just text\n", ["line 1: must contain `settings:`"]),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_fix(tmp_path: Path, text: str, expected: list[str]) -> None:
    message = refusal(tmp_path, text)
    for part in expected:
        assert part in message


SYNTAX = "Correct it; put text with YAML's special characters, such as : # { } [ ] and @, in quotes."
FORMULA = "Correct the formula; the end of the default mapping file lists syntax and functions."
LINES = "Write them below it, indented."
QUOTES = "Put text in quotes if YAML could read it as something else."


@pytest.mark.parametrize(
    ("text", "line", "place", "message", "fix"),
    [
        # not YAML
        ("product:\n  name: [title\n", 3, None, "invalid YAML: expected ',' or ']'", SYNTAX),
        ("\nproduct: *other\n", 2, None, "invalid YAML: found undefined alias", SYNTAX),
        ("product:\n  msrp: 2026-13-45\n", 2, None, "invalid YAML: month must be in 1..12", SYNTAX),
        ("a: b\n---\nc: d\n", 2, None, "invalid YAML: found another document", SYNTAX),
        ("product:\n  msrp: !!timestamp abc\n", 2, None, "invalid YAML: 'abc' is not a valid timestamp", SYNTAX),
        ("product:\n  msrp: !!bool maybe\n", 2, None, "invalid YAML: 'maybe' is not a valid bool", SYNTAX),
        ("product:\n  msrp: !!int ''\n", 2, None, "invalid YAML: '' is not a valid int", SYNTAX),
        ('product:\n  name: {static: "\\ud800"}\n', 2, None, "invalid YAML: an incomplete character", SYNTAX),
        ('product:\n  name: "\\U00110000"\n', 2, None, "invalid YAML: chr() arg not in range", SYNTAX),
        ("kit: &a\n  <<: *a\n", 2, "kit.<<", "merge keys are not supported", "Write the lines out."),
        ("product:\n  name: \x07\n", 2, None, "invalid YAML: special characters are not allowed", "Remove it."),
        ("a: " + "[" * 2_000, 1, None, "the file is nested too deeply", "Correct its indentation and brackets."),
        ("\n- product\n", 2, None, "must contain `settings:`", "Start with one of these."),
        (
            "kit:\n  sku: a\n  sku: b\n",
            3,
            "kit.sku",
            "`sku` is a duplicate; it is first used in line 2",
            "Keep one of them.",
        ),
        # unknown and missing names
        ("produkt: {}\n", 1, "produkt", "this name is unknown here", "Correct or remove it."),
        ("product: {name: {field: a, static: b}}", 1, "product.name.static", "unknown", "Correct or remove it."),
        ("product:\n  1: x\n", 2, "product[1]", "a name must be text", "Put it in quotes, or remove it."),
        ("unit:\n- conversion: pieces\n", 2, "unit[0].name", "is required", "Add it."),
        ("kit:\n  sku: $label2\n", 2, "kit.sku", "there is no property $label2 here", "Choose one of $enabled, "),
        # wrong types
        ("inventory: {a: b}\n", 1, "inventory", "must be a list", "Write it as [first, second]."),
        ("inventory:\n- a\n", 2, "inventory[0]", "must contain `name: value` lines", LINES),
        ("settings:\n  units: [GRAM]\n", 2, "settings.units", "must contain `name: value` lines", LINES),
        ("settings: {channel: 1.5}\n", 1, "settings.channel", "must be text", "Write text; put it in quotes "),
        ("settings: {channel: ''}\n", 1, "settings.channel", "must not be empty", "Fill or remove it."),
        ("product: {msrp: {lookup: a, table: {}}}", 1, "product.msrp.table", "must not be empty", "Fill or remove it."),
        ("filter:\n  enabled: 3\n", 2, "filter.enabled", "must be true or false", "Write true or false."),
        ("filter: {enabled: often}\n", 1, "filter.enabled", "must be true or false", "Write true or false."),
        (
            "filter: {completeness: {minimum: x}}",
            1,
            "filter.completeness.minimum",
            "must be a valid int",
            "Correct it.",
        ),
        ("settings: {media: url}\n", 1, "settings.media", "must be 'code' or 'link'", "Choose one of these."),
        ("product:\n  name: null\n", 2, "product.name", "must be the code of an attribute", "Use one of these."),
        (
            "product:\n  name: a b\n",
            2,
            "product.name",
            "must be an attribute code (letters",
            "Correct the code, or write {static",
        ),
        ("product: {msrp: {static: [1]}}\n", 1, "product.msrp.static", "must be text, a number", QUOTES),
        ("product: {name: {field: $sku, unit: A}}", 1, "product.name", "cannot have unit", "Remove it."),
        ("inventory:\n- cost: a\n", 2, "inventory[0]", "needs either location", "Add or remove one."),
        # formulas
        ("product:\n  name: {formula: 'a ~'}\n", 2, "product.name.formula", "is not an expression: ", FORMULA),
        ("product: {name: {formula: a b}}\n", 1, "product.name.formula", "continues after its end at `b`", FORMULA),
        (
            "product: {name: {formula: uper(a)}}\n",
            1,
            "product.name.formula",
            "unknown function uper",
            "Did you mean upper?",
        ),
        (
            "product: {name: {formula: a is odd}}\n",
            1,
            "product.name.formula",
            "`is odd`, which is not",
            "Choose one of boolean",
        ),
        (
            "product: {name: {formula: a.b()}}\n",
            1,
            "product.name.formula",
            "is not a function",
            "Call only documented functions",
        ),
        ("product: {name: {formula: value(a)}}\n", 1, "product.name.formula", "as text in quotes", FORMULA),
        (
            f"product: {{name: {{formula: {'a~' * 1_000}a}}}}",
            1,
            "product.name.formula",
            "2,000 characters",
            "Split it, ",
        ),
        (f"product: {{name: {{formula: {'(' * 300}a{')' * 300}}}}}", 1, "product.name.formula", "nested", "Split it, "),
        ("filter:\n  expression: a >\n", 2, "filter.expression", "is not an expression: ", FORMULA),
    ],
)
def test_every_mistake_has_its_line_place_and_fix(
    tmp_path: Path, text: str, line: int, place: str | None, message: str, fix: str
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(MappingFileError) as raised:
        load_mapping(path)
    (finding,) = raised.value.findings
    assert (finding.line, finding.place) == (line, place)
    assert message in finding.message
    assert finding.message.endswith(".")
    assert finding.fix.startswith(fix)
    assert str(raised.value).splitlines() == [f"The mapping file {path} is invalid:", f"  {finding}"]


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, "settings:\n  chanel: x\nproduct:\n  nmae: y\n")
    assert "line 2: settings.chanel" in message
    assert "line 4: product.nmae" in message


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml[\s\S]*No such file.*AKENEO_ASSETS_MAPPING") as raised:
        load_mapping(tmp_path / "nowhere.yaml")
    assert raised.value.settings == ("AKENEO_ASSETS_MAPPING",)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_mapping(path)


def test_a_document_that_contains_itself_is_refused(tmp_path: Path) -> None:
    assert "line 1: a: this name is unknown here" in refusal(tmp_path, "a: &loop\n  b: *loop\n")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "settings:\nproduct:\n  # name: title\n", "{}"])
def test_an_empty_file_changes_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    assert load_mapping(path) == load_mapping()


def test_own_lines_replace_only_the_same_default_lines(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(
        "product:\n  name: title\n  status: {static: Active}\n  custom_fields: {fields: {Family: null, Brand: brand}}\n"
    )
    shipped, own = load_mapping().model_dump(exclude_unset=True), load_mapping(path).model_dump(exclude_unset=True)
    assert own["product"]["name"] == {"field": "title"}
    assert own["product"]["status"] == {"static": "Active"}
    assert load_mapping(path).product.custom_fields.sources.keys() == {"Brand"}
    changed = {"name", "status", "custom_fields"}
    rest = shipped["product"].keys() - changed
    assert {name: own["product"][name] for name in rest} == {name: shipped["product"][name] for name in rest}
    assert {name: part for name, part in own.items() if name != "product"} == {
        name: part for name, part in shipped.items() if name != "product"
    }


def test_codes_that_yaml_would_read_as_numbers_or_booleans(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text("product:\n  name: 123\n  custom_fields: {attributes: [456, yes]}\n")
    mapping = load_mapping(path)
    assert mapping.product.active[1].source.name == "123"
    assert mapping.product.custom_fields.attributes == ("456", "yes")


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    message = refusal(tmp_path, "# long\n" * 150_000)
    assert "the file is larger than 1,000,000 bytes. Choose a mapping file, or shorten this one." in message


def test_merge_keys_are_refused_before_they_multiply(tmp_path: Path) -> None:
    lines = ["l0: &l0 {a: 1, b: 2}"]
    lines += [f"l{number}: &l{number} {{<<: [{', '.join([f'*l{number - 1}'] * 10)}]}}" for number in range(1, 12)]
    assert "line 2: l1.<<: merge keys are not supported. Write the lines out." in refusal(tmp_path, "\n".join(lines))


def test_codes_are_kept_as_written(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(
        "product:\n"
        "  tax_class: {lookup: country, table: {0010: 0017, NO: no, 12:30: 1_000, on: 1e3, true: 8}, default: 0x1F}\n"
        "  msrp: {static: -1.50}\n"
        "  custom_fields: {all: yes, attributes: [010, off, 12]}\n"
    )
    product = load_mapping(path).product
    assert isinstance(product.tax_class, LookupSource)
    assert product.tax_class.table == {"0010": "0017", "NO": "no", "12:30": "1_000", "on": "1e3", "true": 8}
    assert product.tax_class.default == "0x1F"
    assert product.msrp == StaticSource(static=-1.5)
    assert product.custom_fields.attributes == ("010", "off", "12")
    assert product.custom_fields.all is True
