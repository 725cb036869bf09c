"""Facts about Akeneo's filters: whether each is accepted, and finds what it should."""

from __future__ import annotations

from functools import partial
from typing import Final

import requests

from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.probe.akeneo.filters import FILTERS, Filter
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_RECORDS: Final = 10
"""How many of the found records are examined."""


def _works(tested: Filter, context: Reading) -> Found:
    if tested.field == "uuid" and context.products == "products":
        raise NotTestableError("AKENEO_PRODUCT_ID_FORMAT is Identifier.")
    value, exists = tested.sample(context)
    response = context.ask(context.endpoint(tested.endpoint), tested.search(context, value), limit=_RECORDS)
    if response.status != requests.codes.ok:
        text = f"It is refused: {refusal(response)}."
        return handled(f"{text} {tested.instead}") if tested.instead else not_handled(text)
    found = records_of(response)
    if not all(tested.matches(record, value) for record in found):
        return not_handled("It also finds other records.")
    if exists and not found:
        return not_handled("It does not find a record that exists.")
    return as_assumed("It finds what it should.")


def _variants_below(context: Reading) -> Found:
    """Whether a search for a root model finds the variants of its sub-models."""
    for model in reversed(context.first_sub_models()):
        variants = context.page(context.products, Search().where("parent", "=", str(model["code"])), limit=1)
        if variants:
            below = Search().where("parent", "=", str(model["parent"]))
            return _reaches(context, context.products, variants[0], below)
    raise NotTestableError("The first sub-models have no variants.")


def _categories_below(context: Reading) -> Found:
    """Whether a search for a category finds more than its children."""
    categories = records_of(context.first("categories"))
    parents = {str(each["code"]): each.get("parent") for each in categories}
    for category in categories:
        above = parents.get(parents.get(str(category["code"])) or "")
        if above is not None:
            below = Search().where("parent", "=", above)
            if context.page("categories", below.where("code", "IN", [above]), limit=1):
                return not_handled("It also finds other categories.")
            return _reaches(context, "categories", category, below)
    raise NotTestableError("The first categories have no three levels.")


def _reaches(context: Reading, endpoint: str, record: JsonObject, search: Search) -> Found:
    if context.page(endpoint, context.only(endpoint, record, search), limit=1):
        return as_assumed("It finds the records on every level below.")
    return not_handled("It finds only the next level.")


FACTS: Final = (
    *(
        Fact(
            f"akeneo.filters.{each.name}",
            f"{each.endpoint.replace('-', ' ').capitalize()} can be searched with {each.field} {each.operator}",
            "confirmed",
            each.used_by,
            each.instead or "What depends on it fails.",
            partial(_works, each),
        )
        for each in FILTERS
    ),
    Fact(
        "akeneo.filters.products.parent.deep",
        "A search of products with parent = finds the variants on all levels below a model",
        "confirmed",
        "reading the variants of a changed model, and those that are new",
        "Variants of sub-models are missed until their family is read.",
        _variants_below,
    ),
    Fact(
        "akeneo.filters.categories.parent.deep",
        "A search of categories with parent = finds all levels below a category",
        "confirmed",
        "reading a category tree",
        "Deep categories are missed.",
        _categories_below,
    ),
)
