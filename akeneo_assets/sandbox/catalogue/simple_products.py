"""The sample's simple products, with some unusual ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import (
    Record,
    dated,
    localized,
    members,
    metric,
    prices,
    product,
    value,
)
from akeneo_assets.sandbox.catalogue.trees import ean


class _Design(NamedTuple):
    """Simple products that differ only in colour: one for each colour, named ``<name>-<colour>``."""

    name: str
    family: str
    names: tuple[str, ...]
    euros: float
    category: str
    material: str | None
    colors: Sequence[str]


_DESIGNS: Final = (
    _Design(
        "canvas-tote",
        "accessories",
        ("Canvas tote", "Cabas en toile"),
        24.90,
        "tote_bags",
        "cotton",
        ("natural", "navy", "terracotta", "black"),
    ),
    _Design(
        "city-backpack",
        "accessories",
        ("City backpack", "Sac à dos de ville"),
        79.00,
        "backpacks",
        "cotton",
        ("forest", "charcoal", "sand"),
    ),
    _Design(
        "felt-hat", "accessories", ("Felt hat", "Chapeau de feutre"), 45.00, "hats", "wool", ("charcoal", "forest")
    ),
    _Design(
        "silk-scarf",
        "accessories",
        ("Silk scarf", "Foulard de soie"),
        39.00,
        "scarves",
        None,
        ("sky", "sage", "terracotta", "navy"),
    ),
    _Design(
        "linen-cushion",
        "home_textiles",
        ("Linen cushion", "Coussin en lin", "Leinenkissen"),
        29.00,
        "cushions",
        "linen",
        ("white", "sage", "sand", "terracotta", "navy"),
    ),
    _Design(
        "duvet-cover",
        "home_textiles",
        ("Duvet cover", "Housse de couette", "Bettbezug"),
        89.00,
        "duvet_covers",
        "linen",
        ("white", "natural", "sage", "sky", "charcoal"),
    ),
    _Design(
        "pillow-case",
        "home_textiles",
        ("Pillow case", "Taie d'oreiller"),
        19.00,
        "pillow_cases",
        "linen",
        ("white", "natural", "sage", "sky", "charcoal"),
    ),
    _Design(
        "tea-towel",
        "home_textiles",
        ("Tea towel", "Torchon"),
        9.50,
        "kitchen_textiles",
        "cotton",
        ("white", "natural", "navy", "terracotta"),
    ),
    _Design(
        "dinner-plate",
        "tableware",
        ("Dinner plate", "Assiette plate"),
        14.00,
        "plates",
        "stoneware",
        ("white", "sand", "sage", "charcoal", "terracotta"),
    ),
    _Design(
        "dessert-plate",
        "tableware",
        ("Dessert plate", "Assiette à dessert"),
        11.00,
        "plates",
        "stoneware",
        ("white", "sand", "sage", "charcoal", "terracotta"),
    ),
    _Design(
        "mug",
        "tableware",
        ("Mug", "Tasse", "Becher"),
        12.00,
        "mugs",
        "stoneware",
        ("white", "sand", "sage", "charcoal", "terracotta", "sky"),
    ),
    _Design(
        "soup-bowl",
        "tableware",
        ("Soup bowl", "Bol à soupe"),
        13.00,
        "bowls",
        "stoneware",
        ("white", "sand", "sage", "charcoal"),
    ),
    _Design(
        "dinner-napkin",
        "home_textiles",
        ("Dinner napkin", "Serviette"),
        6.0,
        "kitchen_textiles",
        "linen",
        ("white", "natural", "sage", "terracotta", "navy", "charcoal"),
    ),
    _Design(
        "table-runner",
        "home_textiles",
        ("Table runner", "Chemin de table"),
        27.0,
        "kitchen_textiles",
        "linen",
        ("white", "natural", "sage", "navy"),
    ),
    _Design(
        "wool-beanie",
        "accessories",
        ("Wool beanie", "Bonnet en laine"),
        25.0,
        "hats",
        "wool",
        ("charcoal", "forest", "navy", "sand", "terracotta"),
    ),
    _Design(
        "cotton-apron",
        "home_textiles",
        ("Cotton apron", "Tablier"),
        32.0,
        "kitchen_textiles",
        "cotton",
        ("natural", "navy", "charcoal", "forest"),
    ),
    _Design(
        "espresso-cup",
        "tableware",
        ("Espresso cup", "Tasse à expresso"),
        8.0,
        "mugs",
        "stoneware",
        ("white", "sand", "sage", "charcoal", "terracotta", "sky"),
    ),
    _Design(
        "bath-towel",
        "home_textiles",
        ("Bath towel", "Serviette de bain", "Badetuch"),
        22.0,
        "home",
        "cotton",
        ("white", "natural", "sage", "sky", "charcoal", "terracotta"),
    ),
    _Design(
        "bud-vase",
        "tableware",
        ("Bud vase", "Soliflore"),
        17.0,
        "tableware",
        "glass",
        ("white", "sky", "sage", "charcoal", "black"),
    ),
)

# identifier, family, names, price in euros, categories, further values
_SINGLE: Final[tuple[tuple[str, str, tuple[str, ...], float, Sequence[str], Mapping[str, list[JsonObject]]], ...]] = (
    (
        "leather-belt-brown",
        "accessories",
        ("Leather belt", "Ceinture en cuir"),
        35.0,
        ("belts",),
        {"size": [value("one_size")], "material": [value(["leather"])]},
    ),
    (
        "straw-hat",
        "accessories",
        ("Straw hat", "Chapeau de paille"),
        29.0,
        ("hats", "ss26"),
        {
            "season": [value(["spring_summer"])],
            "tagline": [value("Shade to go", scope="ecommerce"), value("Shade", scope="print")],
            "pictures": [value(["linen_field"])],
        },
    ),
    # The code differs in case from the option, which Akeneo allows.
    (
        "shoe-brush",
        "accessories",
        ("Shoe brush", "Brosse à chaussures"),
        8.0,
        ("shoe_care",),
        {"color": [value("Black")]},
    ),
    ("shoe-wax", "accessories", ("Shoe wax", "Cirage"), 6.5, ("shoe_care",), {"color": [value("mystery")]}),
    (
        "wool-throw-grey",
        "home_textiles",
        ("Wool throw", "Plaid en laine", "Wolldecke"),
        75.0,
        ("throws", "aw26_hygge"),
        {"material": [value(["wool"])], "organic": [value(data=True)]},
    ),
    (
        "picnic-blanket",
        "home_textiles",
        ("Picnic blanket", "Nappe de pique-nique"),
        49.0,
        ("throws", "ss26_terrace_dining"),
        {"release_date": [value("2026-05-01")]},
    ),
    (
        "serving-bowl",
        "tableware",
        ("Serving bowl", "Saladier"),
        34.0,
        ("bowls", "ss26_terrace_dining"),
        {"customer_rating": [value("4.7500")], "material": [value(["stoneware"])]},
    ),
    # A price only in the second currency, a name only in the second locale.
    (
        "import-vase",
        "tableware",
        ("",),
        0.0,
        ("tableware",),
        {"price": [value([{"amount": "27.50", "currency": "USD"}])], "name": [value("Vase importé", locale="fr_FR")]},
    ),
    # All characters that need escaping in a path or a query.
    ("mug/stoneware #3 50% é+", "tableware", ("Seconds mug",), 5.0, ("mugs",), {}),
    ("0042", "spare_parts", (), 1.2, ("spare_parts",), {}),
    ("table-leg", "spare_parts", (), 25.0, ("spare_parts",), {"weight": metric(1.25, "KILOGRAM")}),
    ("table-screw", "spare_parts", (), 0.35, ("spare_parts",), {"weight": metric(8, "GRAM")}),
)

_PICTURES: Final = {"canvas-tote-natural": ["canvas_tote_worn", "canvas_tote_front"]}

DISABLED: Final = frozenset({"felt-hat-forest", "tea-towel-terracotta", "shoe-wax", "soup-bowl-charcoal"})

_ASSOCIATIONS: Final[dict[str, dict[str, JsonObject]]] = {
    "canvas-tote-natural": {"substitution": members(products=("city-backpack-sand",))},
    "city-backpack-sand": {"substitution": members(products=("canvas-tote-natural",))},
    "straw-hat": {"accessories": members(products=("silk-scarf-sky",), models=("striped-tshirt",))},
    "dinner-plate-white": {
        "accessories": members(products=("dessert-plate-white", "soup-bowl-white", "linen-shirt-white-m")),
        "substitution": members(products=("dinner-plate-sand",)),
    },
    "dinner-plate-sand": {"substitution": members(products=("dinner-plate-white",))},
    # A member without an identifier: `/products` shows null instead.
    "picnic-blanket": {"accessories": members(products=("unnamed-sample",))},
}


def simple_products(minutes: int) -> Iterator[Record]:
    """Yield the simple products, each created a minute after the previous one.

    Args:
        minutes: When the first one was created, in minutes after the oldest record.
    """
    documents = [*_designs(), *_singles(), *_odd_ones()]
    for number, document in enumerate(documents):
        yield Record("product", dated(document, minutes + number))


def _designs() -> Iterator[JsonObject]:
    for design in _DESIGNS:
        for number, color in enumerate(design.colors):
            name = f"{design.name}-{color}"
            values = common_values(name, design.names, design.euros) | {"color": [value(color)]}
            if name in _PICTURES:
                values["pictures"] = [value(_PICTURES[name])]
            if design.material:
                values["material"] = [value([design.material])]
            yield _simple(name, design.family, values, (design.category,), weight=0.3 + 0.1 * number)


def _singles() -> Iterator[JsonObject]:
    for name, family, names, euros, categories, further in _SINGLE:
        yield _simple(name, family, common_values(name, names, euros) | dict(further), categories)


def _odd_ones() -> Iterator[JsonObject]:
    # Only `products-uuid` lists it.
    unnamed = {"name": localized("Unnamed sample"), "price": prices(3.0)}
    yield product("unnamed-sample", identifier="", family="tableware", values=unnamed, categories=("tableware",))
    yield product("no-family", family=None, values={"price": prices(10.0)}, categories=("home",))
    yield product("no-category", family="gift_cards", values={"name": localized("Gift card"), "price": prices(50.0)})


def common_values(name: str, names: Sequence[str], euros: float) -> dict[str, list[JsonObject]]:
    """Return the values that every simple product has: EAN, stock, and, if given, name and price."""
    values: dict[str, list[JsonObject]] = {"ean": [value(ean(name))], "stock_quantity": [value(len(name))]}
    if names and names[0]:
        values["name"] = localized(*names)
    if euros:
        values["price"] = prices(euros, euros * 1.1)
    return values


def _simple(
    name: str,
    family: str,
    values: Mapping[str, list[JsonObject]],
    categories: Sequence[str],
    weight: float | None = None,
) -> JsonObject:
    weights = {} if weight is None else {"weight": metric(weight, "KILOGRAM")}
    return product(
        name,
        family=family,
        values=weights | dict(values),
        categories=categories,
        enabled=name not in DISABLED,
        associations=_ASSOCIATIONS.get(name),
    )
