"""Separate processes for the measured code and for the sandbox, so that they are measured separately."""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Literal, TypeVar
from urllib.request import Request, urlopen

_SPAWN: Final = multiprocessing.get_context("spawn")

UNTHROTTLED: Final = {
    f"{api}_API_THROTTLE_{name}": value
    for api in ("AKENEO", "IPAAS")
    # A short window instead of a high limit: every allowed request takes a row in the state database.
    for name, value in (("LIMIT", "2000"), ("SECONDS", "1"))
}

Result = TypeVar("Result")


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox in its own process; ``environment`` contains the settings that point to it."""

    environment: dict[str, str]

    def counters(self, app: Literal["akeneo", "ipaas"], window_seconds: float | None = None) -> dict[str, Any]:
        """Return the counters of the server."""
        query = "" if window_seconds is None else f"?window={window_seconds}"
        with urlopen(f"{self._control(app)}/counters{query}") as response:
            counters: dict[str, Any] = json.load(response)
        return counters

    def reset_counters(self) -> None:
        """Reset the counters of both servers."""
        for app in ("akeneo", "ipaas"):
            urlopen(Request(f"{self._control(app)}/counters/reset", method="POST")).close()

    def delay(self, app: Literal["akeneo", "ipaas"], seconds: float) -> None:
        """Delay every response of a server."""
        fault = json.dumps({"kind": "slow", "seconds": seconds, "times": None}).encode()
        urlopen(Request(f"{self._control(app)}/faults", fault, {"Content-Type": "application/json"})).close()

    def clear_faults(self, app: Literal["akeneo", "ipaas"]) -> None:
        """Stop delaying the responses of a server."""
        urlopen(Request(f"{self._control(app)}/faults", method="DELETE")).close()

    def _control(self, app: str) -> str:
        return f"{self.environment[f'{app.upper()}_API_URL']}/_sandbox"


@contextmanager
def running_sandbox(products: int, *, families: int = 0, linked: float = 0.0) -> Iterator[RunningSandbox]:
    """Run a sandbox with a generated catalogue, see :class:`akeneo_assets.sandbox.catalogue_choice.Generated`."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(products, families, linked, theirs), name="sandbox")
    process.start()
    theirs.close()  # so that its early end is noticed here
    try:
        yield RunningSandbox(ours.recv())
    finally:
        ours.close()
        process.join()


def _serve(products: int, families: int, linked: float, parent: Connection) -> None:
    from akeneo_assets.sandbox.catalogue_choice import Generated
    from akeneo_assets.sandbox.server import Sandbox

    with Sandbox(catalogue=Generated(products, families=families, linked=linked)) as sandbox:
        parent.send(sandbox.environment())
        parent.poll(None)  # until the parent closes its end


@contextmanager
def scratch_folder() -> Iterator[str]:
    """Provide a folder for the state of a load."""
    with tempfile.TemporaryDirectory(prefix="akeneo_assets_bench_") as folder:
        yield folder


@contextmanager
def workers(count: int, environment: dict[str, str], folder: str) -> Iterator[ProcessPoolExecutor]:
    """Provide fresh processes with only the settings in ``environment``, and with their state in ``folder``."""
    with ProcessPoolExecutor(count, _SPAWN, _enter, (environment, folder)) as pool:
        yield pool


def in_fresh_process(environment: dict[str, str], folder: str, measured: Callable[[], Result]) -> Result:
    """Call ``measured`` in its own process."""
    with workers(1, environment, folder) as pool:
        return pool.submit(measured).result()


def _enter(environment: dict[str, str], folder: str) -> None:
    for name in [name for name in os.environ if name.startswith(("AKENEO_", "IPAAS_", "DAGSTER_"))]:
        del os.environ[name]
    os.environ.update(environment, DAGSTER_HOME=folder)
    os.chdir(folder)  # away from any .env file
