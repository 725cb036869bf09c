from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets_tests.http.fixtures import _running_server, building, common_options, retries, server, statistics
from akeneo_assets_tests.http.scripted_server import Received, Reply, ScriptedServer

__all__ = ["_running_server", "retries", "server", "statistics"]

Build = Callable[..., AkeneoClient]

TOKEN = {"access_token": "the-access-token", "expires_in": 3600, "token_type": "bearer", "refresh_token": "the-refresh"}


def with_tokens(respond: Callable[[Received], Reply]) -> Callable[[Received], Reply]:
    """A handler that issues tokens and leaves all other requests to ``respond``."""
    return lambda received: Reply(document=TOKEN) if received.path == "/api/oauth/v1/token" else respond(received)


def calls(server: ScriptedServer) -> list[Received]:
    """The requests, apart from those for tokens."""
    return [request for request in server.requests if request.path != "/api/oauth/v1/token"]


def page(*items: dict[str, Any], following: str | None = None, count: int | None = None) -> dict[str, Any]:
    """One page of a list; ``following`` is the URL of ``next``."""
    links = {} if following is None else {"next": {"href": following}}
    counted = {} if count is None else {"items_count": count}
    return {"_links": {"self": {"href": "/"}, **links}, **counted, "_embedded": {"items": list(items)}}


@pytest.fixture
def build(statistics: RequestStatistics) -> Iterator[Build]:
    def create(url: str, **options: Any) -> AkeneoClient:
        values: dict[str, Any] = {
            "client_id": "1_shop",
            "client_secret": "the-client-secret",
            "username": "shop_1234",
            "password": "the-password",
            "product_id_format": "UUID",
        }
        return AkeneoClient(url, **{**values, **common_options("akeneo", statistics), **options})

    with building(create) as build:
        yield build


@pytest.fixture
def client(server: ScriptedServer, build: Build) -> AkeneoClient:
    return build(server.url)
