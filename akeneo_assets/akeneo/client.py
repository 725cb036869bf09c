"""Reads Akeneo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import requests

from akeneo_assets.akeneo.authentication import CREDENTIAL_SETTINGS, PasswordGrant
from akeneo_assets.akeneo.damage import Damage, PageReader, identity_of
from akeneo_assets.akeneo.endpoints import ENDPOINTS, PRODUCTS, PRODUCTS_UUID, SYSTEM_INFORMATION, Endpoint
from akeneo_assets.akeneo.pagination import Page, items_count, paginator_of
from akeneo_assets.akeneo.records import parse
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import ServerClock, Start
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError, AkeneoAssetsError, ConfigurationError, MalformedAnswerError
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.answers import ApiError, ApiResponse, shown
from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.calls import Api, UnusableAnswerError
from akeneo_assets.http.client import LARGEST_ANSWER, ApiClient
from akeneo_assets.http.governor import Governor
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
"""Akeneo's words for a code that was deleted or changed since it was configured."""


_UNKNOWN_OPERATOR = re.compile(r"^Filter on property \"[^\"]+\" is not supported|does not support operator")
"""Akeneo's words for an operator that this version, or this list, does not have."""


class UnsupportedSearchError(ConfigurationError):
    """Akeneo does not know an operator of the search; older versions take fewer."""


class AkeneoClient:
    """Reads one Akeneo; thread-safe.

    Args:
        url: Address of the PIM, without a slash at the end.
        client_id: Of the connection.
        client_secret: Of the connection.
        username: Of the connection's user.
        password: Of the connection's user.
        product_id_format: Which id tells products apart; decides which list of products is read.
        governor: The throttle.
        token_store: Where the token is kept for all processes.
        statistics: Counts the requests.
        backoff: When to send a request again.
        timeout: Seconds for the connection, and for the whole request up to the end of its answer.
        largest_answer: Bytes of an answer, decompressed, that are read at most.
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
        backoff: Backoff | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self._product_id_format = product_id_format
        self.clock = ServerClock()
        self._system: JsonObject | None = None
        self._client = ApiClient(
            AKENEO, url, governor, None, statistics, backoff=backoff, timeout=timeout, largest_answer=largest_answer
        )
        self._client.tokens = TokenSource(
            token_name(AKENEO.name, url, client_id, client_secret, username, password),
            token_store,
            PasswordGrant(self._client, client_id, client_secret, username, password),
        )

    @property
    def products_endpoint(self) -> str:
        """The list of products: the one by identifier leaves out products that have none."""
        return PRODUCTS_UUID if self._product_id_format == "UUID" else PRODUCTS

    def list(
        self,
        endpoint: str,
        *,
        codes: Sequence[str] = (),
        search: Search | None = None,
        params: Mapping[str, QueryValue] | None = None,
        action: str | None = None,
        damaged: Callable[[Damage], None] | None = None,
        bare: Mapping[str, QueryValue] | None = None,
    ) -> Iterator[Page]:
        """Read a list, page by page as the pages arrive.

        Args:
            endpoint: Path of the list, as in :data:`akeneo_assets.akeneo.endpoints.ENDPOINTS`.
            codes: Of the record that the list belongs to, e.g. the family of ``families/{}/variants``.
            search: Which records; all without it.
            params: Further parameters, sent with every page.
            action: What the statistics count by; without it ``<endpoint>.list``.
            damaged: Told of each record that cannot be read; the others are read around it. Without it one such
                record ends the list with an error.
            bare: Instead of ``params``, to learn the id of a damaged record.

        Yields:
            The records of a page, parsed. No record comes twice, unless it moved while the list was read.

        Raises:
            AccessDeniedError: The connection may not read this list.
            ApiError: With status 404: the record of ``codes`` does not exist, or this Akeneo has no such list.
            ConfigurationError: Akeneo does not know a code of the search or the parameters.
            TransientError: The list could not be read whole. What was yielded is right, but not all.
        """
        source = ENDPOINTS[endpoint]
        paginator = paginator_of(source)
        path = source.list_path(*codes)
        searched: dict[str, QueryValue] = {"search": str(search)} if search is not None else {}

        def ask(parameters: Mapping[str, QueryValue], *, bare_only: bool = False, attempts: int) -> object:
            try:
                answer = self._request(
                    "GET",
                    path,
                    action=action or f"{endpoint}.list",
                    params={**((bare if bare_only else params) or {}), **searched, **parameters},
                    doubtful_after=attempts if damaged is not None else None,
                    lenient=bare_only,
                )
            except ApiError as error:
                raise _meaning(source, error, nested=bool(codes)) from error
            return answer.document

        reader = PageReader(source, paginator, ask, damaged)
        while not paginator.finished:
            for page in reader.read():
                if records := _parsed(source.kind, page, damaged):
                    yield records

    def count(self, endpoint: str, search: Search | None = None, *, codes: Sequence[str] = ()) -> int:
        """Return how many records a list holds; takes one request.

        Args:
            endpoint: Path of a list that is paged and takes ``page``: not those of reference entities.
            search: Which records; all without it.
            codes: Of the record that the list belongs to.

        Raises:
            AccessDeniedError: The connection may not read this list.
            ConfigurationError: Akeneo does not know a code of the search.
        """
        source = ENDPOINTS[endpoint]
        params: dict[str, QueryValue] = {"limit": 1, "with_count": True}
        if search is not None:
            params["search"] = str(search)
        path, action = source.list_path(*codes), f"{endpoint}.count"
        try:
            try:
                answer = self._request("GET", path, action=action, params=params, doubtful_after=2, lenient=True)
            except UnusableAnswerError:
                # The first record may be damaged; the second one tells the count as well.
                answer = self._request("GET", path, action=action, params={**params, "page": 2}, lenient=True)
        except ApiError as error:
            raise _meaning(source, error, nested=bool(codes)) from error
        count = items_count(answer.document, source)
        if count is None:
            raise MalformedAnswerError("Akeneo", endpoint, "the list does not say how long it is", field="items_count")
        return count

    def system_information(self) -> JsonObject:
        """Return the version and the edition of this Akeneo; before 6.0 it does not tell, and both are empty.

        Raises:
            AccessDeniedError: The connection may not use the API at all.
        """
        try:
            answer = self._request(
                "GET",
                SYSTEM_INFORMATION.list_path(),
                action="system-information.get",
                accept_status=(requests.codes.not_found,),
            )
        except ApiError as error:
            raise _meaning(SYSTEM_INFORMATION, error, nested=False) from error
        document = _object(answer.document, SYSTEM_INFORMATION.path)
        self._system = {name: str(document.get(name) or "") for name in ("version", "edition")}
        return self._system

    def is_before(self, major: int) -> bool:
        """Return whether this Akeneo is older than a version; costs a request the first time.

        The versions of SaaS are dates, and so later than any number. An Akeneo that does not tell is older than 6.0.

        Raises:
            AccessDeniedError: The connection may not use the API at all.
        """
        version = str((self._system or self.system_information())["version"])
        number, dot, _ = version.partition(".")
        return not version or (bool(dot) and number.isdecimal() and int(number) < major)

    def passed_at(self, start: Start) -> float:
        """Return the end of the window of a read: neither clock had passed it when the read began.

        Args:
            start: When it began, see :meth:`akeneo_assets.akeneo.server_clock.ServerClock.start`.
        """
        self._hear_enough()
        return self.clock.passed_at(start)

    def now(self) -> float:
        """Return Akeneo's time; costs requests only where too few answers told it and no two clocks agree."""
        self._hear_enough()
        return self.clock.now()

    def _hear_enough(self) -> None:
        while self.clock.is_in_doubt:
            self.system_information()

    def _request(self, method: str, path: str, **options: Any) -> ApiResponse:
        answer = self._client.request(method, path, **options)
        self.clock.hear(answer.headers.get("Date"))
        return answer

    def log_in(self) -> None:
        """Make sure of the credentials; costs a request only where no token is kept.

        Raises:
            AuthenticationError: They are refused.
            ConfigurationError: The address is wrong.
            TransientError: The address cannot be reached.
        """
        self._client.log_in()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _meaning(endpoint: Endpoint, error: ApiError, *, nested: bool) -> AkeneoAssetsError:
    """Return what a refusal means to the user.

    Args:
        endpoint: The list that was asked for.
        error: The refusal.
        nested: Whether a code was part of the address, so that a 404 may just mean that record.
    """
    words = str(error.document.get("message", ""))[:_WORDS] if isinstance(error.document, dict) else ""
    absent = error.status == requests.codes.not_found
    if error.status == requests.codes.forbidden:
        missing = "Overall Web API access" if "access the web API" in words else endpoint.permission
        return AccessDeniedError(
            f'{error} Switch on "{missing}" for the role of this connection in System > Roles > Web API permissions.',
            detail=error.detail,
        )
    if _STALE_CODE.search(words) and not (absent and nested):
        kind = UnsupportedSearchError if _UNKNOWN_OPERATOR.search(words) else ConfigurationError
        return kind(
            f"{error} Correct the mapping file (AKENEO_ASSETS_MAPPING), or bring the code back in Akeneo.",
            settings=("AKENEO_ASSETS_MAPPING",),
            detail=error.detail,
        )
    if absent and endpoint.path == PRODUCTS_UUID and not nested:
        return ConfigurationError(
            "This Akeneo cannot list products by UUID, which is possible since version 7.0. "
            "Set AKENEO_PRODUCT_ID_FORMAT to Identifier.",
            settings=("AKENEO_PRODUCT_ID_FORMAT",),
            detail=error.detail,
        )
    return error


def _parsed(kind: str | None, page: Page, damaged: Callable[[Damage], None] | None) -> Page:
    """Return the records of a page as their kind promises them, and report those that are not."""
    if kind is None:
        return page
    records: Page = []
    for record in page:
        try:
            records.append(parse(kind, record))
        except MalformedAnswerError as error:
            if damaged is None:
                raise
            damaged(Damage(identity_of(record), f'answers with a wrong field "{error.field}"'))
    return records


def _object(document: object, endpoint: str) -> JsonObject:
    if isinstance(document, dict):
        return document
    raise MalformedAnswerError("Akeneo", endpoint, "something else than a record came", detail=shown(document))
