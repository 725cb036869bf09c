"""Akeneo's attribute types, as far as the mapping tells them apart."""

from __future__ import annotations

IDENTIFIER = "pim_catalog_identifier"
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
REFERENCE_DATA_MULTI_SELECT = "pim_reference_data_multiselect"
PRODUCT_LINK = "pim_catalog_product_link"

TEXT_TYPES = frozenset(
    {
        IDENTIFIER,
        "pim_catalog_text",
        "pim_catalog_textarea",
        "pim_catalog_file",
        "pim_catalog_image",
        "pim_reference_data_simpleselect",
    }
)
OPTION_TYPES = frozenset({SIMPLE_SELECT, MULTI_SELECT})
REFERENCE_ENTITY_TYPES = frozenset({REFERENCE_ENTITY, REFERENCE_ENTITY_COLLECTION})
PRICE_TYPES = frozenset({PRICE, NUMBER})
# Text counts, because catalogues keep numbers in text attributes; a value that is none is named record by record.
NUMERIC_TYPES = PRICE_TYPES | TEXT_TYPES | {METRIC}
