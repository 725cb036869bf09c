"""Facts about the pages of Akeneo's lists."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS, PAGE_WALL
from akeneo_assets.akeneo.pagination import PAGE_SIZE
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import next_link, records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_SMALL: Final = 2
_OF_PRODUCTS: Final = (
    "the forecast, and the pieces of a long list",
    "A load has no forecast, and the daily comparison of counts takes the mirror's number for Akeneo's.",
)


def _count(which: str, context: Reading) -> Found:
    if context.count(context.endpoint(which)) is not None:
        return as_assumed("A page by number contains the number of records.")
    if which == "families":
        return handled("There is no items_count, so an empty page shows where a list ends.")
    return handled("There is no items_count, so a load has no forecast.")


def _size(context: Reading) -> Found:
    response = context.first(context.products)
    if context.page_size < PAGE_SIZE:
        text = f"A page of {PAGE_SIZE} products fails or is refused, so pages of {context.page_size} are read."
        return handled(text, page_size=context.page_size)
    if response.status == requests.codes.unprocessable_entity:
        return not_handled(f"It is refused: {refusal(response)}.")
    found, count = len(records_of(response)), context.count(context.products)
    if found == PAGE_SIZE:
        return as_assumed(f"A page has {found} products.")
    if count is None or count <= PAGE_SIZE:
        raise NotTestableError(f"There are not more than {PAGE_SIZE} products.")
    return handled(f"A page has {found} of {count} products.")


def _end_of_products(context: Reading) -> Found:
    endpoint = context.products
    only = context.only(endpoint, record := context.first_products()[0])
    short = context.ask(endpoint, only, pagination_type="search_after", limit=_SMALL)
    key = str(record[ENDPOINTS[endpoint].key])
    empty = context.ask(endpoint, only, pagination_type="search_after", limit=_SMALL, search_after=key)
    if next_link(empty) is not None and not records_of(empty):
        return not_handled("An empty page has a link to the next one, so a list has no end.")
    if next_link(short) is not None and len(records_of(short)) < _SMALL:
        return handled("A page that is not full has a link to the next one. Reads end at an empty page.")
    return as_assumed("Neither a page that is not full nor an empty page has a link to the next one.")


def _end_of_families(context: Reading) -> Found:
    count = context.count("families")
    if count is None:
        raise NotTestableError("The number of families is unknown.")
    last = context.ask("families", page=count // PAGE_SIZE + 1, limit=PAGE_SIZE)
    if len(records_of(last)) < PAGE_SIZE and next_link(last) is not None:
        return not_handled("The last page has a link to the next one, so a list has no end.")
    return as_assumed("The last page has no link to the next one.")


def _more_families(context: Reading) -> Found:
    full = context.ask("families", page=1, limit=1)
    if not records_of(full):
        raise NotTestableError("There are no families.")
    if next_link(full) is not None:
        return as_assumed("There is one.")
    second = records_of(context.ask("families", page=2, limit=1))
    if second and second != records_of(full):
        return handled("There is none. Reads continue with the number of the next page.")
    if context.count("families") == 1:
        raise NotTestableError("There is only one family.")
    return not_handled("There is none, and the number of the next page does not lead to other records.")


def _next(context: Reading) -> Found:
    options: dict[str, QueryValue] = {} if context.akeneo.is_before(7) else {"with_quality_scores": True}
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


def _link(context: Reading) -> Found:
    response = context.ask(context.products, pagination_type="search_after", limit=_SMALL)
    link = next_link(response)
    if link is None:
        raise NotTestableError("There is no link to a next page.")
    address, expected = urlsplit(link), urlsplit(context.settings.akeneo_api_url)
    if (address.scheme, address.netloc) != (expected.scheme, expected.netloc):
        # The token must not be sent to another server.
        return handled(f"It leads to {address.scheme}://{address.netloc} instead of AKENEO_API_URL.")
    followed = context.akeneo.ask(address.path, dict(parse_qsl(address.query)), action="probe.next")
    if followed.status != requests.codes.ok:
        return handled(f"It is refused: {refusal(followed)}.")
    return as_assumed("It leads to the next page.")


def _wall(context: Reading) -> Found:
    def page(number: int) -> int:
        return context.ask(context.products, pagination_type="page", limit=PAGE_SIZE, page=number).status

    last = PAGE_WALL // PAGE_SIZE
    if page(last) != requests.codes.ok:
        return not_handled(f"A page before record {PAGE_WALL:,} is refused.")
    if page(last + 1) == requests.codes.unprocessable_entity:
        return as_assumed(f"A page beyond record {PAGE_WALL:,} is refused.")
    return handled(f"A page beyond record {PAGE_WALL:,} is not refused. No such page is asked for.")


FACTS: Final = (
    *(
        Fact(
            f"akeneo.pages.count.{which}",
            f"The list of {title} tells how many there are",
            "confirmed",
            used_by,
            otherwise,
            partial(_count, which),
        )
        for which, title, used_by, otherwise in (
            ("products", "products", *_OF_PRODUCTS),
            ("product-models", "product models", *_OF_PRODUCTS),
            ("families", "families", "the check that no record is missed", "Reads end at an empty page."),
        )
    ),
    Fact(
        "akeneo.pages.size",
        f"A page has up to {PAGE_SIZE} products",
        "confirmed",
        "the number of requests",
        "If such pages are refused, no product can be read. If they are shorter, more requests are needed.",
        _size,
    ),
    *(
        Fact(
            f"akeneo.pages.end.{which}",
            f"The last page of {which} has no link to a next one",
            "confirmed",
            "where a read ends",
            "A read may find no end, and fails.",
            test,
        )
        for which, test in (("products", _end_of_products), ("families", _end_of_families))
    ),
    Fact(
        "akeneo.pages.more.families",
        "A full page of families has a link to the next one",
        "confirmed",
        "reading categories and structure",
        "Reads continue with the number of the next page. If that does not work, longer lists cannot be read.",
        _more_families,
    ),
    Fact(
        "akeneo.pages.next",
        "The link to the next page contains all parameters",
        "assumed",
        "nothing: reads keep their own parameters",
        "Only the cursor is taken from the link.",
        _next,
    ),
    Fact(
        "akeneo.pages.link",
        "The link to the next page can be used as it is",
        "assumed",
        "nothing: reads use AKENEO_API_URL",
        "Only the cursor is taken from the link.",
        _link,
    ),
    Fact(
        "akeneo.pages.wall",
        f"Pages by number end at record {PAGE_WALL:,}",
        "confirmed",
        "where the pieces of a long list begin",
        "If they end earlier, long lists cannot be read.",
        _wall,
    ),
)
