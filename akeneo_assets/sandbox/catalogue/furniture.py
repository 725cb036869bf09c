"""The sample's furniture: axes of every type (simple select, metric, boolean, reference entity)."""

from __future__ import annotations

from typing import Final

from akeneo_assets.sandbox.catalogue.records import members, metric, value
from akeneo_assets.sandbox.catalogue.trees import Tree

FURNITURE: Final = (
    Tree(
        "fjord-sofa",
        "sofas",
        "sofas_color",
        ("Fjord sofa", "Canapé Fjord", "Sofa Fjord"),
        ({"color": ("sand", "forest", "charcoal", "sky")},),
        890.00,
        ("sofas_two_seats", "aw26_hygge"),
        values={
            "material": [value(["wool", "birch"])],
            "seats": [value(2)],
            "designer": [value("tomas_ek")],
            "assembly_guide": [value("f/2/e/6/f2e6_fjord_sofa.pdf")],
            "description": [value("<p>Two seats, one opinion.</p>", locale="en_US", scope="ecommerce")],
        },
        associations={
            "accessories": members(products=("wool-throw-grey", "linen-cushion-sage")),
            "substitution": members(models=("corner-sofa",)),
        },
        # The second has no file, so it has no share link.
        variant_values={"fjord-sofa-sand": {"pictures": [value(["fjord_sofa_sand", "fjord_sofa_room"])]}},
    ),
    Tree(
        "corner-sofa",
        "sofas",
        "sofas_color",
        ("Corner sofa", "Canapé d'angle"),
        ({"color": ("sand", "charcoal")},),
        1490.00,
        ("sofas_corner",),
        values={"material": [value(["cotton"])], "seats": [value(5)], "designer": [value("bruno_castelli")]},
        associations={"substitution": members(models=("fjord-sofa",))},
    ),
    Tree(
        "oak-table",
        "tables",
        "tables_length",
        ("Oak table", "Table en chêne", "Eichentisch"),
        ({"length": (140, 180, 220.5)},),
        640.00,
        ("dining_tables", "evergreen_oak"),
        values={"material": [value(["oak"])], "designer": [value("aino_lund")], "color": [value("natural")]},
        associations={"accessories": members(models=("dining-chair",))},
    ),
    Tree(
        "coffee-table",
        "tables",
        "tables_length",
        ("Coffee table", "Table basse"),
        ({"length": (80, 110)},),
        210.00,
        ("coffee_tables",),
        values={"material": [value(["glass", "steel"])], "designer": [value("maison_verre")]},
    ),
    Tree(
        "pendant-lamp",
        "lamps",
        "lamps_dimmable",
        ("Pendant lamp", "Suspension", "Pendelleuchte"),
        ({"dimmable": (True, False)},),
        129.00,
        ("pendant_lamps", "aw26_hygge_light"),
        values={"material": [value(["glass"])], "designer": [value("maison_verre")], "length": metric(1.5, "METER")},
    ),
    Tree(
        "floor-lamp",
        "lamps",
        "lamps_dimmable",
        ("Floor lamp", "Lampadaire"),
        ({"dimmable": (True, False)},),
        179.00,
        ("floor_lamps",),
        values={"material": [value(["steel"])], "designer": [value("bruno_castelli")]},
    ),
    Tree(
        "dining-chair",
        "chairs",
        "chairs_designer",
        ("Dining chair", "Chaise", "Esszimmerstuhl"),
        ({"designer": ("aino_lund", "tomas_ek", "no_label")},),
        119.00,
        ("dining_chairs", "evergreen_oak"),
        values={"material": [value(["oak"])], "seats": [value(1)]},
    ),
)
