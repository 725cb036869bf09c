"""What the tests of Akeneo's facts share: each question is asked once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import requests

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.responses import ApiResponse
from akeneo_assets.probe.facts import NotTestableError
from akeneo_assets.settings import Settings

PAGE: Final = 100


class Reading:
    """Asks Akeneo.

    Args:
        akeneo: The client.
        settings: The subscription settings.
        repeated: Returns how many requests of the probe had to be sent again so far.

    Attributes:
        page_seconds: How long the first page of products took.
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

    def page(self, endpoint: str, search: Search | None = None, **params: QueryValue) -> list[JsonObject]:
        """Return the records of a page.

        Raises:
            NotTestableError: The list was refused.
        """
        return records_of(self.ask(endpoint, search, codes=(), **params))

    def first_products(self) -> list[JsonObject]:
        """Return the first page of products, as a sync reads it.

        Raises:
            NotTestableError: The list was refused, or there are no products.
        """
        started = time.monotonic()
        found = self.page(self.products, pagination_type="search_after", limit=PAGE)
        self.page_seconds = self.page_seconds or time.monotonic() - started
        if not found:
            raise NotTestableError("This connection sees no products.")
        return found

    def first_models(self) -> list[JsonObject]:
        """Return the first page of product models.

        Raises:
            NotTestableError: The list was refused, or there are none.
        """
        if found := self.page("product-models", pagination_type="search_after", limit=PAGE):
            return found
        raise NotTestableError("This connection sees no product models.")


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
