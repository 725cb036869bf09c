from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets_tests.http.fixtures import _running_server, building, common_options, retries, server, statistics
from akeneo_assets_tests.http.scripted_server import ScriptedServer

__all__ = ["_running_server", "retries", "server", "statistics"]

Build = Callable[..., IpaasClient]


def session(name: str, life: timedelta = timedelta(hours=1)) -> dict[str, Any]:
    """The response to a login, a change of company and a refresh."""
    return {
        "id": 42,
        "name": "Shop",
        "access_token": f"access-{name}",
        "access_token_expiration": (datetime.now(timezone.utc) + life).isoformat(),
        "refresh_token": f"refresh-{name}",
    }


@pytest.fixture
def build(statistics: RequestStatistics) -> Iterator[Build]:
    def create(url: str, **options: Any) -> IpaasClient:
        values = {"subscription_id": "1001", **common_options("ipaas", statistics)}
        return IpaasClient(url, **{**values, **options})

    with building(create) as build:
        yield build


@pytest.fixture
def client(server: ScriptedServer, build: Build) -> IpaasClient:
    """A client with an API key, so that a test has no login requests."""
    return build(server.url, api_key="the-api-key")
