"""Authentication: user token, company token, refresh, API key."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from akeneo_assets_tests.sandbox.ipaas_client import Client

CREDENTIALS = {"email_address": "sandbox@example.com", "password": "sandbox-password"}


@pytest.fixture
def anonymous(ipaas: Client) -> Client:
    del ipaas.session.headers["Authorization"]
    return ipaas


def _with(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _code(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def _company_token(client: Client) -> Any:
    user = client.call("POST", "/sso/v2/Auth/Login", CREDENTIALS).json()
    headers = _with(user["access_token"])
    (company,) = client.call("GET", f"/sso/v2/User/{user['id']}/Companies", headers=headers).json()
    return client.call("GET", f"/sso/v2/User/ChangeCompany/{company['id']}", headers=headers).json()


def test_only_a_company_token_is_valid_for_the_catalogue(anonymous: Client) -> None:
    assert _code(anonymous.catalog("GET", "Products")) == (401, "AUTH-1001")
    assert _code(anonymous.catalog("GET", "Products", headers=_with("nonsense"))) == (401, "AUTH-1002")
    user = anonymous.call("POST", "/sso/v2/Auth/Login", CREDENTIALS).json()
    assert _code(anonymous.catalog("GET", "Products", headers=_with(user["access_token"]))) == (401, "AUTH-1003")
    token = _company_token(anonymous)
    assert anonymous.catalog("GET", "Products", headers=_with(token["access_token"])).json() == []
    expiration = datetime.fromisoformat(token["access_token_expiration"])
    assert 3500 < (expiration - datetime.now(timezone.utc)).total_seconds() <= 3600


def test_wrong_credentials_and_another_company_are_refused(anonymous: Client) -> None:
    wrong = {**CREDENTIALS, "password": "guess"}
    assert _code(anonymous.call("POST", "/sso/v2/Auth/Login", wrong)) == (401, "AUTH-1002")
    user = anonymous.call("POST", "/sso/v2/Auth/Login", CREDENTIALS).json()
    headers = _with(user["access_token"])
    assert _code(anonymous.call("GET", "/sso/v2/User/ChangeCompany/other", headers=headers)) == (403, "AUTZ-1002")


def test_a_token_expires_and_is_refreshed(anonymous: Client) -> None:
    now = 1_000_000.0
    anonymous.state.tokens.clock = lambda: now
    anonymous.state.tokens.lifetime_seconds = 10
    token = _company_token(anonymous)
    assert anonymous.catalog("GET", "Products", headers=_with(token["access_token"])).status_code == 200
    now += 10
    assert _code(anonymous.catalog("GET", "Products", headers=_with(token["access_token"]))) == (401, "AUTH-1002")
    pair = {name: token[name] for name in ("access_token", "refresh_token")}
    foreign = {**pair, "refresh_token": "other"}
    assert _code(anonymous.call("POST", "/sso/v2/Auth/Refresh", foreign)) == (401, "AUTH-1002")
    fresh = anonymous.call("POST", "/sso/v2/Auth/Refresh", pair).json()
    assert anonymous.catalog("GET", "Products", headers=_with(fresh["access_token"])).status_code == 200


def test_expiry_and_a_refused_refresh_are_faults(anonymous: Client) -> None:
    token = _company_token(anonymous)
    anonymous.faults.add("expire_tokens", action="product.list")
    anonymous.faults.add("refuse_refresh")
    assert _code(anonymous.catalog("GET", "Products", headers=_with(token["access_token"]))) == (401, "AUTH-1002")
    pair = {name: token[name] for name in ("access_token", "refresh_token")}
    assert _code(anonymous.call("POST", "/sso/v2/Auth/Refresh", pair)) == (401, "AUTH-1002")
    assert anonymous.call("POST", "/sso/v2/Auth/Refresh", pair).status_code == 200


def test_a_missing_permission_is_403(ipaas: Client) -> None:
    ipaas.faults.forbid("category.*")
    assert ipaas.refused("GET", "Categories") == (403, "AUTZ-1002")
    assert ipaas.catalog("GET", "Products").status_code == 200
