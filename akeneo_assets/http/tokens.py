"""Access tokens: fetched once for all threads and processes, renewed before they expire."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from akeneo_assets.errors import AuthenticationError
from akeneo_assets.http.redaction import register_secret

RENEWAL_SECONDS = 60.0
RENEWAL_SHARE = 0.1
"""A token is renewed so long before its expiry, or at so much of its remaining life, whichever is less."""


@dataclass(frozen=True)
class Token:
    """What an API answered to a log-in.

    Args:
        access_token: The bearer.
        refresh_token: Opens a new access token without the password; None where the API gave none.
        expires_at: Seconds since the epoch.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float


class TokenStore(Protocol):
    """Keeps tokens for every process."""

    def load(self, name: str) -> Token | None:
        """Return the token kept under ``name``."""
        ...

    def save(self, name: str, token: Token) -> None:
        """Keep ``token`` under ``name``."""
        ...

    def forget(self, name: str) -> None:
        """Drop what is kept under ``name``."""
        ...

    def renewing(self, name: str) -> AbstractContextManager[None]:
        """Let one thread of one process at a time renew the token of this name."""
        ...


class Grant(Protocol):
    """How one API gives tokens; both raise AuthenticationError when it refuses."""

    def log_in(self) -> Token:
        """Open a token with the credentials."""
        ...

    def refresh(self, token: Token) -> Token:
        """Open a token with the refresh token of ``token``."""
        ...


class AccessTokens(Protocol):
    """Where a client takes its bearer from."""

    def current(self) -> str:
        """Return a bearer that has not expired."""
        ...

    def renew(self, rejected: str, /) -> str:
        """Return another bearer than ``rejected``, which the API refused."""
        ...


class FixedToken:
    """A bearer that cannot be renewed, e.g. an API key.

    Args:
        value: The bearer.
        refused: What to tell the user when the API refuses it.
        settings: Names of the settings that hold it.
    """

    def __init__(self, value: str, *, refused: str, settings: tuple[str, ...]) -> None:
        register_secret(value)
        self._value = value
        self._refused = refused
        self._settings = settings

    def current(self) -> str:
        """Return the bearer."""
        return self._value

    def renew(self, _rejected: str, /) -> str:
        """Give up.

        Raises:
            AuthenticationError: Always.
        """
        raise AuthenticationError(self._refused, settings=self._settings)


class TokenSource:
    """The bearer of one set of credentials; thread-safe, one log-in however many threads ask.

    Args:
        name: Under which the token is kept, see :func:`token_name`.
        store: Where it is kept.
        grant: How a new one is had.
    """

    def __init__(self, name: str, store: TokenStore, grant: Grant) -> None:
        self._name = name
        self._store = store
        self._grant = grant
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    def current(self) -> str:
        """Return a bearer that will not expire in the next moments.

        Raises:
            AuthenticationError: The API refuses the credentials.
        """
        token = self._token
        if token is not None and time.time() < self._renew_at:
            return token.access_token
        return self._replace(rejected=None)

    def renew(self, rejected: str, /) -> str:
        """Return another bearer than ``rejected``, which the API refused.

        Raises:
            AuthenticationError: The API refuses the credentials.
        """
        return self._replace(rejected)

    def _replace(self, rejected: str | None) -> str:
        with self._lock, self._store.renewing(self._name):
            # Another thread or process may have renewed the token while this one waited for the lock.
            stored = self._store.load(self._name)
            if stored is None or stored.access_token == rejected or self._due(stored):
                stored = self._open(stored)
                self._store.save(self._name, stored)
            return self._adopt(stored)

    def _due(self, token: Token) -> bool:
        return time.time() >= (self._renew_at if token == self._token else token.expires_at)

    def _open(self, former: Token | None) -> Token:
        if former is not None and former.refresh_token is not None:
            try:
                return self._grant.refresh(former)
            except AuthenticationError:
                # A refresh token expires too, and counts once: the password is the other way in. When that is
                # refused as well, its error tells more than that of the refresh.
                self._store.forget(self._name)
        return self._grant.log_in()

    def _adopt(self, token: Token) -> str:
        if token != self._token:
            register_secret(token.access_token)
            if token.refresh_token is not None:
                register_secret(token.refresh_token)
            remaining = token.expires_at - time.time()
            self._renew_at = token.expires_at - min(RENEWAL_SECONDS, RENEWAL_SHARE * remaining)
            self._token = token
        return token.access_token


@lru_cache(maxsize=16)
def token_name(api: str, *credentials: str) -> str:
    """Return the name of the token of these credentials; other credentials never get it.

    Args:
        api: The API, e.g. ``akeneo``.
        credentials: The URL and everything that is sent to open the token.
    """
    # A password must not be guessed from the name, so it is not a plain digest; that takes its time.
    digest = hashlib.scrypt("\0".join(credentials).encode(), salt=b"akeneo_assets", n=2**12, r=8, p=1, dklen=16)
    return f"{api}:{digest.hex()}"
