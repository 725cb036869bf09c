from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.errors import AuthenticationError, ConfigurationError, RecordError, TransientError
from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.calls import Api
from akeneo_assets.http.client import ApiClient
from akeneo_assets.http.governor import Governor, Limits
from akeneo_assets.http.responses import ApiError
from akeneo_assets.http.statistics import RequestStatistics, RetryEvent
from akeneo_assets.http.tokens import FixedToken
from akeneo_assets_tests.http.fixtures import QUICK, building, unlimited
from akeneo_assets_tests.http.local_budget import LocalBudget
from akeneo_assets_tests.http.scripted_server import Reply, ScriptedServer, hanging_up, unused_url

API = Api("shop", "The shop", ("SHOP_URL",), ("SHOP_USER", "SHOP_PASSWORD"))
Build = Callable[..., ApiClient]


class Renewable:
    """Returns a new bearer token with each renewal."""

    def __init__(self) -> None:
        self.renewed: list[str] = []

    def current(self) -> str:
        return f"bearer-{len(self.renewed)}"

    def renew(self, rejected: str, /) -> str:
        self.renewed.append(rejected)
        return self.current()


@pytest.fixture
def build(statistics: RequestStatistics) -> Iterator[Build]:
    def create(url: str, tokens: Any = None, **options: Any) -> ApiClient:
        governor = options.pop("governor", None) or unlimited(API.name, statistics)
        return ApiClient(API, url, governor, tokens, statistics, **{"backoff": QUICK, **options})

    with building(create) as build:
        yield build


@pytest.fixture
def client(server: ScriptedServer, build: Build) -> ApiClient:
    return build(server.url)


def read(client: ApiClient, path: str = "/things", **options: Any) -> Any:
    return client.request("GET", path, action="thing.list", **options).document


def create(client: ApiClient) -> Any:
    return client.request("POST", "/things", action="thing.create", json={"a": 1}, replayable=False).document


# What is sent


def test_query_and_path_are_encoded_for_akeneo(client: ApiClient, server: ScriptedServer) -> None:
    params = {
        "with_count": True,
        "flag": False,
        "at": "2024-01-01T00:00:00+02:00",
        "attributes": ["a", "b"],
        "no": None,
    }
    read(client, "/things/a b#?/ü%2F+", params=params)
    (request,) = server.requests
    assert request.raw_path == "/things/a%20b%23%3F/%C3%BC%252F%2B"
    assert request.path == "/things/a b#?/ü%2F+"
    assert request.query == {
        "with_count": "true",
        "flag": "false",
        "at": "2024-01-01T00:00:00+02:00",
        "attributes": "a,b",
    }
    assert "%2B02" in request.raw_query


def test_a_code_that_would_leave_its_path_is_not_sent(client: ApiClient, server: ScriptedServer) -> None:
    with pytest.raises(RecordError, match="cannot be part of a URL"):
        read(client, "/products/../categories/x")
    assert server.requests == []


def test_bodies_are_compact_json(client: ApiClient, server: ScriptedServer) -> None:
    create(client)
    (request,) = server.requests
    assert request.document == {"a": 1}
    assert request.headers["content-length"] == str(len('{"a":1}'))
    assert request.headers["content-type"] == request.headers["accept"] == "application/json"


def test_netrc_never_replaces_the_bearer(
    server: ScriptedServer, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client = build(server.url, Renewable())
    read(client)
    read(client, authenticated=False)
    assert [request.headers.get("authorization") for request in server.requests] == ["Bearer bearer-0", None]


def test_cookies_are_not_kept(client: ApiClient, server: ScriptedServer) -> None:
    server.respond(Reply(document={}, headers={"Set-Cookie": "node=1; Path=/"}))
    read(client)
    read(client)
    assert "cookie" not in server.requests[1].headers


def test_connections_are_reused(client: ApiClient, server: ScriptedServer) -> None:
    for _ in range(5):
        read(client)
    assert len({request.port for request in server.requests}) == 1


# What a response means


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_temporary_errors_are_retried_until_they_end(
    client: ApiClient, server: ScriptedServer, retries: list[RetryEvent], status: int
) -> None:
    server.respond(*[Reply(status)] * 3, Reply(document={"ok": True}))
    assert read(client) == {"ok": True}
    assert [event.attempt for event in retries] == [1, 2, 3]
    assert {(event.api, event.action) for event in retries} == {("shop", "thing.list")}
    assert str(status) in retries[0].reason


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_permanent_errors_are_reported_after_six_attempts(
    client: ApiClient, server: ScriptedServer, status: int
) -> None:
    server.handler = lambda _: Reply(status, body=b'{"password": "hidden-from-logs"}')
    with pytest.raises(TransientError, match="6 attempts") as caught:
        read(client)
    assert len(server.requests) == 6
    assert caught.value.detail == f'HTTP {status}: {{"password": "***"}}'
    assert not caught.value.possibly_stored


@pytest.mark.parametrize(
    "response",
    [
        Reply(body=b"<html>One moment</html>"),
        Reply(body=b'{"items": [1, 2'),
        Reply(body=b""),
        Reply(document={"items": [1, 2]}, truncated=True),
        Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
        Reply(body=b"[" * 65 + b"]" * 65),
        Reply(body=b"[" * 100_000 + b"]" * 100_000),
        Reply(body=b"1" * 5_000),
        Reply(body=b"[1e999]"),
    ],
    ids=["html", "half a document", "empty", "cut off", "not compressed", "deep", "deeper", "huge number", "infinity"],
)
def test_a_response_that_is_not_complete_json_is_requested_again(
    client: ApiClient, server: ScriptedServer, response: Reply
) -> None:
    server.respond(response, response, Reply(document={"items": []}))
    assert read(client) == {"items": []}
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 409, 413, 415, 422])
def test_a_refusal_is_reported_at_once(client: ApiClient, server: ScriptedServer, status: int) -> None:
    server.respond(Reply(status, {"code": status, "message": "Not like this."}))
    with pytest.raises(ApiError, match=r"The shop refused GET /things: Not like this\.$") as caught:
        read(client)
    assert (caught.value.status, caught.value.code) == (status, str(status))
    assert caught.value.document == {"code": status, "message": "Not like this."}
    assert len(server.requests) == 1


def test_a_refusal_by_a_gateway_needs_no_json(client: ApiClient, server: ScriptedServer) -> None:
    server.respond(Reply(403, body=b"<html>" + b"x" * 1000))
    with pytest.raises(ApiError, match="403 Forbidden") as caught:
        read(client)
    assert len(caught.value.detail) < 600


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: ScriptedServer, build: Build, status: int) -> None:
    server.respond(Reply(status, headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(ConfigurationError, match="SHOP_URL") as caught:
        read(build(server.url, Renewable()))
    assert f"{server.url}/elsewhere" in str(caught.value)
    assert [request.path for request in server.requests] == ["/things"]


def test_statuses_that_the_caller_accepts_are_no_errors(client: ApiClient, server: ScriptedServer) -> None:
    server.respond(Reply(404, {"message": "gone"}))
    response = client.request("GET", "/things/1", action="thing.get", accept_status=(404,))
    assert (response.status, response.document) == (404, {"message": "gone"})


def test_the_response_to_a_write_may_be_empty(client: ApiClient, server: ScriptedServer) -> None:
    server.respond(Reply(204, body=b""))
    assert client.request("PUT", "/things/1", action="thing.replace", json={}).document is None


# 401


def test_a_refused_bearer_is_renewed_and_the_request_sent_again(server: ScriptedServer, build: Build) -> None:
    tokens = Renewable()
    server.respond(Reply(401), Reply(document=[1]))
    client = build(server.url, tokens)
    assert client.request("POST", "/things", action="thing.create", json={}, replayable=False).document == [1]
    assert tokens.renewed == ["bearer-0"]
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer bearer-0", "Bearer bearer-1"]


def test_a_refused_new_bearer_is_not_renewed_again(server: ScriptedServer, build: Build) -> None:
    server.handler = lambda _: Reply(401, {"message": "The access token provided is invalid."})
    with pytest.raises(AuthenticationError, match="SHOP_USER and SHOP_PASSWORD"):
        read(build(server.url, Renewable()))
    assert len(server.requests) == 2


def test_a_refused_api_key_is_not_retried(server: ScriptedServer, build: Build) -> None:
    server.respond(Reply(401))
    key = FixedToken("the-api-key", refused="Make a new key.", settings=("SHOP_KEY",))
    with pytest.raises(AuthenticationError, match="Make a new key") as caught:
        read(build(server.url, key))
    assert caught.value.settings == ("SHOP_KEY",)
    assert len(server.requests) == 1


def test_a_credential_that_cannot_be_sent_is_reported_without_its_value(server: ScriptedServer, build: Build) -> None:
    key = FixedToken("the-api\nkey", refused="", settings=())
    with pytest.raises(ConfigurationError) as caught:
        read(build(server.url, key))
    assert "the-api" not in str(caught.value)
    assert server.requests == []


# Pauses


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "least"),
    [
        ("1", 1.0),
        (lambda: formatdate(time.time() + 3, usegmt=True), 1.0),
        ("soon", 0.0),
        (None, 0.0),
        ("-5", 0.0),
        ("9" * 5_000, 0.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0.0),
    ],
    ids=["seconds", "date", "unreadable", "absent", "negative", "5,000 digits", "year 99999"],
)
def test_all_threads_pause_for_as_long_as_the_server_asks(
    server: ScriptedServer, statistics: RequestStatistics, build: Build, status: int, retry_after: Any, least: float
) -> None:
    paused: list[float] = []

    class Budget(LocalBudget):
        def pause(self, api: str, seconds: float) -> None:
            assert api == "shop"
            paused.append(seconds)

    value = retry_after() if callable(retry_after) else retry_after
    server.respond(Reply(status, headers={} if value is None else {"Retry-After": value}))
    client = build(
        server.url,
        governor=Governor("shop", Limits(1000, 0.001, 4), Budget(), statistics),
        backoff=Backoff(attempts=1, initial_seconds=0.25),
    )
    with pytest.raises(TransientError):
        read(client)
    (seconds,) = paused
    assert (least <= seconds <= 3.0) if least else (0.125 <= seconds <= 0.25)
    assert statistics.snapshot().pauses == 1


def test_a_pause_also_stops_other_threads(server: ScriptedServer, statistics: RequestStatistics, build: Build) -> None:
    governor = Governor("shop", Limits(1000, 0.001, 4), LocalBudget(), statistics)
    one = build(server.url, governor=governor, backoff=Backoff(attempts=2, longest_pause_seconds=0.2))
    other = build(server.url, governor=governor)
    server.respond(Reply(429, headers={"Retry-After": "100"}))
    with pytest.raises(TransientError):
        build(server.url, governor=governor, backoff=Backoff(attempts=1, longest_pause_seconds=0.2)).request(
            "GET", "/first", action="a"
        )
    read(other, "/second")
    read(one, "/third")
    first, second, _ = server.requests
    assert second.arrived_at - first.arrived_at >= 0.19
    assert statistics.snapshot().throttled_seconds >= 0.1


# Requests that must not be executed twice


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_create_with_an_unknown_result_is_not_sent_again(
    client: ApiClient, server: ScriptedServer, status: int
) -> None:
    server.respond(Reply(status))
    with pytest.raises(TransientError) as caught:
        create(client)
    assert caught.value.possibly_stored
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "response",
    [
        Reply(document={"id": 1}, truncated=True),
        Reply(body=b"<html>"),
        Reply(seconds=1.0),
    ],
)
def test_a_create_whose_response_is_lost_is_not_sent_again(
    server: ScriptedServer, build: Build, response: Reply
) -> None:
    server.respond(response)
    with pytest.raises(TransientError) as caught:
        create(build(server.url, timeout=(5.0, 0.5 if response.seconds else 30.0)))
    assert caught.value.possibly_stored
    assert len(server.requests) == 1


def test_a_create_that_was_throttled_is_sent_again(client: ApiClient, server: ScriptedServer) -> None:
    server.respond(Reply(429), Reply(429), Reply(document={"id": 1}))
    assert create(client) == {"id": 1}
    assert len(server.requests) == 3


def test_a_create_that_reached_no_server_is_not_stored(build: Build, retries: list[RetryEvent]) -> None:
    with pytest.raises(TransientError, match=r"refused the connection.*Check SHOP_URL") as caught:
        create(build(unused_url()))
    assert not caught.value.possibly_stored
    assert len(retries) == 3


def test_a_server_that_has_responded_before_gets_more_retries(build: Build, retries: list[RetryEvent]) -> None:
    server = ScriptedServer()
    client = build(server.url)
    server.respond(Reply(document={}))
    read(client)
    server.stop()
    with pytest.raises(TransientError, match="refused the connection"):
        read(client)
    assert len(retries) == 5


# No response


def test_a_request_with_a_broken_connection_is_repeated(build: Build, retries: list[RetryEvent]) -> None:
    with hanging_up() as url:
        with pytest.raises(TransientError, match="closed the connection") as caught:
            read(build(url))
        assert len(retries) == 5
        with pytest.raises(TransientError) as lost:
            create(build(url))
        assert len(retries) == 5
    assert not caught.value.possibly_stored
    assert lost.value.possibly_stored


def test_a_request_with_a_slow_response_is_repeated(server: ScriptedServer, build: Build) -> None:
    server.respond(Reply(seconds=1.0), Reply(document={"ok": 1}))
    assert read(build(server.url, timeout=(5.0, 0.5))) == {"ok": 1}


def test_an_unknown_host_names_the_setting(build: Build) -> None:
    with pytest.raises(TransientError, match=r"cannot be resolved.*Check SHOP_URL \(http://no-such-host\.invalid\)"):
        read(build("http://no-such-host.invalid"))


def test_an_impossible_url_is_not_retried(build: Build, retries: list[RetryEvent]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(build("http://*.example"))
    assert caught.value.settings == ("SHOP_URL",)
    assert retries == []


def test_a_proxy_of_the_environment_is_used(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", unused_url())
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(TransientError, match="through the proxy"):
        read(build("http://shop.invalid"))


# Statistics


def test_every_request_is_counted_once(
    client: ApiClient, server: ScriptedServer, statistics: RequestStatistics
) -> None:
    before = statistics.snapshot()
    server.respond(Reply(500), Reply(document={}))
    read(client)
    middle = statistics.snapshot()
    server.respond(Reply(422))
    with pytest.raises(ApiError):
        create(client)
    first, second = middle - before, statistics.snapshot() - middle
    assert first.requests == {("shop", "thing.list"): 2}
    assert first.retries == 1
    assert second.requests == {("shop", "thing.create"): 1}
    assert (second.retries, second.total(), second.total("shop"), second.total("other")) == (0, 1, 1, 0)
