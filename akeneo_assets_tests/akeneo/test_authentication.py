from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.errors import AuthenticationError, ConfigurationError, TransientError
from akeneo_assets.http.governor import Governor, Limits
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets_tests.akeneo.conftest import TOKEN, Build, with_tokens
from akeneo_assets_tests.http.local_budget import LocalBudget
from akeneo_assets_tests.http.scripted_server import Received, Reply, ScriptedServer


def test_the_login_request_has_the_format_of_akeneo(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = with_tokens(lambda _: Reply(document={"version": "7.0.1", "edition": "CE"}))
    assert client.system_information() == {"version": "7.0.1", "edition": "CE"}
    log_in, read = server.requests
    assert str(log_in) == "POST /api/oauth/v1/token"
    assert log_in.document == {"grant_type": "password", "username": "shop_1234", "password": "the-password"}
    assert log_in.headers["authorization"] == "Basic " + base64.b64encode(b"1_shop:the-client-secret").decode()
    assert log_in.headers["content-type"] == "application/json"
    assert int(log_in.headers["content-length"]) == len(json.dumps(log_in.document, separators=(",", ":"))) < 300
    assert read.headers["authorization"] == "Bearer the-access-token"


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        (
            'Parameter "client_id" is missing or does not match any client, or secret is invalid',
            ("AKENEO_CLIENT_ID", "AKENEO_CLIENT_SECRET"),
        ),
        ("No user found for the given username and password", ("AKENEO_USERNAME", "AKENEO_PASSWORD")),
        (
            'Parameter "grant_type", "username" or "password" is missing, empty or invalid',
            ("AKENEO_USERNAME", "AKENEO_PASSWORD"),
        ),
        ("This grant type is not authorized for this client", ("AKENEO_CLIENT_ID",)),
    ],
)
def test_refused_credentials_name_the_settings_and_are_not_retried(
    client: AkeneoClient, server: ScriptedServer, message: str, settings: tuple[str, ...]
) -> None:
    server.handler = lambda _: Reply(422, {"code": 422, "message": message})
    with pytest.raises(AuthenticationError) as caught:
        client.system_information()
    assert caught.value.settings == settings
    assert all(name in str(caught.value) for name in settings)
    assert message in str(caught.value)
    assert [each.path for each in server.requests if each.method == "POST"] == ["/api/oauth/v1/token"]


def test_a_url_without_an_akeneo_names_the_setting(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = lambda _: Reply(404, body=b"<html>Not found</html>")
    with pytest.raises(ConfigurationError, match="AKENEO_API_URL") as caught:
        client.system_information()
    assert caught.value.settings == ("AKENEO_API_URL",)


def test_a_url_of_another_server_names_the_setting(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = lambda _: Reply(document={"hello": "world"})
    with pytest.raises(ConfigurationError, match="AKENEO_API_URL"):
        client.system_information()


@pytest.mark.parametrize(
    "changed",
    [
        {"access_token": None},
        {"access_token": {"a": 1}},
        {"access_token": ""},
        {"refresh_token": {"a": "the-hidden-token"}},
        {"refresh_token": 1},
        {"expires_in": "soon"},
        {"expires_in": 1e300},
        {"expires_in": -1},
        {"expires_in": None},
    ],
)
def test_a_malformed_token_is_reported_and_not_stored(
    client: AkeneoClient, server: ScriptedServer, changed: dict[str, Any]
) -> None:
    server.handler = lambda _: Reply(document={**TOKEN, **changed})
    with pytest.raises(ConfigurationError, match="does not issue tokens like Akeneo") as caught:
        client.log_in()
    assert "the-hidden-token" not in str(caught.value) + caught.value.detail


def test_an_expired_token_is_refreshed_and_a_refused_refresh_logs_in_again(
    client: AkeneoClient, server: ScriptedServer
) -> None:
    server.respond(
        Reply(document=TOKEN),
        Reply(401, {"code": 401, "message": "The access token provided has expired."}),
        Reply(422, {"code": 422, "message": "Refresh token is invalid or has expired"}),
        Reply(document={**TOKEN, "access_token": "second-access-token"}),
        Reply(document={"version": "7.0.1", "edition": "CE"}),
    )
    client.system_information()
    assert [(request.document or {}).get("grant_type") for request in server.requests] == [
        "password",
        None,
        "refresh_token",
        "password",
        None,
    ]
    assert server.requests[2].document["refresh_token"] == "the-refresh"
    assert server.requests[4].headers["authorization"] == "Bearer second-access-token"


def test_the_login_is_tried_six_times_during_an_outage(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = lambda _: Reply(503)
    with pytest.raises(TransientError) as caught:
        client.system_information()
    assert not caught.value.possibly_stored
    assert len(server.requests) == 6


def test_one_connection_is_enough_to_log_in_during_a_request(
    build: Build, server: ScriptedServer, statistics: RequestStatistics
) -> None:
    server.respond(
        Reply(document=TOKEN),
        Reply(401),
        Reply(document=TOKEN),
        Reply(document={"version": "1", "edition": "CE"}),
    )
    governor = Governor("akeneo", Limits(100, 0.001, 1), LocalBudget(), statistics)
    assert build(server.url, governor=governor).system_information() == {"version": "1", "edition": "CE"}
    assert len(server.requests) == 4


def test_errors_never_show_secrets(build: Build, server: ScriptedServer) -> None:
    def echo(request: Received) -> Reply:
        return Reply(422, {"code": 422, "message": f"Bad: {request.document} {request.headers['authorization']}"})

    server.handler = echo
    with pytest.raises(AuthenticationError) as caught:
        build(server.url).system_information()
    shown = f"{caught.value} {caught.value.detail} {caught.value.__cause__}"
    assert "the-password" not in shown
    assert base64.b64encode(b"1_shop:the-client-secret").decode() not in shown
