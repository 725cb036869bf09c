"""Writes to iPaaS.com, and reads what a write has to know."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard

import orjson
import requests

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError, ConfigurationError, MalformedAnswerError, TransientError
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.answers import ApiError, ApiResponse, shown
from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.calls import Api
from akeneo_assets.http.circles import CircleGuard
from akeneo_assets.http.client import LARGEST_ANSWER, ApiClient
from akeneo_assets.http.governor import Governor
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.tokens import AccessTokens, FixedToken, TokenSource, TokenStore, token_name
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.authentication import NOTHING_THERE, USER_SETTINGS, CompanyGrant, no_api
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.enumerations import DELETED_PREFIX
from akeneo_assets.ipaas.errors import effective_status, refused

IPAAS: Final = Api("ipaas", "iPaaS.com", ("IPAAS_API_URL",), USER_SETTINGS)
PAGE_SIZE: Final = 100
_NO_IDS: Final = frozenset({"None", "null"})
"""What servers write that have no id to tell."""
_NOT_LINKED: Final = (requests.codes.not_found, requests.codes.no_content)
"""No other answer without an id means that there is none: a second record would be made."""

ReactivatedKind = Literal["category", "product_model", "product", "variant"]


@dataclass(frozen=True)
class Linked:
    """The record that has an external id."""

    ipaas_id: str


@dataclass(frozen=True)
class Deactivated:
    """The record that has an external id, deactivated."""

    ipaas_id: str


class IpaasClient:
    """Speaks for one company with iPaaS.com; thread-safe.

    Ids are strings here, whether the API writes them as strings or as numbers.

    Every call raises

    * ``IpaasError`` when iPaaS.com refuses the record,
    * ``AccessDeniedError`` when the user lacks a permission,
    * ``TransientError`` when no usable answer came; after a create with ``possibly_stored`` when the record may
      be there all the same. The caller looks it up then.

    Args:
        url: Root address of the API, without a slash at the end.
        subscription_id: The system under which external ids are kept.
        api_key: Replaces user name, password and company.
        username: E-mail address of the user.
        password: Of the user.
        company_id: The company; None for the only one that the user has.
        client_id: Sent as ``X-Client-Id`` when given.
        governor: The throttle.
        token_store: Where the token is kept for all processes.
        statistics: Counts the requests.
        backoff: When to send a request again.
        timeout: Seconds for the connection, and for the whole request up to the end of its answer.
        largest_answer: Bytes of an answer, decompressed, that are read at most.

    Raises:
        ConfigurationError: Neither an API key nor user name and password are given.
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
        governor: Governor,
        token_store: TokenStore,
        statistics: RequestStatistics,
        backoff: Backoff | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self._subscription_id = subscription_id
        self._tracking_guid: str | None = None
        self._client = ApiClient(
            IPAAS,
            url,
            governor,
            None,
            statistics,
            backoff=backoff,
            headers={"X-Client-Id": client_id} if client_id else {},
            timeout=timeout,
            largest_answer=largest_answer,
            status_of=effective_status,
        )
        self._client.tokens = self._tokens(url, api_key, username, password, company_id, token_store)

    def _tokens(
        self,
        url: str,
        api_key: str | None,
        username: str | None,
        password: str | None,
        company_id: str | None,
        store: TokenStore,
    ) -> AccessTokens:
        if api_key:
            return FixedToken(
                api_key,
                refused="iPaaS.com refused the API key: it may have expired. Make a new one and set IPAAS_API_KEY.",
                settings=("IPAAS_API_KEY",),
            )
        if not username or not password:
            raise ConfigurationError(
                "Set IPAAS_API_KEY, or IPAAS_USERNAME and IPAAS_PASSWORD.", settings=("IPAAS_API_KEY", *USER_SETTINGS)
            )
        name = token_name(IPAAS.name, url, username, password, company_id or "")
        return TokenSource(name, store, CompanyGrant(self._client, username, password, company_id))

    def log_in(self) -> None:
        """Make sure of the credentials; costs a request only where no token is kept, and to try an API key.

        Raises:
            AccessDeniedError: The API key opens no products.
            AuthenticationError: The credentials are refused.
            ConfigurationError: The address is wrong.
            TransientError: The address cannot be reached.
        """
        self._client.log_in()
        if isinstance(self._client.tokens, FixedToken):
            self._try_key()

    def _try_key(self) -> None:
        try:
            self._send(endpoints.LIST_PRODUCTS, params={"pageNumber": 1, "pageSize": 1})
        except ApiError as error:
            raise no_api(error) if error.status in NOTHING_THERE else error from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def tracked(self, guid: str) -> IpaasClient:
        """Return a client whose calls are tied together in the vendor's log; it shares the connections.

        Args:
            guid: The GUID that these calls have in common.
        """
        tracked = copy.copy(self)
        tracked._tracking_guid = guid  # noqa: SLF001 - a copy of this client
        return tracked

    def get_category(self, category_id: str) -> JsonObject:
        """Read one category."""
        return self._record(endpoints.GET_CATEGORY, category_id)

    def create_category(self, document: JsonObject) -> JsonObject:
        """Create a category and return it as it is kept."""
        return self._record(endpoints.CREATE_CATEGORY, document=document)

    def replace_category(self, category_id: str, document: JsonObject) -> JsonObject:
        """Replace a category with a whole record and return it as it is kept."""
        return self._record(endpoints.REPLACE_CATEGORY, category_id, document=document)

    def products(self) -> Iterator[list[JsonObject]]:
        """Read all products, page by page; of each only the id and the SKU are certain."""
        return self._pages(endpoints.LIST_PRODUCTS)

    def find_products(self, sku: str) -> list[JsonObject]:
        """Find products by SKU; of each only the id and the SKU are certain."""
        return self._find(endpoints.FIND_PRODUCTS, {"Sku": sku})

    def get_product(self, product_id: str) -> JsonObject:
        """Read one product with its children."""
        return self._record(endpoints.GET_PRODUCT, product_id)

    def create_product(self, document: JsonObject) -> JsonObject:
        """Create a product with its children and return it as it is kept."""
        return self._record(endpoints.CREATE_PRODUCT, document=document)

    def replace_product(self, product_id: str, document: JsonObject) -> JsonObject:
        """Replace a product with a whole record, ids of its children included, and return it as it is kept."""
        return self._record(endpoints.REPLACE_PRODUCT, product_id, document=document)

    def find_variants(self, sku: str) -> list[JsonObject]:
        """Find variants by SKU; of each only the id and the SKU are certain."""
        return self._find(endpoints.FIND_VARIANTS, {"Sku": sku})

    def get_variant(self, variant_id: str) -> JsonObject:
        """Read one variant."""
        return self._record(endpoints.GET_VARIANT, variant_id)

    def save_variant(self, product_id: str, document: JsonObject) -> JsonObject:
        """Add a variant to a product, or change the one whose id is in ``document``; return it as it is kept."""
        return self._record(
            endpoints.SAVE_VARIANT,
            product_id,
            document=document,
            repeatable="id" in document,
        )

    def find_location(self, name: str) -> JsonObject | None:
        """Find a stock location by its name; None without one."""
        return next(iter(self._find(endpoints.FIND_LOCATIONS, {"Name": name})), None)

    def create_location(self, document: JsonObject) -> JsonObject:
        """Create a stock location and return it as it is kept."""
        return self._record(endpoints.CREATE_LOCATION, document=document)

    def find_external(self, table: str, external_id: str) -> Linked | Deactivated | None:
        """Find the record that has an external id of this subscription; None without one.

        Args:
            table: The vendor's name of the table, e.g. ``product``.
            external_id: The external id.
        """
        key = {"table_name": table, "system_id": self._subscription_id, "external_id": external_id}
        answer = self._send(
            endpoints.FIND_EXTERNAL,
            document=key,
            accept_status=(requests.codes.not_found,),
        )
        if answer.status in _NOT_LINKED:
            return None
        found = _text_id(answer.document, endpoints.FIND_EXTERNAL)
        if found.startswith(DELETED_PREFIX):
            return Deactivated(_text_id(found.removeprefix(DELETED_PREFIX), endpoints.FIND_EXTERNAL))
        return Linked(found)

    def external_id(self, table: str, ipaas_id: str) -> str | None:
        """Return the external id of this subscription that a record has; None without one.

        Args:
            table: The vendor's name of the table, e.g. ``product``.
            ipaas_id: The record's id.
        """
        answer = self._send(
            endpoints.EXTERNAL_ID,
            ipaas_id,
            self._subscription_id,
            table,
            accept_status=(requests.codes.not_found,),
        )
        return None if answer.status in _NOT_LINKED else _text_of(answer.document, endpoints.EXTERNAL_ID)

    def link(self, table: str, external_id: str, ipaas_id: str) -> None:
        """Give a record an external id of this subscription."""
        document = {
            "table_name": table,
            "system_id": self._subscription_id,
            "external_id": external_id,
            "internal_id": ipaas_id,
        }
        self._send(endpoints.LINK_EXTERNAL, document=document)

    def unlink(self, table: str, external_id: str) -> None:
        """Take an external id of this subscription away from the record that has it; without one, nothing happens."""
        document = {"table_name": table, "system_id": self._subscription_id, "external_id": external_id}
        self._send(
            endpoints.UNLINK_EXTERNAL,
            document=document,
            accept_status=(requests.codes.not_found,),
        )

    def unassign_category(self, product_id: str, category_id: str) -> None:
        """Take a product out of a category; without an assignment, nothing happens."""
        self._send(
            endpoints.UNASSIGN_CATEGORY,
            product_id,
            category_id,
            accept_status=(requests.codes.not_found,),
        )

    def reactivate(self, kind: ReactivatedKind, ipaas_id: str) -> None:
        """Undo the deactivation of a record."""
        self._send(endpoints.REACTIVATE[kind], ipaas_id)

    def list_custom_fields(self, table: str | None = None) -> list[JsonObject]:
        """Return the definitions of custom fields, of one table or of all."""
        return [
            {**definition, "name": _named(definition, "name"), "table_name": _named(definition, "table_name")}
            for page in self._pages(endpoints.LIST_CUSTOM_FIELDS)
            for definition in page
            if table is None or _named(definition, "table_name").casefold() == table.casefold()
        ]

    def create_custom_field(self, document: JsonObject) -> JsonObject:
        """Create the definition of a custom field and return it as it is kept."""
        return self._record(endpoints.CREATE_CUSTOM_FIELD, document=document)

    def _pages(self, endpoint: Endpoint) -> Iterator[list[JsonObject]]:
        number = 1
        pages: int | None = None
        guard = CircleGuard()
        while True:
            params = {"pageNumber": number, "pageSize": PAGE_SIZE}
            answer = self._send(endpoint, params=params)
            page = _list_of(answer.document, endpoint)
            pages = _total_pages(answer.headers) or pages
            if guard.goes_round([_key_of(record, endpoint) for record in page]) or (not page and number < (pages or 0)):
                raise TransientError(
                    f"iPaaS.com's list {endpoint.action} does not advance: its pages repeat, or are empty before the "
                    "last one. Try again later."
                )
            if page:
                yield page
            # Without a count that fits, only an empty page proves the end.
            if not page or number == pages:
                return
            number += 1

    def _find(self, endpoint: Endpoint, field: Mapping[str, str]) -> list[JsonObject]:
        answer = self._send(endpoint, params={"action": "equals", **field})
        found = _list_of(answer.document, endpoint)
        if not found and (_total_pages(answer.headers) or 0) > 1:
            # Taken for the truth, it would be the reason to make a second record.
            raise MalformedAnswerError("iPaaS.com", endpoint.action, "the first of several pages is empty")
        for record in found:
            if not is_usable_id(record.get("id")):
                raise _without_id(endpoint, record)
        return found

    def _record(
        self,
        endpoint: Endpoint,
        *ids: str,
        document: JsonObject | None = None,
        repeatable: bool = True,
    ) -> JsonObject:
        answer = self._send(endpoint, *ids, document=document, repeatable=repeatable).document
        if not isinstance(answer, dict):
            raise MalformedAnswerError(
                "iPaaS.com",
                endpoint.action,
                "something else than a record came",
                possibly_stored=endpoint.method != "GET",
                detail=shown(answer),
            )
        # Whether the record was stored is not known then: it is looked up by its external id.
        if endpoint is not endpoints.CREATE_CUSTOM_FIELD and not is_usable_id(answer.get("id")):
            raise _without_id(endpoint, answer)
        return answer

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
            answer = self._client.request(
                endpoint.method,
                endpoint.path.format(*ids),
                action=endpoint.action,
                params={**(params or {}), "trackingGuid": self._tracking_guid},
                json=document,
                replayable=endpoint.repeatable and repeatable,
                accept_status=accept_status,
            )
        except ApiError as error:
            if error.status == requests.codes.forbidden:
                raise AccessDeniedError(
                    f"{refused(error)} Give the user of IPAAS_USERNAME or the key of IPAAS_API_KEY this permission.",
                    detail=error.detail,
                ) from error
            raise refused(error) from error
        return ApiResponse(answer.status, answer.headers, with_text_ids(answer.document))


def with_text_ids(document: Any) -> Any:
    """Return ``document`` with every id as a string, at any depth."""
    if isinstance(document, dict):
        return {
            name: str(value) if type(value) is int and (name == "id" or name.endswith("_id")) else with_text_ids(value)
            for name, value in document.items()
        }
    return [with_text_ids(item) for item in document] if isinstance(document, list) else document


def is_usable_id(value: object) -> TypeGuard[str]:
    """Return whether ``value`` can be the id of a record, as :func:`with_text_ids` leaves it."""
    return isinstance(value, str) and bool(value.strip()) and value not in _NO_IDS


def _text_of(document: object, endpoint: Endpoint) -> str:
    text = str(document) if type(document) is int else document
    if isinstance(text, str) and text.strip():
        return text
    raise _no_id(document, endpoint)


def _text_id(document: object, endpoint: Endpoint) -> str:
    text = _text_of(document, endpoint)
    if is_usable_id(text):
        return text
    raise _no_id(document, endpoint)


def _no_id(document: object, endpoint: Endpoint) -> MalformedAnswerError:
    return MalformedAnswerError("iPaaS.com", endpoint.action, "something else than an id came", detail=shown(document))


def _without_id(endpoint: Endpoint, record: JsonObject) -> MalformedAnswerError:
    return MalformedAnswerError(
        "iPaaS.com",
        endpoint.action,
        f"it is no id but {shown(record.get('id'))}",
        field="id",
        possibly_stored=endpoint.method != "GET",
        detail=shown(record),
    )


def _list_of(document: object, endpoint: Endpoint) -> list[JsonObject]:
    if isinstance(document, list) and all(isinstance(record, dict) for record in document):
        return document
    raise MalformedAnswerError(
        "iPaaS.com", endpoint.action, "something else than a list of records came", detail=shown(document)
    )


def _named(definition: JsonObject, field: str) -> str:
    name = definition.get(field)
    if isinstance(name, str):
        return name
    raise MalformedAnswerError(
        "iPaaS.com",
        endpoints.LIST_CUSTOM_FIELDS.action,
        f"it is no name but {shown(name)}",
        record=str(definition.get("id")),
        field=field,
    )


def _key_of(record: JsonObject, endpoint: Endpoint) -> str:
    if is_usable_id(record.get("id")):
        return str(record["id"])
    if endpoint is endpoints.LIST_CUSTOM_FIELDS and isinstance(record.get("name"), str):
        return f"{record.get('table_name')}/{record['name']}"
    raise _without_id(endpoint, record)


def _total_pages(headers: Mapping[str, str]) -> int | None:
    """Return the pages that ``X-Pagination`` counts, whatever the case of its names; None without a readable count."""
    try:
        given = orjson.loads(headers.get("X-Pagination", "{}"))
    except orjson.JSONDecodeError:
        return None
    counts = {name.casefold(): count for name, count in given.items()} if isinstance(given, dict) else {}
    pages = counts.get("total_pages")
    return pages if type(pages) is int else None
