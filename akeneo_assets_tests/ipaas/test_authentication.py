from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest

from akeneo_assets.errors import AuthenticationError, ConfigurationError
from akeneo_assets.http.redaction import redact
from akeneo_assets.http.tokens import Token
from akeneo_assets_tests.http.local_tokens import LocalTokenStore
from akeneo_assets_tests.http.scripted_server import Reply, ScriptedServer
from akeneo_assets_tests.ipaas.conftest import Build, session

USER = {"username": "me@shop.example", "password": "the-password"}


class RecordingStore(LocalTokenStore):
    def __init__(self) -> None:
        super().__init__()
        self.saved: list[Token] = []

    def save(self, name: str, token: Token) -> None:
        self.saved.append(token)
        super().save(name, token)


def test_the_company_token_is_valid_for_the_other_apis(server: ScriptedServer, build: Build) -> None:
    server.respond(
        Reply(document=session("user")),
        Reply(document=[{"id": "c-1", "name": "Shop"}]),
        Reply(document=session("company")),
        Reply(document={"id": 7}),
    )
    build(server.url, **USER, client_id="client-9").get_product("7")
    assert [str(request) for request in server.requests] == [
        "POST /sso/v2/Auth/Login",
        "GET /sso/v2/User/42/Companies",
        "GET /sso/v2/User/ChangeCompany/c-1",
        "GET /products/v2/Catalog/Product/7",
    ]
    assert server.requests[0].document == {"email_address": "me@shop.example", "password": "the-password"}
    assert [request.headers.get("authorization") for request in server.requests] == [
        None,
        "Bearer access-user",
        "Bearer access-user",
        "Bearer access-company",
    ]
    assert {request.headers["x-client-id"] for request in server.requests} == {"client-9"}
    assert redact("access-user access-company") == "*** ***"


def test_a_configured_company_is_not_requested(server: ScriptedServer, build: Build) -> None:
    server.respond(
        Reply(document=session("user")),
        Reply(document=session("company")),
        Reply(document={"id": 7}),
    )
    build(server.url, **USER, company_id="c-2").get_product("7")
    assert str(server.requests[1]) == "GET /sso/v2/User/ChangeCompany/c-2"


def test_several_companies_are_listed(server: ScriptedServer, build: Build) -> None:
    companies = [{"id": "c-1", "name": "Shop"}, {"id": "c-2", "name": "Test shop"}]
    server.respond(Reply(document=session("user")), Reply(document=companies))
    with pytest.raises(ConfigurationError, match="IPAAS_COMPANY_ID") as caught:
        build(server.url, **USER).get_product("7")
    assert caught.value.settings == ("IPAAS_COMPANY_ID",)
    assert "c-1  Shop" in str(caught.value)
    assert "c-2  Test shop" in str(caught.value)


def test_a_user_without_a_company_is_refused(server: ScriptedServer, build: Build) -> None:
    server.respond(Reply(document=session("user")), Reply(document=[]))
    with pytest.raises(AuthenticationError, match="no company"):
        build(server.url, **USER).get_product("7")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_password_names_the_settings(server: ScriptedServer, build: Build, status: int) -> None:
    server.respond(Reply(status, {"code": "AUTH-1002", "message": "Wrong e-mail address or password."}))
    with pytest.raises(AuthenticationError, match="IPAAS_USERNAME and IPAAS_PASSWORD"):
        build(server.url, **USER).get_product("7")
    assert len(server.requests) == 1


def test_a_refused_company_names_the_setting(server: ScriptedServer, build: Build) -> None:
    server.respond(
        Reply(document=session("user")),
        Reply(404, {"code": "NFND-1005", "message": "No such company."}),
    )
    with pytest.raises(AuthenticationError) as caught:
        build(server.url, **USER, company_id="c-9").get_product("7")
    assert caught.value.settings == ("IPAAS_COMPANY_ID",)


@pytest.mark.parametrize("response", [Reply(404, body=b"<html>"), Reply(document={"hello": "world"})])
def test_a_url_of_another_server_names_the_setting(server: ScriptedServer, build: Build, response: Reply) -> None:
    server.respond(response)
    with pytest.raises(ConfigurationError, match="IPAAS_API_URL"):
        build(server.url, **USER).get_product("7")


def test_missing_credentials_are_reported_before_the_first_request(build: Build) -> None:
    with pytest.raises(ConfigurationError, match="IPAAS_API_KEY"):
        build("http://api.example", username="me@shop.example")


def test_a_refresh_may_keep_the_refresh_token(server: ScriptedServer, build: Build) -> None:
    store = RecordingStore()
    refreshed = {"access_token": "access-new", "access_token_expiration": session("x")["access_token_expiration"]}
    server.respond(
        Reply(document=session("user")),
        Reply(document=session("company")),
        Reply(401, {"code": "AUTH-1002", "message": "The token is invalid."}),
        Reply(document=refreshed),
        Reply(document={"id": 7}),
    )
    build(server.url, **USER, company_id="c-1", token_store=store).get_product("7")
    assert str(server.requests[3]) == "POST /sso/v2/Auth/Refresh"
    assert server.requests[3].document == {"access_token": "access-company", "refresh_token": "refresh-company"}
    assert server.requests[4].headers["authorization"] == "Bearer access-new"
    assert store.saved[-1].refresh_token == "refresh-company"


def test_the_code_of_an_invalid_token_counts_with_any_status(server: ScriptedServer, build: Build) -> None:
    server.respond(
        Reply(document=session("user")),
        Reply(document=session("company")),
        Reply(400, body=b"AUTH-1002: token invalid"),
        Reply(document=session("new")),
        Reply(document={"id": 7}),
    )
    assert build(server.url, **USER, company_id="c-1").get_product("7") == {"id": "7"}


def test_a_refused_key_names_the_setting(server: ScriptedServer, build: Build) -> None:
    server.respond(Reply(401, {"code": "AUTH-1002"}))
    with pytest.raises(AuthenticationError, match="IPAAS_API_KEY"):
        build(server.url, api_key="the-api-key").get_product("7")
    assert server.requests[0].headers["authorization"] == "Bearer the-api-key"


@pytest.mark.parametrize(
    ("text", "life"),
    [
        ("{:%Y-%m-%dT%H:%M:%S}.1234567Z", 600),
        ("{:%Y-%m-%dT%H:%M:%S}", 600),
        ("{:%Y-%m-%dT%H:%M:%S}+00:00", 600),
        (None, 3600),
        ("tomorrow", 3600),
    ],
)
def test_the_life_of_tokens_is_calculated_from_the_clock_of_the_server(
    server: ScriptedServer, build: Build, text: str | None, life: float
) -> None:
    # The server's clock is five hours behind.
    now = datetime.now(timezone.utc) - timedelta(hours=5)
    store = RecordingStore()
    company: dict[str, Any] = {**session("company")}
    company["access_token_expiration"] = None if text is None else text.format(now + timedelta(seconds=600))
    date = {"Date": format_datetime(now, usegmt=True)}
    server.respond(
        Reply(document=session("user")),
        Reply(document=company, headers=date),
        Reply(document={"id": 7}),
    )
    build(server.url, **USER, company_id="c-1", token_store=store).get_product("7")
    assert store.saved[-1].expires_at == pytest.approx(time.time() + life, abs=20)
