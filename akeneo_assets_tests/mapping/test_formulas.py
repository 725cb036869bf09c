"""Formulas: their results, the mistakes found when the file is loaded, and that none is harmful."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_assets.mapping.catalogue.selection import select
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.formulas.formula import compile_formula, plain_result
from akeneo_assets.mapping.formulas.limits import FormulaError
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.record.record_view import RecordView, Warnings
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets_tests.mapping.catalogue import mapper, mapping, model, product, shirt, structure, value

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject

VALUES = {
    "name": [value("Straw hat", "en_US", "shop"), value("Strohhut", "de_DE", "shop")],
    "description": [value("<p>Soft &amp; warm</p><p>20 x 30 cm</p>")],
    "washable": [value(data=True)],
    "pieces": [value("0.1000")],
    "weight": [value({"amount": "1500.0000", "unit": "GRAM"})],
    "price": [value([{"amount": "19.90", "currency": "USD"}, {"amount": "9.90", "currency": "EUR"}])],
    "release": [value("2026-03-13T00:00:00+01:00")],
    "color": [value("BLUE")],
    "materials": [value(["wool", "silk"])],
    "designer": [value("eames")],
    "media": [value(["front", "back"])],
    "nutrition": [value([{"part": "peel", "kcal": 12.5}, {"part": "core"}])],
    "manual": [value("a/manual.pdf")],
}


def calculated(tmp_path: Path, formula: str, **values: Any) -> tuple[Any, list[str]]:
    source = {"formula": formula}
    lines: JsonObject = {"custom_fields": {"fields": {"Family": None, "Note": {"static": "n"}, "X": source}}}
    chosen = mapper(tmp_path, settings={"price_attribute": "price", "missing_price": "zero"}, product=lines)
    mapped = chosen.product(product(values={**VALUES, **values}))
    fields = {field["custom_field_name"]: field["value"] for field in mapped.payload["custom_fields"]}
    return fields.get("X"), [warning.reason for warning in mapped.warnings]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sku ~ '-' ~ family", "hat-1-clothing"),
        ("label|upper", "STRAW HAT"),
        ("value('name', locale='de_DE')", "Strohhut"),
        ("name", "Straw hat"),
        ("value('name', 'fr_FR')", None),
        ("color", "blue"),
        ("label('color')", "Blue"),
        ("label('color', 'de_DE')", "Blau"),
        ("materials", "silk, wool"),
        ("label('materials')", "Silk, Wool"),
        ("labels('materials')|join(' + ')", "Silk + Wool"),
        ("'wool' in materials", True),
        ("'wool' in value('fabrics')", False),
        ("label('designer') ~ ' (' ~ designer.country ~ ')'", "Ray Eames (us)"),
        ("value('designer.born')|number + 1", 1913),
        ("label('media')", "Front view, back"),
        ("media|first", "front"),
        ("label('designer.country')", "us"),
        ("labels('designer.country')", None),
        ("price * 1.19", 23.681),
        ("value('pieces') + 0.2", 0.3),
        ("pieces + 0.2 == 0.3", True),
        ("(price / 3)|round(2)", 6.63),
        ("round(1.5) ~ round(-2.5)", "2-3"),
        ("7 // 2 ~ ' ' ~ 7 % 4 ~ ' ' ~ -3", "3 3 -3"),
        ("weight", 1500),
        ("unit('weight', 'KILOGRAM')", 1.5),
        ("label('weight')", "1500 Gram"),
        ("release|substring(0, 4)", "2026"),
        ("release[:4]", "2026"),
        ("sku[-3:] ~ sku[1+0:3] ~ sku[::-1]", "t-1at1-tah"),
        ("picture[:3]", None),
        ("substring('abcdef', -3, 2)", "de"),
        ("'dry' if not washable else 'wash'", "wash"),
        ("'x' if false", None),
        ("coalesce(manual, picture, 'none')", "a/manual.pdf"),
        ("coalesce('', none, materials)", "silk, wool"),
        ("description|striptags", "Soft & warm 20 x 30 cm"),
        (r"first_match(description, 'no(t)', '(\d+) x')", "20"),
        (r"regex_search(description, '\b\d+ x \d+')", "20 x 30"),
        (r"regex_replace('a1b22', '\d+', '\1#')", r"a\1#b\1#"),
        (r"regex_replace('a1b22', '\d+', '#')", "a#b#"),
        (r"""'a\n' ~ "it's" ~ '\'""", "a\\nit's\\"),
        ("replace('a.b.c', '.', '')", "abc"),
        ("split('a; b;c', ';')[1]", "b"),
        ("split('a;b')|length", 1),
        ("from_json('{\"a\": [1, 2.50]}').a[1]", 2.5),
        ("from_json('[')", None),
        ("json({'a': 0.1, 'b': [none, true]})", '{"a":0.1,"b":[null,true]}'),
        ("nutrition[0].kcal * 2", 25),
        ("custom_field('Note') ~ '!'", "n!"),
        ("ipaas_id('product', sku)", None),
        ("parent('name')", None),
        ("enabled", True),
        ("not enabled or picture is none", True),
        ("number('12,5')", None),
        ("'  a   b '|trim ~ '|' ~ starts_with('abc', 'a') ~ ends_with('abc', 'c')", "a b|YesYes"),
        ("{'a': 1}.a ~ [1, 2][-1] ~ 'abc'|last ~ 'ß'|capitalize", "12cSS"),
        ("1 < price < 20 and not 'x' < 'a'", True),
        ("picture > 'a' or true", None),
        ("'x' in picture or 'x' not in 'abc'", True),
        ("'kcal' in nutrition[0] and 2 not in [1, 2.5]", True),
        ("price == 19.9 != 19.90001", True),
        ("text(0.50) ~ abs(-1)", "0.51"),
        ("mystery", None),
    ],
)
def test_results_of_formulas(tmp_path: Path, formula: str, expected: Any) -> None:
    found, warnings = calculated(tmp_path, formula)
    assert found == expected
    assert warnings == []


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("name * 2", "with a value that is not a number; use number"),
        ("price / 0", "divides by zero"),
        ("price < name", "compares values of different types"),
        ("'x' in price", "uses `in` with something"),
        ("custom_field('X')", "depends on itself"),
        ("name + 1", "with a value that is not a number"),
        ("enabled + 1", "with a value that is not a number"),
        ("price[1:]", "slices something that is neither"),
    ],
)
def test_a_failing_formula_leaves_out_its_field(tmp_path: Path, formula: str, reason: str) -> None:
    found, warnings = calculated(tmp_path, formula)
    assert found is None
    assert len(warnings) == 1
    assert reason in warnings[0]


@pytest.mark.parametrize("collection", ["joined", "numbered", "json"])
@pytest.mark.parametrize(
    ("formula", "description"),
    [
        ("description", "a" * 150_000),
        ("[description, description]", "a" * 150_000),
        ("from_json(description)", "[" * 300 + "]" * 300),
        ("from_json(description)", "[0." + "9" * 50 + "]"),
        ("from_json(description)", "1e200"),
        ("striptags(description)", "&#" + "9" * 5_000 + ";"),
    ],
)
def test_a_result_that_no_field_can_contain_leaves_out_its_field(
    tmp_path: Path, collection: str, formula: str, description: str
) -> None:
    fields = {"Family": None, "X": {"formula": formula, "collection": collection, "default": "instead"}}
    chosen = mapper(tmp_path, product={"custom_fields": {"fields": fields}})
    mapped = chosen.product(product(values={"description": [value(description)]}))
    assert mapped.payload["custom_fields"] == [{"custom_field_name": "X", "value": "instead"}]
    assert [warning.field for warning in mapped.warnings] == ["custom_fields.X"]


@pytest.mark.parametrize("text", ['"\\ud800"', '["\\udc00"]', '{"\\ud800": 1}', "NaN", "[Infinity]", "[1e999999999]"])
def test_text_that_only_looks_like_json_is_none(tmp_path: Path, text: str) -> None:
    assert calculated(tmp_path, "from_json(description)", description=[value(text)]) == (None, [])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p title="5 > 4">a</p><!-- b > c -->d', "a d"),
        ("<![foo[ a ]]> b <!doctype html>", "b"),
        ("1 < 2 and a<b", "1 < 2 and a<b"),
        ("<p don't>a</p>&lt;b&gt;<br/>c<!-- open", "a <b> c"),
        ("<?php a ?>b<a\nhref='x'>c", "b c"),
    ],
)
def test_the_text_of_html(tmp_path: Path, html: str, expected: str) -> None:
    assert calculated(tmp_path, "striptags(description)", description=[value(html)]) == (expected, [])


@pytest.mark.parametrize("part", ["<", "<!--", "<a ", "</", "<?", "<!", '<a b="', "<a b='", "<a'\"", "<![CDATA[", "&#"])
def test_html_is_parsed_in_linear_time(tmp_path: Path, part: str) -> None:
    started = time.process_time()
    calculated(tmp_path, "striptags(description)", description=[value(part * (99_000 // len(part)))])
    assert time.process_time() - started < 2


def test_a_calculation_with_a_missing_value_has_no_result(tmp_path: Path) -> None:
    assert calculated(tmp_path, "price * 2", price=[]) == (None, [])
    assert calculated(tmp_path, "coalesce(price, 1) * 2", price=[]) == (2, [])


def test_destinations_apply_their_type_and_default(tmp_path: Path) -> None:
    lines = {
        "weight": {"formula": "unit('weight', 'KILOGRAM')"},
        "width": {"formula": "'20'"},
        "height": {"formula": "'tall'", "default": 7},
        "allow_discounts": {"formula": "value('price') > 10"},
        "tax_class": {"formula": "value('price')"},
        "description": {"formula": "picture", "default": "no picture"},
    }
    mapped = mapper(tmp_path, product=lines).product(product(values=VALUES))
    assert {name: mapped.payload[name] for name in lines} == {
        "weight": 1.5,
        "width": 20,
        "height": 7,
        "allow_discounts": True,
        "tax_class": "19.9",
        "description": "no picture",
    }
    assert [(warning.field, warning.reason) for warning in mapped.warnings] == [("height", "the value is not a number")]


@pytest.mark.parametrize(
    ("collection", "expected"),
    [("joined", {"X": "a, 2"}), ("numbered", {"X1": "a", "X2": "2"}), ("json", {"X": '["a","2"]'})],
)
def test_lists_as_custom_fields(tmp_path: Path, collection: str, expected: JsonObject) -> None:
    fields = {"Family": None, "X": {"formula": "['a', none, 2]", "collection": collection}}
    mapped = mapper(tmp_path, product={"custom_fields": {"fields": fields}}).product(product())
    assert {each["custom_field_name"]: each["value"] for each in mapped.payload["custom_fields"]} == expected


def test_the_value_of_the_model_above(tmp_path: Path) -> None:
    fields = {"Above": {"formula": "parent('description')"}, "Own": {"formula": "description"}}
    chosen = mapper(tmp_path, variant={"custom_fields": {"fields": {"Family": None, "Name": None, **fields}}})
    root = model(values={"description": [value("general")]})
    tree = chosen.tree(root, [], [shirt("u-1", "red", "s", values={"description": [value("special")]})])
    found = {each["custom_field_name"]: each["value"] for each in tree.variants[0].payload["custom_fields"]}
    assert found == {"Above": "general", "Own": "special"}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("ipaas_id('category', 'hats')", "category/hats/7"),
        ("ipaas_id('product', pieces)", "product/4/7"),
        ("ipaas_id('product', materials)", "product/silk, wool/7"),
        ("ipaas_id('product', picture)", None),
    ],
)
def test_ids_of_ipaas_come_from_the_caller(tmp_path: Path, formula: str, expected: str | None) -> None:
    asked: list[object] = []

    def find_id(kind: str, key: str) -> str:
        asked.append(key)
        return f"{kind}/{key}/7"

    lines = {"custom_fields": {"fields": {"Family": None, "Id": {"formula": formula}}}}
    known = Mapper(mapping(tmp_path, product=lines), structure(), "UUID", ipaas_ids=find_id)
    values = {"pieces": [value(4)], "materials": [value(["wool", "silk"])]}
    found = known.product(product(values=values)).payload.get("custom_fields", [])
    assert [each["value"] for each in found] == ([] if expected is None else [expected])
    assert all(isinstance(key, str) for key in asked)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("name ~", "is not an expression"),
        ("name }} {{ name", "continues after its end"),
        ("uper(name)", "calls the unknown function uper. Did you mean upper?"),
        ("name|uper", "calls the unknown function uper. Did you mean upper?"),
        ("ipaas_id('produkt', sku)", "with the unknown kind produkt. Did you mean product?"),
        ("ipaas_id(family, sku)", "as text in quotes"),
        ("name is prime", "`is prime`, which is not supported"),
        ("value(name)", "as text in quotes"),
        ("value()", "calls value(code, locale, channel) with wrong arguments"),
        ("value('a', 'b', 'c', 'd')", "with wrong arguments"),
        ("first_match(name, '(')", "invalid pattern"),
        ("2 ** 3", "contains **, which is not supported"),
        ("name.upper()", "calls something that is not a function"),
        ("upper(*materials)", "pass its arguments one by one"),
        ("(" * 60 + "1" + ")" * 60 + " + 1" * 60, "is nested"),
        ("(" * 900 + "1" + ")" * 900, "is nested too deeply"),
        ("-" * 1999 + "1", "is nested"),
        ("'" + "a" * 2000 + "'", "is longer than 2,000 characters"),
        ("{% for a in b %}", "is not an expression"),
        ("lambda: 1", "continues after its end"),
        ("\x00", "is not an expression"),
    ],
)
def test_mistakes_are_found_when_the_file_is_loaded(formula: str, expected: str) -> None:
    with pytest.raises(FormulaError) as raised:
        compile_formula(formula)
    assert expected in f"{raised.value}. {raised.value.fix}"


ATTACKS = [
    "''.__class__.__mro__",
    "name.__class__",
    "name['__class__']",
    "().__class__.__bases__[0].__subclasses__()",
    "self",
    "self._TemplateReference__context",
    "cycler.__init__.__globals__",
    "lipsum.__globals__['os'].popen('id').read()",
    "config",
    "request.application",
    "range(10**9)",
    "range(1000000000)|list",
    "'a' * 10000000000",
    "[0] * 10000000000",
    "9 ** 9 ** 9 ** 9",
    "9999999999 * 9999999999 * 9999999999 * 9999999999 * 9999999999 * 9999999999",
    "'%1000000000d' % 1",
    "'{:>1000000000}'.format(1)",
    "'a'.center(1000000000)",
    "'a'|center(1000000000)",
    "'a'|indent(1000000000)",
    "'%s'|format('a')",
    "name|pprint",
    "name|attr('__class__')",
    "materials|map('upper')|list",
    "dict(a=1)",
    "joiner('x')",
    "namespace(a=1)",
    "first_match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a+)+$')",
    "~".join(["description"] * 150),
    "json([" + ",".join(["description"] * 150) + "])",
    "replace(replace(replace('aaaaaaaa', 'a', description), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa')",
    "split(description, 'a')",
    "join(split(description, 'b'), description)",
    "regex_replace(description, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
    "regex_replace(description, 'a*', description)",
    "from_json('" + "[" * 1500 + "')",
    "1e400 * 1e400",
    "number('1e99') * number('1e99') * number('1e99')",
    "round(1, 1000000000)",
    "substring(description, 0, 10) if description else (1 / 0)",
    "1 / 3 * 3",
    "'x'[1000000000000000000000000]",
    "[1][price:price]",
    "{[]: 1}",
    "text(from_json('1e999999999'))",
    "'abc'[from_json('1e999999999'):]",
    "substring('abc', from_json('[1e999999999]')[0])",
]


@pytest.mark.parametrize("formula", ATTACKS)
def test_no_formula_is_harmful(formula: str) -> None:
    """Every formula is refused or ends soon with a plain value, and shows nothing of Python."""
    started = time.process_time()
    try:
        compiled = compile_formula(formula)
    except FormulaError:
        compiled = None
    if compiled is not None:
        known = structure()
        reader = ValueReader(known, select(load_mapping().settings, known))
        values = {"description": [value("a" * 90_000)], "materials": [value(["wool"])], "price": VALUES["price"]}
        view = RecordView({"sku": "s"}, Warnings(), reader, values)
        try:
            result = plain_result(compiled.evaluate(view, "field"))
        except FormulaError:
            result = None
        assert result is None or isinstance(result, (str, int, float, bool))
        assert len(str(result)) <= 100_000
        assert "object" not in str(result)
        assert "<class" not in str(result)
    assert time.process_time() - started < 2


def test_nested_comparisons_end_soon(tmp_path: Path) -> None:
    formula = "2"
    for _ in range(20):
        formula = f"0 < ({formula})|length < 5"
    started = time.process_time()
    assert calculated(tmp_path, formula) == (True, [])
    assert time.process_time() - started < 2


def test_custom_fields_that_refer_to_each_other_twice_end_soon(tmp_path: Path) -> None:
    fields: JsonObject = {"Family": None, "F0": {"formula": "sku"}}
    for number in range(1, 31):
        other = f"custom_field('F{number - 1}')"
        fields[f"F{number}"] = {"formula": f"{other} if {other} else 1"}
    chosen = mapper(tmp_path, product={"custom_fields": {"fields": fields}})
    started = time.process_time()
    mapped = chosen.product(product())
    assert {each["value"] for each in mapped.payload["custom_fields"]} == {"hat-1"}
    assert mapped.warnings == ()
    assert time.process_time() - started < 2


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("()[]{}'\"|~+-*/%<>=!.,:_ab1 \nnameifelsotrandg"), max_size=40))
def test_no_text_crashes_the_compiler(text: str) -> None:
    try:
        compiled = compile_formula(text)
    except FormulaError:
        return
    try:
        plain_result(compiled.evaluate(RecordView({"sku": "s"}, Warnings()), "field"))
    except FormulaError:
        return
