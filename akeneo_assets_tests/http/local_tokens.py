"""The tokens of one process, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from akeneo_assets.http.tokens import Token


class LocalTokenStore:
    """Implements :class:`akeneo_assets.http.tokens.TokenStore` for the threads of one process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, threading.Lock] = {}

    def load(self, name: str) -> Token | None:
        """Return the token stored under ``name``."""
        return self._tokens.get(name)

    def save(self, name: str, token: Token) -> None:
        """Store ``token`` under ``name``."""
        self._tokens[name] = token

    def forget(self, name: str) -> None:
        """Remove the token stored under ``name``."""
        self._tokens.pop(name, None)

    @contextmanager
    def renewing(self, name: str) -> Iterator[None]:
        """Let one thread at a time renew the token of this name."""
        with self._locks.setdefault(name, threading.Lock()):
            yield
