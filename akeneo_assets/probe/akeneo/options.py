"""Facts about the parameters with which a sync asks for more or less of each record."""

from __future__ import annotations

from functools import partial
from typing import Final

import requests

from akeneo_assets.akeneo.pagination import PAGE_SIZE
from akeneo_assets.documents import JsonObject
from akeneo_assets.http.responses import ApiResponse
from akeneo_assets.mapping.catalogue.attribute_types import ASSET_COLLECTION
from akeneo_assets.mapping.catalogue.read_options import ASSET_SHARE_LINKS, COMPLETENESSES
from akeneo_assets.mapping.shapes import as_map
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import records_of, refusal
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_SAAS: Final = "Serenity"


def _first(response: ApiResponse) -> JsonObject:
    for record in records_of(response):
        return record
    raise NotTestableError("There are no records.")


def _completenesses(context: Reading) -> Found:
    response = context.ask(context.products, None, codes=(), limit=1, **{COMPLETENESSES: True})
    if "completenesses" in _first(response):
        return as_assumed("Products contain their completeness.")
    return not_handled("Products do not contain it. A mapping with filter.completeness sends no product.")


def _category_attributes(context: Reading) -> Found:
    response = context.first("categories", with_enriched_attributes=True)
    if "values" in _first(response):
        return as_assumed("Categories contain their values.")
    return handled("Categories have no attributes in this version.")


def _share_links(which: str, context: Reading) -> Found:
    if context.edition != _SAAS:
        raise NotTestableError("Only Akeneo SaaS has share links.")
    endpoint = context.endpoint(which)
    codes = {str(each["code"]) for each in context.of_types(ASSET_COLLECTION)}
    for record in context.some(endpoint):
        if isinstance(record["values"], dict) and not codes.isdisjoint(record["values"]):
            response = context.ask(
                endpoint, context.only(endpoint, record), codes=(), limit=1, **{ASSET_SHARE_LINKS: True}
            )
            values = _first(response)["values"]
            if any(_is_shared(entry) for code in codes & values.keys() for entry in values[code]):
                return as_assumed("Values with assets contain them.")
            return handled("There are none. Media links of assets, or codes, are sent instead.")
    raise NotTestableError("The first records have no assets.")


def _is_shared(entry: JsonObject) -> bool:
    return any(each["share_links"] for each in as_map(entry.get("linked_data")).values())


def _attributes(which: str, context: Reading) -> Found:
    endpoint, wanted = context.endpoint(which), context.identifier
    response = context.ask(endpoint, pagination_type="search_after", limit=PAGE_SIZE, attributes=wanted)
    if response.status != requests.codes.ok:
        return not_handled(f"It is refused: {refusal(response)}.")
    others = {code for record in records_of(response) for code in record["values"]} - {wanted}
    if others:
        return handled("The records contain other values, too, so responses are larger.")
    return as_assumed("The records contain no other values.")


FACTS: Final = (
    Fact(
        f"akeneo.options.{COMPLETENESSES}",
        "Products contain their completeness if a request asks for it",
        "confirmed",
        "filter.completeness of a mapping file",
        "With this setting, no product is sent.",
        _completenesses,
    ),
    Fact(
        "akeneo.options.with_enriched_attributes",
        "Categories contain the values of their attributes if a request asks for them",
        "confirmed",
        "attributes of categories in a mapping file",
        "They are empty.",
        _category_attributes,
    ),
    *(
        Fact(
            f"akeneo.options.{ASSET_SHARE_LINKS}.{which}",
            f"On SaaS, {which.replace('-', ' ')} contain the share links of assets if a request asks for them",
            "confirmed",
            "links of assets in a mapping file",
            "Media links of the assets, or codes, are sent instead.",
            partial(_share_links, which),
        )
        for which in ("products", "product-models")
    ),
    *(
        Fact(
            f"akeneo.options.attributes.{which}",
            f"{which.replace('-', ' ').capitalize()} can be read with the values of a single attribute",
            "confirmed",
            "the search for deleted records, and for the id of a record that cannot be read",
            "If it is refused, deleted records are not found. If it is ignored, responses are larger.",
            partial(_attributes, which),
        )
        for which in ("products", "product-models")
    ),
)
