"""Finds out whether a server can be reached, without sending it a request."""

from __future__ import annotations

import socket
from typing import Final
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

_SECONDS: Final = 5.0
_PORTS: Final = {"http": 80, "https": 443}


def why_unreachable(url: str) -> str | None:
    """Return why no connection to the server of a URL, or to the proxy before it, can be opened; None if one can."""
    parts = urlsplit(select_proxy(url, get_environ_proxies(url)) or url)
    try:
        address = (parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80))
        socket.create_connection(address, timeout=_SECONDS).close()
    except OSError as error:
        return f"{parts.hostname} accepts no connection: {error.strerror or error}"
    return None
