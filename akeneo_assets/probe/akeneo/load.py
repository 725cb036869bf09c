"""Facts about the size and time of responses, and how many requests Akeneo accepts."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, get_args

import orjson
import requests

from akeneo_assets.akeneo.capabilities import PageSize
from akeneo_assets.akeneo.pagination import PAGE_SIZE
from akeneo_assets.errors import TransientError
from akeneo_assets.http.responses import ApiResponse
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import records_of
from akeneo_assets.probe.facts import Fact, Found, as_assumed, handled, not_handled

_CONNECTIONS: Final = 2
_REQUESTS: Final = 10
_LONGEST_SECONDS: Final = 15.0
_MEGABYTE: Final = 1024 * 1024


def _page(context: Reading) -> Found:
    fits, text = _cost(context, context.first(context.products))
    if not fits:
        # The first response may have been slow only once.
        second = context.ask(context.products, pagination_type="page", limit=context.page_size, page=2)
        fits, text = _cost(context, second)
    if fits and context.page_size == PAGE_SIZE:
        return as_assumed(text)
    if fits:
        text = f"Larger pages fail or are refused, so pages of {context.page_size} are read. {text}"
        return handled(text, page_size=context.page_size)
    for size in get_args(PageSize):
        if size < context.page_size and _cost(context, context.first(context.products, limit=size))[0]:
            return handled(f"{text} Pages of {size} are read.", page_size=size)
    return not_handled(f"{text} Raise AKENEO_ASSETS_LARGEST_RESPONSE_MB or AKENEO_ASSETS_REQUEST_SECONDS.")


def _cost(context: Reading, response: ApiResponse) -> tuple[bool, str]:
    """Return whether a page is small and fast enough, and its size and time."""
    settings, records = context.settings, records_of(response)
    size, seconds = len(orjson.dumps(response.document)) / _MEGABYTE, context.seconds(response)
    is_small = size <= settings.akeneo_assets_largest_response_mb / 2
    is_fast = seconds <= settings.akeneo_assets_request_seconds / 2
    return is_small and is_fast, f"{len(records)} products: {size:.1f} MB in {seconds:.1f} s."


def _pace(context: Reading) -> Found:
    records_of(context.first("channels"))
    end, repeated = time.monotonic() + _LONGEST_SECONDS, context.repeated()

    def ask(number: int) -> tuple[float, bool]:
        started = time.monotonic()
        if started > end or context.repeated() > repeated:
            return started, True
        try:
            response = context.akeneo.ask("/api/rest/v1/channels", {"limit": 1, "page": number}, action="probe.pace")
        except TransientError:
            return time.monotonic(), False
        return time.monotonic(), response.status == requests.codes.ok

    started = time.monotonic()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        results = list(pool.map(ask, [1] * _REQUESTS))
    if context.repeated() > repeated or not all(good for _, good in results):
        return not_handled(
            f"With {_CONNECTIONS} connections, requests were refused or failed. Lower "
            "AKENEO_CONCURRENT_CONNECTIONS and AKENEO_API_THROTTLE_LIMIT."
        )
    rate = len(results) / max(0.001, max(at for at, _ in results) - started)
    return as_assumed(f"{len(results)} small requests over {_CONNECTIONS} connections: {rate:.1f} a second.")


FACTS: Final = (
    Fact(
        "akeneo.pages.cost",
        "A page of products fits into half of the largest response, and arrives in half of the timeout",
        "assumed",
        "reading at all",
        "Smaller pages are read. If they do not fit either, reads fail until a setting is raised.",
        _page,
    ),
    Fact(
        "akeneo.pace",
        f"Akeneo accepts {_CONNECTIONS} concurrent connections",
        "assumed",
        "the throttle",
        "Requests are repeated, and reads take longer.",
        _pace,
    ),
)
