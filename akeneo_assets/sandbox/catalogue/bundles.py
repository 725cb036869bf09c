"""The sample's bundles: products of the family ``sets`` with components of the association type ``PRODUCTSET``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from akeneo_assets.sandbox.catalogue.records import Record, dated, product, quantities
from akeneo_assets.sandbox.catalogue.simple_products import common_values

# name, names, price, categories, components: simple products and variants by name, models by code
_BUNDLES: Final[tuple[tuple[str, tuple[str, ...], float, Sequence[str], dict[str, int], dict[str, int]], ...]] = (
    (
        "tableware-for-two",
        ("Tableware for two", "Vaisselle pour deux"),
        69.0,
        ("tableware",),
        {"dinner-plate-white": 2, "dessert-plate-white": 2, "mug-white": 2},
        {},
    ),
    # A simple product, a variant and a model in one bundle.
    (
        "living-room-set",
        ("Living room set", "Ensemble de salon", "Wohnzimmer-Set"),
        1190.0,
        ("furniture_sets", "aw26_hygge"),
        {"wool-throw-grey": 1, "fjord-sofa-sand": 1, "linen-cushion-sage": 3},
        {"floor-lamp": 1},
    ),
    (
        "dining-room-set",
        ("Dining room set", "Ensemble de salle à manger"),
        1290.0,
        ("furniture_sets",),
        {"oak-table-180": 1, "pendant-lamp-dimmable": 2},
        {"dining-chair": 6},
    ),
    # A bundle in a bundle.
    (
        "first-home-set",
        ("First home set", "Premier chez-soi"),
        2490.0,
        ("furniture_sets",),
        {"living-room-set": 1, "dining-room-set": 1, "tableware-for-two": 2},
        {},
    ),
    (
        "bed-set-sage",
        ("Bed set, sage", "Parure de lit, sauge"),
        119.0,
        ("bed_linen",),
        {"duvet-cover-sage": 1, "pillow-case-sage": 2},
        {},
    ),
    (
        "bed-set-white",
        ("Bed set, white", "Parure de lit, blanche"),
        119.0,
        ("bed_linen",),
        {"duvet-cover-white": 1, "pillow-case-white": 2},
        {},
    ),
    (
        "picnic-set",
        ("Picnic set", "Ensemble pique-nique"),
        99.0,
        ("ss26_terrace_dining",),
        {"picnic-blanket": 1, "mug-sand": 4, "serving-bowl": 1, "unnamed-sample": 1},
        {},
    ),
    ("shoe-care-kit", ("Shoe care kit", "Kit d'entretien"), 12.0, ("shoe_care",), {"shoe-brush": 1, "shoe-wax": 2}, {}),
)


def bundles(minutes: int) -> Iterator[Record]:
    """Yield the bundles, each after the bundles that it contains.

    Args:
        minutes: When they were created, in minutes after the oldest record.
    """
    for name, names, euros, categories, products, models in _BUNDLES:
        components = {"PRODUCTSET": quantities(products=products, models=models)}
        values = common_values(name, names, euros)
        document = product(
            name, family="sets", values=values, categories=categories, quantified_associations=components
        )
        yield Record("product", dated(document, minutes))
