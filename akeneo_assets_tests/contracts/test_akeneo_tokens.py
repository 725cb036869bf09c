"""The token route: both grants and every error."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from akeneo_assets_tests.contracts.akeneo_api import CLIENT, USER, AkeneoApi

MISSING = 'Parameter "grant_type", "username" or "password" is missing, empty or invalid'
CLIENT_REFUSED = 'Parameter "client_id" is missing or does not match any client, or secret is invalid'
WRONG_TYPE = (
    '"application/xml" in "Content-Type" header is not valid.'
    ' Only "application/json" or "application/x-www-form-urlencoded" are allowed.'
)


def test_a_password_grant_returns_both_tokens(akeneo: AkeneoApi) -> None:
    body = akeneo.token(json=USER, auth=CLIENT).json()
    assert body.keys() == {"access_token", "expires_in", "token_type", "scope", "refresh_token"}
    assert (body["expires_in"], body["token_type"], body["scope"]) == (3600, "bearer", None)


def test_a_form_is_accepted_like_json(akeneo: AkeneoApi) -> None:
    assert akeneo.token(data=USER, auth=CLIENT).status_code == 200


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        pytest.param({"json": {}}, 422, MISSING, id="nothing"),
        pytest.param({"json": {**USER, "grant_type": "magic"}}, 422, MISSING, id="unknown grant"),
        pytest.param({"json": {**USER, "password": ""}}, 422, MISSING, id="empty password"),
        pytest.param({"json": USER, "auth": ("1_sandbox", "wrong")}, 422, CLIENT_REFUSED, id="wrong secret"),
        pytest.param({"json": USER, "auth": ("2_other", CLIENT[1])}, 422, CLIENT_REFUSED, id="wrong client"),
        pytest.param({"json": USER, "auth": None}, 422, CLIENT_REFUSED, id="header lost on the way"),
        pytest.param(
            {"json": {**USER, "password": "wrong"}},
            422,
            "No user found for the given username and password",
            id="wrong password",
        ),
        pytest.param(
            {"json": {"grant_type": "client_credentials"}},
            422,
            "This grant type is not authorized for this client",
            id="foreign grant",
        ),
        pytest.param(
            {"json": {"grant_type": "refresh_token"}},
            422,
            'Parameter "grant_type" or "refresh_token" is missing or empty',
            id="no refresh token",
        ),
        pytest.param(
            {"json": {"grant_type": "refresh_token", "refresh_token": "x"}},
            422,
            "Refresh token is invalid or has expired",
            id="unknown refresh token",
        ),
        pytest.param({"data": "<x/>", "headers": {"Content-Type": "application/xml"}}, 415, WRONG_TYPE, id="XML"),
        pytest.param(
            {"json": {**USER, "client_id": "x" * 300}},
            413,
            "Request content exceeded the maximum allowed size of 300 bytes",
            id="more than 300 bytes",
        ),
    ],
)
def test_refusals(akeneo: AkeneoApi, request_: dict[str, Any], status: int, message: str) -> None:
    response = akeneo.token(**{"auth": CLIENT, **request_})
    assert (response.status_code, response.json()) == (status, {"code": status, "message": message})


def test_a_refresh_token_can_be_used_once(akeneo: AkeneoApi) -> None:
    first = akeneo.token(json=USER, auth=CLIENT).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = akeneo.token(json=refresh, auth=CLIENT)
    assert second.status_code == 200
    assert second.json()["access_token"] != first["access_token"]
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert akeneo.token(json=refresh, auth=CLIENT).status_code == 422


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Authentication is required"),
        ("Bearer unknown", "The access token provided is invalid."),
        (f"Basic {base64.b64encode(':'.join(CLIENT).encode()).decode()}", "Authentication is required"),
    ],
)
def test_reading_requires_a_bearer_token(akeneo: AkeneoApi, authorization: str | None, message: str) -> None:
    response = akeneo.session.get(
        f"{akeneo.sandbox.akeneo_url}/api/rest/v1/channels", headers={"Authorization": authorization}, timeout=10
    )
    assert (response.status_code, response.json()) == (401, {"code": 401, "message": message})


def test_tokens_expire_at_the_announced_time(editable: AkeneoApi) -> None:
    editable.switches.token_seconds = 0
    editable.log_in()
    response = editable.get("channels")
    assert (response.status_code, response.json()["message"]) == (401, "The access token provided has expired.")


def test_all_tokens_can_expire_during_a_run(editable: AkeneoApi) -> None:
    editable.faults.add("expire_tokens", action="channels.list")
    assert editable.get("channels").status_code == 401
    editable.log_in()
    assert editable.get("channels").status_code == 200


def test_a_refresh_can_be_refused(editable: AkeneoApi) -> None:
    refresh_token = editable.token(json=USER, auth=CLIENT).json()["refresh_token"]
    editable.faults.add("refuse_refresh")
    assert editable.token(json=USER, auth=CLIENT).status_code == 200
    response = editable.token(json={"grant_type": "refresh_token", "refresh_token": refresh_token}, auth=CLIENT)
    assert (response.status_code, response.json()["message"]) == (422, "Refresh token is invalid or has expired")
