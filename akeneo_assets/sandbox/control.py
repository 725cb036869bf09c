"""Routes under ``/_sandbox/`` that identify an app, show its counters, and set its faults.

They need no authentication, are not counted, and are not affected by faults.
"""

from __future__ import annotations

from importlib.metadata import version

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.faults import Fault, Faults

PREFIX = "/_sandbox/"


class _Armed(BaseModel):
    faults: list[Fault]


def control_routes(name: str, counters: Counters, faults: Faults) -> list[Route]:
    """Return the control routes of an app.

    Args:
        name: Name of the app, e.g. ``akeneo``.
        counters: Its counters.
        faults: Its faults.
    """

    async def status(_: Request) -> Response:
        return JSONResponse({"name": name, "version": version("akeneo_assets")})

    return [Route(f"{PREFIX}status", status), *_counter_routes(counters), *_fault_routes(faults)]


def _counter_routes(counters: Counters) -> list[Route]:
    async def show(request: Request) -> Response:
        try:
            return JSONResponse(counters.snapshot(_window_seconds(request)))
        except ValueError as error:
            return JSONResponse({"message": str(error)}, status_code=400)

    async def reset(_: Request) -> Response:
        counters.reset()
        return Response(status_code=204)

    return [Route(f"{PREFIX}counters", show), Route(f"{PREFIX}counters/reset", reset, methods=["POST"])]


def _fault_routes(faults: Faults) -> list[Route]:
    async def show(_: Request) -> Response:
        return JSONResponse(
            [{**fault.model_dump(exclude_defaults=True), "fired": fault.fired} for fault in faults.armed()]
        )

    async def arm(request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
            armed = _Armed.model_validate({"faults": body if isinstance(body, list) else [body]})
        except orjson.JSONDecodeError as error:
            return JSONResponse({"message": f"Not JSON: {error}"}, status_code=400)
        except ValidationError as error:
            return JSONResponse({"message": str(error)}, status_code=422)
        for fault in armed.faults:
            faults.arm(fault)
        return Response(status_code=204)

    async def clear(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    return [
        Route(f"{PREFIX}faults", show),
        Route(f"{PREFIX}faults", arm, methods=["POST"]),
        Route(f"{PREFIX}faults", clear, methods=["DELETE"]),
    ]


def _window_seconds(request: Request) -> float | None:
    window = request.query_params.get("window")
    return None if window is None else float(window)
