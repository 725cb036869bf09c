"""The app: all routes, with the checks that Akeneo makes before it responds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.asset_routes import (
    get_asset,
    get_asset_family,
    list_asset_attributes,
    list_asset_families,
    list_assets,
)
from akeneo_assets.sandbox.akeneo.call import ROOT, Call, Handler
from akeneo_assets.sandbox.akeneo.category_routes import get_category, list_categories
from akeneo_assets.sandbox.akeneo.edit_routes import edit_routes
from akeneo_assets.sandbox.akeneo.errors import ApiError, json_response
from akeneo_assets.sandbox.akeneo.patch_routes import PATCHES
from akeneo_assets.sandbox.akeneo.product_routes import (
    get_product_by_identifier,
    get_product_by_uuid,
    get_product_model,
    list_of,
    search_products,
)
from akeneo_assets.sandbox.akeneo.reference_entity_routes import (
    get_record,
    get_reference_entity,
    list_attribute_options,
    list_entity_attributes,
    list_records,
    list_reference_entities,
)
from akeneo_assets.sandbox.akeneo.search import parse_search, unsupported
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.structure_routes import (
    ATTRIBUTE_OPTIONS,
    FAMILY_VARIANTS,
    STRUCTURE,
    get_system_information,
    list_measurement_families,
)
from akeneo_assets.sandbox.control import control_routes
from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.faults import ACTION_KEY, Faults
from akeneo_assets.sandbox.middleware import Instrumentation

TOKEN_PATH: Final = "/api/oauth/v1/token"

_MESSAGES: Final = {
    429: "You have exceeded the limit of API requests per second.",
    500: "Internal Server Error",
}

# The name of the permission in a role, by the first part of a route's name.
_PERMISSIONS: Final = {
    "products-uuid": "list products",
    "products": "list products",
    "product-models": "list product models",
    "attribute-options": "list attribute options",
    "family-variants": "list family variants",
    "records": "list reference entity records",
}

_OF_REFERENCE_ENTITIES: Final = frozenset({"reference-entities", "records", "asset-families", "assets"})

# path, action, handler; more specific paths come first
_ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/products-uuid", "products-uuid.list", list_of("products-uuid")),
    ("/products-uuid/{uuid:uuid}", "products-uuid.get", get_product_by_uuid),
    ("/products", "products.list", list_of("products")),
    ("/products/{code:path}", "products.get", get_product_by_identifier),
    ("/product-models", "product-models.list", list_of("product-models")),
    ("/product-models/{code:path}", "product-models.get", get_product_model),
    ("/categories", "categories.list", list_categories),
    ("/categories/{code}", "categories.get", get_category),
    ("/attributes/{attribute}/options", "attribute-options.list", ATTRIBUTE_OPTIONS.page),
    ("/attributes/{attribute}/options/{code}", "attribute-options.get", ATTRIBUTE_OPTIONS.get),
    ("/families/{family}/variants", "family-variants.list", FAMILY_VARIANTS.page),
    ("/families/{family}/variants/{code}", "family-variants.get", FAMILY_VARIANTS.get),
    *((f"/{path}", f"{path}.list", kind.page) for path, kind in STRUCTURE.items()),
    *((f"/{path}/{{code}}", f"{path}.get", kind.get) for path, kind in STRUCTURE.items()),
    ("/measurement-families", "measurement-families.list", list_measurement_families),
    ("/reference-entities", "reference-entities.list", list_reference_entities),
    ("/reference-entities/{entity}", "reference-entities.get", get_reference_entity),
    ("/reference-entities/{entity}/attributes", "reference-entities.attributes", list_entity_attributes),
    (
        "/reference-entities/{entity}/attributes/{attribute}/options",
        "reference-entities.attribute-options",
        list_attribute_options,
    ),
    ("/reference-entities/{entity}/records", "records.list", list_records),
    ("/reference-entities/{entity}/records/{code}", "records.get", get_record),
    ("/asset-families", "asset-families.list", list_asset_families),
    ("/asset-families/{family}", "asset-families.get", get_asset_family),
    ("/asset-families/{family}/attributes", "asset-families.attributes", list_asset_attributes),
    ("/asset-families/{family}/assets", "assets.list", list_assets),
    ("/asset-families/{family}/assets/{code}", "assets.get", get_asset),
    ("/system-information", "system-information.get", get_system_information),
)


def create_app(state: AkeneoState, counters: Counters, faults: Faults) -> ASGIApp:
    """Return the local Akeneo as an ASGI app.

    Args:
        state: Its state.
        counters: Counts its requests; the actions are named ``<path>.list`` and ``<path>.get``.
        faults: Its faults.
    """
    gate = _Gate(state, faults)
    routes = [
        Route(TOKEN_PATH, gate.token, methods=["POST"], name="token"),
        Route(ROOT, _root, name="root.get"),
        Route(
            f"{ROOT}/products-uuid/search", gate.behind(search_products), methods=["POST"], name="products-uuid.search"
        ),
        *(Route(ROOT + path, gate.behind(handler), name=action) for path, action, handler in _ROUTES),
        *(
            Route(ROOT + path, gate.behind(handler), methods=["PATCH"], name=action)
            for path, action, handler in PATCHES
        ),
    ]
    app = Starlette(
        routes=[*control_routes("akeneo", counters, faults), *edit_routes(state), *routes],
        exception_handlers={ApiError: _refused, HTTPException: _no_route},
    )
    return Instrumentation(
        app,
        routes=routes,
        counters=counters,
        faults=faults,
        refuse=_fault_response,
        expire_tokens=state.tokens.expire,
        now=state.now,
    )


class _Gate:
    """The checks before a response: headers, parameters, token, permission."""

    def __init__(self, state: AkeneoState, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    async def token(self, request: Request) -> Response:
        """Respond to a token request."""
        return json_response(
            self._state.tokens.grant(
                self._authorization(request),
                request.headers.get("Content-Type", ""),
                await request.body(),
                lifetime=self._state.switches.token_seconds,
                refuse_refresh=b"refresh_token" in await request.body()
                and self._faults.take("refuse_refresh", request.scope) is not None,
            )
        )

    def behind(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint that checks a request, then calls a handler."""

        async def endpoint(request: Request) -> Response:
            _check_headers_and_parameters(request)
            self._state.tokens.check(self._authorization(request))
            self._check_route(request)
            self._check_permission(request.scope)
            origin = self._state.switches.public_url or f"{request.url.scheme}://{request.url.netloc}"
            codes = {name: str(code) for name, code in request.path_params.items()}
            switches = self._state.switches
            query = {
                name: text for name, text in request.query_params.items() if name not in switches.ignored_parameters
            }
            call = Call(origin, request.url.path, codes, query, switches, await request.body())
            _check_filters(request.scope[ACTION_KEY].split(".")[0], call)
            with self._state.database.lock:
                response = handler(self._state, call)
            return response if isinstance(response, Response) else json_response(response)

        return endpoint

    def _authorization(self, request: Request) -> str:
        return "" if self._state.switches.loses_authorization else request.headers.get("Authorization", "")

    def _check_route(self, request: Request) -> None:
        """Refuse routes that this version or edition does not have."""
        area, switches = request.scope[ACTION_KEY].split(".")[0], self._state.switches
        is_absent = (
            (area == "products-uuid" and switches.is_before(7))
            or (area == "system-information" and switches.is_before(6))
            or (area in _OF_REFERENCE_ENTITIES and not switches.reference_entities)
        )
        if is_absent:
            raise ApiError(HTTPStatus.NOT_FOUND, f'No route found for "{request.method} {request.url}"')

    def _check_permission(self, scope: Scope) -> None:
        fault = self._faults.take("forbid", scope)
        if fault is None:
            return
        if fault.action in {None, "*"}:
            raise ApiError(HTTPStatus.FORBIDDEN, "You are not allowed to access the web API.")
        area, verb = scope[ACTION_KEY].split(".")
        permission = _PERMISSIONS.get(area, f"list {area.replace('-', ' ')}")
        if verb == "patch":
            permission = permission.replace("list", "create or update", 1)
        raise ApiError(HTTPStatus.FORBIDDEN, f"Access forbidden. You are not allowed to {permission}.")


def _check_filters(area: str, call: Call) -> None:
    """Refuse the filters that are switched off."""
    refused = call.switches.refused_filters
    for criterion in parse_search(call.query.get("search")) if refused else ():
        if f"{area} {criterion.property} {criterion.operator}" in refused:
            raise unsupported(criterion)


def _check_headers_and_parameters(request: Request) -> None:
    accept = request.headers.get("Accept", "*/*")
    if "*/*" not in accept and accept != "application/json":
        raise ApiError(
            HTTPStatus.NOT_ACCEPTABLE,
            f'"{accept}" in "Accept" header is not valid. Only "application/json" is allowed.',
        )
    content = request.headers.get("Content-Type", "")
    if request.method == "PATCH" and content.partition(";")[0].strip() != "application/json":
        raise ApiError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f'"{content}" in "Content-Type" header is not valid. Only "application/json" is allowed.',
        )
    if any("[" in name for name in request.query_params):
        raise ApiError(HTTPStatus.BAD_REQUEST, "Bracket syntax is not supported in query parameters.")


async def _root(request: Request) -> Response:
    """Respond with the list of routes, from which a client learns what this Akeneo supports."""
    routes: JsonObject = {
        f"pim_api_{action.replace('-', '_').replace('.', '_')}": {"route": ROOT + path, "methods": ["GET"]}
        for path, action, _ in _ROUTES
    }
    # The real server uses this name, and clients look for it.
    routes["pim_api_product_uuid_list"] = routes.pop("pim_api_products_uuid_list")
    return json_response(
        {
            "host": f"{request.url.scheme}://{request.url.netloc}",
            "authentication": {"fos_oauth_server_token": {"route": TOKEN_PATH, "methods": ["POST"]}},
            "routes": routes,
        }
    )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.response()


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {}).get("Allow")
    hint = f": Method Not Allowed (Allow: {allowed})" if allowed else ""
    return ApiError(error.status_code, f'No route found for "{request.method} {request.url}"{hint}').response()


def _fault_response(status: int, _: Scope) -> Response:
    return ApiError(status, _MESSAGES.get(status, HTTPStatus(status).phrase)).response()
