"""The ASGI middleware that counts the requests of an app and applies its faults."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate

from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from akeneo_assets.sandbox.control import PREFIX
from akeneo_assets.sandbox.counters import NO_ACTION, Counters
from akeneo_assets.sandbox.faults import ACTION_KEY, Fault, Faults

Refusal = Callable[[int, Scope], Response]
"""Returns a response with the given status and an error body in the app's format."""

TRANSPORT_KEY = "transport"
"""Key of ``scope["state"]`` under which the server stores the connection, see :mod:`akeneo_assets.sandbox.server`."""

_PROXY_PAGE = "<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>"


class Instrumentation:
    """Counts requests and applies faults, around an app.

    Args:
        app: The app.
        routes: Its routes; their names are the actions. More specific paths come first.
        counters: Counts its requests.
        faults: Its faults.
        refuse: Creates the errors of ``throttle``, ``server_error`` and ``lose_response``.
        expire_tokens: Makes every access token expire.
        now: Returns the time for the ``Date`` header, in seconds since the epoch.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Sequence[Route],
        counters: Counters,
        faults: Faults,
        refuse: Refusal,
        expire_tokens: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self._app = app
        self._routes = routes
        self._counters = counters
        self._faults = faults
        self._refuse = refuse
        self._expire_tokens = expire_tokens
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count one request and respond to it."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        scope[ACTION_KEY] = action = self._action(scope)
        self._counters.arrive(action)
        status = "reset"
        is_counted = False

        async def counting_send(message: Message) -> None:
            nonlocal status, is_counted
            if message["type"] == "http.response.start":
                status = str(message["status"])
                wrong = self._faults.take("wrong_date", scope)
                date = formatdate(self._now(), usegmt=True) if wrong is None else wrong.date
                message["headers"] = [*message["headers"], *([(b"date", date.encode())] if date is not None else [])]
            elif not message.get("more_body", False):
                # Before the client has the complete response, so that it finds its request counted.
                self._counters.leave(status)
                is_counted = True
            await send(message)

        try:
            await self._respond(scope, receive, counting_send)
        finally:
            if not is_counted:
                self._counters.leave(status)

    def _action(self, scope: Scope) -> str:
        matches = ((route.matches(scope)[0], route.name) for route in self._routes)
        return next((name for match, name in matches if match is Match.FULL), NO_ACTION)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        if fault := self._faults.take("slow", scope):
            await asyncio.sleep(fault.seconds)
        if self._faults.take("reset_connection", scope):
            await _reset(scope, receive)
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            if self._faults.take("expire_tokens", scope):
                self._expire_tokens()
            await self._carry_out(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if fault := self._faults.take("throttle", scope):
            response = self._refuse(429, scope)
            if fault.retry_after is not None:
                response.headers["Retry-After"] = _retry_after(fault, fault.retry_after)
            return response
        if fault := self._faults.take("server_error", scope):
            return self._refuse(fault.status or 500, scope)
        if fault := self._faults.take("html_error", scope):
            status = fault.status or 502
            return HTMLResponse(_PROXY_PAGE.format(status=status), status_code=status)
        return None

    async def _carry_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        lost = self._faults.take("lose_response", scope)
        truncated = self._faults.take("truncate_body", scope)
        without_ids = self._faults.take("null_ids", scope)
        is_changed = any(fault.kind in {"damage", "late_response"} for fault in self._faults.armed())
        if not (lost or truncated or without_ids or is_changed):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        if late := self._faults.take("late_response", scope):
            await asyncio.sleep(late.seconds)
        if lost and lost.status:
            await self._refuse(lost.status, scope)(scope, receive, send)
        elif lost:
            await _reset(scope, receive)
        elif without_ids:
            body = b"".join(message.get("body", b"") for message in messages[1:])
            document = re.sub(rb'"id":\s*("[^"]*"|\d+)', b'"id":null', body)
            await Response(document, messages[0]["status"], media_type="application/json")(scope, receive, send)
        else:
            start, *rest = messages
            body = b"".join(message.get("body", b"") for message in rest)
            if not truncated:
                await self._damage(body, messages, scope, receive, send)
                return
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _reset(scope, receive, flush=True)

    async def _damage(
        self, body: bytes, messages: Sequence[Message], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send a response, damaged by the records in it."""
        struck = self._faults.damaged_by(scope, body)
        if struck is None:
            for message in messages:
                await send(message)
        elif struck[1].how == "server_error":
            await self._refuse(500, scope)(scope, receive, send)
        else:
            await Response(struck[0], media_type="application/json")(scope, receive, send)


def _retry_after(fault: Fault, seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True) if fault.retry_after_date else f"{seconds:g}"


async def _reset(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    """Break the connection of the request; if ``flush``, data sent so far is still delivered."""
    transport: asyncio.Transport = scope["state"][TRANSPORT_KEY]
    if flush:
        transport.close()
    else:
        connection: socket.socket = transport.get_extra_info("socket")
        # Lingering for 0 seconds makes the system send RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
