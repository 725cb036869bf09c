"""Facts about the dates of records, and searches for changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import requests

from akeneo_assets.akeneo.records import edited_at
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import zone_of
from akeneo_assets.documents import JsonObject
from akeneo_assets.probe.akeneo.reading import Reading, UnusablePageError
from akeneo_assets.probe.akeneo.responses import records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.sync.read.windows import OVERLAP_SECONDS

_BEFORE: Final = timedelta(seconds=2)
_MISSED: Final = "Edits are missed until the weekly read."


def _is_top(record: JsonObject) -> bool:
    return record.get("parent") is None


_DATED: Final[Mapping[str, tuple[str, Callable[[Reading], list[JsonObject]]]]] = {
    "products": ("products", lambda context: list(filter(_is_top, context.first_products()))),
    "variants": ("products", Reading.first_variants),
    "product-models": ("product-models", lambda context: list(filter(_is_top, context.first_models()))),
    "sub-models": ("product-models", Reading.first_sub_models),
    "categories": ("categories", lambda context: records_of(context.first("categories"))),
}
"""What changes → the list, and records of it."""

_INHERIT: Final = frozenset({"variants", "sub-models"})
"""They are also found by the date of a model above them."""


def _moment(record: JsonObject) -> datetime:
    return datetime.fromisoformat(str(record["updated"]).replace("Z", "+00:00"))


def _updated(which: str, context: Reading) -> Found:
    name, records = _DATED[which]
    endpoint = context.endpoint(name)
    record = next((each for each in records(context) if edited_at(each) is not None), None)
    if record is None:
        raise NotTestableError("There are none with a date among the first records.")
    moment, zone = _moment(record), zone_of(context.first_products())

    def found_after(at: datetime) -> bool:
        response = context.ask(
            endpoint, context.only(endpoint, record, Search().updated_after(endpoint, at, zone)), limit=1
        )
        if response.status != requests.codes.ok:
            raise NotTestableError(refusal(response))
        return bool(records_of(response))

    try:
        is_found = found_after(moment - _BEFORE)
    except UnusablePageError:
        raise
    except NotTestableError as refused:
        if which == "categories":
            return handled(
                f"It is refused: {refused}. All categories are read.", refused_searches=["changed_categories"]
            )
        return not_handled(f"It is refused: {refused}.")
    if not is_found:
        return not_handled("A search for later than two seconds before the date of a record does not find it.")
    if which not in _INHERIT and found_after(moment):
        return handled("A search for later than the date of a record finds it, so some edits are read again.")
    return as_assumed("It finds records by their date.")


def _zone(context: Reading) -> Found:
    name = str(zone_of([*context.first_products(), *context.some("product-models")]))
    return as_assumed("Dates are in UTC.") if name == "UTC" else handled(f"Dates are written with the offset {name}.")


def _index(context: Reading) -> Found:
    """Whether a search finds the latest of the first products by the date in their response."""
    endpoint = context.products
    dated = [each for each in context.first_products() if edited_at(each) is not None]
    if not dated:
        raise NotTestableError("No record has a date.")
    newest = max(dated, key=_moment)
    after = Search().updated_after(endpoint, _moment(newest) - _BEFORE, zone_of(dated))
    if context.page(endpoint, context.only(endpoint, newest, after), limit=1):
        return as_assumed(f"It knows the last edit of the first {len(dated)} products.")
    behind = context.akeneo.now() - _moment(newest).timestamp()
    text = f"It does not know an edit from {max(behind, 0.0):.0f} s ago."
    return handled(text) if behind < OVERLAP_SECONDS else not_handled(text)


FACTS: Final = (
    *(
        Fact(
            f"akeneo.updated.{which}",
            f"A search with updated > finds {which.replace('t-m', 't m')} by the date in their response",
            "confirmed",
            "reading changes",
            _MISSED,
            partial(_updated, which),
        )
        for which in _DATED
    ),
    Fact(
        "akeneo.zone",
        "Akeneo writes its dates in UTC",
        "assumed",
        "searches for changes",
        "Searches use the offset that the dates have.",
        _zone,
    ),
    Fact(
        "akeneo.index",
        f"The search index knows an edit within {OVERLAP_SECONDS / 60:.0f} minutes",
        "assumed",
        "reading changes",
        "Each read repeats the last minutes. Edits that the index shows even later are missed until the weekly read.",
        _index,
    ),
)
