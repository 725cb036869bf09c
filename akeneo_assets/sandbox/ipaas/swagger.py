"""The description of the API, at the address that the vendor documents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from starlette.routing import Route

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.call import Call, Router
from akeneo_assets.sandbox.ipaas.errors import RefusedError


def swagger_routes(router: Router, routes: Iterable[Route]) -> list[Route]:
    """Return one route for each part of the API, such as ``/products``.

    Args:
        router: Creates the routes.
        routes: The routes to describe.
    """
    lines = [
        f"{method} {re.sub(r':path}', '}', route.path)}"
        for route in routes
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    return [_route(router, part, lines) for part in sorted({line.split("/")[1] for line in lines})]


def _route(router: Router, part: str, lines: list[str]) -> Route:
    def show(call: Call) -> Any:
        if not call.state.switches.publishes_swagger:
            raise RefusedError("NFND-1001", "The request failed.")
        spelling = call.state.spelling
        paths: dict[str, JsonObject] = {}
        for line in lines:
            other = line if spelling is None else spelling.paths.get(line, line)
            method, _, path = other.partition(" ")
            if path.startswith(f"/{part}/"):
                responses = {"200": {"description": "OK"}}
                paths.setdefault(path.removeprefix(f"/{part}"), {})[method.lower()] = {"responses": responses}
        info = {"title": f"iPaaS.com {part}", "version": "v2"}
        return {"openapi": "3.0.1", "info": info, "servers": [{"url": f"/{part}"}], "paths": paths}

    return router.route("GET", f"/{part}/swagger/v2/swagger.json", f"swagger.{part}", show, "public")
