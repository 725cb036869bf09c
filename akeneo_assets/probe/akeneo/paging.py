"""Facts about the pages of Akeneo's lists."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, urlsplit

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS, PAGE_WALL
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.probe.akeneo.reading import PAGE, Reading, next_link, records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_SMALL: Final = 2


def _endpoint(which: str, context: Reading) -> str:
    return context.products if which == "products" else which


def _count(context: Reading) -> Found:
    response = context.ask(context.products, limit=1, with_count="true")
    count = response.document.get("items_count") if isinstance(response.document, dict) else None
    if isinstance(count, int):
        return as_assumed("A page by number contains the number of records.")
    return not_handled("There is no items_count, so a missing record is not noticed.")


def _order(which: str, context: Reading) -> Found:
    endpoint = _endpoint(which, context)
    key = ENDPOINTS[endpoint].key
    keys = [str(each[key]) for each in (context.first_products() if which == "products" else context.first_models())]
    if all(one.lower() < other.lower() for one, other in pairwise(keys)):
        return as_assumed(f"The first {len(keys)} records are in the order of their {key}.")
    return handled("The records are in another order, so a long list is read page after page.")


def _cursor(which: str, context: Reading) -> Found:
    endpoint = _endpoint(which, context)
    key = ENDPOINTS[endpoint].key
    page = context.page(endpoint, pagination_type="search_after", limit=_SMALL)
    if len(page) < _SMALL:
        raise NotTestableError("There are too few records.")
    keys = [str(each[key]) for each in page]
    after = context.ask(endpoint, pagination_type="search_after", limit=_SMALL, search_after=keys[0])
    if after.status != requests.codes.ok:
        return not_handled(f"A request after a key was refused: {refusal(after)}.")
    following = [str(each[key]) for each in records_of(after)]
    if following[:1] == keys[1:]:
        return as_assumed("A request continues after any key.")
    return not_handled("A request after a key does not continue with the next record.")


def _next(context: Reading) -> Found:
    options: dict[str, QueryValue] = {} if context.akeneo.is_before(7) else {"with_quality_scores": "true"}
    sent: dict[str, QueryValue] = {"pagination_type": "search_after", "limit": _SMALL, **options}
    dropped: set[str] = set()
    tested = False
    for endpoint in (context.products, "product-models"):
        response = context.ask(endpoint, None, codes=(), **sent)
        if len(records_of(response)) < _SMALL:
            continue
        tested = True
        link = next_link(response)
        if link is None:
            return handled("A full page has no link to the next one. Reads continue after its last record anyway.")
        query = parse_qs(urlsplit(link).query)
        if "search_after" not in query:
            return not_handled("The link to the next page has no search_after.")
        dropped |= sent.keys() - query.keys()
    if not tested:
        raise NotTestableError("There are too few records.")
    if dropped:
        return handled(f"The link drops {', '.join(sorted(dropped))}.")
    return as_assumed("It contains all parameters.")


def _wall(context: Reading) -> Found:
    response = context.ask(context.products, pagination_type="page", limit=PAGE, page=PAGE_WALL // PAGE + 1)
    if response.status == requests.codes.unprocessable_entity:
        return as_assumed(f"A page beyond record {PAGE_WALL:,} is refused.")
    return handled(f"Akeneo responded with {response.status}. No page beyond record {PAGE_WALL:,} is asked for.")


def _categories(context: Reading) -> Found:
    seen: set[str] = set()
    page = context.page("categories", limit=PAGE)
    for category in page:
        parent = category.get("parent")
        if parent is not None and parent not in seen:
            return handled("A category is listed before its parent. Parents are sent first in any case.")
        seen.add(str(category["code"]))
    return as_assumed(f"In the first {len(page)} categories, each follows its parent.")


FACTS: Final = (
    Fact(
        "akeneo.pages.count",
        "a page by number contains the number of records",
        "confirmed",
        "progress, the pieces of a long list, and the check that no record is missed",
        "Lists cannot be counted.",
        _count,
    ),
    *(
        Fact(
            f"akeneo.pages.order.{which}",
            f"{which} are listed in the order of their keys",
            "confirmed",
            "reading a long list in several pieces at the same time",
            "It is read page after page.",
            partial(_order, which),
        )
        for which in ("products", "product-models")
    ),
    *(
        Fact(
            f"akeneo.pages.cursor.{which}",
            f"a request for {which} continues after any key",
            "confirmed",
            "reading to the end, although a deleted record makes a page short",
            "A read fails, or misses the records after a deleted one.",
            partial(_cursor, which),
        )
        for which in ("products", "product-models")
    ),
    Fact(
        "akeneo.pages.next",
        "the link to the next page contains all parameters",
        "assumed",
        "nothing: reads keep their own parameters",
        "Only the cursor is taken from the link.",
        _next,
    ),
    Fact(
        "akeneo.pages.wall",
        f"pages by number end at record {PAGE_WALL:,}",
        "confirmed",
        "where the pieces of a long list begin",
        "Nothing changes.",
        _wall,
    ),
    Fact(
        "akeneo.categories.order",
        "categories are listed after their parents",
        "assumed",
        "nothing: categories are sorted before they are sent",
        "Nothing changes.",
        _categories,
    ),
)
