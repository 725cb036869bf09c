"""The sample's clothing and shoes: one and two axis levels, two axes on one level, models without variants."""

from __future__ import annotations

from typing import Final

from akeneo_assets.sandbox.catalogue.records import localized, members, value
from akeneo_assets.sandbox.catalogue.trees import Tree

_SIZES = ("s", "m", "l", "xl")
_DATE = [value("2026-03-01")]

CLOTHING: Final = (
    Tree(
        "linen-shirt",
        "clothing",
        "clothing_color_size",
        ("Linen shirt", "Chemise en lin", "Leinenhemd"),
        ({"color": ("white", "sage", "navy")}, {"size": _SIZES}),
        59.90,
        ("men_shirts", "ss26_linen"),
        values={
            "description": [
                value("<p>Woven in Flanders.</p>", locale="en_US", scope="ecommerce"),
                value("<p>Tissée en Flandre.</p>", locale="fr_FR", scope="ecommerce"),
                value("Woven in Flanders, shown on page 12.", locale="en_US", scope="print"),
            ],
            "material": [value(["linen"])],
            "season": [value(["spring_summer"])],
            "brand": [value("old_mill")],
            "organic": [value(data=True)],
            "release_date": _DATE,
            "pictures": [value(["linen_shirt_folded", "linen_field"])],
            "care_instructions": localized("Wash at 30 °C.", "Laver à 30 °C.", "Bei 30 °C waschen."),
        },
        level_categories={"linen-shirt-sage": ("women_shirts",), "linen-shirt-navy-xl": ("evergreen_basics",)},
        associations={
            "accessories": members(products=("leather-belt-brown", "silk-scarf-sky")),
            "substitution": members(models=("cotton-shirt",)),
        },
    ),
    Tree(
        "cotton-shirt",
        "clothing",
        "clothing_color_size",
        ("Cotton shirt", "Chemise en coton"),
        ({"color": ("white", "sky")}, {"size": _SIZES}),
        49.00,
        ("men_shirts", "evergreen_basics"),
        values={"material": [value(["cotton"])], "brand": [value("old_mill")], "release_date": _DATE},
        associations={"substitution": members(models=("linen-shirt",))},
        disabled=("cotton-shirt-sky-xl",),
    ),
    Tree(
        "wool-jumper",
        "clothing",
        "clothing_color_size",
        ("Wool jumper", "Pull en laine", "Wollpullover"),
        ({"color": ("charcoal", "forest")}, {"size": ("xs", "s", "m", "l")}),
        89.00,
        ("women_jumpers", "aw26_wool"),
        values={"material": [value(["wool"])], "season": [value(["autumn_winter"])], "brand": [value("fjordlys")]},
    ),
    Tree(
        "basic-tshirt",
        "clothing",
        "clothing_color_and_size",
        ("Basic T-shirt", "T-shirt basique", "Basic-T-Shirt"),
        # Two of the colours have the same label, and one has no label.
        ({"color": ("navy", "marine", "undyed"), "size": ("s", "m", "l")},),
        15.00,
        ("men_tshirts", "women_tshirts", "evergreen_basics"),
        values={"material": [value(["cotton"])], "organic": [value(data=True)], "brand": [value("old_mill")]},
        disabled=("basic-tshirt-undyed-l",),
    ),
    Tree(
        "striped-tshirt",
        "clothing",
        "clothing_color_and_size",
        ("Striped T-shirt", "Marinière"),
        ({"color": ("navy", "terracotta"), "size": ("s", "m", "l")},),
        22.50,
        ("women_tshirts",),
        values={"material": [value(["cotton", "linen"])], "brand": [value("atelier_nord")]},
        associations={"accessories": members(products=("straw-hat",), models=("canvas-sneaker",))},
    ),
    Tree(
        "canvas-sneaker",
        "shoes",
        "shoes_size",
        ("Canvas sneaker", "Basket en toile", "Leinenschuh"),
        ({"size": ("36", "37", "38", "39", "40", "41")},),
        64.00,
        ("sneakers",),
        values={"color": [value("natural")], "material": [value(["cotton"])], "brand": [value("atelier_nord")]},
        associations={"accessories": members(products=("shoe-brush",))},
    ),
    Tree(
        "leather-boot",
        "shoes",
        "shoes_size",
        ("Leather boot", "Bottine en cuir", "Lederstiefel"),
        ({"size": ("38", "39", "40", "41", "42")},),
        149.00,
        ("boots", "aw26"),
        values={"color": [value("black")], "material": [value(["leather"])], "brand": [value("fjordlys")]},
        associations={"accessories": members(products=("shoe-brush", "shoe-wax"))},
        disabled=("leather-boot-42",),
    ),
    Tree(
        "cork-sandal",
        "shoes",
        "shoes_size",
        ("Cork sandal", "Sandale en liège"),
        ({"size": ("36", "38", "40")},),
        55.00,
        ("sandals", "ss26"),
        values={"color": [value("sand")], "brand": [value("casa_piana")]},
    ),
    # Not complete yet: a root model without variants, and one whose sub models have none.
    Tree(
        "autumn-poncho",
        "clothing",
        "clothing_color_and_size",
        ("Autumn poncho", "Poncho d'automne"),
        ({"color": (), "size": ()},),
        120.00,
        ("women_ponchos", "aw26_wool"),
    ),
    Tree(
        "linen-dress",
        "clothing",
        "clothing_color_size",
        ("Linen dress", "Robe en lin"),
        ({"color": ("sand",)}, {"size": ()}),
        95.00,
        ("ss26_linen",),
    ),
)
