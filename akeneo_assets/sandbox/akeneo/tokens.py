"""The token route: password and refresh grants, with the errors of Akeneo's OAuth server."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.errors import ApiError, unprocessable
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS

_MAXIMUM_BODY_BYTES = 300
_REFRESH_SECONDS = 14 * 24 * 3600
_OTHER_GRANTS = frozenset({"authorization_code", "client_credentials"})

_WRONG_PARAMETER = 'Parameter "grant_type", "username" or "password" is missing, empty or invalid'
_WRONG_CLIENT = 'Parameter "client_id" is missing or does not match any client, or secret is invalid'
_WRONG_USER = "No user found for the given username and password"
_FOREIGN_GRANT = "This grant type is not authorized for this client"
_NO_REFRESH_TOKEN = 'Parameter "grant_type" or "refresh_token" is missing or empty'
_WRONG_REFRESH_TOKEN = "Refresh token is invalid or has expired"


class Tokens:
    """The access and refresh tokens that were issued, with their expiry times."""

    def __init__(self) -> None:
        self._access: dict[str, float] = {}
        self._refresh: dict[str, float] = {}

    def grant(
        self, authorization: str, content_type: str, body: bytes, *, lifetime: int, refuse_refresh: bool = False
    ) -> JsonObject:
        """Return the response to a token request.

        Args:
            authorization: The ``Authorization`` header; empty if there is none.
            content_type: The ``Content-Type`` header.
            body: The body.
            lifetime: Seconds for which the access token is valid.
            refuse_refresh: Whether to treat every refresh token as expired.

        Raises:
            ApiError: The request is wrong.
        """
        fields = _fields(content_type, body)
        if not _is_client(authorization):
            raise unprocessable(_WRONG_CLIENT)
        grant_type = fields.get("grant_type")
        if grant_type == "password":
            _check_user(fields)
        elif grant_type == "refresh_token":
            self._use_refresh_token(fields, refuse=refuse_refresh)
        elif grant_type in _OTHER_GRANTS:
            raise unprocessable(_FOREIGN_GRANT)
        else:
            raise unprocessable(_WRONG_PARAMETER)
        access_token, refresh_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._access[access_token] = time.time() + lifetime
        self._refresh[refresh_token] = time.time() + _REFRESH_SECONDS
        return {
            "access_token": access_token,
            "expires_in": lifetime,
            "token_type": "bearer",
            "scope": None,
            "refresh_token": refresh_token,
        }

    def check(self, authorization: str) -> None:
        """Check the bearer token of a request.

        Raises:
            ApiError: It is missing, unknown or expired.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "Authentication is required")
        end = self._access.get(token)
        if end is None:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "The access token provided is invalid.")
        if end <= time.time():
            raise ApiError(HTTPStatus.UNAUTHORIZED, "The access token provided has expired.")

    def expire(self) -> None:
        """Make every access token expire now."""
        self._access = dict.fromkeys(self._access, 0.0)

    def _use_refresh_token(self, fields: dict[str, Any], *, refuse: bool) -> None:
        token = fields.get("refresh_token")
        if not token or not isinstance(token, str):
            raise unprocessable(_NO_REFRESH_TOKEN)
        # A refresh token can be used once.
        if self._refresh.pop(token, 0.0) <= time.time() or refuse:
            raise unprocessable(_WRONG_REFRESH_TOKEN)


def _fields(content_type: str, body: bytes) -> dict[str, Any]:
    if len(body) > _MAXIMUM_BODY_BYTES:
        message = f"Request content exceeded the maximum allowed size of {_MAXIMUM_BODY_BYTES} bytes"
        raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
    media_type = content_type.partition(";")[0].strip()
    if media_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(errors="replace")))
    if media_type != "application/json":
        raise ApiError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f'"{content_type}" in "Content-Type" header is not valid.'
            ' Only "application/json" or "application/x-www-form-urlencoded" are allowed.',
        )
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        fields = None
    return fields if isinstance(fields, dict) else {}


def _is_client(authorization: str) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    known = f"{AKENEO_CREDENTIALS['AKENEO_CLIENT_ID']}:{AKENEO_CREDENTIALS['AKENEO_CLIENT_SECRET']}"
    return scheme.lower() == "basic" and given == known


def _check_user(fields: dict[str, Any]) -> None:
    given = fields.get("username"), fields.get("password")
    if not all(given):
        raise unprocessable(_WRONG_PARAMETER)
    if given != (AKENEO_CREDENTIALS["AKENEO_USERNAME"], AKENEO_CREDENTIALS["AKENEO_PASSWORD"]):
        raise unprocessable(_WRONG_USER)
