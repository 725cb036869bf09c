"""Get access tokens of an iPaaS.com user for one company."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final

import requests
from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import NotRequired, TypedDict

from akeneo_assets.errors import AuthenticationError, ConfigurationError, MalformedResponseError
from akeneo_assets.http.redaction import register_secret
from akeneo_assets.http.responses import ApiError, ApiResponse
from akeneo_assets.http.tokens import AccessTokens, FixedToken, Token, TokenSource, TokenStore, token_name
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.api import IpaasApi
from akeneo_assets.ipaas.endpoints import Endpoint

USER_SETTINGS: Final = ("IPAAS_USERNAME", "IPAAS_PASSWORD")
DEFAULT_LIFE_SECONDS: Final = 3600.0
"""The lifetime of tokens according to the vendor; used if a response does not contain it."""

NOTHING_THERE: Final = (requests.codes.not_found, requests.codes.method_not_allowed)
"""The statuses for a path that a server does not have."""

_MOMENT: Final = TypeAdapter(datetime)


class _Company(TypedDict):
    id: str | int
    name: NotRequired[Any]


_COMPANIES: Final = TypeAdapter(list[_Company])


class CompanyGrant:
    """Gets tokens for one company; implements :class:`akeneo_assets.http.tokens.Grant`.

    Args:
        api: Sends the requests.
        username: E-mail address of the user.
        password: Password of the user.
        company_id: The company; None if the user has only one.
    """

    def __init__(self, api: IpaasApi, username: str, password: str, company_id: str | None) -> None:
        register_secret(password)
        self._api = api
        self._username = username
        self._password = password
        self._company_id = company_id

    def log_in(self) -> Token:
        """Log in, then switch to the company: the other APIs require the token of a company.

        Raises:
            AuthenticationError: iPaaS.com rejects the user name and password, or the company.
            ConfigurationError: The user has several companies and none was chosen.
        """
        body = {"email_address": self._username, "password": self._password}
        user = _session(self._request(endpoints.LOG_IN, document=body))
        # The next two requests and their errors must not show this token.
        register_secret(user["access_token"])
        bearer = {"Authorization": f"Bearer {user['access_token']}"}
        company_id = self._company_id or self._only_company(str(user.get("id")), bearer)
        return _token(self._request(endpoints.CHANGE_COMPANY, company_id, headers=bearer))

    def refresh(self, token: Token) -> Token:
        """Get a token with a refresh token, which remains valid if the response contains no new one.

        Raises:
            AuthenticationError: iPaaS.com rejects it.
        """
        body = {"access_token": token.access_token, "refresh_token": token.refresh_token}
        return _token(self._request(endpoints.REFRESH, document=body), token.refresh_token)

    def _only_company(self, user_id: str, bearer: Mapping[str, str]) -> str:
        try:
            companies = _COMPANIES.validate_python(
                self._request(endpoints.COMPANIES, user_id, headers=bearer).document or []
            )
        except ValidationError:
            raise MalformedResponseError(
                "iPaaS.com", endpoints.COMPANIES.action, "the response is not a list of companies"
            ) from None
        if len(companies) == 1:
            return str(companies[0]["id"])
        if not companies:
            raise AuthenticationError(f"The user {self._username} has no company in iPaaS.com.", settings=USER_SETTINGS)
        names = "\n  ".join(f"{company['id']}  {company.get('name', '')}" for company in companies)
        raise ConfigurationError(
            f"The user {self._username} has several companies in iPaaS.com. Set IPAAS_COMPANY_ID to one of:\n  {names}",
            settings=("IPAAS_COMPANY_ID",),
        )

    def _request(
        self, endpoint: Endpoint, *ids: str, document: object = None, headers: Mapping[str, str] | None = None
    ) -> ApiResponse:
        try:
            return self._api.request(endpoint, *ids, document=document, headers=headers, authenticated=False)
        except ApiError as error:
            raise self._refused(endpoint, error) from error

    def _refused(self, endpoint: Endpoint, error: ApiError) -> ConfigurationError:
        if endpoint is endpoints.CHANGE_COMPANY:
            settings: tuple[str, ...] = ("IPAAS_COMPANY_ID",)
            return AuthenticationError(f"{error} Check IPAAS_COMPANY_ID.", settings=settings, detail=error.detail)
        if endpoint is endpoints.LOG_IN and error.status in NOTHING_THERE:
            return no_api(error)
        return AuthenticationError(
            f"{error} Check {' and '.join(USER_SETTINGS)}.", settings=USER_SETTINGS, detail=error.detail
        )


def tokens_of(
    api: IpaasApi,
    url: str,
    api_key: str | None,
    username: str | None,
    password: str | None,
    company_id: str | None,
    store: TokenStore,
) -> AccessTokens:
    """Return the source of tokens for these credentials.

    Raises:
        ConfigurationError: Neither an API key nor a user name and password are given.
    """
    if api_key:
        return FixedToken(
            api_key,
            refused="iPaaS.com refused the API key; it may have expired. Create a new one and set IPAAS_API_KEY.",
            settings=("IPAAS_API_KEY",),
        )
    if not username or not password:
        raise ConfigurationError(
            "Set IPAAS_API_KEY, or IPAAS_USERNAME and IPAAS_PASSWORD.", settings=("IPAAS_API_KEY", *USER_SETTINGS)
        )
    name = token_name(api.name, url, username, password, company_id or "")
    return TokenSource(name, store, CompanyGrant(api, username, password, company_id))


def no_api(error: ApiError) -> ConfigurationError:
    """Return the error for a URL without an iPaaS.com API."""
    return ConfigurationError(
        f"There is no iPaaS.com API at IPAAS_API_URL. Set it to the base URL. ({error})",
        settings=("IPAAS_API_URL",),
        detail=error.detail,
    )


class _Session(TypedDict):
    id: NotRequired[Any]
    access_token: Annotated[str, Field(min_length=1)]
    refresh_token: NotRequired[str | None]
    access_token_expiration: NotRequired[Any]


_SESSION: Final = TypeAdapter(_Session)


def _session(response: ApiResponse) -> _Session:
    try:
        return _SESSION.validate_python(response.document)
    except ValidationError:
        raise ConfigurationError(
            "The server at IPAAS_API_URL does not issue tokens like iPaaS.com. Check the URL.",
            settings=("IPAAS_API_URL",),
        ) from None


def _token(response: ApiResponse, former_refresh_token: str | None = None) -> Token:
    session = _session(response)
    life = life_seconds(session.get("access_token_expiration"), response.headers.get("Date"))
    return Token(
        access_token=session["access_token"],
        refresh_token=session.get("refresh_token") or former_refresh_token,
        expires_at=time.time() + (DEFAULT_LIFE_SECONDS if life is None else life),
    )


def life_seconds(expiration: object, date: str | None) -> float | None:
    """Return the lifetime of a token; None if it does not say when it expires.

    Args:
        expiration: When the token expires.
        date: The server's own date, with which the lifetime is measured if it is given.
    """
    try:
        expires = _MOMENT.validate_python(expiration)
    except ValidationError:
        return None
    return (_in_utc(expires) - _moment_of(date)).total_seconds()


def _moment_of(date: str | None) -> datetime:
    try:
        return _in_utc(parsedate_to_datetime(date or ""))
    except (ValueError, OverflowError):
        return datetime.now(timezone.utc)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
