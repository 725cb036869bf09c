"""The client for Akeneo's REST API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Literal

import requests
from typing_extensions import Unpack

from akeneo_assets.akeneo.authentication import CREDENTIAL_SETTINGS, PasswordGrant
from akeneo_assets.akeneo.capabilities import NOTHING_KNOWN, SINCE, Capabilities, OptionalSearch
from akeneo_assets.akeneo.damage import Damage, PageReader, identity_of
from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS, PRODUCTS_UUID, SYSTEM_INFORMATION, Endpoint
from akeneo_assets.akeneo.pagination import PAGE_SIZE, Page, Paginator, SearchAfterPaginator, items_count, paginator_of
from akeneo_assets.akeneo.permissions import MissingPermissionError, permission_for
from akeneo_assets.akeneo.records import parse
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import ServerClock, Start
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AkeneoAssetsError, ConfigurationError, MalformedResponseError
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.calls import Api, UnusableResponseError
from akeneo_assets.http.client import ApiClient, ClientOptions
from akeneo_assets.http.governor import Governor
from akeneo_assets.http.responses import ApiError, ApiResponse, shown
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.tokens import TokenSource, TokenStore, token_name

AKENEO: Final = Api("akeneo", "Akeneo", ("AKENEO_API_URL",), CREDENTIAL_SETTINGS)

_WORDS: Final = 2_000
_STALE_CODE = re.compile(
    r"\b(attributes?|scope|channel|locales?|categor(y|ies)|currenc(y|ies))\b.* (do(es)? not exist|is not activated)"
    r"|^\"[^\"]+\" does not exist or you do not have permission"
    r"|Filter on property \"[^\"]+\" is not supported|expects a (locale|scope)",
    re.IGNORECASE,
)
"""Matches Akeneo's messages for a code that was deleted or changed after it was configured."""


_UNKNOWN_OPERATOR = re.compile(
    r"^Filter on property \"[^\"]+\" is not supported|does not support operator|search on unavailable filter"
)
"""Matches Akeneo's messages for a property or operator that this version or this list does not support."""

_KEYS_SINCE: Final = 6
"""The first major version whose cursors are keys."""

_REFUSALS: Final = (requests.codes.bad_request, requests.codes.unprocessable_entity)


class UnsupportedSearchError(ConfigurationError):
    """Akeneo does not support an operator of the search; older versions support fewer operators."""


class AkeneoClient:
    """Reads from one Akeneo PIM; thread-safe.

    Args:
        url: URL of the PIM, without a trailing slash.
        client_id: Client id of the connection.
        client_secret: Client secret of the connection.
        username: User name of the connection.
        password: Password of the connection.
        product_id_format: Which id identifies products; it determines which list of products is read.
        capabilities: What a probe found out about it.
        governor: The throttle.
        token_store: Shares the token between processes.
        statistics: Counts the requests.
        options: See :class:`akeneo_assets.http.client.ClientOptions`.

    Attributes:
        capabilities: What is known: by the probe, and by the responses so far.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        client_secret: str,
        username: str,
        password: str,
        product_id_format: Literal["UUID", "Identifier"],
        governor: Governor,
        token_store: TokenStore,
        statistics: RequestStatistics,
        capabilities: Capabilities = NOTHING_KNOWN,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._product_id_format = product_id_format
        self.capabilities = capabilities
        self.clock = ServerClock()
        self._system: JsonObject | None = None
        self._client = ApiClient(AKENEO, url, governor, None, statistics, **options)
        self._client.tokens = TokenSource(
            token_name(AKENEO.name, url, client_id, client_secret, username, password),
            token_store,
            PasswordGrant(self._client, client_id, client_secret, username, password),
        )

    @property
    def products_endpoint(self) -> str:
        """The list of products; the list by identifier does not contain products without an identifier."""
        return PRODUCTS_UUID if self._product_id_format == "UUID" else PRODUCTS

    def endpoint_of(self, kind: str) -> str:
        """Return the list of the records of a source kind."""
        if kind == "product":
            return self.products_endpoint
        return next(path for path, endpoint in ENDPOINTS.items() if endpoint.kind == kind)

    def list(
        self,
        endpoint: str,
        *,
        codes: Sequence[str] = (),
        search: Search | None = None,
        optional: OptionalSearch | None = None,
        params: Mapping[str, QueryValue] | None = None,
        action: str | None = None,
        damaged: Callable[[Damage], None] | None = None,
        bare: Mapping[str, QueryValue] | None = None,
        paginator: Paginator | None = None,
    ) -> Iterator[Page]:
        """Read a list page by page.

        Args:
            endpoint: Path of the list, as in :data:`akeneo_assets.akeneo.endpoints.ENDPOINTS`.
            codes: Codes of the record that owns the list, e.g. the family in ``families/{}/variants``.
            search: Which records to read; None for all.
            optional: The name of the search if older versions refuse it.
            params: Additional parameters for every page.
            action: Name of the request in the statistics; default: ``<endpoint>.list``.
            damaged: Called with each record that cannot be read, while all others are still yielded. Without it, one
                such record ends the list with an error.
            bare: Parameters to use instead of ``params`` when only the id of a damaged record is needed.
            paginator: Which part of the list to read; default: all of it.

        Yields:
            The parsed records of a page. No record is yielded twice, unless it moved while the list was read.

        Raises:
            AccessDeniedError: The connection may not read this list.
            ApiError: With status 404: the record in ``codes`` does not exist, or this Akeneo does not have this list.
            ConfigurationError: Akeneo does not know a code in the search or the parameters.
            TransientError: The list could not be read completely. The records yielded so far are correct.
            UnsupportedSearchError: This Akeneo refuses the search. If that is known, no request is sent.
        """
        source = ENDPOINTS[endpoint]
        if optional in self.capabilities.refused_searches:
            raise UnsupportedSearchError(f"This Akeneo does not support the search {optional}.")
        paginator = paginator or paginator_of(source, continues_after_keys=self.continues_after_keys)
        path = source.list_path(*codes)
        searched: dict[str, QueryValue] = {"search": str(search)} if search is not None else {}

        def ask(parameters: Mapping[str, QueryValue], *, bare_only: bool = False, attempts: int) -> object:
            try:
                response = self._request(
                    "GET",
                    path,
                    action=action or f"{endpoint}.list",
                    params={**((bare if bare_only else params) or {}), **searched, **parameters},
                    doubtful_after=attempts if damaged is not None else None,
                    lenient=bare_only,
                )
            except ApiError as error:
                raise self._refusal(source, error, optional, nested=bool(codes)) from error
            return response.document

        reader = PageReader(source, paginator, ask, damaged, page_size=self.page_size_of(endpoint))
        while not paginator.finished:
            for page in reader.read():
                if records := _parsed(source.kind, page, damaged):
                    yield records

    def _refusal(
        self, endpoint: Endpoint, error: ApiError, optional: OptionalSearch | None, *, nested: bool
    ) -> AkeneoAssetsError:
        """Return the error to raise for a rejected request, and remember if Akeneo does not support the search."""
        meaning = _meaning(endpoint, error, nested=nested)
        if optional is None:
            return meaning
        if error.status in _REFUSALS and self.is_before(SINCE[optional]):
            meaning = UnsupportedSearchError(str(error), detail=error.detail)
        if isinstance(meaning, UnsupportedSearchError):
            refused = self.capabilities.refused_searches | {optional}
            self.capabilities = self.capabilities.model_copy(update={"refused_searches": refused})
        return meaning

    def page_size_of(self, endpoint: str) -> int:
        """Return how many records of a list to request at a time."""
        return self.capabilities.page_size if ENDPOINTS[endpoint].pagination == "search_after" else PAGE_SIZE

    @property
    def continues_after_keys(self) -> bool | None:
        """Whether a request for products or models continues after any key; None if that is not known.

        Akeneo has done so for longer than it has a list by uuid.
        """
        if self._product_id_format == "UUID":
            return True
        return None if self.capabilities.cursors is None else self.capabilities.cursors == "keys"

    def find_cursors(self, endpoint: str) -> bool:
        """Return whether a request for products or models continues after any key; sends a request if not known.

        Args:
            endpoint: One of these lists, with records.
        """
        if self.continues_after_keys is None:
            source = ENDPOINTS[endpoint]
            paginator = SearchAfterPaginator(source)
            paginator.limit = 1
            # The first record may be damaged or deleted.
            with suppress(UnusableResponseError, MalformedResponseError):
                path, action = source.list_path(), f"{endpoint}.cursor"
                paginator.advance(self.ask(path, dict(paginator.parameters), action=action).document)
            are_keys = paginator.continues_after_keys
            if are_keys is None:
                are_keys = not self.is_before(_KEYS_SINCE)
            self.capabilities = self.capabilities.model_copy(update={"cursors": "keys" if are_keys else "encrypted"})
        return bool(self.continues_after_keys)

    def count(self, endpoint: str, search: Search | None = None, *, codes: Sequence[str] = ()) -> int | None:
        """Return the number of records in a list; None if Akeneo does not report it. Sends one request.

        Args:
            endpoint: Path of a list that supports ``page``; lists of reference entities do not.
            search: Which records to count; None for all.
            codes: Codes of the record that owns the list.

        Raises:
            AccessDeniedError: The connection may not read this list.
            ConfigurationError: Akeneo does not know a code in the search.
        """
        source = ENDPOINTS[endpoint]
        params: dict[str, QueryValue] = {"limit": 1, "with_count": True}
        if search is not None:
            params["search"] = str(search)
        path, action = source.list_path(*codes), f"{endpoint}.count"
        try:
            try:
                response = self._request("GET", path, action=action, params=params, doubtful_after=2, lenient=True)
            except UnusableResponseError:
                # The first record may be damaged; the page of the second one contains the same count.
                response = self._request("GET", path, action=action, params={**params, "page": 2}, lenient=True)
        except ApiError as error:
            raise _meaning(source, error, nested=bool(codes)) from error
        return items_count(response.document, source)

    def ask(self, path: str, params: Mapping[str, QueryValue], *, action: str) -> ApiResponse:
        """Return the response to one GET request, also if Akeneo refused it; for probes.

        Args:
            path: Path of a list, as :meth:`akeneo_assets.akeneo.endpoints.Endpoint.list_path` returns it.
            params: Parameters of the query.
            action: Name of the request in the statistics.

        Raises:
            AuthenticationError: Akeneo rejects the credentials.
            UnusableResponseError: Akeneo responded with a server error, or not with JSON, twice.
            TransientError: Akeneo did not respond.
        """
        try:
            return self._request("GET", path, action=action, params=params, doubtful_after=2)
        except ApiError as error:
            return ApiResponse(error.status, {}, error.document, error.status)

    def system_information(self) -> JsonObject:
        """Return the version and edition of Akeneo; both are empty before version 6.0, which does not report them.

        Raises:
            AccessDeniedError: The connection may not use the API at all.
        """
        try:
            response = self._request(
                "GET",
                SYSTEM_INFORMATION.list_path(),
                action="system-information.get",
                accept_status=(requests.codes.not_found,),
            )
        except ApiError as error:
            raise _meaning(SYSTEM_INFORMATION, error, nested=False) from error
        document = _object(response.document, SYSTEM_INFORMATION.path)
        self._system = {name: str(document.get(name) or "") for name in ("version", "edition")}
        return self._system

    def is_before(self, major: int) -> bool:
        """Return whether Akeneo is older than a version; sends a request the first time.

        SaaS versions are dates, which count as later than any number. Without a version, Akeneo is older than 6.0.

        Raises:
            AccessDeniedError: The connection may not use the API at all.
        """
        version = str((self._system or self.system_information())["version"])
        number, dot, _ = version.partition(".")
        return not version or (bool(dot) and number.isdecimal() and int(number) < major)

    def passed_at(self, start: Start) -> float:
        """Return the end of a read's window: a time that neither clock had passed when the read began.

        Args:
            start: When the read began, see :meth:`akeneo_assets.akeneo.server_clock.ServerClock.start`.
        """
        self._settle_clock()
        return self.clock.passed_at(start)

    def now(self) -> float:
        """Return Akeneo's time; sends requests only if there are too few responses and the clocks disagree."""
        self._settle_clock()
        return self.clock.now()

    def _settle_clock(self) -> None:
        while self.clock.is_uncertain:
            self.system_information()

    def _request(self, method: str, path: str, **options: Any) -> ApiResponse:
        response = self._client.request(method, path, **options)
        self.clock.observe(response.headers.get("Date"))
        return response

    def log_in(self) -> None:
        """Check the credentials; sends a request only if there is no stored token.

        Raises:
            AuthenticationError: Akeneo rejects the credentials.
            ConfigurationError: The URL is wrong.
            TransientError: The URL cannot be reached.
        """
        self._client.log_in()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _meaning(endpoint: Endpoint, error: ApiError, *, nested: bool) -> AkeneoAssetsError:
    """Return the error to report to the user for a rejected request.

    Args:
        endpoint: The requested list.
        error: The rejection.
        nested: Whether the URL contains codes, so that a 404 may only mean that this record does not exist.
    """
    words = str(error.document.get("message", ""))[:_WORDS] if isinstance(error.document, dict) else ""
    absent = error.status == requests.codes.not_found
    if error.status == requests.codes.forbidden:
        return MissingPermissionError(str(error), [permission_for(endpoint, words)], detail=error.detail)
    if _STALE_CODE.search(words) and not (absent and nested):
        kind = UnsupportedSearchError if _UNKNOWN_OPERATOR.search(words) else ConfigurationError
        return kind(
            f"{error} Correct the mapping file (AKENEO_ASSETS_MAPPING), or restore the code in Akeneo.",
            settings=("AKENEO_ASSETS_MAPPING",),
            detail=error.detail,
        )
    if absent and endpoint.path == PRODUCTS_UUID and not nested:
        return ConfigurationError(
            "This Akeneo cannot list products by UUID, which requires version 7.0 or later. "
            "Set AKENEO_PRODUCT_ID_FORMAT to Identifier.",
            settings=("AKENEO_PRODUCT_ID_FORMAT",),
            detail=error.detail,
        )
    return error


def _parsed(kind: str | None, page: Page, damaged: Callable[[Damage], None] | None) -> Page:
    """Return the valid records of a page, parsed, and report the invalid ones."""
    if kind is None:
        return page
    records: Page = []
    for record in page:
        try:
            records.append(parse(kind, record))
        except MalformedResponseError as error:
            if damaged is None:
                raise
            damaged(Damage(identity_of(record), f'sent an invalid field "{error.field}"'))
    return records


def _object(document: object, endpoint: str) -> JsonObject:
    if isinstance(document, dict):
        return document
    raise MalformedResponseError("Akeneo", endpoint, "the response is not a record", detail=shown(document))
