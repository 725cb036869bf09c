"""Get access tokens for an Akeneo connection."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Annotated, Final

import requests
from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import NotRequired, TypedDict

from akeneo_assets.akeneo.endpoints import OAUTH_PATH, SYSTEM_INFORMATION
from akeneo_assets.errors import AkeneoAssetsError, AuthenticationError, ConfigurationError
from akeneo_assets.http.client import ApiClient
from akeneo_assets.http.redaction import register_secret
from akeneo_assets.http.responses import ApiError
from akeneo_assets.http.tokens import Token

_REFUSALS = (
    ("client_id", ("AKENEO_CLIENT_ID", "AKENEO_CLIENT_SECRET")),
    ("not authorized for this client", ("AKENEO_CLIENT_ID",)),
    ("username", ("AKENEO_USERNAME", "AKENEO_PASSWORD")),
    ("No user found", ("AKENEO_USERNAME", "AKENEO_PASSWORD")),
    ("Refresh token", ("AKENEO_USERNAME", "AKENEO_PASSWORD")),
)
"""The settings to check, by a part of Akeneo's error message."""

_CENTURY_SECONDS: Final = 3.2e9
_NO_HEADER = "Authentication is required"
"""Akeneo's message for a request without a token."""

CREDENTIAL_SETTINGS = ("AKENEO_CLIENT_ID", "AKENEO_CLIENT_SECRET", "AKENEO_USERNAME", "AKENEO_PASSWORD")


class _Session(TypedDict):
    access_token: Annotated[str, Field(min_length=1)]
    refresh_token: NotRequired[str | None]
    expires_in: Annotated[float, Field(ge=0, le=_CENTURY_SECONDS)]


_SESSION: Final = TypeAdapter(_Session)


class PasswordGrant:
    """Gets tokens with the credentials; implements :class:`akeneo_assets.http.tokens.Grant`."""

    def __init__(self, client: ApiClient, client_id: str, client_secret: str, username: str, password: str) -> None:
        self._client = client
        self._username = username
        self._password = password
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        for secret in (client_secret, password, pair):
            register_secret(secret)
        self._headers = {"Authorization": f"Basic {pair}"}

    def log_in(self) -> Token:
        """Get a token with user name and password.

        Raises:
            AuthenticationError: Akeneo rejects them.
        """
        return self._token(
            "token.log_in",
            {
                "grant_type": "password",
                "username": self._username,
                "password": self._password,
            },
        )

    def refresh(self, token: Token) -> Token:
        """Get a token with a refresh token, which can be used once.

        Raises:
            AuthenticationError: Akeneo rejects it.
        """
        return self._token("token.refresh", {"grant_type": "refresh_token", "refresh_token": str(token.refresh_token)})

    def _token(self, action: str, body: Mapping[str, str]) -> Token:
        asked_at = time.time()
        try:
            # Keep the body small: Akeneo rejects token requests of more than 300 bytes.
            response = self._client.request(
                "POST", OAUTH_PATH, action=action, json=body, headers=self._headers, authenticated=False
            ).document
        except ApiError as error:
            raise _refused(error, header_is_lost=self._header_is_lost(error)) from error
        try:
            session = _SESSION.validate_python(response)
        except ValidationError:
            raise ConfigurationError(
                "The server at AKENEO_API_URL does not issue tokens like Akeneo. Check the URL.",
                settings=("AKENEO_API_URL",),
            ) from None
        return Token(session["access_token"], session.get("refresh_token"), asked_at + session["expires_in"])

    def _header_is_lost(self, refusal: ApiError) -> bool:
        """Return whether a web server in front of Akeneo drops the header with the credentials.

        Akeneo then reports a wrong client. A request with an invalid token shows the difference: if the header is
        dropped, Akeneo reports a missing token instead of an invalid one.
        """
        if "client_id" not in str(refusal):
            return False
        try:
            response = self._client.request(
                "GET",
                SYSTEM_INFORMATION.list_path(),
                action="token.probe",
                headers={"Authorization": "Bearer none"},
                authenticated=False,
                accept_status=(requests.codes.unauthorized,),
            )
        except AkeneoAssetsError:
            return False
        words = response.document.get("message") if isinstance(response.document, dict) else None
        return response.status == requests.codes.unauthorized and words == _NO_HEADER


def _refused(error: ApiError, *, header_is_lost: bool) -> ConfigurationError:
    if header_is_lost:
        return ConfigurationError(
            "The Authorization header does not reach Akeneo, so credentials cannot be checked: the web server or a "
            "proxy in front of it removes the header. With Apache, add 'CGIPassAuth On' to the configuration of the "
            "PIM, or 'SetEnvIf Authorization \"(.*)\" HTTP_AUTHORIZATION=$1'. If the server is set up correctly, check "
            "AKENEO_API_URL.",
            settings=("AKENEO_API_URL",),
            detail=error.detail,
        )
    if error.status in {404, 405}:
        return ConfigurationError(
            "There is no Akeneo API at AKENEO_API_URL. Set it to the URL of the PIM, such as "
            f"https://example.cloud.akeneo.com, without /api. ({error})",
            settings=("AKENEO_API_URL",),
            detail=error.detail,
        )
    words = str(error)
    settings = next((names for part, names in _REFUSALS if part in words), CREDENTIAL_SETTINGS)
    return AuthenticationError(
        f"{words} Check {' and '.join(settings)} against Connect > Connection settings in Akeneo.",
        settings=settings,
        detail=error.detail,
    )
