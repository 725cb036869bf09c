from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.mapping import Structure, check, load_mapping
from akeneo_assets_tests.mapping.catalogue import mapping, structure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("known", [Structure(), structure()])
def test_the_shipped_mapping_fits_every_catalogue(known: Structure) -> None:
    assert check(load_mapping(), known) == []


@pytest.mark.parametrize(
    ("lines", "place", "message", "cure"),
    [
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
            {"settings": {"price_attribute": "color"}},
            "settings.price_attribute",
            "color has the type pim_catalog_simpleselect, which gives no price",
            "Name a price or number attribute",
        ),
        ({"product": {"weight": "washable"}}, "product.weight", "gives no number", "Name a number attribute"),
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
    ],
)
def test_a_stale_code_is_named_with_place_and_cure(
    tmp_path: Path, lines: Any, place: str, message: str, cure: str
) -> None:
    (problem,) = check(mapping(tmp_path, **lines), structure())
    assert problem.place == place
    assert message in problem.message
    assert cure in problem.cure


def test_what_fits_is_no_problem(tmp_path: Path) -> None:
    fitting = mapping(
        tmp_path,
        settings={
            "channel": "shop",
            "locale": "de_DE",
            "locale_fallbacks": ["en_US"],
            "currency": "EUR",
            "price_attribute": "pieces",
            "bundle_association_types": ["SET", "PACK"],
            "related_association_types": [],
        },
        # A category attribute: Akeneo lists them nowhere.
        category={"description": "teaser"},
        product={"weight": "weight", "msrp": "price", "description": "description"},
    )
    assert check(fitting, structure()) == []
