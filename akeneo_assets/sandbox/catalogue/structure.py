"""Attributes, options, families, channels and everything else that products refer to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.assets import FAMILY, assets
from akeneo_assets.sandbox.catalogue.measures import MEASUREMENT_FAMILIES
from akeneo_assets.sandbox.catalogue.options import OPTIONS, OPTIONS_WITHOUT_LABELS
from akeneo_assets.sandbox.catalogue.records import EPOCH_OF_CATALOGUE, LOCALES, Record, labels
from akeneo_assets.sandbox.catalogue.reference_entities import reference_entities

_ATTRIBUTE_DEFAULTS: JsonObject = {
    "sort_order": 0,
    "localizable": False,
    "scopable": False,
    "available_locales": [],
    "unique": False,
    "useable_as_grid_filter": True,
    "max_characters": None,
    "validation_rule": None,
    "validation_regexp": None,
    "wysiwyg_enabled": None,
    "number_min": None,
    "number_max": None,
    "decimals_allowed": None,
    "negative_allowed": None,
    "metric_family": None,
    "default_metric_unit": None,
    "date_min": None,
    "date_max": None,
    "allowed_extensions": [],
    "max_file_size": None,
    "minimum_input_length": None,
    "reference_data_name": None,
    "guidelines": {},
    "auto_option_sorting": None,
    "default_value": None,
    "is_main_identifier": False,
}

LOCALIZABLE = {"localizable": True}
SCOPABLE = {"scopable": True}
_WEIGHT = {"metric_family": "Weight", "default_metric_unit": "KILOGRAM", "decimals_allowed": True}
_LENGTH = {"metric_family": "Length", "default_metric_unit": "CENTIMETER", "decimals_allowed": True}
_INTEGER = {"decimals_allowed": False, "negative_allowed": False}

# code, type without its prefix, group, labels, details
_ATTRIBUTES: tuple[tuple[str, str, str, dict[str, str], JsonObject], ...] = (
    (
        "sku",
        "identifier",
        "general",
        labels("SKU", "UGS", "Artikelnummer"),
        {"unique": True, "is_main_identifier": True},
    ),
    ("ean", "text", "general", labels("EAN"), {"max_characters": 13}),
    ("name", "text", "general", labels("Name", "Nom", "Name"), LOCALIZABLE),
    (
        "description",
        "textarea",
        "marketing",
        labels("Description", "Description", "Beschreibung"),
        LOCALIZABLE | SCOPABLE | {"wysiwyg_enabled": True},
    ),
    ("tagline", "text", "marketing", labels("Tag line", "Accroche"), SCOPABLE),
    ("care_instructions", "textarea", "marketing", labels("Care", "Entretien", "Pflege"), LOCALIZABLE),
    ("price", "price_collection", "sales", labels("Price", "Prix", "Preis"), {"decimals_allowed": True}),
    ("release_date", "date", "sales", labels("Release date", "Date de sortie"), {}),
    ("stock_quantity", "number", "sales", labels("Stock", "Stock", "Bestand"), _INTEGER),
    (
        "customer_rating",
        "number",
        "sales",
        labels("Rating", "Note"),
        {"decimals_allowed": True, "negative_allowed": False},
    ),
    ("brand", "simpleselect", "general", labels("Brand", "Marque", "Marke"), {"auto_option_sorting": False}),
    ("color", "simpleselect", "look", labels("Color", "Couleur", "Farbe"), {"auto_option_sorting": False}),
    ("size", "simpleselect", "look", labels("Size", "Taille", "Größe"), {"auto_option_sorting": False}),
    ("material", "multiselect", "look", labels("Material", "Matière", "Material"), {"auto_option_sorting": True}),
    ("season", "multiselect", "marketing", labels("Season", "Saison"), {"auto_option_sorting": True}),
    ("organic", "boolean", "look", labels("Organic", "Biologique"), {"default_value": False}),
    ("dimmable", "boolean", "technical", labels("Dimmable", "Variable", "Dimmbar"), {}),
    ("weight", "metric", "technical", labels("Weight", "Poids", "Gewicht"), _WEIGHT),
    ("length", "metric", "technical", labels("Length", "Longueur", "Länge"), _LENGTH),
    ("seats", "number", "technical", labels("Seats", "Places"), _INTEGER),
    ("picture", "image", "media", labels("Picture", "Image", "Bild"), {"allowed_extensions": ["jpg", "png"]}),
    ("assembly_guide", "file", "media", labels("Assembly guide", "Notice"), {"allowed_extensions": ["pdf"]}),
    ("designer", "reference_entity", "look", labels("Designer", "Designer"), {"reference_data_name": "designers"}),
    ("pictures", "asset_collection", "media", labels("Pictures", "Photos", "Bilder"), {"reference_data_name": FAMILY}),
)

_ATTRIBUTE_GROUPS = {
    "general": labels("General", "Général", "Allgemein"),
    "look": labels("Look", "Apparence"),
    "marketing": labels("Marketing", "Marketing"),
    "sales": labels("Sales", "Ventes"),
    "technical": labels("Technical", "Technique"),
    "media": labels("Media", "Médias"),
}

_COMMON = ("sku", "ean", "name", "description", "price", "picture", "weight", "stock_quantity", "release_date")
_WORN = (*_COMMON, "tagline", "brand", "color", "size", "material", "season", "organic", "care_instructions")
_FURNITURE = (*_COMMON, "brand", "color", "material", "designer", "assembly_guide", "length", "seats")

# code, labels, attributes; the label attribute is `name` in all families but one
_FAMILIES: tuple[tuple[str, dict[str, str], Sequence[str]], ...] = (
    ("clothing", labels("Clothing", "Vêtements", "Kleidung"), (*_WORN, "pictures")),
    ("shoes", labels("Shoes", "Chaussures", "Schuhe"), _WORN),
    ("accessories", labels("Accessories", "Accessoires", "Accessoires"), (*_WORN, "pictures")),
    ("sofas", labels("Sofas", "Canapés", "Sofas"), (*_FURNITURE, "pictures")),
    ("tables", labels("Tables", "Tables", "Tische"), _FURNITURE),
    ("chairs", labels("Chairs", "Chaises", "Stühle"), _FURNITURE),
    ("lamps", labels("Lamps", "Luminaires", "Leuchten"), (*_FURNITURE, "dimmable")),
    ("home_textiles", labels("Home textiles", "Linge de maison"), (*_COMMON, "brand", "color", "material", "organic")),
    ("tableware", labels("Tableware", "Vaisselle"), (*_COMMON, "brand", "color", "material", "customer_rating")),
    ("sets", labels("Sets", "Ensembles", "Sets"), (*_COMMON, "tagline")),
    ("spare_parts", labels("Spare parts", "Pièces détachées"), ("sku", "ean", "price", "weight", "stock_quantity")),
    ("gift_cards", labels("Gift cards", "Cartes cadeaux"), ("sku", "name", "price")),
)

# family, code, labels, axes by level, further attributes by level
_VARIANT_LEVEL = ("sku", "ean", "weight", "stock_quantity")
_FAMILY_VARIANTS: tuple[
    tuple[str, str, dict[str, str], tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]], ...
] = (
    (
        "clothing",
        "clothing_color_size",
        labels("Clothing by color and size", "Vêtements par couleur et taille"),
        (("color",), ("size",)),
        (("picture", "tagline"), _VARIANT_LEVEL),
    ),
    (
        "clothing",
        "clothing_color_and_size",
        labels("Clothing by color and size at once"),
        (("color", "size"),),
        (_VARIANT_LEVEL,),
    ),
    ("shoes", "shoes_size", labels("Shoes by size", "Chaussures par pointure"), (("size",),), (_VARIANT_LEVEL,)),
    (
        "sofas",
        "sofas_color",
        labels("Sofas by color", "Canapés par couleur"),
        (("color",),),
        ((*_VARIANT_LEVEL, "picture", "pictures", "price"),),
    ),
    (
        "tables",
        "tables_length",
        labels("Tables by length", "Tables par longueur"),
        (("length",),),
        ((*_VARIANT_LEVEL, "price", "seats"),),
    ),
    ("lamps", "lamps_dimmable", labels("Lamps, dimmable or not"), (("dimmable",),), ((*_VARIANT_LEVEL, "price"),)),
    ("chairs", "chairs_designer", labels("Chairs by designer"), (("designer",),), (_VARIANT_LEVEL,)),
)

_ASSOCIATION_TYPES: tuple[tuple[str, dict[str, str], bool, bool], ...] = (
    ("accessories", labels("Accessories", "Accessoires", "Zubehör"), False, False),
    ("substitution", labels("Substitution", "Substitution", "Ersatz"), False, True),
    ("PRODUCTSET", labels("Product set", "Ensemble de produits", "Set"), True, False),
)

_CHANNELS: tuple[tuple[str, dict[str, str], str, Sequence[str], Sequence[str]], ...] = (
    ("ecommerce", labels("Ecommerce", "E-commerce"), "master", LOCALES, ("EUR", "USD")),
    ("print", labels("Print", "Impression"), "collections", ("en_US", "fr_FR"), ("EUR",)),
)

_INACTIVE_LOCALES = ("ca_ES", "da_DK", "en_GB", "es_ES", "it_IT", "ja_JP", "nl_NL", "pl_PL", "pt_PT", "sv_SE")
_INACTIVE_CURRENCIES = ("CHF", "GBP", "JPY", "SEK")


def generated_families(count: int) -> list[str]:
    """Return the codes of the families of a generated catalogue."""
    return [f"family_{number}" for number in range(1, count + 1)]


def structure(families: int = 0) -> Iterator[Record]:
    """Yield every structure record, each after those it refers to.

    Args:
        families: Number of generated families, besides those of the sample.
    """
    for code in sorted((*LOCALES, *_INACTIVE_LOCALES)):
        yield Record("locale", {"code": code, "enabled": code in LOCALES})
    for code in sorted(("EUR", "USD", *_INACTIVE_CURRENCIES)):
        yield Record("currency", {"code": code, "enabled": code in {"EUR", "USD"}})
    for document in MEASUREMENT_FAMILIES:
        yield Record("measurement_family", document)
    yield from reference_entities()
    yield from assets()
    yield from _attributes()
    yield from _families(families)
    for code, label, is_quantified, is_two_way in _ASSOCIATION_TYPES:
        yield Record(
            "association_type",
            {"code": code, "labels": label, "is_quantified": is_quantified, "is_two_way": is_two_way},
        )
    for code, label, tree, locales, currencies in _CHANNELS:
        yield Record(
            "channel",
            {
                "code": code,
                "labels": label,
                "category_tree": tree,
                "locales": sorted(locales),
                "currencies": sorted(currencies),
                "conversion_units": {"weight": "KILOGRAM"} if code == "ecommerce" else {},
            },
        )


def _attributes() -> Iterator[Record]:
    for sort_order, (code, label) in enumerate(_ATTRIBUTE_GROUPS.items()):
        names = [attribute[0] for attribute in _ATTRIBUTES if attribute[2] == code]
        document = {"code": code, "sort_order": sort_order, "attributes": names, "labels": label}
        yield Record("attribute_group", document | {"updated": EPOCH_OF_CATALOGUE})
    for sort_order, (code, type_name, group, label, details) in enumerate(_ATTRIBUTES):
        prefix = "akeneo_" if type_name == "reference_entity" else "pim_catalog_"
        own = {"code": code, "type": prefix + type_name, "labels": label, "group": group, "sort_order": sort_order}
        yield Record("attribute", _ATTRIBUTE_DEFAULTS | own | details | {"updated": EPOCH_OF_CATALOGUE})
    for attribute, options in OPTIONS.items():
        for sort_order, (code, texts) in enumerate(options.items(), start=1):
            option = {"code": code, "attribute": attribute, "sort_order": sort_order, "labels": labels(*texts)}
            yield Record("attribute_option", option)
        for code, label_map in OPTIONS_WITHOUT_LABELS.get(attribute, {}).items():
            option = {"code": code, "attribute": attribute, "sort_order": 99, "labels": label_map}
            yield Record("attribute_option", option)


def _families(more: int) -> Iterator[Record]:
    generated = ((code, labels(code.replace("_", " ").capitalize()), _FURNITURE) for code in generated_families(more))
    for code, label, attributes in (*_FAMILIES, *generated):
        yield Record(
            "family",
            {
                "code": code,
                "attributes": sorted(attributes),
                "attribute_as_label": "name" if "name" in attributes else "sku",
                "attribute_as_image": "picture" if "picture" in attributes else None,
                "attribute_requirements": {
                    "ecommerce": sorted({"sku", "name", "price"} & set(attributes)),
                    "print": sorted({"sku", "name"} & set(attributes)),
                },
                "labels": label,
                "updated": EPOCH_OF_CATALOGUE,
            },
        )
    for family, code, label, axes, attributes_by_level in _FAMILY_VARIANTS:
        sets = [
            {"level": level, "axes": list(level_axes), "attributes": sorted({*level_axes, *level_attributes})}
            for level, (level_axes, level_attributes) in enumerate(zip(axes, attributes_by_level, strict=True), start=1)
        ]
        document = {"code": code, "family": family, "labels": label, "variant_attribute_sets": sets}
        yield Record("family_variant", document)
