"""HTTP connections with a deadline for the complete response.

The timeouts of ``requests`` and ``urllib3`` only limit each wait for more data. A server that sends a byte now and
then, or one ``100 Continue`` after another, would keep a request open forever.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssltransport import SSLTransport

_deadline: Final[ContextVar[float | None]] = ContextVar("deadline", default=None)


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Limit the time of requests in this block, including reading their responses.

    After this time, a ``TimeoutError`` is raised.
    """
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class DeadlineAdapter(HTTPAdapter):
    """Sends requests over connections that respect :func:`deadline_in`."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Create the pools of direct connections."""
        super().init_poolmanager(*arguments, **options)
        _use_own_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            _use_own_pools(manager)
        return manager


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline."""

    def __init__(self, connection: socket.socket | SSLTransport, deadline: float) -> None:
        super().__init__()
        self._connection = connection
        # This keeps the socket open while it is read, even if the connection is closed in the meantime.
        self._raw: Any = connection.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        deadline = _deadline.get()
        if deadline is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_Reader(sock, deadline))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _use_own_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
