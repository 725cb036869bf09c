"""The paths of the iPaaS.com API, and how certain they are.

Parts of the API are not publicly documented. Each endpoint states the source of its path: the vendor's current
documentation (``confirmed``), the vendor's client from 2019, or analogy (``assumed``). Correct wrong paths here, or
without a release in an API profile, see :mod:`akeneo_assets.ipaas.profile`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Source: TypeAlias = Literal["confirmed", "2019", "assumed"]


@dataclass(frozen=True)
class Endpoint:
    """One request.

    Args:
        action: Name of the request in the statistics and in API profiles.
        method: The HTTP method.
        path: Path below the API root; ``{…}`` stands for an id or a table.
        source: Where the method and path come from.
        repeatable: False if sending the request twice creates two records.
    """

    action: str
    method: str
    path: str
    source: Source
    repeatable: bool = True

    @property
    def placeholders(self) -> list[str]:
        """Names of the placeholders in the path, in the order in which a caller passes their values."""
        return PLACEHOLDER.findall(self.path)


PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")


LOG_IN: Final = Endpoint("token.log_in", "POST", "/sso/v2/Auth/Login", "confirmed")
REFRESH: Final = Endpoint("token.refresh", "POST", "/sso/v2/Auth/Refresh", "confirmed")
COMPANIES: Final = Endpoint("companies.list", "GET", "/sso/v2/User/{user}/Companies", "confirmed")
CHANGE_COMPANY: Final = Endpoint("token.company", "GET", "/sso/v2/User/ChangeCompany/{company}", "confirmed")

GET_CATEGORY: Final = Endpoint("category.get", "GET", "/products/v2/Catalog/Category/{id}", "confirmed")
CREATE_CATEGORY: Final = Endpoint("category.create", "POST", "/products/v2/Catalog/Category", "2019", repeatable=False)
REPLACE_CATEGORY: Final = Endpoint("category.replace", "PUT", "/products/v2/Catalog/Category/{id}", "2019")

LIST_CATEGORIES: Final = Endpoint("category.list", "GET", "/products/v2/Catalog/Categories", "confirmed")
LIST_PRODUCTS: Final = Endpoint("product.list", "GET", "/products/v2/Catalog/Products", "confirmed")
FIND_PRODUCTS: Final = Endpoint("product.find", "GET", "/products/v2/Catalog/Products", "confirmed")
GET_PRODUCT: Final = Endpoint("product.get", "GET", "/products/v2/Catalog/Product/{id}", "confirmed")
CREATE_PRODUCT: Final = Endpoint("product.create", "POST", "/products/v2/Catalog/Product", "2019", repeatable=False)
REPLACE_PRODUCT: Final = Endpoint("product.replace", "PUT", "/products/v2/Catalog/Product/{id}", "2019")

FIND_VARIANTS: Final = Endpoint("variant.find", "GET", "/products/v2/Catalog/Product/Variants", "confirmed")
GET_VARIANT: Final = Endpoint("variant.get", "GET", "/products/v2/Catalog/Product/Variant/{id}", "confirmed")
SAVE_VARIANT: Final = Endpoint("variant.save", "PUT", "/products/v2/Catalog/Product/Variant/{product}", "2019")
"""The id in the path is the product's (assumed)."""

DEACTIVATE_PRODUCT: Final = Endpoint("product.deactivate", "DELETE", "/products/v2/Catalog/Product/{id}", "2019")
DEACTIVATE_VARIANT: Final = Endpoint(
    "variant.deactivate", "DELETE", "/products/v2/Catalog/Product/Variant/{id}", "2019"
)
DEACTIVATE_CATEGORY: Final = Endpoint("category.deactivate", "DELETE", "/products/v2/Catalog/Category/{id}", "2019")
"""Only probes deactivate records, and only those that they made."""

UNASSIGN_CATEGORY: Final = Endpoint(
    "product_category.unassign", "DELETE", "/products/v2/Catalog/ProductCategory/{product}|{category}", "2019"
)
"""The ids are those of the product and the category (the format of the path is assumed)."""

FIND_LOCATIONS: Final = Endpoint("location.find", "GET", "/products/v2/Catalog/Locations", "confirmed")
CREATE_LOCATION: Final = Endpoint("location.create", "POST", "/products/v2/Catalog/Location", "2019", repeatable=False)

FIND_EXTERNAL: Final = Endpoint("external_id.find", "POST", "/products/v2/External/LookupSpecial", "confirmed")
EXTERNAL_ID: Final = Endpoint(
    "external_id.get", "GET", "/products/v2/External/LookupExternal/{id}/{subscription}/{table}", "confirmed"
)
MISSING_EXTERNAL: Final = Endpoint(
    "external_id.missing", "GET", "/products/v2/External/Missing/{subscription}/{table}", "confirmed"
)
LINK_EXTERNAL: Final = Endpoint("external_id.link", "POST", "/products/v2/External/UpdateExternalId", "confirmed")
UNLINK_EXTERNAL: Final = Endpoint("external_id.unlink", "DELETE", "/products/v2/External", "confirmed")
"""The body is the same as for LINK_EXTERNAL, without the id (assumed)."""

LISTS: Final = {"product": LIST_PRODUCTS, "product category": LIST_CATEGORIES}
"""Lists by the table of external ids."""

REACTIVATE: Final = {
    "product": Endpoint("product.reactivate", "PUT", "/products/v2/Catalog/Product/Reactivate/{id}", "assumed"),
    "product_model": Endpoint("product.reactivate", "PUT", "/products/v2/Catalog/Product/Reactivate/{id}", "assumed"),
    "variant": Endpoint("variant.reactivate", "PUT", "/products/v2/Catalog/Product/Variant/Reactivate/{id}", "assumed"),
    "category": Endpoint("category.reactivate", "PUT", "/products/v2/Catalog/Category/Reactivate/{id}", "assumed"),
}
"""Endpoints by record kind."""

SWAGGER: Final = Endpoint("swagger.get", "GET", "/{part}/swagger/v2/swagger.json", "confirmed")
"""The vendor's description of a part of the API, such as ``products``."""

LIST_CUSTOM_FIELDS: Final = Endpoint("custom_field.list", "GET", "/subscriptions/v2/CustomFields", "assumed")
CREATE_CUSTOM_FIELD: Final = Endpoint(
    "custom_field.create", "POST", "/subscriptions/v2/CustomField", "assumed", repeatable=False
)

ENDPOINTS: Final = {
    each.action: each for each in (*list(globals().values()), *REACTIVATE.values()) if isinstance(each, Endpoint)
}
"""All endpoints, by action."""
