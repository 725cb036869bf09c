"""Access tokens: shared by all threads and processes, and renewed before they expire."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

from akeneo_assets.errors import AuthenticationError
from akeneo_assets.http.redaction import register_secret

RENEWAL_SECONDS = 60.0
RENEWAL_SHARE = 0.1
"""A token is renewed ``RENEWAL_SECONDS``, or this share of its remaining lifetime, before it expires (the lesser)."""

COST: Final = 2**12
"""The cost of deriving a name from credentials. With another cost, all names are different."""


@dataclass(frozen=True)
class Token:
    """A token issued by an API.

    Args:
        access_token: The bearer token.
        refresh_token: Gets a new access token without the password; None if the API issued none.
        expires_at: When it expires, in seconds since the epoch.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float


class TokenStore(Protocol):
    """Stores tokens for all processes."""

    def load(self, name: str) -> Token | None:
        """Return the token stored under ``name``."""
        ...

    def save(self, name: str, token: Token) -> None:
        """Store ``token`` under ``name``."""
        ...

    def forget(self, name: str) -> None:
        """Delete the token stored under ``name``."""
        ...

    def renewing(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock, so that only one thread of one process at a time renews this token."""
        ...


class Grant(Protocol):
    """How an API issues tokens; both methods raise AuthenticationError if it refuses."""

    def log_in(self) -> Token:
        """Get a token with the credentials."""
        ...

    def refresh(self, token: Token) -> Token:
        """Get a token with the refresh token of ``token``."""
        ...


class AccessTokens(Protocol):
    """The source of a client's bearer tokens."""

    def current(self) -> str:
        """Return a bearer token that has not expired."""
        ...

    def renew(self, rejected: str, /) -> str:
        """Return a new bearer token in place of ``rejected``, which the API refused."""
        ...


class FixedToken:
    """A bearer token that cannot be renewed, such as an API key.

    Args:
        value: The bearer token.
        refused: The error message if the API refuses it.
        settings: Names of the settings that contain it.
    """

    def __init__(self, value: str, *, refused: str, settings: tuple[str, ...]) -> None:
        register_secret(value)
        self._value = value
        self._refused = refused
        self._settings = settings

    def current(self) -> str:
        """Return the bearer token."""
        return self._value

    def renew(self, _rejected: str, /) -> str:
        """Fail, because the token cannot be renewed.

        Raises:
            AuthenticationError: Always.
        """
        raise AuthenticationError(self._refused, settings=self._settings)


class TokenSource:
    """The bearer token of one set of credentials; thread-safe, with a single login for all threads.

    Args:
        name: The name to store the token under, see :func:`token_name`.
        store: Stores the token.
        grant: Gets new tokens.
    """

    def __init__(self, name: str, store: TokenStore, grant: Grant) -> None:
        self._name = name
        self._store = store
        self._grant = grant
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    def current(self) -> str:
        """Return a bearer token that is not about to expire.

        Raises:
            AuthenticationError: The API refuses the credentials.
        """
        token = self._token
        if token is not None and time.time() < self._renew_at:
            return token.access_token
        return self._replace(rejected=None)

    def renew(self, rejected: str, /) -> str:
        """Return a new bearer token in place of ``rejected``, which the API refused.

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
                # Refresh tokens expire, too, and can be used only once. Log in with the password instead; if that
                # fails as well, its error is more helpful.
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
    """Return the name to store the token of these credentials under; it is unique for each set of credentials.

    Args:
        api: The API, e.g. ``akeneo``.
        credentials: The URL and everything that is sent to get the token.
    """
    # The name must not reveal the password, so use a slow key derivation function instead of a plain digest.
    digest = hashlib.scrypt("\0".join(credentials).encode(), salt=b"akeneo_assets", n=COST, r=8, p=1, dklen=16)
    return f"{api}:{digest.hex()}"
