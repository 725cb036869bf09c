"""The sandbox as a whole: both apps on uvicorn, each in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice
from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.sandbox.faults import Faults
from akeneo_assets.sandbox.middleware import TRANSPORT_KEY

if TYPE_CHECKING:
    from akeneo_assets.sandbox.akeneo import AkeneoState
    from akeneo_assets.sandbox.ipaas import IpaasState

HOST = "127.0.0.1"

_PATIENCE_SECONDS: Final = 1.0
"""So long a server that stops waits for the requests that are open."""

_LOOK_SECONDS: Final = 0.002
"""How often it looks whether they are answered."""

AppName: TypeAlias = Literal["akeneo", "ipaas"]


class _Protocol(HttpToolsProtocol):
    """Leaves the connection in the state of the request, so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT_KEY: transport}
        # asyncio does so only for sockets that were made with IPPROTO_TCP. Without it each answer, whose head and
        # body are two writes, waits 40 ms for the client's delayed acknowledgement.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Server(uvicorn.Server):
    """A uvicorn server that runs in a thread and tells when it is ready."""

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
                date_header=False,  # the apps tell their own time
            )
        )
        self._listener = listener
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = asyncio.Event()
        self._thread = threading.Thread(target=self._run_to_the_end, name=f"sandbox-{name}", daemon=True)

    def _run_to_the_end(self) -> None:
        try:
            self.run(sockets=[self._listener])
        finally:
            self._ready.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    def start(self) -> None:
        """Return as soon as requests are answered."""
        self._thread.start()
        self._ready.wait()
        if not self.started:
            raise RuntimeError(f"{self._thread.name} did not start")

    async def main_loop(self) -> None:
        # Not as uvicorn does it, which looks only ten times a second whether it is to stop.
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        if not self.should_exit:
            await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Nor this, for the same reason.
        loop = asyncio.get_running_loop()
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        patience_ends_at = loop.time() + _PATIENCE_SECONDS
        # No event tells when the last connection closes.
        while (self.server_state.connections or self.server_state.tasks) and loop.time() < patience_ends_at:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()

    def ask_to_stop(self) -> None:
        """Return at once."""
        self.should_exit = True
        if self._loop is not None and self._thread.is_alive():
            # The loop may end by itself in between.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._asked.set)

    def stop(self) -> None:
        """Return as soon as the thread has ended."""
        self.ask_to_stop()
        self._thread.join()


@final
class Sandbox:
    """A local Akeneo and a local iPaaS.com, running from construction to :meth:`stop`.

    Args:
        folder: Where both keep their state; without one it is in memory and gone at the end.
        akeneo_port: Port of Akeneo; 0 = any free one.
        ipaas_port: Port of iPaaS.com; 0 = any free one.
        catalogue: What Akeneo holds, unless the folder holds a catalogue already.
        apps: Which of the two to run.

    Raises:
        OSError: A port is in use; the message names it.
    """

    akeneo: AkeneoState
    ipaas: IpaasState

    def __init__(
        self,
        folder: Path | None = None,
        akeneo_port: int = 0,
        ipaas_port: int = 0,
        catalogue: CatalogueChoice = "sample",
        *,
        apps: tuple[AppName, ...] = ("akeneo", "ipaas"),
    ) -> None:
        self.akeneo_counters, self.akeneo_faults = Counters(), Faults()
        self.ipaas_counters, self.ipaas_faults = Counters(), Faults()
        self.akeneo_url = self.ipaas_url = ""
        self._cleanup = ExitStack()
        self._servers: list[_Server] = []
        try:
            if "akeneo" in apps:
                listener = self._listen(akeneo_port, "Akeneo")
                self.akeneo_url = _url(listener)
                self._start("akeneo", self._akeneo_app(folder, catalogue), listener)
            if "ipaas" in apps:
                listener = self._listen(ipaas_port, "iPaaS.com")
                self.ipaas_url = _url(listener)
                self._start("ipaas", self._ipaas_app(folder), listener)
        except BaseException:
            self.stop()
            raise

    def _akeneo_app(self, folder: Path | None, catalogue: CatalogueChoice) -> ASGIApp:
        from akeneo_assets.sandbox.akeneo import AkeneoState, create_app

        self.akeneo = AkeneoState(folder, catalogue)
        self._cleanup.callback(self.akeneo.close)
        return create_app(self.akeneo, self.akeneo_counters, self.akeneo_faults)

    def _ipaas_app(self, folder: Path | None) -> ASGIApp:
        from akeneo_assets.sandbox.ipaas import IpaasState, create_app

        self.ipaas = IpaasState(folder)
        self._cleanup.callback(self.ipaas.close)
        return create_app(self.ipaas, self.ipaas_counters, self.ipaas_faults)

    def _listen(self, port: int, purpose: str) -> socket.socket:
        try:
            listener = socket.create_server((HOST, port), backlog=128)
        except OSError as error:
            raise OSError(
                error.errno, f"{purpose} of the sandbox cannot listen on port {port} of {HOST}: {error.strerror}"
            ) from error
        self._cleanup.callback(listener.close)
        return listener

    def _start(self, name: AppName, app: ASGIApp, listener: socket.socket) -> None:
        server = _Server(name, app, listener)
        server.start()
        self._servers.append(server)
        self._cleanup.callback(server.stop)

    def environment(self) -> dict[str, str]:
        """Return the variables of the settings that point to this sandbox."""
        variables: dict[str, str] = {}
        if self.akeneo_url:
            variables |= {"AKENEO_API_URL": self.akeneo_url, **AKENEO_CREDENTIALS}
        if self.ipaas_url:
            variables |= {"IPAAS_API_URL": self.ipaas_url, **IPAAS_CREDENTIALS}
        return variables

    def stop(self) -> None:
        """Stop both; free their ports and end their threads. The state stays readable."""
        for server in self._servers:
            server.ask_to_stop()
        self._cleanup.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"
