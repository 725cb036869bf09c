"""Facts about the order of Akeneo's lists, and where a request continues."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import parse_qs, urlsplit

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.akeneo.pieces import are_sorted
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import next_link, records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_SMALL: Final = 2
_LISTS: Final = (("products", "Products"), ("product-models", "Product models"))


def _order(which: str, context: Reading) -> Found:
    endpoint = context.endpoint(which)
    key = ENDPOINTS[endpoint].key
    keys = [str(each[key]) for each in context.some(endpoint)]
    if are_sorted(keys):
        return as_assumed(f"The first {len(keys)} records are in the order of their {key}.")
    return handled("The records are in another order, so a long list is read page after page.")


def _cursor(which: str, context: Reading) -> Found:
    endpoint = context.endpoint(which)
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
        return as_assumed("A request continues after any key.", cursors="keys")
    link = next_link(context.ask(endpoint, pagination_type="search_after", limit=_SMALL))
    cursor = parse_qs(urlsplit(link or "").query).get("search_after", [""])[0]
    if cursor.lower() in {"", keys[-1].lower()}:
        return not_handled("A request after a key does not continue with the next record.")
    text = "A request continues only after the cursor in a link, so a long list is read page after page."
    return handled(text, cursors="encrypted")


def _categories(context: Reading) -> Found:
    seen: set[str] = set()
    page = records_of(context.first("categories"))
    for category in page:
        parent = category.get("parent")
        if parent is not None and parent not in seen:
            return handled("A category is listed before its parent. Parents are sent first in any case.")
        seen.add(str(category["code"]))
    return as_assumed(f"In the first {len(page)} categories, each follows its parent.")


FACTS: Final = (
    *(
        Fact(
            f"akeneo.order.{which}",
            f"{title} are listed in the order of their keys",
            "confirmed",
            "reading a long list in several pieces at the same time",
            "It is read page after page.",
            partial(_order, which),
        )
        for which, title in _LISTS
    ),
    *(
        Fact(
            f"akeneo.cursor.{which}",
            f"{title} can be listed after any key",
            "confirmed",
            "reading to the end, although a deleted record makes a page short",
            "If cursors are encrypted, links are used. Otherwise, a read fails, or misses records after a deleted one.",
            partial(_cursor, which),
        )
        for which, title in _LISTS
    ),
    Fact(
        "akeneo.order.categories",
        "Categories are listed after their parents",
        "assumed",
        "nothing: categories are sorted before they are sent",
        "Nothing changes.",
        _categories,
    ),
)
