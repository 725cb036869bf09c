"""A web server in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from akeneo_assets.sandbox.middleware import TRANSPORT_KEY

_GRACE_SECONDS: Final = 1.0
"""How many seconds open requests get to finish when the server is stopped."""


class _Protocol(HttpToolsProtocol):
    """Stores the connection in the state of the request, so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT_KEY: transport}
        # asyncio does so only for sockets that were created with IPPROTO_TCP. Otherwise each response, whose head
        # and body are two writes, waits 40 ms for the client's delayed acknowledgement.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class BackgroundServer(uvicorn.Server):
    """A uvicorn server that runs in a thread and starts and stops without needless waits.

    Args:
        name: Name of the thread.
        app: The ASGI app.
        listener: A listening socket; it is closed at the end.
    """

    def __init__(self, name: str, app: ASGIApp, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                loop="asyncio",  # the connections of uvloop cannot be reset
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                date_header=False,  # the apps set the date themselves
            )
        )
        self._listener = listener
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = asyncio.Event()
        self._thread = threading.Thread(target=self._run_to_the_end, name=name, daemon=True)

    def _run_to_the_end(self) -> None:
        try:
            self.run(sockets=[self._listener])
        finally:
            self._ready.set()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    def start(self) -> None:
        """Return as soon as the server responds to requests."""
        self._thread.start()
        self._ready.wait()
        if not self.started:
            raise RuntimeError(f"{self._thread.name} did not start")

    @override
    async def main_loop(self) -> None:
        # uvicorn itself checks only ten times a second whether it should stop.
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        if not self.should_exit:
            await self._asked.wait()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn itself gives even idle connections a tenth of a second to close.
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        end = time.monotonic() + _GRACE_SECONDS
        while (self.server_state.connections or self.server_state.tasks) and time.monotonic() < end:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.002)
        for task in self.server_state.tasks:
            task.cancel()

    def ask_to_stop(self) -> None:
        """Return at once."""
        self.should_exit = True
        if self._loop is not None and self._thread.is_alive():
            # The loop may have ended in the meantime.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._asked.set)

    def stop(self) -> None:
        """Wait until the thread has ended."""
        self.ask_to_stop()
        self._thread.join()
