"""What the tests of Akeneo's facts share: each question is asked once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, get_args

import requests

from akeneo_assets.akeneo.capabilities import PageSize
from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS_UUID
from akeneo_assets.akeneo.pagination import PAGE_SIZE, paginator_of
from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.calls import UnusableResponseError
from akeneo_assets.http.responses import ApiResponse
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.probe.facts import NotTestableError
from akeneo_assets.settings import Settings

_MOST_ATTRIBUTES: Final = 300


class Reading:
    """Asks Akeneo.

    Args:
        akeneo: The client.
        settings: The subscription settings.
        repeated: Returns how many requests of the probe had to be sent again so far.

    Attributes:
        page_seconds: How long the last page of products took that was timed.
    """

    def __init__(self, akeneo: AkeneoClient, settings: Settings, repeated: Callable[[], int]) -> None:
        self.akeneo = akeneo
        self.repeated = repeated
        self.settings = settings
        self.page_seconds = 0.0
        self._responses: dict[tuple[object, ...], ApiResponse] = {}

    @property
    def products(self) -> str:
        """The list of products that is read with these settings."""
        return self.akeneo.products_endpoint

    def endpoint(self, name: str) -> str:
        """Return the list with this name; ``products`` is the one that is read with these settings."""
        return self.products if name == "products" else name

    def ask(
        self,
        endpoint: str,
        search: Search | None = None,
        *,
        codes: Sequence[str] = (),
        **params: QueryValue,
    ) -> ApiResponse:
        """Return the response to a request, also if it was refused.

        Args:
            endpoint: Path of a list.
            search: Which records.
            codes: Codes of the record that owns the list.
            params: Other parameters of the query.
        """
        query = {**params, **({} if search is None else {"search": str(search)})}
        path = ENDPOINTS[endpoint].list_path(*codes)
        question = (path, *sorted(query.items()))
        if question not in self._responses:
            self._responses[question] = self.akeneo.ask(path, query, action=f"probe.{endpoint}")
        return self._responses[question]

    def first(self, endpoint: str, codes: Sequence[str] = (), **options: QueryValue) -> ApiResponse:
        """Return the response to the request for the first page of a list, as a sync sends it.

        Args:
            endpoint: Path of a list.
            codes: Codes of the record that owns the list.
            options: Parameters besides those of the page.
        """
        parameters = {**paginator_of(ENDPOINTS[endpoint]).parameters, **options}
        if ENDPOINTS[endpoint].pagination == "search_after":
            parameters["limit"] = self.page_size
        return self.ask(endpoint, None, codes=codes, **parameters)

    @cached_property
    def page_size(self) -> int:
        """The largest page of products that Akeneo returns, of the sizes that a sync can use; the usual one if none."""
        for size in get_args(PageSize):
            try:
                response = self.timed_page(size)
            except UnusableResponseError:
                continue
            if response.status != requests.codes.unprocessable_entity:
                return int(size)
        return PAGE_SIZE

    def timed_page(self, size: int) -> ApiResponse:
        """Return the response to the request for the first page of products, and note how long it takes."""
        started = time.monotonic()
        response = self.ask(self.products, pagination_type="search_after", limit=size)
        self.page_seconds = time.monotonic() - started
        return response

    def page(self, endpoint: str, search: Search | None = None, **params: QueryValue) -> list[JsonObject]:
        """Return the records of a page.

        Raises:
            NotTestableError: The list was refused.
        """
        return records_of(self.ask(endpoint, search, codes=(), **params))

    def count(self, endpoint: str) -> int | None:
        """Return how many records a list has; None if Akeneo does not say."""
        document = self.ask(endpoint, limit=1, with_count=True).document
        count = document.get("items_count") if isinstance(document, dict) else None
        return count if isinstance(count, int) else None

    def first_products(self) -> list[JsonObject]:
        """Return the first page of products, as a sync reads it.

        Raises:
            NotTestableError: The list was refused, or there are no products.
        """
        if found := records_of(self.first(self.products)):
            return found
        raise NotTestableError("This connection sees no products.")

    def first_models(self) -> list[JsonObject]:
        """Return the first page of product models.

        Raises:
            NotTestableError: The list was refused, or there are none.
        """
        if found := records_of(self.first("product-models")):
            return found
        raise NotTestableError("This connection sees no product models.")

    def first_variants(self) -> list[JsonObject]:
        """Return some variants.

        Raises:
            NotTestableError: None were found.
        """
        if found := [each for each in self.first_products() if each.get("parent") is not None]:
            return found
        if found := self.page(self.products, Search().where("parent", "NOT EMPTY"), limit=PAGE_SIZE):
            return found
        raise NotTestableError("This connection sees no variants.")

    def first_sub_models(self) -> list[JsonObject]:
        """Return some sub-models.

        Raises:
            NotTestableError: None were found.
        """
        if found := [each for each in self.first_models() if each.get("parent") is not None]:
            return found
        raise NotTestableError("The first product models have no sub-models.")

    def only(self, endpoint: str, record: JsonObject, search: Search | None = None) -> Search:
        """Return a search that finds only one record.

        Args:
            endpoint: A list of products, product models or categories.
            record: A record of this list.
            search: Other conditions.
        """
        search, key = search or Search(), str(record[ENDPOINTS[endpoint].key])
        if endpoint == PRODUCTS_UUID:
            return search.where("uuid", "IN", [key])
        if endpoint == "products":
            # Versions before 7.0 search for one identifier at a time.
            return search.where(self.identifier, "=", key)
        return search.where("code" if endpoint == "categories" else "identifier", "IN", [key])

    def of_types(self, *types: str) -> list[JsonObject]:
        """Return the first attributes of some types.

        Raises:
            NotTestableError: There are none, or their list was refused.
        """
        if found := self.page("attributes", Search().where("type", "IN", types), limit=PAGE_SIZE):
            return found
        raise NotTestableError(f"There are no attributes of the type {' or '.join(types)}.")

    @cached_property
    def identifier(self) -> str:
        """The attribute with the main identifier, by which products are searched.

        Raises:
            NotTestableError: The attributes cannot be read.
        """
        attributes = [(str(each["code"]), each) for each in self.of_types("pim_catalog_identifier")]
        return Structure.from_documents({"attribute": attributes}).identifier_attribute or "identifier"

    def records(self) -> Iterator[JsonObject]:
        """Yield the first products and product models.

        Raises:
            NotTestableError: A list was refused, or there are no products.
        """
        yield from self.first_products()
        yield from records_of(self.first("product-models"))

    def used_attributes(self) -> list[JsonObject]:
        """Return the attributes of which the first products and product models have values.

        Raises:
            NotTestableError: A list was refused, or there are no products.
        """
        values = [each["values"] for each in self.records() if isinstance(each.get("values"), dict)]
        codes = sorted({code for each in values for code in each})[:_MOST_ATTRIBUTES]
        chunks = (codes[start : start + PAGE_SIZE] for start in range(0, len(codes), PAGE_SIZE))
        return [
            attribute
            for chunk in chunks
            for attribute in self.page("attributes", Search().where("code", "IN", chunk), limit=PAGE_SIZE)
        ]


def records_of(response: ApiResponse) -> list[JsonObject]:
    """Return the records of a page.

    Raises:
        NotTestableError: The response is not a page.
    """
    document: Any = response.document
    if response.status != requests.codes.ok:
        raise NotTestableError(f"Akeneo responded with {refusal(response)}.")
    if isinstance(document, list):
        return document
    embedded: Mapping[str, Any] = document.get("_embedded", {}) if isinstance(document, dict) else {}
    items = embedded.get("items")
    if not isinstance(items, list):
        raise NotTestableError("The response is not a page of records.")
    return items


def next_link(response: ApiResponse) -> str | None:
    """Return the address of the next page; None if there is none."""
    links = response.document.get("_links", {}) if isinstance(response.document, dict) else {}
    link = links.get("next")
    return str(link.get("href")) if isinstance(link, dict) else None


def refusal(response: ApiResponse) -> str:
    """Return the status and the message of a refusal."""
    document = response.document
    message = document.get("message") if isinstance(document, dict) else None
    return f"{response.status} ({message})" if message else str(response.status)
