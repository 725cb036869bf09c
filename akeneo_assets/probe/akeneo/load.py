"""Facts about the values of records, and how much Akeneo bears."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import orjson
import requests

from akeneo_assets.akeneo.records import parse
from akeneo_assets.errors import MalformedResponseError, TransientError
from akeneo_assets.probe.akeneo.reading import PAGE, Reading
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, not_handled

_CONNECTIONS: Final = 2
_REQUESTS: Final = 10
_LONGEST_SECONDS: Final = 15.0
_MEGABYTE: Final = 1024 * 1024


def _records(kind: str, context: Reading) -> Found:
    records = context.first_products() if kind == "product" else context.first_models()
    wrong: set[str] = set()
    for record in records:
        try:
            parse(kind, record)
        except MalformedResponseError as error:
            wrong.add(str(error.field))
    if wrong:
        return not_handled(f"These fields do not have the documented form: {', '.join(sorted(wrong))}.")
    return as_assumed(f"{len(records)} records have the documented form.")


def _page(context: Reading) -> Found:
    records = context.first_products()
    size, seconds = len(orjson.dumps(records)) / _MEGABYTE, context.page_seconds
    text = f"{len(records)} products: {size:.1f} MB in {seconds:.1f} s."
    if size > context.settings.akeneo_assets_largest_response_mb / 2:
        return not_handled(f"{text} Raise AKENEO_ASSETS_LARGEST_RESPONSE_MB.")
    if seconds > context.settings.akeneo_assets_request_seconds / 2:
        return not_handled(f"{text} Raise AKENEO_ASSETS_REQUEST_SECONDS.")
    return as_assumed(text)


def _pace(context: Reading) -> Found:
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


def _full_pages(context: Reading) -> Found:
    products = context.first_products()
    if len(products) < PAGE:
        raise NotTestableError("There are fewer than 100 products.")
    return as_assumed(f"A page has {len(products)} products.")


FACTS: Final = (
    *(
        Fact(
            f"akeneo.records.{kind}",
            f"records of {title} have the documented form",
            "confirmed",
            "mapping them",
            "A record with another form fails alone, and is reported.",
            partial(_records, kind),
        )
        for kind, title in (("product", "products"), ("product_model", "product models"))
    ),
    Fact(
        "akeneo.pages.size",
        "a page has up to 100 products",
        "confirmed",
        "the number of requests",
        "More requests are needed.",
        _full_pages,
    ),
    Fact(
        "akeneo.pages.cost",
        "100 products fit into half of the largest response, and arrive in half of the timeout",
        "assumed",
        "reading at all",
        "Reads fail until a setting is raised.",
        _page,
    ),
    Fact(
        "akeneo.pace",
        "Akeneo bears two connections",
        "assumed",
        "the throttle",
        "Requests are repeated, and reads take longer.",
        _pace,
    ),
)
