"""Responses that never end or grow without limit."""

from __future__ import annotations

import gzip
import itertools
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator

import pytest

from akeneo_assets.errors import TransientError
from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.calls import Api
from akeneo_assets.http.client import ApiClient
from akeneo_assets.http.governor import Governor, Limits
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets_tests.http.local_budget import LocalBudget
from akeneo_assets_tests.http.raw_server import OK, writing

API = Api("shop", "The shop", ("SHOP_URL",), ("SHOP_USER",))
MEGABYTE = 1024 * 1024
Parts = Callable[[], Iterable[bytes]]


def slowly(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        time.sleep(0.02)
        yield part


def client_of(
    url: str, statistics: RequestStatistics, *, largest_response: int = 64 * MEGABYTE, seconds: float = 30.0
) -> ApiClient:
    # One connection: a slot that is not released would block the next request.
    governor = Governor("shop", Limits(100, 0.001, 1), LocalBudget(), statistics)
    return ApiClient(
        API,
        url,
        governor,
        None,
        statistics,
        backoff=Backoff(attempts=1),
        timeout=(1.0, seconds),
        largest_response=largest_response,
    )


@pytest.mark.parametrize(
    "parts",
    [
        lambda: slowly(itertools.chain([OK, b"Content-Length: 1000000\r\n\r\n"], itertools.repeat(b" "))),
        lambda: slowly(itertools.chain([OK, b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\n \r\n"))),
        lambda: slowly(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
        lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        lambda: slowly(itertools.chain([OK], itertools.repeat(b"X"))),
    ],
    ids=["body", "chunks", "100 Continue", "100 Continue without a pause", "header"],
)
def test_an_endless_response_is_aborted_at_the_deadline(parts: Parts, statistics: RequestStatistics) -> None:
    with writing(parts) as url:
        client = client_of(url, statistics, seconds=0.3)
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(TransientError, match="did not respond in time"):
                client.request("GET", "/things", action="thing.list")
            assert 0.29 <= time.monotonic() - started < 3
        client.close()


def test_a_slow_response_within_the_deadline_is_read(statistics: RequestStatistics) -> None:
    parts = [OK, b"Content-Length: 8\r\n\r\n", b'{"a"', b": 1}"]
    with writing(lambda: slowly(parts)) as url:
        client = client_of(url, statistics)
        assert client.request("GET", "/things", action="thing.list").document == {"a": 1}
        client.close()


def gzip_of_zeros(size: int, *, members: int = 1) -> bytes:
    return gzip.compress(b"0" * size) * members


@pytest.mark.parametrize(
    ("encoding", "make"),
    [
        ("gzip", lambda: gzip_of_zeros(40 * MEGABYTE)),
        ("gzip", lambda: gzip_of_zeros(5 * MEGABYTE, members=8)),
        ("gzip, gzip", lambda: gzip.compress(gzip_of_zeros(40 * MEGABYTE))),
        ("deflate", lambda: zlib.compress(b"0" * 40 * MEGABYTE)),
        ("identity", lambda: b"0" * 20 * MEGABYTE),
    ],
    ids=["gzip", "gzip of many members", "gzip in gzip", "deflate", "plain"],
)
def test_memory_is_bounded_whatever_the_size_of_the_decompressed_response(
    encoding: str, make: Callable[[], bytes], statistics: RequestStatistics
) -> None:
    body = make()
    head = OK + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with writing(lambda: [head, body]) as url:
        client = client_of(url, statistics, largest_response=4 * MEGABYTE)
        for _ in range(2):
            tracemalloc.start()
            with pytest.raises(TransientError, match=r"response of more than 4 MB.*AKENEO_ASSETS_LARGEST_RESPONSE_MB"):
                client.request("GET", "/things", action="thing.list")
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak < 16 * MEGABYTE
        client.close()


def test_a_write_with_an_oversized_response_may_have_been_stored(statistics: RequestStatistics) -> None:
    with writing(lambda: [OK, b"Content-Length: 2000000\r\n\r\n", b"0" * 2_000_000]) as url:
        client = client_of(url, statistics, largest_response=MEGABYTE)
        with pytest.raises(TransientError) as caught:
            client.request("POST", "/things", action="thing.create", json={}, replayable=False)
        assert caught.value.possibly_stored
        client.close()
