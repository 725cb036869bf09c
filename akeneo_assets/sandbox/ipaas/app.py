"""The local iPaaS.com as an ASGI app."""

from __future__ import annotations

import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from akeneo_assets.sandbox.control import control_routes
from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.faults import Faults
from akeneo_assets.sandbox.ipaas.call import Router
from akeneo_assets.sandbox.ipaas.catalog_routes import catalog_routes
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.link_routes import link_routes
from akeneo_assets.sandbox.ipaas.sign_on_routes import sign_on_routes
from akeneo_assets.sandbox.ipaas.spelling import Respelled
from akeneo_assets.sandbox.ipaas.state import IpaasState
from akeneo_assets.sandbox.ipaas.swagger import swagger_routes
from akeneo_assets.sandbox.middleware import Instrumentation

_CODE_OF_STATUS = {404: "NFND-1001", 405: "NFND-1001", 429: "INTL-1004"}


def create_app(state: IpaasState, counters: Counters, faults: Faults) -> ASGIApp:
    """Return the app.

    Args:
        state: Its state.
        counters: Counts its requests.
        faults: Its faults.
    """
    router = Router(state, counters, faults)
    routes = [*sign_on_routes(router), *catalog_routes(router), *link_routes(router)]
    routes += swagger_routes(router, routes)

    def refuse(status: int, _: Scope) -> Response:
        code = _CODE_OF_STATUS.get(status, "INTL-1001")
        return RefusedError(code, "The request failed.", status=status).response(state.error_style)

    async def no_route(request: Request, error: Exception) -> Response:
        return refuse(error.status_code if isinstance(error, HTTPException) else 500, request.scope)

    app = Starlette(
        routes=[*routes, *control_routes("ipaas", counters, faults)], exception_handlers={HTTPException: no_route}
    )
    counted = Instrumentation(
        app,
        routes=routes,
        counters=counters,
        faults=faults,
        refuse=refuse,
        expire_tokens=state.tokens.expire,
        now=time.time,
    )
    return Respelled(counted, lambda: state.spelling)
