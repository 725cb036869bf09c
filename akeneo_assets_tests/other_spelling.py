"""An iPaaS.com that spells paths, methods, fields, parameters, headers, values and error codes in another way."""

from __future__ import annotations

from akeneo_assets.sandbox.ipaas.spelling import Spelling

OTHER_SPELLING = Spelling(
    paths={
        "POST /products/v2/Catalog/Product": "POST /products/v2/Catalog/Products",
        "PUT /products/v2/Catalog/Product/{id}": "PATCH /products/v2/Catalog/Products/{id}",
        "PUT /products/v2/Catalog/Product/Variant/{id}": "PUT /products/v2/Catalog/ProductVariant/{id}",
        "PUT /products/v2/Catalog/Product/Reactivate/{id}": "POST /products/v2/Catalog/Product/{id}/Reactivate",
        "POST /products/v2/Catalog/Category": "POST /products/v2/Catalog/Categories",
        "PUT /products/v2/Catalog/Category/{id}": "PUT /products/v2/Catalog/Categories/{id}",
        "DELETE /products/v2/Catalog/ProductCategory/{pair}": "DELETE /products/v2/Catalog/Assignment/{pair}",
        "GET /subscriptions/v2/CustomFields": "GET /products/v2/CustomFields",
        "POST /subscriptions/v2/CustomField": "POST /products/v2/CustomFields",
    },
    fields={
        "tracking_method": "trackingMethod",
        "default_price": "defaultPrice",
        "related_products": "relatedProducts",
        "external_ids": "externalIds",
        "system_id": "systemId",
        "custom_field_name": "name_of_field",
        "access_token_expiration": "expires",
        "total_Pages": "Pages",
    },
    parameters={"pageNumber": "page", "Sku": "SKU"},
    headers={"X-Pagination": "Pagination"},
    values={"status": {"Active": "active", "Disabled": "inactive"}, "table_name": {"product variant": "variant"}},
    texts={"BIZL-1004": "PROD-0004", "DELETED:": "INACTIVE:"},
)

OTHER_PROFILE = """
paths:
  product.create: /products/v2/Catalog/Products
  product.replace: PATCH /products/v2/Catalog/Products/{id}
  variant.save: /products/v2/Catalog/ProductVariant/{product}
  product.reactivate: POST /products/v2/Catalog/Product/{id}/Reactivate
  category.create: /products/v2/Catalog/Categories
  category.replace: /products/v2/Catalog/Categories/{id}
  product_category.unassign: /products/v2/Catalog/Assignment/{product}|{category}
  custom_field.list: /products/v2/CustomFields
  custom_field.create: /products/v2/CustomFields
fields:
  tracking_method: trackingMethod
  default_price: defaultPrice
  related_products: relatedProducts
  external_ids: externalIds
  system_id: systemId
  custom_field_name: name_of_field
  access_token_expiration: expires
  total_pages: Pages
parameters: {pageNumber: page, Sku: SKU}
headers: {X-Pagination: Pagination}
values:
  status: {Active: active, Disabled: inactive}
  table_name: {product variant: variant}
error_codes: {BIZL-1004: PROD-0004}
deleted_prefix: "INACTIVE:"
"""
"""The API profile for it."""
