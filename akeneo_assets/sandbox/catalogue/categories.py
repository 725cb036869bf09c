"""Two category trees, four and five levels deep, written as nested outlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import EPOCH_OF_CATALOGUE, Record, labels, product_uuid

# A line is `code|English|French`; its value are its subcategories.
Outline: TypeAlias = Mapping[str, "Outline"]

MASTER: Outline = {
    "master|Master catalogue|Catalogue principal": {
        "clothing|Clothing|Vêtements": {
            "clothing_women|Women|Femmes": {
                "women_tops|Tops|Hauts": {"women_shirts|Shirts|Chemises": {}, "women_tshirts|T-shirts|T-shirts": {}},
                "women_knitwear|Knitwear|Mailles": {
                    "women_jumpers|Jumpers|Pulls": {},
                    "women_cardigans|Cardigans|Gilets": {},
                },
                "women_trousers|Trousers|Pantalons": {},
                "women_outerwear|Outerwear|Manteaux": {"women_ponchos|Ponchos|Ponchos": {}},
            },
            "clothing_men|Men|Hommes": {
                "men_tops|Tops|Hauts": {"men_shirts|Shirts|Chemises": {}, "men_tshirts|T-shirts|T-shirts": {}},
                "men_knitwear|Knitwear|Mailles": {},
                "men_trousers|Trousers|Pantalons": {},
            },
        },
        "shoes|Shoes|Chaussures": {
            "sneakers|Sneakers|Baskets": {},
            "boots|Boots|Bottes": {},
            "sandals|Sandals|Sandales": {},
        },
        "accessories|Accessories|Accessoires": {
            "bags|Bags|Sacs": {"tote_bags|Tote bags|Cabas": {}, "backpacks|Backpacks|Sacs à dos": {}},
            "belts|Belts|Ceintures": {},
            "hats|Hats|Chapeaux": {},
            "scarves|Scarves|Écharpes": {},
            "shoe_care|Shoe care|Soin des chaussures": {},
        },
        "furniture|Furniture|Meubles": {
            "living_room|Living room|Salon": {
                "sofas|Sofas|Canapés": {"sofas_two_seats|Two seats|Deux places": {}, "sofas_corner|Corner|Angle": {}},
                "coffee_tables|Coffee tables|Tables basses": {},
                "floor_lamps|Floor lamps|Lampadaires": {},
            },
            "dining_room|Dining room|Salle à manger": {
                "dining_tables|Dining tables|Tables": {},
                "dining_chairs|Dining chairs|Chaises": {},
                "pendant_lamps|Pendant lamps|Suspensions": {},
            },
            "furniture_sets|Sets|Ensembles": {},
        },
        "home|Home|Maison": {
            "bed_linen|Bed linen|Linge de lit": {
                "duvet_covers|Duvet covers|Housses de couette": {},
                "pillow_cases|Pillow cases|Taies": {},
            },
            "kitchen|Kitchen|Cuisine": {
                "tableware|Tableware|Vaisselle": {
                    "plates|Plates|Assiettes": {},
                    "mugs|Mugs|Tasses": {},
                    "bowls|Bowls|Bols": {},
                },
                "kitchen_textiles|Kitchen textiles|Textiles": {},
            },
            "cushions|Cushions|Coussins": {},
            "throws|Throws|Plaids": {},
        },
        "spare_parts|Spare parts|Pièces détachées": {},
    }
}

COLLECTIONS: Outline = {
    "collections|Collections|Collections": {
        "2026|Year 2026|Année 2026": {
            "ss26|Spring/Summer 2026|Printemps-été 2026": {
                "ss26_linen|Linen weeks|Semaines du lin": {},
                "ss26_terrace|Terrace|Terrasse": {"ss26_terrace_dining|Dining outdoors|Dîner dehors": {}},
            },
            "aw26|Autumn/Winter 2026|Automne-hiver 2026": {
                "aw26_wool|Wool|Laine": {},
                "aw26_hygge|At home|À la maison": {"aw26_hygge_light|Candle hours|Heures de bougie": {}},
            },
        },
        "evergreen|Evergreen|Intemporels": {"evergreen_basics|Basics|Basiques": {}, "evergreen_oak|Oak|Chêne": {}},
    }
}

# Values from a category template for a few categories: code → attribute, channel, locale, data
_ENRICHED: dict[str, tuple[tuple[str, str | None, str | None, str], ...]] = {
    "ss26_linen": (
        ("headline", "ecommerce", "en_US", "Light as June"),
        ("headline", "ecommerce", "fr_FR", "Léger comme juin"),
        ("url_slug", None, "en_US", "linen-weeks"),
    ),
    "furniture": (("headline", "ecommerce", "en_US", "Rooms to stay in"), ("external_id", None, None, "F-100")),
    "sofas": (("headline", "ecommerce", "en_US", "Sit down"),),
}


def categories() -> Iterator[Record]:
    """Yield the categories of both trees, every parent before its children."""
    for tree in (MASTER, COLLECTIONS):
        yield from _walk(tree, parent=None)


def _walk(outline: Outline, parent: str | None) -> Iterator[Record]:
    for line, below in outline.items():
        code, *texts = line.split("|")
        document: JsonObject = {
            "code": code,
            "parent": parent,
            "labels": labels(*texts),
            "values": _enriched_values(code),
            "updated": EPOCH_OF_CATALOGUE,
        }
        yield Record("category", document)
        yield from _walk(below, parent=code)


def _enriched_values(category: str) -> JsonObject:
    values: JsonObject = {}
    for attribute, channel, locale, data in _ENRICHED.get(category, ()):
        attribute_code = f"{attribute}|{product_uuid('category attribute ' + attribute)}"
        key = "|".join(filter(None, (attribute_code, channel, locale)))
        values[key] = {
            "data": data,
            "type": "text",
            "channel": channel,
            "locale": locale,
            "attribute_code": attribute_code,
        }
    return values
