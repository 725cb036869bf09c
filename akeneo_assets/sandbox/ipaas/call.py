"""A request as the handlers of the local iPaaS.com see it, and the checks around all handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.faults import ACTION_KEY, Faults
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.identifiers import parse_id
from akeneo_assets.sandbox.ipaas.outcome import Written
from akeneo_assets.sandbox.ipaas.state import IpaasState
from akeneo_assets.sandbox.ipaas.wire import check_body, shown

Access: TypeAlias = Literal["public", "user", "company"]
"""Who may call: anyone, a user who has logged in, or only a user who has chosen a company."""

_NO_SEARCH = frozenset({"action", "pageNumber", "pageSize", "trackingGuid"})


@dataclass(frozen=True)
class Call:
    """One request.

    Args:
        request: The HTTP request.
        body: Its body.
        state: The state of the app.
        faults: The app's faults.
        token: The access token, empty for a public route.
    """

    request: Request
    body: bytes
    state: IpaasState
    faults: Faults
    token: str

    def id(self, name: str = "id") -> str:
        """Return an id in the path.

        Raises:
            RefusedError: It is not a positive integer.
        """
        return parse_id(self.request.path_params[name])

    def page(self, search_field: str, hits: Callable[[str | None], list[JsonObject]]) -> Response:
        """Return one page of a list.

        Args:
            search_field: The one field that ``action=equals`` may search, in PascalCase.
            hits: Returns the hits of a searched value; without a value, all records.

        Raises:
            RefusedError: A parameter is unknown or wrong.
        """
        ignored = self.state.switches.ignored_parameters
        query = {name: text for name, text in self.request.query_params.items() if name not in ignored}
        fields = set(query) - _NO_SEARCH
        if fields - {search_field}:
            raise RefusedError("VALD-1025", f"The search field '{min(fields - {search_field})}' is not allowed.")
        if query.get("action", "equals") != "equals":
            raise RefusedError("VALD-1025", f"The action '{query['action']}' is not allowed.")
        if bool(fields) != ("action" in query):
            raise RefusedError("VALD-1002", "A search needs both an action and a field.")
        number = int(parse_id(query.get("pageNumber", "1")))
        size, largest = int(parse_id(query.get("pageSize", "100"))), self.state.switches.largest_page
        if size > largest and self.state.switches.larger_pages_refused:
            raise RefusedError("VALD-1025", f"The page size is not allowed; the largest is {largest}.")
        size = min(size, largest)
        found = hits(query.get(search_field))
        pagination = {
            "total_Count": len(found),
            "page_Size": size,
            "current_Page": number,
            "total_Pages": -(-len(found) // size),
        }
        response = self.json(found[(number - 1) * size : number * size])
        response.headers["X-Pagination"] = orjson.dumps(pagination).decode()
        return response

    def json(self, document: object) -> Response:
        """Return a document as a response."""
        return Response(orjson.dumps(shown(document, self.state.switches)), media_type="application/json")


Handler: TypeAlias = Callable[[Call], Any]
"""Returns a :class:`Response`, the outcome of a write, a JSON document, or None for an empty response."""


class Router:
    """Creates routes from handlers.

    Args:
        state: The state of the app.
        counters: Counts no-op writes, and children that were recreated or removed.
        faults: The app's faults; ``forbid`` is applied here.
    """

    def __init__(self, state: IpaasState, counters: Counters, faults: Faults) -> None:
        self._state = state
        self._counters = counters
        self._faults = faults

    def route(self, method: str, path: str, action: str, handler: Handler, access: Access = "company") -> Route:
        """Return the route of a handler."""

        async def endpoint(request: Request) -> Response:
            body = await request.body()
            with self._state.lock:
                try:
                    return self._respond(request, body, handler, access)
                except RefusedError as error:
                    return error.response(self._state.error_style)

        typed: Callable[[Request], Awaitable[Response]] = endpoint
        return Route(path, typed, methods=[method], name=action)

    def _respond(self, request: Request, body: bytes, handler: Handler, access: Access) -> Response:
        action = request.scope[ACTION_KEY]
        token = ""
        if access != "public":
            token = self._state.tokens.check(request.headers.get("Authorization"), company=access == "company")
        if self._faults.take("forbid", request.scope):
            raise RefusedError("AUTZ-1002", f"The permission for {action} is missing.")
        if body and request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise RefusedError("VALD-1003", "The content type must be application/json.", status=415)
        self._note_headers(request)
        check_body(body, self._state.switches)
        call = Call(request, body, self._state, self._faults, token)
        result = handler(call)
        if isinstance(result, Written):
            self._state.record(action, result)
            self._counters.event("children_recreated", result.children_recreated)
            self._counters.event("children_removed", result.children_removed)
            if not result.changed:
                self._counters.no_op_write(action)
            if request.method == "PUT" and not self._state.switches.returns_changed_records:
                return Response(status_code=204)
            return call.json(result.record)
        if isinstance(result, Response):
            return result
        return Response(status_code=204) if result is None else call.json(result)

    def _note_headers(self, request: Request) -> None:
        if client_id := request.headers.get("X-Client-Id"):
            self._state.client_ids[client_id] += 1
        if tracking_guid := request.query_params.get("trackingGuid"):
            self._state.tracking_guids[tracking_guid] += 1
