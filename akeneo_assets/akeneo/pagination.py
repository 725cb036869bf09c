"""Walking through Akeneo's lists without losing the rest of one.

Akeneo leaves ``next`` out of every page that is not full, and a page is not full either when one of its records was
deleted since the index was written. So a missing ``next`` is not yet the end.

A paginator has three steps: :attr:`parameters` of the next request, :meth:`advance` with its answer, and
:attr:`finished`. With a smaller :attr:`limit` and :meth:`skip` it is led around a damaged record. Of a link only the
cursor is used: it may name a host that is not the API's, and drops parameters.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qs, urlsplit

from akeneo_assets.akeneo.endpoints import Endpoint
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import MalformedAnswerError, TransientError
from akeneo_assets.http.answers import shown
from akeneo_assets.http.circles import MOST_EMPTY_PAGES, CircleGuard

PAGE_SIZE = 100
READINGS = 3

Page: TypeAlias = "list[JsonObject]"


class Paginator(Protocol):
    """The way through one list.

    Attributes:
        limit: How many records the next request asks for; a divisor of :data:`PAGE_SIZE`.
    """

    limit: int

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        ...

    @property
    def finished(self) -> bool:
        """Whether every record was seen."""
        ...

    def advance(self, answer: Any) -> Page:
        """Take the answer to the request and return its records that were not returned before.

        Raises:
            TransientError: The list does not hold together.
        """
        ...

    def skip(self, key: str) -> None:
        """Go on behind the next record, which cannot be read.

        Args:
            key: Its key in the list.
        """
        ...


class SearchAfterPaginator:
    """Goes on behind the last record, up to an empty page."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.finished = False
        self.limit = PAGE_SIZE
        self._endpoint = endpoint
        self._cursor: str | None = None
        self._guard = CircleGuard()

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        # Lists with a cursor of the server's own have pages of the server's own size, too.
        size = {"limit": self.limit} if self._endpoint.pagination == "search_after" else {}
        after = {} if self._cursor is None else {"search_after": self._cursor}
        return {"pagination_type": "search_after", **size, **after}

    def advance(self, answer: Any) -> Page:
        """Take one page."""
        items = _items(answer, self._endpoint)
        following = cursor = _cursor(answer, "search_after", self._endpoint)
        if cursor is None and items and self._endpoint.pagination == "search_after":
            # One more request shows whether this is the end, or a page that a deleted record made short.
            cursor = str(items[-1][self._endpoint.key])
        keys = [str(item[self._endpoint.key]) for item in items]
        if cursor is not None and (cursor == self._cursor or self._guard.goes_round(keys)):
            raise _standing_still(self._endpoint)
        self._cursor = cursor
        # An empty page is the end, unless Akeneo itself says that another one follows.
        self.finished = cursor is None or not (items or following)
        return items

    def skip(self, key: str) -> None:
        """Go on behind ``key``."""
        self._cursor = key


class PagePaginator:
    """Counts pages, and reads the list again when fewer records came than it holds.

    These lists are read by position: a record that is deleted meanwhile moves the following ones forward, and one of
    them falls between two pages.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.finished = False
        self.limit = PAGE_SIZE
        self._endpoint = endpoint
        self._offset = 0
        self._reading = 1
        self._expected: int | None = None
        self._empty = 0
        self._seen: set[str] = set()
        self._returned: set[str] = set()

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        count = {"with_count": True} if self._offset == 0 else {}
        return {"page": self._offset // self.limit + 1, "limit": self.limit, **count}

    def advance(self, answer: Any) -> Page:
        """Take one page; records that an earlier reading returned are left out."""
        items = _items(answer, self._endpoint)
        keys = [str(item[self._endpoint.key]) for item in items]
        following = _cursor(answer, "page", self._endpoint)
        self._empty = 0 if items else self._empty + 1
        if (items and self._seen.issuperset(keys)) or self._empty > MOST_EMPTY_PAGES:
            raise _standing_still(self._endpoint)
        new = [item for item, key in zip(items, keys, strict=True) if key not in self._returned]
        self._seen.update(keys)
        self._returned.update(keys)
        if self._offset == 0:
            self._expected = items_count(answer, self._endpoint)
        if self._expected is not None and self._expected < len(self._seen):
            self._expected = None
        # Without a count that fits, only an empty page proves the end.
        if following is not None or (items and self._expected is None):
            self._offset += self.limit
        elif self._expected is None or len(self._seen) >= self._expected:
            self.finished = True
        else:
            self._read_again()
        return new

    def skip(self, key: str) -> None:
        """Go on at the next position."""
        self._seen.add(key)
        self._offset += 1

    def _read_again(self) -> None:
        if self._reading == READINGS:
            raise TransientError(
                f"Akeneo's list of {self._endpoint.path} should hold {self._expected} records, but {READINGS} "
                f"readings found {len(self._seen)}. It may be changing right now: try again later."
            )
        self._reading += 1
        self._offset = 0
        self._seen.clear()


class WholePaginator:
    """Takes a bare array, which is the whole list."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.finished = False
        self.limit = PAGE_SIZE
        self._endpoint = endpoint
        self.parameters: dict[str, str | int | bool] = {}

    def advance(self, answer: Any) -> Page:
        """Take the array."""
        self.finished = True
        return _records(answer, self._endpoint)

    def skip(self, key: str) -> None:
        """There is nothing behind a whole list."""
        raise AssertionError(f"a bare array has no page without {key}")


def paginator_of(endpoint: Endpoint) -> Paginator:
    """Return the way through the list of ``endpoint``."""
    if endpoint.pagination == "none":
        return WholePaginator(endpoint)
    return PagePaginator(endpoint) if endpoint.pagination == "page" else SearchAfterPaginator(endpoint)


def items_count(answer: Any, endpoint: Endpoint) -> int | None:
    """Return how many records a list says it holds; None when it does not say.

    Raises:
        MalformedAnswerError: What it says is no count.
    """
    count = _object(answer, endpoint).get("items_count")
    if count is None or (type(count) is int and count >= 0):
        return count
    raise MalformedAnswerError(
        "Akeneo", endpoint.path, f"it is no count but {shown(count)}", field="items_count", detail=shown(answer)
    )


def _items(answer: Any, endpoint: Endpoint) -> Page:
    embedded = _object(answer, endpoint).get("_embedded")
    if not isinstance(embedded, dict):
        raise _unexpected(answer, endpoint)
    return _records(embedded.get("items"), endpoint)


def _object(answer: Any, endpoint: Endpoint) -> JsonObject:
    if not isinstance(answer, dict):
        raise _unexpected(answer, endpoint)
    return answer


def _records(items: Any, endpoint: Endpoint) -> Page:
    if not isinstance(items, list):
        raise _unexpected(items, endpoint)
    for item in items:
        key = item.get(endpoint.key) if isinstance(item, dict) else None
        # Some servers write a code of digits as a number.
        if not (isinstance(key, str) and key) and type(key) is not int:
            raise MalformedAnswerError(
                "Akeneo",
                endpoint.path,
                "a record has none, or one that is no text",
                field=endpoint.key,
                detail=shown(item),
            )
    return items


def _cursor(answer: Any, parameter: str, endpoint: Endpoint) -> str | None:
    links: Any = answer
    for name in ("_links", "next"):
        # PHP writes an empty object as [].
        links = links.get(name) or {}
        if not isinstance(links, dict):
            raise _no_link(links, endpoint)
    href = links.get("href") or ""
    try:
        return next(iter(parse_qs(urlsplit(href).query).get(parameter, ())), None)
    except (TypeError, ValueError, AttributeError):
        raise _no_link(href, endpoint) from None


def _no_link(found: Any, endpoint: Endpoint) -> MalformedAnswerError:
    return MalformedAnswerError("Akeneo", endpoint.path, f"it is no link but {shown(found)}", field="_links.next")


def _standing_still(endpoint: Endpoint) -> TransientError:
    return TransientError(
        f"Akeneo's list of {endpoint.path} does not advance: its pages repeat. Try again later. If the problem "
        "persists, check for a caching proxy between this machine and Akeneo."
    )


def _unexpected(answer: Any, endpoint: Endpoint) -> MalformedAnswerError:
    return MalformedAnswerError("Akeneo", endpoint.path, "something else than a list came", detail=shown(answer))
