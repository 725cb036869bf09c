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
    parts: dict[str, list[Route]] = {}
    for route in routes:
        parts.setdefault(route.path.split("/")[1], []).append(route)
    return [_route(router, part, described) for part, described in parts.items()]


def _route(router: Router, part: str, described: list[Route]) -> Route:
    lines = [
        (method, re.sub(r":path\}", "}", route.path))
        for route in described
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]

    def show(call: Call) -> Any:
        if not call.state.switches.publishes_swagger:
            raise RefusedError("NFND-1001", "The request failed.")
        spelling = call.state.spelling
        paths: JsonObject = {}
        for method, path in lines:
            line = f"{method} {path}"
            other = line if spelling is None else spelling.paths.get(line, line)
            outer_method, _, outer_path = other.partition(" ")
            paths.setdefault(outer_path.removeprefix(f"/{part}"), {})[outer_method.lower()] = {
                "responses": {"200": {"description": "OK"}}
            }
        info = {"title": f"iPaaS.com {part}", "version": "v2"}
        return {"openapi": "3.0.1", "info": info, "servers": [{"url": f"/{part}"}], "paths": paths}

    return router.route("GET", f"/{part}/swagger/v2/swagger.json", f"swagger.{part}", show, "public")
