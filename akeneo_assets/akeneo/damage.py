"""Skip records that Akeneo lists but cannot return.

A single record that makes its page fail with status 500, or that contains invalid text, would hide the rest of the
list. Such a page is read in smaller and smaller pages, down to the record itself. The record is then requested without
its values, to get its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from akeneo_assets.akeneo.endpoints import PAGE_WALL, Endpoint
from akeneo_assets.akeneo.pagination import PAGE_SIZE, Page, Paginator
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import TransientError
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.calls import UnusableResponseError

PAGE_SIZES: Final = (PAGE_SIZE, 20, 5, 1)
"""Page sizes; each divides the one before, so that lists paged by number can switch between them."""

_KNOWN: Final = ("uuid", "identifier", "code", "parent", "family")
_ATTEMPTS: Final = 2
_ALL_ATTEMPTS: Final = 100
_LOOK_AHEAD: Final = 3


@dataclass(frozen=True)
class Damage:
    """A record that is listed but cannot be read.

    Attributes:
        record: Its key, parent and family, as far as they are known; empty if its id is unknown.
        reason: What Akeneo did, e.g. ``responded with 500 Internal Server Error``.
    """

    record: JsonObject
    reason: str


class Ask(Protocol):
    """Requests a page and returns its document."""

    def __call__(self, parameters: Mapping[str, QueryValue], *, bare_only: bool = False, attempts: int) -> Any:
        """Request a page.

        Args:
            parameters: The parameters of the page.
            bare_only: Request only ids, and accept invalid characters.
            attempts: How many unusable responses to accept before giving up, if the client does not give up earlier.
        """
        ...


class PageReader:
    """Reads the pages of one list, and skips records that cannot be read.

    Args:
        endpoint: The list.
        paginator: Its paginator.
        ask: Requests a page; records are skipped only if it raises :class:`UnusableResponseError`.
        report: Called with each damaged record.
        page_size: How many records to request at a time: one of :data:`PAGE_SIZES`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        paginator: Paginator,
        ask: Ask,
        report: Callable[[Damage], None] | None,
        *,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._endpoint = endpoint
        self._paginator = paginator
        self._ask = ask
        self._report = report or (lambda _: None)
        self._position = paginator.position
        self._last_key = ""
        self._nameless_before = False
        self._largest = PAGE_SIZES.index(page_size)

    def read(self) -> Iterator[Page]:
        """Yield the next page, in parts if it cannot be read as a whole.

        Raises:
            TransientError: Neither a record nor the records after it can be read.
        """
        return self._read(self._largest)

    def _read(self, level: int) -> Iterator[Page]:
        self._paginator.limit = PAGE_SIZES[level]
        try:
            document = self._ask(self._paginator.parameters, attempts=1 if level > self._largest else _ATTEMPTS)
        except UnusableResponseError as error:
            if level == len(PAGE_SIZES) - 1:
                yield from self._around(error)
                return
            for _ in range(PAGE_SIZES[level] // PAGE_SIZES[level + 1]):
                if not self._paginator.finished:
                    yield from self._read(level + 1)
            return
        yield self._advance(document)

    def _advance(self, document: Any) -> Page:
        page = self._paginator.advance(document)
        if page:
            self._position += len(page)
            self._last_key = str(page[-1].get(self._endpoint.key, ""))
            self._nameless_before = False
        return page

    def _around(self, error: UnusableResponseError) -> Iterator[Page]:
        try:
            document = self._ask(self._paginator.parameters, bare_only=True, attempts=_ATTEMPTS)
        except UnusableResponseError:
            document = None
        items = _items(document)
        if items == []:
            # The record was deleted in the meantime.
            yield self._advance(document)
            return
        known = identity_of(items[0]) if items else {}
        key = known.get(self._endpoint.key)
        try:
            # Try again: the failure may have been an outage, which looks the same as a damaged record.
            document = self._ask(self._paginator.parameters, attempts=_ATTEMPTS if key else _ALL_ATTEMPTS)
        except UnusableResponseError:
            yield self._page_behind(error, key)
            self._report(Damage(known, error.reason))
        else:
            yield self._advance(document)

    def _page_behind(self, error: UnusableResponseError, key: str | None) -> Page:
        """Skip a damaged record; return the next one if it had to be read to do so."""
        if key is None and self._nameless_before:
            raise error
        self._nameless_before = key is None
        if key is not None or self._paginator.skips_by_position:
            self._paginator.skip(key or f"position {self._position}")
            self._last_key = key or self._last_key
            self._position += 1
            return []
        # Positions include records that were deleted since the index was written.
        first = self._position + 2
        for position in range(first, min(first + _LOOK_AHEAD, PAGE_WALL + 1)):
            try:
                document = self._ask({"pagination_type": "page", "limit": 1, "page": position}, attempts=_ATTEMPTS)
            except UnusableResponseError:
                continue
            items = _items(document)
            # The list is sorted by key, ignoring case.
            if items == [] or (items and str(items[0].get(self._endpoint.key)).lower() > self._last_key.lower()):
                self._position = position - 1
                return self._advance(document)
        raise TransientError(
            f"Akeneo {error.reason} for a record of {self._endpoint.path} whose id is unknown, and the list "
            f"cannot be read beyond it. It follows {self._last_key or 'the beginning of the list'}. Fix the record in "
            "Akeneo, then try again.",
            detail=error.detail,
        ) from error


def _items(document: Any) -> list[Any] | None:
    embedded = document.get("_embedded") if isinstance(document, dict) else None
    items = embedded.get("items") if isinstance(embedded, dict) else None
    return items if isinstance(items, list) else None


def identity_of(record: Any) -> JsonObject:
    """Return the key, parent and family of a record, as far as they are valid."""
    given = {name: record.get(name) for name in _KNOWN} if isinstance(record, dict) else {}
    return {name: str(code) for name, code in given.items() if isinstance(code, str | int) and _is_sound(str(code))}


def _is_sound(code: str) -> bool:
    return bool(code) and "\ufffd" not in code and not any("\ud800" <= character <= "\udfff" for character in code)
