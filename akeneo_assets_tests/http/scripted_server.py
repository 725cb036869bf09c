"""A server on a real socket that sends scripted responses, and records the requests."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from akeneo_assets.sandbox.background_server import BackgroundServer


@dataclass(frozen=True)
class Reply:
    """One response.

    ``truncated`` announces more bytes than it sends, ``seconds`` delays the response, and ``until_open`` holds it back
    until so many requests were open at the same time.
    """

    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 0.0
    until_open: int = 0
    truncated: bool = False


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    raw_path: str
    query: dict[str, str]
    raw_query: str
    headers: Mapping[str, str]
    document: Any
    arrived_at: float
    port: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


Handler = Callable[[Received], Reply]


@dataclass
class _OpenRequests:
    """How many requests are open, how many were open at most, and which responses wait for how many."""

    open: int = 0
    most_open: int = 0
    reached: defaultdict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))


class ScriptedServer:
    """Responds with ``script`` in order, then with ``handler``."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.reset()
        methods = ["GET", "POST", "PUT", "DELETE"]
        app = Starlette(routes=[Route("/{path:path}", self._respond, methods=methods)])
        self._server = BackgroundServer("scripted-server", app, self._socket)
        self._server.start()

    def reset(self) -> None:
        self.requests: list[Received] = []
        self.script: deque[Reply] = deque()
        self.handler: Handler = lambda _: Reply(document={})
        # A response that the previous test no longer waits for may still be open, and does not count for this test.
        self._open_requests = _OpenRequests()

    def respond(self, *responses: Reply) -> None:
        self.script.extend(responses)

    def stop(self) -> None:
        self._server.stop()

    @property
    def most_open(self) -> int:
        """The maximum number of requests that were open at the same time."""
        return self._open_requests.most_open

    def most_in_any_window(self, seconds: float) -> int:
        arrivals = sorted(request.arrived_at for request in self.requests)
        return max(sum(start <= arrival < start + seconds for arrival in arrivals) for start in arrivals)

    async def _respond(self, request: Request) -> Response:
        counted = self._open_requests
        counted.open += 1
        counted.most_open = max(counted.most_open, counted.open)
        if counted.most_open in counted.reached:
            counted.reached[counted.most_open].set()
        try:
            return await self._scripted(request, counted)
        finally:
            counted.open -= 1

    async def _scripted(self, request: Request, counted: _OpenRequests) -> Response:
        arrived_at = time.monotonic()
        body = await request.body()
        received = Received(
            method=request.method,
            path=request.scope["path"],
            raw_path=request.scope["raw_path"].decode(),
            query=dict(request.query_params),
            raw_query=request.scope["query_string"].decode(),
            headers=dict(request.headers),
            document=json.loads(body) if body else None,
            arrived_at=arrived_at,
            port=request.scope["client"][1],
        )
        self.requests.append(received)
        response = self.script.popleft() if self.script else self.handler(received)
        if counted.most_open < response.until_open:
            await counted.reached[response.until_open].wait()
        if response.seconds:
            await asyncio.sleep(response.seconds)
        content = json.dumps(response.document).encode() if response.body is None else response.body
        headers = {"Content-Type": "application/json", **response.headers}
        if response.truncated:
            headers["Content-Length"] = str(len(content) + 100)
        return Response(content, response.status, headers)


@contextmanager
def hanging_up() -> Iterator[str]:
    """A server that reads a request and closes the connection without a response."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def unused_url() -> str:
    """A URL at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
