"""A network inside this process: hosts are ASGI apps, and every response can be changed on its way."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Message
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError

_REASON: Final = "Response"
_NOTHING: Final = os.open(os.devnull, os.O_RDONLY)
"""It can always be read, so that urllib3 considers every connection closed and opens another one."""


@dataclass(frozen=True)
class Sent:
    """A request as the client sent it."""

    host: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Good:
    """A response of an app."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def raw(self) -> bytes:
        """Return the bytes on the wire."""
        return raw_response(self.status, self.headers, self.body)


@dataclass
class Wire:
    """The network.

    Attributes:
        apps: Host → app.
        change: Returns the bytes that the client receives, given a request and its correct response.
        most: How many requests may be sent until the next :meth:`reset`.
        foreign: Requested hosts that are not among the apps.
        exchanged: How many requests got a response since the last :meth:`reset`.
        remembers: Whether a repeated request gets the same response again.
    """

    apps: Mapping[str, ASGIApp]
    most: int = 1_000
    change: Callable[[Sent, Good], bytes] = lambda _, good: good.raw()
    foreign: list[str] = field(default_factory=list)
    exchanged: int = 0
    remembers: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._known: dict[tuple[str, str, str, bytes], Good] = {}

    def reset(self, change: Callable[[Sent, Good], bytes] | None = None) -> None:
        """Reset the counters.

        Args:
            change: See the attribute; by default, responses are not changed.
        """
        self.change = change or (lambda _, good: good.raw())
        self.exchanged = 0
        self.foreign.clear()

    def close(self) -> None:
        """End the loop of the apps."""
        self._loop.close()

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Redirect all HTTP connections of this process to this network."""
        original = HTTPConnection._new_conn
        wire = self

        def new_connection(connection: HTTPConnection) -> Any:
            if connection.host not in wire.apps:
                wire.foreign.append(connection.host)
                raise NewConnectionError(connection, f"{connection.host} is not part of this network")
            return _Socket(wire, connection.host)

        HTTPConnection._new_conn = new_connection  # type: ignore[method-assign, assignment, unused-ignore]
        try:
            yield
        finally:
            HTTPConnection._new_conn = original  # type: ignore[method-assign, assignment, unused-ignore]

    def exchange(self, sent: Sent) -> bytes:
        """Return the response to a request."""
        with self._lock:
            self.exchanged += 1
            if self.exchanged > self.most:
                raise AssertionError(f"more than {self.most} requests; the last is {sent.method} {sent.target}")
            key = (sent.host, sent.method, _without_guid(sent.target), sent.body)
            good = self._known.get(key) if self.remembers else None
            if good is None:
                good = self._loop.run_until_complete(_asked(self.apps[sent.host], sent))
                self._known[key] = good
            return self.change(sent, good)


class _Socket:
    """The client's end of a connection."""

    def __init__(self, wire: Wire, host: str) -> None:
        self._wire = wire
        self._host = host
        self._request = bytearray()
        self._response: bytes | None = None

    def sendall(self, data: Any, *_: Any) -> None:
        self._request += data

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        if self._response is None:
            self._response = self._wire.exchange(_parsed(self._host, bytes(self._request)))
        return io.BytesIO(self._response)

    def fileno(self) -> int:
        return _NOTHING

    def settimeout(self, _: float | None) -> None:
        pass

    def setsockopt(self, *_: Any) -> None:
        pass

    def shutdown(self, _: int) -> None:
        pass

    def close(self) -> None:
        pass


def raw_response(status: int | str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the bytes of a response, with its length unless ``headers`` contain one."""
    lines = [f"HTTP/1.1 {status} {_REASON}", *(f"{name}: {value}" for name, value in headers.items())]
    names = {name.lower() for name in headers}
    if not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


def _parsed(host: str, request: bytes) -> Sent:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Sent(host, method, target, headers, body)


def _without_guid(target: str) -> str:
    path, _, query = target.partition("?")
    return f"{path}?{'&'.join(part for part in query.split('&') if not part.startswith('trackingGuid='))}"


async def _asked(app: ASGIApp, sent: Sent) -> Good:
    path, _, query = sent.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.headers.items()],
        "client": ("127.0.0.1", 1),
        "server": (sent.host, 80),
        "state": {},
    }
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in messages[0]["headers"]}
    return Good(
        messages[0]["status"],
        {name: value for name, value in headers.items() if name.lower() != "content-length"},
        b"".join(message.get("body", b"") for message in messages[1:]),
    )
