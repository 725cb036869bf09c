"""``PATCH`` requests for single products, product models, categories and options, as documented by Akeneo."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.responses import Response

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import Call, Handler
from akeneo_assets.sandbox.akeneo.errors import bad_request, unprocessable, validation_failed
from akeneo_assets.sandbox.akeneo.patch_checks import (
    check_labels,
    check_names,
    check_references,
    check_values,
    level_of,
)
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.structure_routes import ATTRIBUTE_OPTIONS, select_attribute

_ENRICHED: Final = frozenset({"family", "parent", "categories", "values", "associations", "quantified_associations"})
_OF_PRODUCTS: Final = _ENRICHED | {"enabled", "groups"}


def patch_product_by_uuid(state: AkeneoState, call: Call) -> Response:
    """Create or change a product, found by uuid."""
    uuid, body = call.codes["uuid"].lower(), _body(call, "uuid", "uuid")
    check_names(body, _OF_PRODUCTS | {"uuid"})
    return _saved(call, exists=state.database.has("product", uuid), save=lambda: _save_product(state, uuid, body))


def patch_product_by_identifier(state: AkeneoState, call: Call) -> Response:
    """Create or change a product, found by identifier; an ``identifier`` in the body renames it."""
    identifier, body = call.codes["code"], _body(call)
    check_names(body, _OF_PRODUCTS | {"identifier"})
    new = body.pop("identifier", identifier)
    attribute = state.database.structure.identifier_attribute
    if new != identifier:
        body["values"] = {**body.get("values", {}), attribute: [{"data": new, "locale": None, "scope": None}]}
    uuid = state.database.uuid_of(identifier)
    exists = uuid is not None and (state.database.identifiers[uuid] or "").lower() == identifier.lower()
    body = _with_uuids(body, state)
    return _saved(call, exists=exists, save=lambda: _save_product(state, identifier, body))


def patch_product_model(state: AkeneoState, call: Call) -> Response:
    """Create or change a product model."""
    code, body = call.codes["code"], _body(call, "code", "code")
    check_names(body, _ENRICHED | {"code", "family_variant"})
    before = state.database.get("product_model", code)
    if before is None and not {"family", "family_variant"} <= body.keys():
        raise validation_failed("family_variant", "The product model family variant must not be empty.")
    check_references(body, state)
    variant = body.get("family_variant")
    if variant is not None and not state.database.has("family_variant", f"{(before or body)['family']}/{variant}"):
        raise unprocessable(f'Property "family_variant" expects a valid family variant code. "{variant}" given.')
    document = {**(before or {}), **body}
    structure = state.database.structure
    check_values(body.get("values", {}), structure, level=level_of(document, "product_model", structure, state))
    named = _with_uuids(body, state)
    return _saved(call, exists=before is not None, save=lambda: state.edit.save_model(code, named))


def patch_category(state: AkeneoState, call: Call) -> Response:
    """Create or change a category: its parent and its labels."""
    code, body = call.codes["code"], _body(call, "code", "code")
    structure = state.database.structure
    check_names(body, frozenset({"code", "parent", "labels"}))
    check_labels(body, structure)
    parent = body.get("parent")
    if parent is not None and parent not in structure.categories:
        raise unprocessable(
            f'Property "parent" expects a valid category code. The category does not exist, "{parent}" given. '
            "Check the expected format on the API documentation."
        )
    if parent is not None and parent in {code, *structure.below(code)}:
        raise validation_failed("parent", "A category cannot be moved into itself or one of its children.")
    return _saved(call, exists=code in structure.categories, save=lambda: state.edit.save_category(code, body))


def patch_option(state: AkeneoState, call: Call) -> Response:
    """Create or change an option: its labels and its order."""
    attribute, code = select_attribute(state, call.codes["attribute"]), call.codes["code"]
    body = _body(call, "code", "code")
    check_names(body, frozenset({"code", "attribute", "sort_order", "labels"}))
    if body.get("attribute", attribute) != attribute:
        raise _mismatch("attribute code", body["attribute"], attribute)
    check_labels(body, state.database.structure)
    exists = state.database.has(ATTRIBUTE_OPTIONS.kind, f"{attribute}/{code}")
    return _saved(call, exists=exists, save=lambda: state.edit.save_option(attribute, code, body))


def _save_product(state: AkeneoState, name: str, body: JsonObject) -> object:
    structure = state.database.structure
    uuid = state.database.uuid_of(name)
    document = {**((state.database.get("product", uuid) if uuid else None) or {}), **body}
    check_references(body, state)
    values = body.get("values", {})
    level = level_of(document, "product", structure, state)
    attribute = structure.identifier_attribute
    check_values(values, structure, level=None if level is None else level | {attribute})
    if not isinstance(body.get("enabled", True), bool):
        raise unprocessable(
            'Property "enabled" expects a boolean as data. Check the expected format on the API documentation.'
        )
    for entry in values.get(attribute, ()):
        taken = state.database.uuid_of(entry["data"] or "")
        if taken not in {None, uuid}:
            raise validation_failed(
                "identifier",
                f"The {entry['data']} identifier is already used for another product.",
                attribute=attribute,
            )
    return state.edit.save_product(name, body)


def _with_uuids(body: JsonObject, state: AkeneoState) -> JsonObject:
    """Replace the products in associations by their uuids, as they are stored."""

    def uuid(identifier: str) -> str:
        found = state.database.uuid_of(identifier)
        if found is None:
            raise validation_failed(
                "associations",
                f"The following products don't exist: {identifier}. Please make sure the products exist.",
            )
        return found

    result = dict(body)
    for code, members in body.get("associations", {}).items():
        named = {"products": [uuid(each) for each in members["products"]]} if "products" in members else {}
        result["associations"] = {**result["associations"], code: {**members, **named}}
    for code, members in body.get("quantified_associations", {}).items():
        products = [
            {"uuid": uuid(each["identifier"]), "quantity": each["quantity"]} for each in members.get("products", ())
        ]
        full = {"product_models": [], **members, "products": products}
        result["quantified_associations"] = {**result["quantified_associations"], code: full}
    return result


def _body(call: Call, field: str | None = None, path_name: str = "") -> JsonObject:
    """Return the body of a call.

    Args:
        call: The call.
        field: A property that, if given, must equal the code in the path.
        path_name: Name of that code in the path.
    """
    try:
        body: Any = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("Invalid json message received")
    if field is not None and body.get(field, call.codes[path_name]) != call.codes[path_name]:
        raise _mismatch(field, body[field], call.codes[path_name])
    return body


def _mismatch(what: str, given: str, expected: str) -> Exception:
    return unprocessable(
        f'The {what} "{given}" provided in the request body must match the {what} "{expected}" provided in the url.'
    )


def _saved(call: Call, *, exists: bool, save: Callable[[], object]) -> Response:
    save()
    status = HTTPStatus.NO_CONTENT if exists else HTTPStatus.CREATED
    return Response(status_code=status, headers={"Location": call.origin + quote(call.path)})


PATCHES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/products-uuid/{uuid:uuid}", "products-uuid.patch", patch_product_by_uuid),
    ("/products/{code:path}", "products.patch", patch_product_by_identifier),
    ("/product-models/{code:path}", "product-models.patch", patch_product_model),
    ("/categories/{code}", "categories.patch", patch_category),
    ("/attributes/{attribute}/options/{code}", "attribute-options.patch", patch_option),
)
"""Path, action and handler of each."""
