"""Options of the select attributes: code → labels in English, French and German, in their order of display."""

from __future__ import annotations

from typing import Final

OPTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "brand": {
        "fjordlys": ("Fjordlys",),
        "atelier_nord": ("Atelier Nord",),
        "casa_piana": ("Casa Piana",),
        "old_mill": ("Old Mill",),
    },
    "color": {
        "white": ("White", "Blanc", "Weiß"),
        "natural": ("Natural", "Naturel", "Natur"),
        "sand": ("Sand", "Sable", "Sand"),
        "sage": ("Sage", "Sauge", "Salbei"),
        "forest": ("Forest green", "Vert forêt", "Waldgrün"),
        "sky": ("Sky blue", "Bleu ciel", "Himmelblau"),
        # Two codes with one label, as after merging two colour lists.
        "navy": ("Navy", "Bleu marine", "Marineblau"),
        "marine": ("Navy", "Bleu marine", "Marineblau"),
        "terracotta": ("Terracotta", "Terre cuite", "Terrakotta"),
        "charcoal": ("Charcoal", "Anthracite", "Anthrazit"),
        "black": ("Black", "Noir", "Schwarz"),
    },
    # The display order differs from the order of the codes, in which Akeneo lists them.
    "size": {
        "xs": ("XS",),
        "s": ("S",),
        "m": ("M",),
        "l": ("L",),
        "xl": ("XL",),
        "36": ("36",),
        "37": ("37",),
        "38": ("38",),
        "39": ("39",),
        "40": ("40",),
        "41": ("41",),
        "42": ("42",),
        "one_size": ("One size", "Taille unique", "Einheitsgröße"),
    },
    "material": {
        "cotton": ("Cotton", "Coton", "Baumwolle"),
        "linen": ("Linen", "Lin", "Leinen"),
        "wool": ("Wool", "Laine", "Wolle"),
        "leather": ("Leather", "Cuir", "Leder"),
        "oak": ("Oak", "Chêne", "Eiche"),
        "birch": ("Birch", "Bouleau", "Birke"),
        "steel": ("Steel", "Acier", "Stahl"),
        "glass": ("Glass", "Verre", "Glas"),
        "stoneware": ("Stoneware", "Grès", "Steinzeug"),
    },
    "season": {
        "spring_summer": ("Spring/Summer", "Printemps-été"),
        "autumn_winter": ("Autumn/Winter", "Automne-hiver"),
    },
}

OPTIONS_WITHOUT_LABELS: Final[dict[str, dict[str, dict[str, str | None]]]] = {
    "color": {"undyed": {}, "mystery": {"en_US": None}},
}
