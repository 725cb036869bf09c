"""What the tests of Akeneo's facts share: each question is asked once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final, get_args

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
from akeneo_assets.probe.akeneo.responses import records_of, refusal
from akeneo_assets.probe.facts import NotTestableError
from akeneo_assets.settings import Settings

_MOST_ATTRIBUTES: Final = 300
_SMALL_PAGE: Final = 20
_OTHER_PAGES: Final = (2, 3, 4)
_MOST_UNUSABLE: Final = 8
"""So many questions in a row may get an unusable response before it counts as an outage."""


class UnusablePageError(NotTestableError):
    """Akeneo could not send a page, perhaps because a record on it is damaged."""


class ForbiddenListError(NotTestableError):
    """This connection may not read a list."""


class Reading:
    """Asks Akeneo.

    Args:
        akeneo: The client.
        settings: The subscription settings.
        repeated: Returns how many requests of the probe had to be sent again so far.

    Attributes:
        answers: The status of the response to each question, also to one that was asked before.
    """

    def __init__(self, akeneo: AkeneoClient, settings: Settings, repeated: Callable[[], int]) -> None:
        self.akeneo = akeneo
        self.repeated = repeated
        self.settings = settings
        self._responses: dict[tuple[object, ...], ApiResponse] = {}
        self._seconds: dict[int, float] = {}
        self._unusable: dict[tuple[object, ...], str] = {}
        self._unusable_in_a_row = 0
        self.answers: list[str] = []

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
        """Return the response to a request, also if it was refused for another reason than a missing permission.

        Args:
            endpoint: Path of a list.
            search: Which records.
            codes: Codes of the record that owns the list.
            params: Other parameters of the query.

        Raises:
            ForbiddenListError: The connection may not read the list.
            UnusablePageError: The response is a server error or not JSON, perhaps because a record in it is damaged.
            TransientError: Akeneo does not respond, or not with anything else.
        """
        query = {**params, **({} if search is None else {"search": str(search)})}
        path = ENDPOINTS[endpoint].list_path(*codes)
        question = (path, *sorted(query.items()))
        if question in self._unusable:
            raise UnusablePageError(self._unusable[question])
        if question not in self._responses:
            started = time.monotonic()
            try:
                response = self.akeneo.ask(path, query, action=f"probe.{endpoint}")
            except UnusableResponseError as error:
                self._unusable[question] = f"Akeneo {error.reason}, perhaps because of a damaged record."
                self._unusable_in_a_row += 1
                if self._unusable_in_a_row > _MOST_UNUSABLE:
                    raise
                raise UnusablePageError(self._unusable[question]) from error
            self._unusable_in_a_row = 0
            self._responses[question] = response
            self._seconds[id(response)] = time.monotonic() - started
        response = self._responses[question]
        self.answers.append(str(response.status))
        if response.status == requests.codes.forbidden:
            raise ForbiddenListError(f"Akeneo responded with {refusal(response)}.")
        return response

    def seconds(self, response: ApiResponse) -> float:
        """Return how long a response of :meth:`ask` took."""
        return self._seconds[id(response)]

    def first(self, endpoint: str, codes: Sequence[str] = (), **options: QueryValue) -> ApiResponse:
        """Return the response to the request for the first page of a list, as a sync sends it.

        Args:
            endpoint: Path of a list.
            codes: Codes of the record that owns the list.
            options: Parameters besides those of the page.
        """
        parameters = paginator_of(ENDPOINTS[endpoint]).parameters
        if ENDPOINTS[endpoint].pagination == "search_after":
            parameters["limit"] = self.page_size
        return self.ask(endpoint, None, codes=codes, **{**parameters, **options})

    @cached_property
    def page_size(self) -> int:
        """The largest page of products that Akeneo sends, of the sizes that a sync can use; the usual one if none."""
        for size in get_args(PageSize):
            try:
                response = self.ask(self.products, pagination_type="search_after", limit=size)
            except UnusablePageError:
                if size == PAGE_SIZE and self._is_sent(2):
                    # Only a record on the first page is damaged.
                    break
            else:
                if response.status != requests.codes.unprocessable_entity:
                    return int(size)
        return PAGE_SIZE

    def _is_sent(self, number: int) -> bool:
        """Return whether Akeneo sends a page of products by its number."""
        try:
            self.ask(self.products, pagination_type="page", limit=PAGE_SIZE, page=number)
        except UnusablePageError:
            return False
        return True

    def some(self, endpoint: str) -> list[JsonObject]:
        """Return the first products or product models, or the next ones if a record among the first is damaged.

        Raises:
            NotTestableError: The list was refused.
        """
        try:
            return records_of(self.first(endpoint))
        except UnusablePageError:
            for number in _OTHER_PAGES:
                with suppress(UnusablePageError):
                    return self.page(endpoint, pagination_type="page", limit=_SMALL_PAGE, page=number)
            raise

    def page(self, endpoint: str, search: Search | None = None, **params: QueryValue) -> list[JsonObject]:
        """Return the records of a page.

        Raises:
            NotTestableError: The list was refused.
        """
        return records_of(self.ask(endpoint, search, codes=(), **params))

    def count(self, endpoint: str) -> int | None:
        """Return how many records a list has; None if Akeneo does not say.

        Raises:
            NotTestableError: The list was refused.
        """
        response = self.ask(endpoint, limit=1, with_count=True)
        records_of(response)
        count = response.document.get("items_count") if isinstance(response.document, dict) else None
        return count if isinstance(count, int) else None

    def first_products(self) -> list[JsonObject]:
        """Return the first page of products, as a sync reads it.

        Raises:
            NotTestableError: The list was refused, or there are no products.
        """
        if found := self.some(self.products):
            return found
        raise NotTestableError("This connection sees no products.")

    def first_models(self) -> list[JsonObject]:
        """Return the first page of product models.

        Raises:
            NotTestableError: The list was refused, or there are none.
        """
        if found := self.some("product-models"):
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
        if found := self.page("product-models", Search().where("parent", "NOT EMPTY"), limit=PAGE_SIZE):
            return found
        raise NotTestableError("This connection sees no sub-models.")

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
    def edition(self) -> str:
        """Akeneo's edition."""
        return str(self.akeneo.system_information()["edition"])

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
        yield from self.some("product-models")

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
