from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.checks.check import check
from akeneo_assets.mapping.checks.lineage import sources_of
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets_tests.mapping.catalogue import mapper, mapping, product, structure
from akeneo_assets_tests.mapping.golden import FOLDER, NAMES, Name, catalogue

if TYPE_CHECKING:
    from pathlib import Path


DELETED = {
    "attribute": {"gone"},
    "association_type": {"OLD"},
    "family": {"hats"},
    "category": {"attic"},
    "reference_entity_attribute": {"designers/born"},
}
ZERO = {"price_attribute": "price", "missing_price": "zero"}
NO_PRICE = ("product.default_price", " in these families: clothing, parts.")


@pytest.mark.parametrize("known", [Structure(), structure()])
def test_the_default_mapping_fits_every_catalogue(known: Structure) -> None:
    assert check(load_mapping(), known) == []


@pytest.mark.parametrize(
    ("lines", "place", "message", "fix"),
    [
        (
            {"product": {"allow_discounts": "description"}},
            "product.allow_discounts",
            "has the type pim_catalog_textarea, but a yes/no attribute is needed",
            "Use a yes/no attribute instead.",
        ),
        ({"settings": {"channel": "shpo"}}, "settings.channel", "no channel shpo", "mean shop?"),
        (
            {"settings": {"locale": "en_GB"}},
            "settings.locale",
            "no locale en_GB in the channel shop",
            "mean en_US?",
        ),
        (
            {"settings": {"channel": "tv", "locale": "de_DE"}},
            "settings.locale",
            "no locale de_DE in the channel tv",
            "fr_FR",
        ),
        (
            {"settings": {"locale_fallbacks": ["de_DE", "it_IT"]}},
            "settings.locale_fallbacks[1]",
            "no locale it_IT",
            "de_DE",
        ),
        (
            {"settings": {"currency": "GBP"}},
            "settings.currency",
            "no currency GBP in the channel shop",
            "EUR, USD",
        ),
        (
            {"settings": {"bundle_association_types": ["SET", "BOX"]}},
            "settings.bundle_association_types[1]",
            "no association type BOX",
            "Choose one of PACK, PALLET",
        ),
        (
            {"settings": {"related_association_types": ["x_sell"]}},
            "settings.related_association_types[0]",
            "no association type x_sell",
            "mean X_SELL?",
        ),
        ({"settings": {"price_attribute": "prices"}}, "settings.price_attribute", "no attribute", "mean price?"),
        (
            {"settings": {"price_attribute": "color", "missing_price": "zero"}},
            "settings.price_attribute",
            "color has the type pim_catalog_simpleselect, but a price",
            "Use a price or number attribute",
        ),
        (
            {"product": {"weight": "washable"}},
            "product.weight",
            "but a number attribute is needed",
            "Use a number attribute",
        ),
        ({"product": {"description": "Description"}}, "product.description", "no attribute", "description?"),
        (
            {"product": {"custom_fields": {"attributes": ["color", "size", "colour"]}}},
            "product.custom_fields.attributes[2]",
            "There is no attribute colour",
            "Did you mean color?",
        ),
        (
            {"variant": {"custom_fields": {"fields": {"Weight": "wight"}}}},
            "variant.custom_fields.fields.Weight",
            "no attribute wight",
            "mean weight?",
        ),
        (
            {"product": {"tax_class": {"lookup": "taxes", "table": {"a": "b"}}}},
            "product.tax_class",
            "no attribute taxes",
            "remove it",
        ),
        (
            {"inventory": [{"location_id": {"static": "1"}, "qty_on_hand": "stock"}]},
            "inventory[0].qty_on_hand",
            "no attribute stock",
            "remove it",
        ),
        (
            {"settings": {"units": {"Wieght": "GRAM"}}},
            "settings.units.Wieght",
            "no measurement family Wieght",
            "mean Weight?",
        ),
        (
            {"settings": {"units": {"Weight": "GRAMS"}}},
            "settings.units.Weight",
            "no unit GRAMS in the measurement family Weight",
            "mean GRAM?",
        ),
        (
            {"product": {"weight": {"field": "weight", "unit": "POUND"}}},
            "product.weight",
            "no unit POUND",
            "GRAM, KILOGRAM",
        ),
        ({"product": {"depth": {"field": "pieces", "unit": "GRAM"}}}, "product.depth", "not a measurement", "Remove"),
        ({"product": {"msrp": {"field": "pieces", "currency": "USD"}}}, "product.msrp", "has no currency", "Remove"),
        ({"product": {"msrp": {"field": "price", "currency": "GBP"}}}, "product.msrp", "no currency GBP", "EUR, USD"),
        (
            {"product": {"description": {"field": "name", "locale": "fr_FR"}}},
            "product.description",
            "no locale fr_FR in the channel shop",
            "de_DE, en_US",
        ),
        (
            {"product": {"description": {"field": "name", "channel": "radio"}}},
            "product.description",
            "no channel radio",
            "shop, tv",
        ),
        (
            {"product": {"description": {"field": "name", "form": "link"}}},
            "product.description",
            "pim_catalog_text, which has no form `link`",
            "Remove the form",
        ),
        (
            {"product": {"description": {"field": "weight", "form": "code"}}},
            "product.description",
            "no form `code`",
            "Choose one of label, unit, json",
        ),
        (
            {"product": {"description": "color.country"}},
            "product.description",
            "does not link to records",
            "only color",
        ),
        (
            {"product": {"custom_fields": {"attributes": [{"group": "cear"}]}}},
            "product.custom_fields.attributes[0]",
            "no attribute group cear",
            "mean care?",
        ),
        (
            {"category": {"name": {"field": "title", "channel": "radio"}}},
            "category.name",
            "no channel radio",
            "shop, tv",
        ),
        (
            {"category": {"description": {"field": "title", "locale": "xx_YY"}}},
            "category.description",
            "no locale xx_YY in the channel shop",
            "de_DE, en_US",
        ),
        (
            {"category": {"description": {"formula": "value('title', 'en_US', 'tv')"}}},
            "category.description",
            "no locale en_US in the channel tv",
            "fr_FR",
        ),
        ({"filter": {"families": ["parts", "clothes"]}}, "filter.families[1]", "no family clothes", "mean clothing?"),
        ({"filter": {"exclude_families": ["prats"]}}, "filter.exclude_families[0]", "no family prats", "mean parts?"),
        ({"filter": {"categories": ["hat"]}}, "filter.categories[0]", "no category hat", "mean hats?"),
        ({"filter": {"completeness": {"channel": "sho"}}}, "filter.completeness.channel", "no channel", "mean shop?"),
        ({"filter": {"completeness": {"locale": "fr_FR"}}}, "filter.completeness.locale", "no locale", "de_DE"),
        ({"filter": {"expression": "piecs > 1"}}, "filter.expression", "no attribute piecs", "mean pieces?"),
        ({"product": {"name": {"formula": "nmae ~ sku"}}}, "product.name", "no attribute nmae", "mean name?"),
        ({"product": {"name": {"formula": "value('nmae')"}}}, "product.name", "no attribute nmae", "mean name?"),
        ({"product": {"name": {"formula": "label('name', 'xx')"}}}, "product.name", "no locale xx", "en_US"),
        ({"product": {"weight": {"formula": "unit('weight', 'TON')"}}}, "product.weight", "no unit TON", "GRAM"),
        ({"product": {"name": {"formula": "custom_field('X')"}}}, "product.name", "no custom field X", "Family"),
        (
            {"product": {"name": {"formula": "price"}}},
            "product.name",
            "settings.price_attribute, which is not",
            "Set it",
        ),
    ],
)
def test_a_stale_code_is_reported_with_place_and_fix(
    tmp_path: Path, lines: Any, place: str, message: str, fix: str
) -> None:
    (problem,) = check(mapping(tmp_path, **lines), structure(), categories=["hats", "caps"])
    assert problem.severity == "error"
    assert problem.place == place
    assert message in problem.message
    assert fix in problem.fix


def test_a_matching_file_has_no_problems(tmp_path: Path) -> None:
    fitting = mapping(
        tmp_path,
        settings={
            "channel": "shop",
            "locale": "de_DE",
            "locale_fallbacks": ["en_US"],
            "currency": "EUR",
            "price_attribute": "pieces",
            "missing_price": "zero",
            "bundle_association_types": ["SET", "PACK"],
            "related_association_types": [],
        },
        # A category attribute: Akeneo has no list of them.
        category={"description": "teaser"},
        product={"weight": "weight", "msrp": "price", "description": "description"},
    )
    assert check(fitting, structure()) == []


@pytest.mark.parametrize(
    ("lines", "place", "message", "fix"),
    [
        (
            {"product": {"description": "designer.contry"}},
            "product.description",
            "no attribute contry with a value in the reference entity designers",
            "mean country?",
        ),
        (
            {"product": {"tax_class": {"lookup": "color", "table": {"blue": "1", "rde": "2"}}}},
            "product.tax_class.table.rde",
            "no option rde of the attribute color",
            "mean red?",
        ),
        (
            {"product": {"tax_class": {"lookup": "color", "table": {"BLUE": "1"}}}},
            "product.tax_class.table.BLUE",
            "no option BLUE of the attribute color",
            "mean blue?",
        ),
        (
            {"product": {"tax_class": {"lookup": "materials", "table": {"silk, wool": "1", "silk, wol": "2"}}}},
            "product.tax_class.table.silk, wol",
            "no option wol of the attribute materials",
            "mean wool?",
        ),
        (
            {"product": {"tax_class": {"lookup": "designer", "table": {"eames": "1", "eams": "2"}}}},
            "product.tax_class.table.eams",
            "no record eams of the attribute designer",
            "mean eames?",
        ),
        (
            {"product": {"tax_class": {"lookup": "$family", "table": {"clothing": "1", "cloting": "2"}}}},
            "product.tax_class.table.cloting",
            "no family cloting",
            "mean clothing?",
        ),
        (
            {"variant": {"barcode": {"lookup": "washable", "table": {"true": "1", "no": "2"}}}},
            "variant.barcode.table.no",
            "no value no of washable",
            "Choose one of false, true.",
        ),
        (
            {"product": {"barcode": {"formula": "coalesce(parent('description'), sku)"}}},
            "product.barcode",
            "only variants have a parent",
            "Remove it",
        ),
        (
            {"product": {"custom_fields": {"attributes": ["cera_*"]}}},
            "product.custom_fields.attributes[0]",
            "No attribute matches cera_*",
            "Correct or remove it",
        ),
        (
            {"product": {"name": "description"}},
            "product.name",
            "requires name, but the attribute description is not in these families: parts.",
            "Add a default",
        ),
        ({"product": {"description": "gone"}}, "product.description", "gone was deleted in Akeneo", "Remove it"),
        (
            {"settings": {"price_attribute": "gone"}},
            "settings.price_attribute",
            "The attribute gone was deleted",
            "Remove it",
        ),
        (
            {"settings": {"related_association_types": ["OLD"]}},
            "settings.related_association_types[0]",
            "The association type OLD was deleted",
            "Remove it",
        ),
        ({"filter": {"exclude_families": ["hats"]}}, "filter.exclude_families[0]", "family hats was", "Remove it"),
        ({"filter": {"categories": ["attic"]}}, "filter.categories[0]", "category attic was deleted", "Remove it"),
    ],
)
def test_problems_of_single_fields_or_records_are_warnings(
    tmp_path: Path, lines: Any, place: str, message: str, fix: str
) -> None:
    (problem,) = check(mapping(tmp_path, **lines), structure(), categories=["shirts"], deleted=DELETED)
    assert (problem.severity, problem.place) == ("warning", place)
    assert message in problem.message
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        (
            {"product": {"name": {"formula": "description|upper ~ '!' if description"}}},
            "product.name",
            "its formula needs one of the attributes description, and none of them is in these families: parts.",
        ),
        ({"product": {"default_price": {"formula": "price * 2"}}, "settings": ZERO}, *NO_PRICE),
        ({"product": {"default_price": "$price"}, "settings": ZERO}, *NO_PRICE),
        # Blocked by default, in spite of the default price 0.
        ({"settings": {"price_attribute": "price"}, "product_model": {"default_price": {"static": 1}}}, *NO_PRICE),
        (
            {"product": {"default_price": "$price"}},
            "product.default_price",
            "settings.price_attribute is not set, which affects these families: clothing, parts.",
        ),
        (
            {"product": {"type": {"lookup": "$family", "table": {"parts": "Physical"}}}},
            "product.type",
            "requires type, but its lookup table has no entry for these families: clothing.",
        ),
        (
            {"product": {"type": {"lookup": "description", "table": {"a": "Physical"}}}},
            "product.type",
            "the attribute description is not in these families: parts.",
        ),
        (
            {
                "product": {
                    "name": {"formula": "custom_field('Deep')"},
                    "custom_fields": {
                        "fields": {
                            "Deep": {"formula": "custom_field('color') or custom_field('Text')"},
                            "Text": "description",
                        },
                        "attributes": ["color"],
                    },
                }
            },
            "product.name",
            "one of the attributes color, description, and none of them is in these families: parts.",
        ),
        ({"kit": {"sku": "description"}}, "kit.sku", "the attribute description is not in these families: parts."),
        (
            {"inventory": [{"location": "description", "qty_on_hand": "name"}]},
            "inventory[0].location",
            "requires location, but the attribute description is not in these families: parts.",
        ),
        (
            {
                "unit": [
                    {
                        "name": {"formula": "text(description)[0:5] if description"},
                        "conversion": {"formula": "length(label)"},
                    }
                ]
            },
            "unit[0].name",
            "none of them is in these families: parts.",
        ),
        (
            {"alternate_id": [{"alternate_id_type_id": "description", "alternate_id": "name"}]},
            "alternate_id[0].alternate_id_type_id",
            "the attribute description is not in these families: parts.",
        ),
        # Only clothing has product models and variants.
        ({"product_model": {"name": "color"}}, "product_model.name", "color is not in these families: clothing."),
        ({"variant": {"sku": "color"}}, "variant.sku", "the attribute color is not in these families: clothing."),
    ],
)
def test_families_without_a_source_for_a_required_field_are_named(
    tmp_path: Path, lines: Any, place: str, message: str
) -> None:
    (problem,) = check(mapping(tmp_path, **lines), structure())
    assert (problem.severity, problem.place) == ("warning", place)
    assert message in problem.message
    assert "Add a default" in problem.fix


@pytest.mark.parametrize(
    "lines",
    [
        {"product": {"name": {"formula": "coalesce(description, label)"}}},
        {"product": {"name": {"formula": "description ~ ' by ' ~ sku"}}},
        {"product": {"name": {"formula": "coalesce(description, first_match(sku, '^[0-9]+'))"}}},
        {"product": {"name": {"formula": "first_match(sku, '^[A-Z]+')"}}},
        {"product": {"name": {"formula": "description", "default": "-"}}},
        {"product": {"name": {"formula": "description or name"}}},
        {"product": {"name": {"formula": "coalesce(description, ipaas_id('category', 'hats'))"}}},
        {
            "product": {
                "name": {"formula": "coalesce(description, custom_field('Sku'))"},
                "custom_fields": {"fields": {"Sku": "$sku"}},
            }
        },
        {"product": {"type": {"lookup": "$family", "table": {"parts": "Physical"}, "default": "Service"}}},
        {"product": {"type": {"lookup": "$sku", "table": {"hat": "Physical"}}}},
        {"product": {"default_price": {"field": "$price", "default": 1}}},
        {"product": {"sku": "$identifier", "name": "name"}, "variant": {"sku": {"formula": "parent('name') ~ sku"}}},
        {"product": {"msrp": "pieces", "description": "description"}},
        # A row without any values is left out.
        {"alternate_id": [{"alternate_id_type_id": {"static": "3"}, "alternate_id": "description"}]},
        {"inventory": [{"location": "description", "qty_on_hand": "pieces"}]},
        {"product_model": {"name": "description"}, "variant": {"sku": "description"}},
    ],
)
def test_a_field_that_can_have_a_value_in_every_family_is_no_problem(tmp_path: Path, lines: Any) -> None:
    assert check(mapping(tmp_path, **lines), structure()) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_catalogue_has_all_required_fields(name: Name) -> None:
    sample = catalogue()
    chosen = load_mapping(FOLDER / "rich.yaml" if name == "rich" else None)
    assert [each for each in check(chosen, sample.structure) if "iPaaS.com requires" in each.message] == []


def test_category_attributes_are_checked_against_the_mirrored_categories(tmp_path: Path) -> None:
    chosen = mapping(
        tmp_path,
        category={
            "name": "title",
            "description": {"formula": "coalesce(tilte, label)"},
            "custom_fields": {"attributes": ["photo", "seo_*"]},
        },
    )
    assert check(chosen, structure()) == []
    problems = check(chosen, structure(), category_attributes={"title", "teaser"})
    assert [(each.place, each.severity) for each in problems] == [
        ("category.description", "warning"),
        ("category.custom_fields.attributes[0]", "warning"),
    ]
    assert "no attribute tilte with a value in any category" in problems[0].message
    assert "mean title?" in problems[0].fix
    assert "Choose one of teaser, title" in problems[1].fix


def test_families_outside_the_filter_need_no_source(tmp_path: Path) -> None:
    lines: Any = {"product": {"name": "description"}}
    assert check(mapping(tmp_path, **lines, filter={"families": ["clothing"]}), structure()) == []
    assert check(mapping(tmp_path, **lines, filter={"exclude_families": ["parts"]}), structure()) == []
    with_default: Any = {"product": {"name": {"field": "description", "default": "-"}}}
    assert check(mapping(tmp_path, **with_default), structure()) == []


def test_a_deleted_attribute_affects_only_its_field(tmp_path: Path) -> None:
    lines: Any = {
        "description": "gone",
        "tax_class": {"formula": "coalesce(gone, sku)"},
        "barcode": {"lookup": "gone", "table": {"a": "b"}, "default": "c"},
        "weight": {"field": "gone", "unit": "GRAM", "default": 1},
    }
    mapped = mapper(tmp_path, product=lines).product(product())
    assert {name: mapped.payload.get(name) for name in lines} == {
        "description": None,
        "tax_class": "hat-1",
        "barcode": "c",
        "weight": 1,
    }
    assert mapped.warnings == ()


def test_an_unknown_attribute_is_not_a_deleted_one(tmp_path: Path) -> None:
    (problem,) = check(mapping(tmp_path, product={"description": "gome"}), structure(), deleted=DELETED)
    assert problem.severity == "error"


def test_a_deleted_attribute_of_records_is_a_warning(tmp_path: Path) -> None:
    known = structure(reference_entity_attribute=[("designers/country", {})])
    (problem,) = check(mapping(tmp_path, product={"description": "designer.born"}), known, deleted=DELETED)
    assert problem.severity == "warning"
    assert "The attribute born in the reference entity designers was deleted in Akeneo" in problem.message


def test_attributes_of_records_are_checked_if_they_were_read(tmp_path: Path) -> None:
    known = structure(reference_entity_attribute=[("designers/country", {}), ("designers/born", {})])
    (problem,) = check(mapping(tmp_path, product={"description": "designer.contry"}), known)
    assert problem.severity == "error"
    assert "no attribute contry in the reference entity designers" in problem.message
    assert "mean country?" in problem.fix
    assert check(mapping(tmp_path, product={"description": "designer.born"}), known) == []
    assert check(mapping(tmp_path, product={"name": {"formula": "label('name') ~ label('media')"}}), known) == []


def test_custom_fields_that_refer_to_each_other_are_followed_once(tmp_path: Path) -> None:
    fields: dict[str, Any] = {"F0": "description", "F1": "description"}
    for number in range(2, 300):
        fields[f"F{number}"] = {"formula": f"custom_field('F{number - 1}') ~ custom_field('F{number - 2}')"}
    lines = {"name": {"formula": "coalesce(custom_field('F299'), none)"}, "custom_fields": {"fields": fields}}
    started = time.process_time()
    chosen = mapping(tmp_path, product=lines)
    (problem,) = check(chosen, structure(), deleted={})
    assert "needs one of the attributes description, and none of them is in these families: parts" in problem.message
    assert sources_of(chosen)["product", "name"] == {"description"}
    assert time.process_time() - started < 5
