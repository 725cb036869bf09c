"""The names that the iPaaS.com API has for fields, query parameters, headers and values.

They are the names that an API profile may replace, see :mod:`akeneo_assets.ipaas.profile`.
"""

from __future__ import annotations

from typing import Final

PAGINATION: Final = "X-Pagination"
CLIENT_ID: Final = "X-Client-Id"

FIELDS: Final = frozenset(
    {
        "id", "external_ids", "system_id", "external_id", "internal_id", "table_name", "custom_fields",
        "custom_field_name", "value", "data_type", "sku", "name", "description", "type", "tracking_method", "status",
        "default_price", "msrp", "sale_price", "tax_class", "barcode", "unit", "allow_discounts", "allow_backorders",
        "in_stock_threshold", "width", "height", "depth", "weight", "kit", "components", "quantity", "variants",
        "parent_id", "options", "option_name", "values", "order", "detail", "inventory", "location_id", "qty_on_hand",
        "qty_available", "cost", "units", "conversion", "categories", "category_id", "category_name", "category_sets",
        "alternate_ids", "alternate_id", "alternate_id_type_id", "related_products", "related_id", "related_sku",
        "related_type", "is_variant", "email_address", "password", "access_token", "access_token_expiration",
        "refresh_token", "total_count", "total_pages", "code", "message",
    }
)  # fmt: skip
"""Fields of requests and responses, at any depth; the last four are in the pagination header and in errors."""

PARAMETERS: Final = frozenset({"action", "Name", "Sku", "pageNumber", "pageSize", "trackingGuid"})
"""Parameters of a query."""

HEADERS: Final = frozenset({PAGINATION, CLIENT_ID})
"""Headers of requests and responses."""

VALUES: Final = {
    "action": frozenset({"equals"}),
    "status": frozenset({"Active", "Disabled", "Discontinued", "Preorder"}),
    "tracking_method": frozenset({"Product", "Variant"}),
    "type": frozenset({"Physical", "Virtual", "Bill of Material", "Basic", "Add-on", "By Parent Qty", "Fixed Qty"}),
    "data_type": frozenset({"string", "number", "bool"}),
    "table_name": frozenset({"product", "product variant", "product category"}),
}
"""Values by field or parameter. Table names are also part of some paths."""
