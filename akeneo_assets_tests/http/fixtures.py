"""Fixtures for tests of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Protocol, TypeVar

import pytest

from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.governor import Governor, Limits
from akeneo_assets.http.statistics import RequestStatistics, RetryEvent
from akeneo_assets_tests.http.local_budget import LocalBudget
from akeneo_assets_tests.http.local_tokens import LocalTokenStore
from akeneo_assets_tests.http.scripted_server import ScriptedServer

QUICK = Backoff(initial_seconds=0.001, maximum_seconds=0.002, longest_pause_seconds=0.01)
"""Six attempts within milliseconds, ignoring a server's ``Retry-After``."""


@pytest.fixture(scope="session")
def _running_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def server(_running_server: ScriptedServer) -> ScriptedServer:
    _running_server.reset()
    return _running_server


@pytest.fixture
def retries() -> list[RetryEvent]:
    return []


@pytest.fixture
def statistics(retries: list[RetryEvent]) -> RequestStatistics:
    return RequestStatistics(on_retry=retries.append)


class _Closable(Protocol):
    def close(self) -> None: ...


Client = TypeVar("Client", bound=_Closable)


@contextmanager
def building(create: Callable[..., Client]) -> Iterator[Callable[..., Client]]:
    """Yield ``create``; the clients that it creates are closed at the end."""
    with ExitStack() as clients:
        yield lambda *args, **options: clients.enter_context(closing(create(*args, **options)))


def common_options(api: str, statistics: RequestStatistics) -> dict[str, Any]:
    """Return the options that the clients of both APIs have in common."""
    return {
        "governor": unlimited(api, statistics),
        "token_store": LocalTokenStore(),
        "statistics": statistics,
        "backoff": QUICK,
    }


def unlimited(api: str, statistics: RequestStatistics) -> Governor:
    return Governor(api, Limits(100_000, 0.001, 8), LocalBudget(), statistics)
