"""Authentication: user tokens, company tokens, API keys."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.credentials import IPAAS_CREDENTIALS
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.switches import Switches

USER_ID = 501
COMPANY_ID = "5a1d0e2c-9f5b-4c8e-8a57-3c2a6d1f0b11"
API_KEY = "sandbox-api-key"


@dataclass
class _Token:
    refresh_token: str
    company_id: str | None
    expires_at: float


class Tokens:
    """Issues tokens and checks them. They are in memory: after a restart, every client has to log in again.

    Args:
        switches: Whether tokens say when they expire.

    Attributes:
        lifetime_seconds: How long an access token is valid.
        clock: Returns the time in epoch seconds.
        companies: Companies of the user, name by id.
        api_keys: Keys that are valid as bearer tokens.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self.lifetime_seconds = 3600.0
        self.clock: Callable[[], float] = time.time
        self.companies = {COMPANY_ID: "Sandbox Company"}
        self.api_keys = {API_KEY}
        self.email_address = IPAAS_CREDENTIALS["IPAAS_USERNAME"]
        self.password = IPAAS_CREDENTIALS["IPAAS_PASSWORD"]
        self._tokens: dict[str, _Token] = {}

    def log_in(self, email_address: str, password: str) -> JsonObject:
        """Return a token of the user, which is valid only for the authentication routes.

        Raises:
            RefusedError: The credentials are wrong.
        """
        if (email_address, password) != (self.email_address, self.password):
            raise RefusedError("AUTH-1002", "The e-mail address or the password is wrong.")
        return self._issue(None, secrets.token_hex(16))

    def change_company(self, access_token: str, company_id: str) -> JsonObject:
        """Return a token for the APIs of a company.

        Raises:
            RefusedError: The user does not belong to this company.
        """
        if company_id not in self.companies:
            raise RefusedError("AUTZ-1002", f"The user has no permission for the company {company_id}.")
        return self._issue(company_id, self._tokens[access_token].refresh_token)

    def refresh(self, access_token: str, refresh_token: str) -> JsonObject:
        """Return a new access token to replace one that may have expired.

        Raises:
            RefusedError: The two tokens do not belong together.
        """
        token = self._tokens.get(access_token)
        if token is None or token.refresh_token != refresh_token:
            raise RefusedError("AUTH-1002", "The refresh token is not valid.")
        return self._issue(token.company_id, refresh_token)

    def check(self, authorization: str | None, *, company: bool) -> str:
        """Return the token of an ``Authorization`` header.

        Args:
            authorization: Value of the header.
            company: Whether a company token or an API key is needed.

        Raises:
            RefusedError: ``AUTH-1001`` without a bearer token, ``AUTH-1002`` if it is unknown or expired,
                ``AUTH-1003`` if its user has not chosen a company.
        """
        scheme, _, bearer = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not bearer:
            raise RefusedError("AUTH-1001", "The bearer token is missing.")
        if bearer in self.api_keys and company:
            return bearer
        token = self._tokens.get(bearer)
        if token is None or token.expires_at <= self.clock():
            raise RefusedError("AUTH-1002", "The token is not valid.")
        if company and token.company_id is None:
            raise RefusedError("AUTH-1003", "The token gives no access to this API.")
        return bearer

    def expire(self) -> None:
        """Make all access tokens expire now."""
        for token in self._tokens.values():
            token.expires_at = 0.0

    def _issue(self, company_id: str | None, refresh_token: str) -> JsonObject:
        access_token = secrets.token_hex(24)
        expires_at = self.clock() + self.lifetime_seconds
        self._tokens[access_token] = _Token(refresh_token, company_id, expires_at)
        expiration = datetime.fromtimestamp(expires_at, timezone.utc).isoformat()
        return {
            "id": USER_ID,
            "name": "Sandbox User",
            "email_address": self.email_address,
            "access_token": access_token,
            **({"access_token_expiration": expiration} if self._switches.token_expiration_shown else {}),
            "refresh_token": refresh_token,
        }
