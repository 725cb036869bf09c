"""Facts about Akeneo's filters: each that a sync sends, on each list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS_UUID
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import zone_of
from akeneo_assets.documents import JsonObject
from akeneo_assets.probe.akeneo.reading import Reading, records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_Condition = Callable[[Reading], Search]


def _family(context: Reading) -> Search:
    families = [each["code"] for each in context.page("families", limit=1)]
    if not families:
        raise NotTestableError("There are no families.")
    return Search().where("family", "IN", families)


def _model(operator: Any, context: Reading) -> Search:
    code = str(context.first_models()[0]["code"])
    return Search().where("parent", operator, code if operator == "=" else [code])


def _uuid(context: Reading) -> Search:
    if context.products != PRODUCTS_UUID:
        raise NotTestableError("AKENEO_PRODUCT_ID_FORMAT is Identifier.")
    return Search().where("uuid", "IN", [str(context.first_products()[0]["uuid"])])


def _code(context: Reading) -> Search:
    return Search().where("identifier", "IN", [str(context.first_models()[0]["code"])])


def _category(context: Reading) -> str:
    roots = [str(each["code"]) for each in context.page("categories", Search().where("is_root", "=", value=True))]
    if not roots:
        raise NotTestableError("There are no categories.")
    return roots[0]


CONDITIONS: Final[dict[str, tuple[str, _Condition]]] = {
    "products.family.in": ("products", _family),
    "products.family.empty": ("products", lambda _: Search().where("family", "EMPTY")),
    "products.parent.equals": ("products", partial(_model, "=")),
    "products.parent.in": ("products", partial(_model, "IN")),
    "products.parent.not-empty": ("products", lambda _: Search().where("parent", "NOT EMPTY")),
    "products.uuid.in": ("products", _uuid),
    "product-models.family.in": ("product-models", _family),
    "product-models.parent.in": ("product-models", partial(_model, "IN")),
    "product-models.identifier.in": ("product-models", _code),
    "categories.is-root": ("categories", lambda _: Search().where("is_root", "=", value=True)),
    "categories.parent": ("categories", lambda context: Search().where("parent", "=", _category(context))),
    "categories.code.in": ("categories", lambda context: Search().where("code", "IN", [_category(context)])),
}
"""Filter → the list, and a condition with values that exist."""

_INSTEAD: Final = {
    "products.parent.in": "The variants of each model are read on their own.",
    "products.parent.not-empty": "Only the forecast of a first load is too high.",
}
"""Filters that older versions do not have → what is done instead."""


def _accepted(name: str, endpoint: str, condition: _Condition, context: Reading) -> Found:
    chosen = context.products if endpoint == "products" else endpoint
    response = context.ask(chosen, condition(context), limit=1)
    if response.status == requests.codes.ok:
        return as_assumed("It is accepted.")
    if name in _INSTEAD:
        return handled(f"It is refused: {refusal(response)}. {_INSTEAD[name]}")
    return not_handled(f"It is refused: {refusal(response)}.")


def _dated(records: list[JsonObject]) -> JsonObject:
    for record in records:
        if isinstance(record.get("updated"), str):
            return record
    raise NotTestableError("No record has a date.")


def _updated(which: str, context: Reading) -> Found:
    records = context.first_products() if which == "products" else context.first_models()
    endpoint = context.products if which == "products" else which
    if which == "sub-models":
        records, endpoint = [each for each in records if each.get("parent")], "product-models"
    record, key = _dated(records), ENDPOINTS[endpoint].key
    moment = datetime.fromisoformat(str(record["updated"]).replace("Z", "+00:00"))
    zone = zone_of([*context.first_products()])

    def found_after(at: datetime) -> bool:
        search = Search().updated_after(endpoint, at, zone).where(*_only(endpoint, str(record[key])))
        response = context.ask(endpoint, search, limit=1)
        return any(str(each[key]) == str(record[key]) for each in records_of(response))

    if not found_after(moment - timedelta(seconds=2)):
        return not_handled(
            "A search for later than two seconds before the date of a record does not find it. Reads of changes miss "
            "edits until the weekly read."
        )
    if found_after(moment):
        return handled("A search for later than the date of a record finds it, so some edits are read again.")
    return as_assumed("A search finds exactly the records whose date is later.")


def _only(endpoint: str, key: str) -> tuple[str, Any, list[str]]:
    return ("uuid" if endpoint == PRODUCTS_UUID else "identifier", "IN", [key])


def _zone(context: Reading) -> Found:
    zone = zone_of([*context.first_products(), *context.page("product-models", limit=1)])
    name = str(zone)
    return as_assumed("Dates are in UTC.") if name == "UTC" else handled(f"Dates are written with the offset {name}.")


FACTS: Final = (
    *(
        Fact(
            f"akeneo.filters.{name}",
            f"the list accepts the filter {name.replace('.', ' ')}",
            "confirmed",
            "reading families, trees, and what belongs to a changed record",
            "What it selects cannot be read.",
            partial(_accepted, name, endpoint, condition),
        )
        for name, (endpoint, condition) in CONDITIONS.items()
    ),
    *(
        Fact(
            f"akeneo.updated.{which}",
            f"the filter updated finds {which} by the date in their response",
            "confirmed",
            "reading changes",
            "Edits are missed until the weekly read.",
            partial(_updated, which),
        )
        for which in ("products", "product-models", "sub-models")
    ),
    Fact(
        "akeneo.zone",
        "Akeneo writes its dates in UTC",
        "assumed",
        "searches for changes",
        "Searches use the offset that the dates have.",
        _zone,
    ),
)
