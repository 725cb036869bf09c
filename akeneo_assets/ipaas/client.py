"""The client for the iPaaS.com API: writes records, and reads what is needed to write them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

import requests
from typing_extensions import Unpack

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError, MalformedResponseError, TransientError
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.calls import Api
from akeneo_assets.http.client import ClientOptions
from akeneo_assets.http.governor import Governor
from akeneo_assets.http.loops import LoopDetector
from akeneo_assets.http.responses import ApiError, ApiResponse, shown
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.tokens import FixedToken, TokenStore
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.api import IpaasApi
from akeneo_assets.ipaas.authentication import NOTHING_THERE, USER_SETTINGS, no_api, tokens_of
from akeneo_assets.ipaas.capabilities import NOTHING_KNOWN, Capabilities
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.errors import refused, without_endpoint
from akeneo_assets.ipaas.profile import STANDARD, Profile
from akeneo_assets.ipaas.responses import (
    id_of,
    is_usable_id,
    key_of,
    name_of,
    records_of,
    text_of,
    total_pages,
    total_records,
    with_text_ids,
    without_id,
)

IPAAS: Final = Api("ipaas", "iPaaS.com", ("IPAAS_API_URL",), USER_SETTINGS)
PAGE_SIZE: Final = 100
_NOT_LINKED: Final = (requests.codes.not_found, requests.codes.no_content)
"""Only these statuses mean that there is no record; treating others the same way would create duplicates."""

ReactivatedKind = Literal["category", "product_model", "product", "variant"]


@dataclass(frozen=True)
class Linked:
    """The record with an external id."""

    ipaas_id: str


@dataclass(frozen=True)
class Deactivated:
    """The record with an external id, which is deactivated."""

    ipaas_id: str


class IpaasClient:
    """Reads and writes the records of one iPaaS.com company; thread-safe.

    Ids are strings, even if the API returns numbers.

    Every call raises

    * ``IpaasError`` if iPaaS.com rejects the record,
    * ``AccessDeniedError`` if the user lacks a permission,
    * ``TransientError`` if there was no usable response. ``possibly_stored`` is set if a write may have succeeded
      anyway; the caller then looks up the record.

    Args:
        url: Root URL of the API, without a trailing slash.
        subscription_id: The subscription that external ids belong to.
        api_key: Replaces user name, password and company.
        username: E-mail address of the user.
        password: Password of the user.
        company_id: The company; None if the user has only one.
        client_id: Sent as ``X-Client-Id`` if given.
        profile: Where this iPaaS.com differs from what this project knows.
        capabilities: What a probe found out about it.
        governor: The throttle.
        token_store: Shares the token between processes.
        statistics: Counts the requests.
        options: See :class:`akeneo_assets.http.client.ClientOptions`.

    Raises:
        ConfigurationError: Neither an API key nor a user name and password are given.
    """

    def __init__(
        self,
        url: str,
        *,
        subscription_id: str,
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        company_id: str | None = None,
        client_id: str | None = None,
        profile: Profile = STANDARD,
        capabilities: Capabilities = NOTHING_KNOWN,
        governor: Governor,
        token_store: TokenStore,
        statistics: RequestStatistics,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._subscription_id = subscription_id
        self._tracking_guid: str | None = None
        self.capabilities = capabilities
        self._api = IpaasApi(
            IPAAS, url, profile, client_id=client_id, governor=governor, statistics=statistics, **options
        )
        self._api.tokens = tokens_of(self._api, url, api_key, username, password, company_id, token_store)

    @property
    def api(self) -> IpaasApi:
        """The API, for requests that records do not need."""
        return self._api

    @property
    def differences(self) -> int:
        """How many paths and names the API profile replaces."""
        return self._api.profile.size

    def log_in(self) -> None:
        """Check the credentials; sends a request only if there is no stored token, or to test an API key.

        Raises:
            AccessDeniedError: The API key has no access to products.
            AuthenticationError: iPaaS.com rejects the credentials.
            ConfigurationError: The URL is wrong.
            TransientError: The URL cannot be reached.
        """
        self._api.log_in()
        if isinstance(self._api.tokens, FixedToken):
            self._try_key()

    def _try_key(self) -> None:
        try:
            self._send(endpoints.LIST_PRODUCTS, params={"pageNumber": 1, "pageSize": 1})
        except ApiError as error:
            raise no_api(error) if error.status in NOTHING_THERE else error from None

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def tracked(self, guid: str) -> IpaasClient:
        """Return a client whose requests are grouped in the vendor's log; it shares the connections.

        Args:
            guid: The GUID that groups these requests.
        """
        tracked = copy.copy(self)
        tracked._tracking_guid = guid  # noqa: SLF001 - a copy of this client
        return tracked

    def get_category(self, category_id: str) -> JsonObject:
        """Read one category."""
        return self._record(endpoints.GET_CATEGORY, category_id)

    def create_category(self, document: JsonObject) -> JsonObject:
        """Create a category, and return it as stored."""
        return self._record(endpoints.CREATE_CATEGORY, document=document)

    def replace_category(self, category_id: str, document: JsonObject) -> JsonObject:
        """Replace a category with a complete record, and return it as stored."""
        read = partial(self.get_category, category_id)
        return self._record(endpoints.REPLACE_CATEGORY, category_id, document=document, read=read)

    def products(self) -> Iterator[list[JsonObject]]:
        """Read all products, page by page; only their ids and SKUs are guaranteed."""
        return self._pages(endpoints.LIST_PRODUCTS)

    def find_products(self, sku: str) -> list[JsonObject]:
        """Find products by SKU; only their ids and SKUs are guaranteed."""
        return self._find(endpoints.FIND_PRODUCTS, {"Sku": sku})

    def get_product(self, product_id: str) -> JsonObject:
        """Read one product with its children."""
        return self._record(endpoints.GET_PRODUCT, product_id)

    def create_product(self, document: JsonObject) -> JsonObject:
        """Create a product with its children, and return it as stored."""
        return self._record(endpoints.CREATE_PRODUCT, document=document)

    def replace_product(self, product_id: str, document: JsonObject) -> JsonObject:
        """Replace a product with a complete record, including the ids of its children, and return it as stored."""
        read = partial(self.get_product, product_id)
        return self._record(endpoints.REPLACE_PRODUCT, product_id, document=document, read=read)

    def find_variants(self, sku: str) -> list[JsonObject]:
        """Find variants by SKU; only their ids and SKUs are guaranteed."""
        return self._find(endpoints.FIND_VARIANTS, {"Sku": sku})

    def get_variant(self, variant_id: str) -> JsonObject:
        """Read one variant."""
        return self._record(endpoints.GET_VARIANT, variant_id)

    def save_variant(self, product_id: str, document: JsonObject) -> JsonObject:
        """Add a variant to a product, or update the one whose id is in ``document``, and return it as stored.

        Args:
            product_id: The id of its product.
            document: The variant. With a ``variant_path`` of ``variant``, it must have an id.
        """
        by_variant = self.capabilities.variant_path == "variant"
        in_path = str(document["id"]) if by_variant else product_id
        is_known = "id" in document
        read = partial(self.get_variant, str(document["id"])) if is_known else None
        return self._record(endpoints.SAVE_VARIANT, in_path, document=document, repeatable=is_known, read=read)

    def find_location(self, name: str) -> JsonObject | None:
        """Find a stock location by name; None if it does not exist."""
        return next(iter(self._find(endpoints.FIND_LOCATIONS, {"Name": name})), None)

    def create_location(self, document: JsonObject) -> JsonObject:
        """Create a stock location, and return it as stored."""
        return self._record(endpoints.CREATE_LOCATION, document=document)

    def find_external(self, table: str, external_id: str) -> Linked | Deactivated | None:
        """Find the record with an external id of this subscription; None if there is none.

        Args:
            table: The vendor's name for the table, e.g. ``product``.
            external_id: The external id.
        """
        key = {"table_name": table, "system_id": self._subscription_id, "external_id": external_id}
        response = self._send(endpoints.FIND_EXTERNAL, document=key, accept_status=(requests.codes.not_found,))
        if response.status in _NOT_LINKED:
            return None
        found = id_of(response.document, endpoints.FIND_EXTERNAL)
        prefix = self._api.profile.deleted_prefix
        if found.startswith(prefix):
            return Deactivated(id_of(found.removeprefix(prefix), endpoints.FIND_EXTERNAL))
        return Linked(found)

    def external_id(self, table: str, ipaas_id: str) -> str | None:
        """Return a record's external id in this subscription; None if it has none.

        Args:
            table: The vendor's name for the table, e.g. ``product``.
            ipaas_id: The record's id.
        """
        response = self._send(
            endpoints.EXTERNAL_ID,
            ipaas_id,
            self._subscription_id,
            table,
            accept_status=(requests.codes.not_found,),
        )
        return None if response.status in _NOT_LINKED else text_of(response.document, endpoints.EXTERNAL_ID)

    def count_linked(self, table: str) -> int | None:
        """Count the active records with an external id of this subscription; None if the API does not say.

        Args:
            table: ``product`` or ``product category``; other records have no list.
        """
        total = total_records(self._send(endpoints.LISTS[table], params={"pageNumber": 1, "pageSize": 1}))
        missing = total_records(self._send(endpoints.MISSING_EXTERNAL, self._subscription_id, table))
        return None if total is None or missing is None else total - missing

    def link(self, table: str, external_id: str, ipaas_id: str) -> None:
        """Set a record's external id in this subscription."""
        document = {
            "table_name": table,
            "system_id": self._subscription_id,
            "external_id": external_id,
            "internal_id": ipaas_id,
        }
        self._send(endpoints.LINK_EXTERNAL, document=document)

    def unlink(self, table: str, external_id: str) -> None:
        """Remove an external id of this subscription from its record; does nothing if there is none."""
        document = {"table_name": table, "system_id": self._subscription_id, "external_id": external_id}
        self._send(endpoints.UNLINK_EXTERNAL, document=document, accept_status=(requests.codes.not_found,))

    def unassign_category(self, product_id: str, category_id: str) -> None:
        """Remove a product from a category; does nothing if it is not assigned."""
        missing = (requests.codes.not_found,)
        self._send(endpoints.UNASSIGN_CATEGORY, product_id, category_id, accept_status=missing)

    def reactivate(self, kind: ReactivatedKind, ipaas_id: str) -> None:
        """Reactivate a deactivated record."""
        self._send(endpoints.REACTIVATE[kind], ipaas_id)

    def list_custom_fields(self, table: str | None = None) -> list[JsonObject]:
        """Return the definitions of custom fields of one table, or of all tables."""
        return [
            {**definition, "name": name_of(definition, "name"), "table_name": name_of(definition, "table_name")}
            for page in self._pages(endpoints.LIST_CUSTOM_FIELDS)
            for definition in page
            if table is None or name_of(definition, "table_name").casefold() == table.casefold()
        ]

    def create_custom_field(self, document: JsonObject) -> JsonObject:
        """Create the definition of a custom field, and return it as stored."""
        return self._record(endpoints.CREATE_CUSTOM_FIELD, document=document)

    def _pages(self, endpoint: Endpoint) -> Iterator[list[JsonObject]]:
        number = 1
        pages: int | None = None
        guard = LoopDetector()
        while True:
            params = {"pageNumber": number, "pageSize": self.capabilities.page_size or PAGE_SIZE}
            response = self._send(endpoint, params=params)
            page = records_of(response.document, endpoint)
            pages = total_pages(response.headers) or pages
            if guard.is_looping([key_of(record, endpoint) for record in page]) or (not page and number < (pages or 0)):
                raise TransientError(
                    f"iPaaS.com's list {endpoint.action} does not advance: its pages repeat, or are empty before the "
                    "last one. Try again later."
                )
            if page:
                yield page
            # Without a consistent count, only an empty page proves the end.
            if not page or number == pages:
                return
            number += 1

    def _find(self, endpoint: Endpoint, field: Mapping[str, str]) -> list[JsonObject]:
        response = self._send(endpoint, params={"action": "equals", **field})
        found = records_of(response.document, endpoint)
        if not found and (total_pages(response.headers) or 0) > 1:
            # An empty result would be the reason to create a duplicate, so it is not trusted.
            raise MalformedResponseError("iPaaS.com", endpoint.action, "the first of several pages is empty")
        for record in found:
            if not is_usable_id(record.get("id")):
                raise without_id(endpoint, record)
        return found

    def _record(
        self,
        endpoint: Endpoint,
        *ids: str,
        document: JsonObject | None = None,
        repeatable: bool = True,
        read: Callable[[], JsonObject] | None = None,
    ) -> JsonObject:
        response = self._send(endpoint, *ids, document=document, repeatable=repeatable).document
        if response is None and read is not None:
            return read()
        if not isinstance(response, dict):
            raise MalformedResponseError(
                "iPaaS.com",
                endpoint.action,
                "the response is not a record",
                possibly_stored=endpoint.method != "GET",
                detail=shown(response),
            )
        # Without an id, the record may have been stored; the caller looks it up by its external id.
        if endpoint is not endpoints.CREATE_CUSTOM_FIELD and not is_usable_id(response.get("id")):
            raise without_id(endpoint, response)
        return response

    def _send(
        self,
        endpoint: Endpoint,
        *ids: str,
        params: Mapping[str, QueryValue] | None = None,
        document: JsonObject | None = None,
        repeatable: bool = True,
        accept_status: Collection[int] = (),
    ) -> ApiResponse:
        try:
            response = self._api.request(
                endpoint,
                *ids,
                params={**(params or {}), "trackingGuid": self._tracking_guid},
                document=self.capabilities.written(document),
                repeatable=repeatable,
                accept_status=accept_status,
            )
        except ApiError as error:
            refusal = refused(error, self._api.profile)
            if error.status == requests.codes.forbidden:
                raise AccessDeniedError(
                    f"{refusal} Grant it to the user in IPAAS_USERNAME or to the key in IPAAS_API_KEY.",
                    detail=error.detail,
                ) from error
            if error.status in NOTHING_THERE and refusal.code != ErrorCode.NOT_FOUND:
                request = " ".join(self._api.profile.request_line(endpoint, *ids))
                raise without_endpoint(refusal, request, endpoint.action) from error
            raise refusal from error
        return replace(response, document=with_text_ids(response.document))
