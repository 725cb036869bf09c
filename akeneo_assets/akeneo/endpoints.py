"""The lists of Akeneo's API: their pagination, contents and permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Pagination: TypeAlias = Literal["search_after", "opaque_search_after", "page", "none"]
"""How a list is paged.

``search_after`` continues after the key of the last record, ``opaque_search_after`` after a cursor that only the
server can create, ``page`` uses page numbers, and ``none`` returns the whole list as an array.
"""

DateDialect: TypeAlias = Literal["local", "iso"]

API_ROOT: Final = "/api/rest/v1"
OAUTH_PATH: Final = "/api/oauth/v1/token"

PAGE_WALL: Final = 10_000
"""Akeneo does not return products or product models beyond this position by page number."""

PRODUCTS_UUID: Final = "products-uuid"
PRODUCTS: Final = "products"


@dataclass(frozen=True)
class Endpoint:
    """One list, and the records in it.

    Args:
        path: Path below the API root; ``{}`` stands for the code of the record that owns the list.
        kind: The kind of its records in the mirror; None if the mirror does not store them.
        pagination: How the list is paged.
        permission: The permission in Akeneo that is needed to read it.
        key: The field that identifies its records.
        dates: The date format in ``search``: ``local`` time of the server without an offset, or ``iso`` (ISO 8601).
    """

    path: str
    kind: str | None
    pagination: Pagination
    permission: str
    key: str = "code"
    dates: DateDialect = "iso"

    def list_path(self, *codes: str) -> str:
        """Return the path of the list; ``codes`` are those of the record that owns it."""
        return f"{API_ROOT}/{self.path.format(*codes)}"


SYSTEM_INFORMATION: Final = Endpoint("system-information", None, "none", "Overall Web API access")

ENDPOINTS: Final = {
    endpoint.path: endpoint
    for endpoint in (
        Endpoint(PRODUCTS_UUID, "product", "search_after", "List products", key="uuid", dates="local"),
        Endpoint(PRODUCTS, "product", "search_after", "List products", key="identifier", dates="local"),
        Endpoint("product-models", "product_model", "search_after", "List products", dates="local"),
        Endpoint("categories", "category", "page", "List categories"),
        Endpoint("attributes", "attribute", "page", "List attributes"),
        Endpoint("attributes/{}/options", "attribute_option", "page", "List attribute options"),
        Endpoint("families", "family", "page", "List families"),
        Endpoint("families/{}/variants", "family_variant", "page", "List family variants"),
        Endpoint("association-types", "association_type", "page", "List association types"),
        Endpoint("channels", "channel", "page", "List channels"),
        Endpoint("measurement-families", "measurement_family", "none", "List measurement families"),
        Endpoint("reference-entities/{}/attributes", "reference_entity_attribute", "none", "List reference entities"),
        Endpoint(
            "reference-entities/{}/attributes/{}/options",
            "reference_entity_attribute_option",
            "none",
            "List reference entities",
        ),
        Endpoint(
            "reference-entities/{}/records",
            "reference_entity_record",
            "opaque_search_after",
            "List reference entity records",
        ),
        Endpoint("asset-families/{}/attributes", "asset_attribute", "none", "List asset families"),
        Endpoint("asset-families/{}/assets", "asset", "opaque_search_after", "List assets"),
    )
}
"""All endpoints by path."""
