"""The whole sandbox: both apps on uvicorn, each in a thread of this process."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from starlette.types import ASGIApp

from akeneo_assets.sandbox.background_server import BackgroundServer
from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice
from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.sandbox.faults import Faults

if TYPE_CHECKING:
    from akeneo_assets.sandbox.akeneo import AkeneoState
    from akeneo_assets.sandbox.ipaas import IpaasState

HOST = "127.0.0.1"

AppName: TypeAlias = Literal["akeneo", "ipaas"]


@final
class Sandbox:
    """A local Akeneo and a local iPaaS.com, running from construction to :meth:`stop`.

    Args:
        folder: The folder in which both store their state; without one, it is in memory and lost at the end.
        akeneo_port: Port of Akeneo; 0 = any free one.
        ipaas_port: Port of iPaaS.com; 0 = any free one.
        catalogue: The initial catalogue of Akeneo, unless the folder already contains one.
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
        self._servers: list[BackgroundServer] = []
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
        server = BackgroundServer(f"sandbox-{name}", app, listener)
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
        """Stop both, free their ports and end their threads. The state can still be read."""
        for server in self._servers:
            server.ask_to_stop()
        self._cleanup.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"
