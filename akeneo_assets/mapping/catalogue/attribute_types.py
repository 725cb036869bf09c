"""The attribute types of Akeneo that the mapping distinguishes."""

from __future__ import annotations

IDENTIFIER = "pim_catalog_identifier"
FILE = "pim_catalog_file"
IMAGE = "pim_catalog_image"
BOOLEAN = "pim_catalog_boolean"
NUMBER = "pim_catalog_number"
METRIC = "pim_catalog_metric"
PRICE = "pim_catalog_price_collection"
DATE = "pim_catalog_date"
SIMPLE_SELECT = "pim_catalog_simpleselect"
MULTI_SELECT = "pim_catalog_multiselect"
REFERENCE_ENTITY = "akeneo_reference_entity"
REFERENCE_ENTITY_COLLECTION = "akeneo_reference_entity_collection"
ASSET_COLLECTION = "pim_catalog_asset_collection"
REFERENCE_DATA_SIMPLE_SELECT = "pim_reference_data_simpleselect"
REFERENCE_DATA_MULTI_SELECT = "pim_reference_data_multiselect"
TABLE = "pim_catalog_table"
PRODUCT_LINK = "pim_catalog_product_link"

TEXT_TYPES = frozenset(
    {
        IDENTIFIER,
        "pim_catalog_text",
        "pim_catalog_textarea",
        REFERENCE_DATA_SIMPLE_SELECT,
    }
)
MEDIA_TYPES = frozenset({FILE, IMAGE})
OPTION_TYPES = frozenset({SIMPLE_SELECT, MULTI_SELECT})
REFERENCE_ENTITY_TYPES = frozenset({REFERENCE_ENTITY, REFERENCE_ENTITY_COLLECTION})
COLLECTION_TYPES = frozenset({MULTI_SELECT, REFERENCE_ENTITY_COLLECTION, ASSET_COLLECTION, REFERENCE_DATA_MULTI_SELECT})
PRICE_TYPES = frozenset({PRICE, NUMBER})
# Text types are included because catalogues keep numbers in text attributes; a value that is not a number is reported.
NUMERIC_TYPES = PRICE_TYPES | TEXT_TYPES | {METRIC}

# Attribute types of reference entities.
RECORD_OPTION_TYPES = frozenset({"single_option", "multiple_options"})
RECORD_LINK_TYPES = frozenset({"reference_entity_single_link", "reference_entity_multiple_links"})

FORMS = {
    "code": OPTION_TYPES | REFERENCE_ENTITY_TYPES | {ASSET_COLLECTION} | MEDIA_TYPES,
    "label": OPTION_TYPES | REFERENCE_ENTITY_TYPES | {ASSET_COLLECTION, METRIC},
    "link": MEDIA_TYPES | {ASSET_COLLECTION},
    "unit": frozenset({METRIC}),
    "json": COLLECTION_TYPES | {TABLE, METRIC, PRICE},
    "text": frozenset({TABLE}),
}
"""The attribute types that support each form."""
