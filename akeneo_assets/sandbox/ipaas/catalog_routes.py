"""Routes of products, variants, categories and locations."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from akeneo_assets.sandbox.ipaas.body import parse
from akeneo_assets.sandbox.ipaas.call import Call, Handler, Router
from akeneo_assets.sandbox.ipaas.catalog_bodies import CategoryBody, LocationBody, ProductBody, VariantBody
from akeneo_assets.sandbox.ipaas.errors import RefusedError, not_found
from akeneo_assets.sandbox.ipaas.identifiers import CATEGORY, PRODUCT, VARIANT, parse_id
from akeneo_assets.sandbox.ipaas.link_bodies import ProductCategoryBody
from akeneo_assets.sandbox.ipaas.outcome import Written

_ROOT = "/products/v2/Catalog"


def catalog_routes(router: Router) -> list[Route]:
    """Return the routes; more specific paths come first."""
    return [
        router.route("GET", f"{_ROOT}/Products", "product.list", _products),
        router.route("POST", f"{_ROOT}/Product", "product.create", _create_product),
        router.route("GET", f"{_ROOT}/Product/Variants", "variant.list", _variants),
        router.route("GET", f"{_ROOT}/Product/Variant/{{id}}", "variant.get", _variant),
        router.route("PUT", f"{_ROOT}/Product/Variant/{{id}}", "variant.save", _save_variant),
        router.route("DELETE", f"{_ROOT}/Product/Variant/{{id}}", "variant.deactivate", _deactivate(VARIANT)),
        router.route("PUT", f"{_ROOT}/Product/Variant/Reactivate/{{id}}", "variant.reactivate", _reactivate(VARIANT)),
        router.route("PUT", f"{_ROOT}/Product/Reactivate/{{id}}", "product.reactivate", _reactivate(PRODUCT)),
        router.route("GET", f"{_ROOT}/Product/{{id}}", "product.get", _product),
        router.route("PUT", f"{_ROOT}/Product/{{id}}", "product.replace", _replace_product),
        router.route("DELETE", f"{_ROOT}/Product/{{id}}", "product.deactivate", _deactivate(PRODUCT)),
        router.route("GET", f"{_ROOT}/Categories", "category.list", _categories),
        router.route("POST", f"{_ROOT}/Category", "category.create", _create_category),
        router.route("PUT", f"{_ROOT}/Category/Reactivate/{{id}}", "category.reactivate", _reactivate(CATEGORY)),
        router.route("GET", f"{_ROOT}/Category/{{id}}", "category.get", _category),
        router.route("PUT", f"{_ROOT}/Category/{{id}}", "category.replace", _replace_category),
        router.route("DELETE", f"{_ROOT}/Category/{{id}}", "category.deactivate", _deactivate(CATEGORY)),
        router.route("POST", f"{_ROOT}/ProductCategory", "product_category.assign", _assign_category),
        router.route("DELETE", f"{_ROOT}/ProductCategory/{{pair}}", "product_category.unassign", _unassign_category),
        router.route("GET", f"{_ROOT}/Locations", "location.list", _locations),
        router.route("POST", f"{_ROOT}/Location", "location.create", _create_location),
    ]


def _products(call: Call) -> Any:
    return call.page("Sku", lambda sku: call.state.product_records.hits(PRODUCT, sku))


def _product(call: Call) -> Any:
    return call.state.product_records.get(call.id())


def _create_product(call: Call) -> Any:
    return call.state.product_records.save(parse(ProductBody, call.body))


def _replace_product(call: Call) -> Any:
    return call.state.product_records.save(parse(ProductBody, call.body), call.id())


def _variants(call: Call) -> Any:
    return call.page("Sku", lambda sku: call.state.product_records.hits(VARIANT, sku))


def _variant(call: Call) -> Any:
    return call.state.product_records.get_variant(call.id())


def _save_variant(call: Call) -> Any:
    body, products = parse(VariantBody, call.body), call.state.product_records
    if call.state.switches.variant_path == "product":
        return products.save_variant(body, call.id())
    product_id = products.product_of(call.id())
    if body.id not in {None, call.id()}:
        raise RefusedError("VALD-1025", "The id is not the one in the path.")
    return products.save_variant(body.model_copy(update={"id": call.id()}), product_id)


def _categories(call: Call) -> Any:
    return call.page("Name", call.state.category_records.hits)


def _category(call: Call) -> Any:
    return call.state.category_records.get(call.id())


def _create_category(call: Call) -> Any:
    return call.state.category_records.save(parse(CategoryBody, call.body))


def _replace_category(call: Call) -> Any:
    return call.state.category_records.save(parse(CategoryBody, call.body), call.id())


def _assign_category(call: Call) -> Any:
    body = parse(ProductCategoryBody, call.body)
    if not call.state.category_records.has(body.category_id):
        raise RefusedError("VALD-1038", f"The category with Id {body.category_id} does not exist.")
    return call.state.product_records.change_categories(body.product_id, add=body.category_id)


def _unassign_category(call: Call) -> Any:
    product_id, _, category_id = call.request.path_params["pair"].partition("|")
    return call.state.product_records.change_categories(parse_id(product_id), remove=parse_id(category_id))


def _locations(call: Call) -> Any:
    return call.page("Name", call.state.locations)


def _create_location(call: Call) -> Any:
    return call.state.create_location(parse(LocationBody, call.body))


def _deactivate(table: str) -> Handler:
    def deactivate(call: Call) -> Any:
        if not call.state.is_active(table, call.id()):
            raise not_found(table, call.id())
        return Written(table, call.state.set_active(table, call.id(), active=False))

    return deactivate


def _reactivate(table: str) -> Handler:
    def reactivate(call: Call) -> Any:
        changed = not call.state.is_active(table, call.id())
        return Written(table, call.state.set_active(table, call.id(), active=True), changed=changed)

    return reactivate
