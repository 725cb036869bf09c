"""Read Akeneo's paged lists to their real end.

Akeneo omits ``next`` on every page that is not full. A page is also not full if one of its records was deleted since
the index was written, so a missing ``next`` does not mean the end of the list.

A paginator works in three steps: :attr:`parameters` of the next request, :meth:`advance` with its response, and
:attr:`finished`. A smaller :attr:`limit` and :meth:`skip` get past a damaged record. Only the cursor of a link is used:
the link itself may point to a different host, and it drops parameters.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qs, urlsplit

from akeneo_assets.akeneo.endpoints import PAGE_WALL, Endpoint
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import MalformedResponseError, TransientError
from akeneo_assets.http.loops import MAX_EMPTY_PAGES, LoopDetector
from akeneo_assets.http.responses import shown

PAGE_SIZE = 100
READINGS = 3

Page: TypeAlias = "list[JsonObject]"


class Paginator(Protocol):
    """Pages through one list.

    Attributes:
        limit: The page size of the next request; a divisor of :data:`PAGE_SIZE`.
        position: How many records of the list precede the first page.
    """

    limit: int
    position: int

    @property
    def skips_by_position(self) -> bool:
        """Whether a record whose key is unknown can be skipped."""
        ...

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        ...

    @property
    def finished(self) -> bool:
        """Whether the end of the list was reached."""
        ...

    def advance(self, response: Any) -> Page:
        """Process the response of a request, and return those of its records that were not returned before.

        Raises:
            TransientError: The list is inconsistent.
        """
        ...

    def skip(self, key: str) -> None:
        """Skip the next record, which cannot be read.

        Args:
            key: Its key in the list.
        """
        ...


class SearchAfterPaginator:
    """Continues after the last record, up to an empty page.

    A page without a link is followed by the records after its last key, if the cursor of this list is the key of a
    record. Otherwise, it is followed by the next page by number, because no other cursor is known.

    Args:
        endpoint: A list with the pagination ``search_after`` or ``opaque_search_after``.
        continues_after_keys: Whether a request continues after any key; None to find out from the links.

    Attributes:
        continues_after_keys: See the argument.
    """

    def __init__(self, endpoint: Endpoint, *, continues_after_keys: bool | None = None) -> None:
        self.finished = False
        self.limit = PAGE_SIZE
        self.position = 0
        self.continues_after_keys = continues_after_keys
        self._endpoint = endpoint
        self._cursor: str | None = None
        self._guard = LoopDetector()
        self._by_number = False
        self._offset = 0
        self._returned = 0

    @property
    def skips_by_position(self) -> bool:
        """Whether a record whose key is unknown can be skipped."""
        return not self.continues_after_keys

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        if self._counts:
            return {"pagination_type": "page", "page": 1, "limit": 1, "with_count": True}
        if self._by_number:
            return {"pagination_type": "page", "page": self._offset // self.limit + 1, "limit": self.limit}
        # Lists with an opaque cursor also have a page size set by the server.
        size = {"limit": self.limit} if self._endpoint.pagination == "search_after" else {}
        after = {} if self._cursor is None else {"search_after": self._cursor}
        return {"pagination_type": "search_after", **size, **after}

    @property
    def _counts(self) -> bool:
        """Whether the next request only counts the records, because no page beyond can be requested."""
        return self._by_number and self._offset + self.limit > PAGE_WALL

    def advance(self, response: Any) -> Page:
        """Process one page."""
        items = _items(response, self._endpoint)
        if self._counts:
            self._check_count(items_count(response, self._endpoint))
            return []
        keys = [str(item[self._endpoint.key]) for item in items]
        self._offset += self.limit
        self._returned += len(items)
        if self._guard.is_looping(keys):
            raise _standing_still(self._endpoint)
        if self._by_number:
            self.finished = not items
            return items
        following = cursor = _cursor(response, "search_after", self._endpoint)
        if self._endpoint.pagination == "search_after" and items:
            if self.continues_after_keys is None and following is not None:
                self.continues_after_keys = following.lower() == keys[-1].lower()
            if cursor is None and not self.continues_after_keys:
                self._by_number = True
                return items
            # One more request shows whether this is the end, or a page that is short because of a deleted record.
            cursor = cursor or keys[-1]
        if cursor is not None and cursor == self._cursor:
            raise _standing_still(self._endpoint)
        self._cursor = cursor
        # An empty page is the end, unless Akeneo links to another one.
        self.finished = cursor is None or not (items or following)
        return items

    def skip(self, key: str) -> None:
        """Continue after ``key``, or at the next position if a request cannot continue there."""
        self._returned += 1
        if self.continues_after_keys:
            self._cursor = key
        else:
            self._by_number = True
            self._offset += 1

    def _check_count(self, count: int | None) -> None:
        if count is None or count > self._returned:
            raise TransientError(
                f"Akeneo's list of {self._endpoint.path} cannot be read to its end: beyond record {PAGE_WALL:,}, this "
                "version of Akeneo does not list what follows a deleted or damaged record. The list may be changing "
                "right now; try again later."
            )
        self.finished = True


class PagePaginator:
    """Uses page numbers, and reads the list again if records are missing.

    These lists are read by position: if a record is deleted while the list is read, the following ones move forward,
    and one of them is missed between two pages.

    A server may also leave out all links, or return smaller pages than requested. As long as no page had a link, a page
    without one is followed by the next page if the count shows that there are more records.
    """

    skips_by_position = True

    def __init__(self, endpoint: Endpoint) -> None:
        self.finished = False
        self.limit = PAGE_SIZE
        self.position = 0
        self._endpoint = endpoint
        self._offset = 0
        self._largest = PAGE_SIZE
        self._has_links = False
        self._reading = 1
        self._expected: int | None = None
        self._empty = 0
        self._seen: set[str] = set()
        self._returned: set[str] = set()

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        count = {"with_count": True} if self._offset == 0 else {}
        return {"page": self._number, "limit": self.limit, **count}

    @property
    def _size(self) -> int:
        """How many records the server returns at a time, so where its pages begin."""
        return min(self.limit, self._largest)

    @property
    def _number(self) -> int:
        return self._offset // self._size + 1

    def advance(self, response: Any) -> Page:
        """Process one page; records that were already returned are left out."""
        items = _items(response, self._endpoint)
        keys = [str(item[self._endpoint.key]) for item in items]
        following = _cursor(response, "page", self._endpoint)
        self._has_links |= following is not None
        self._empty = 0 if items else self._empty + 1
        number, is_short = self._number, 0 < len(items) < self._size
        if (items and not is_short and self._seen.issuperset(keys)) or self._empty > MAX_EMPTY_PAGES:
            raise _standing_still(self._endpoint)
        if is_short and (number == 1 or not self._seen.isdisjoint(keys)):
            # Only the last page is shorter than the others, and pages of the assumed size would not overlap.
            self._largest = len(items)
        new = [item for item, key in zip(items, keys, strict=True) if key not in self._returned]
        self._seen.update(keys)
        self._returned.update(keys)
        if self._offset == 0:
            self._expected = items_count(response, self._endpoint)
        if self._expected is not None and self._expected < len(self._seen):
            self._expected = None
        is_incomplete = self._expected is not None and len(self._seen) < self._expected
        # Without a consistent count, only an empty page proves the end.
        if following is not None or (items and (self._expected is None or (is_incomplete and not self._has_links))):
            self._offset = max(self._offset, number * self._size)
        elif is_incomplete:
            self._read_again()
        else:
            self.finished = True
        return new

    def skip(self, key: str) -> None:
        """Continue at the next position."""
        self._seen.add(key)
        self._offset += 1

    def _read_again(self) -> None:
        if self._reading == READINGS:
            raise TransientError(
                f"Akeneo's list of {self._endpoint.path} should contain {self._expected} records, but {READINGS} "
                f"attempts found {len(self._seen)}. It may be changing right now; try again later."
            )
        self._reading += 1
        self._offset = 0
        self._largest = PAGE_SIZE
        self._seen.clear()


class WholePaginator:
    """Reads a list that is returned as one array."""

    skips_by_position = False

    def __init__(self, endpoint: Endpoint) -> None:
        self.finished = False
        self.limit = PAGE_SIZE
        self.position = 0
        self._endpoint = endpoint
        self.parameters: dict[str, str | int | bool] = {}

    def advance(self, response: Any) -> Page:
        """Process the array."""
        self.finished = True
        return _records(response, self._endpoint)

    def skip(self, key: str) -> None:
        """Fail: such a list has only one page."""
        raise AssertionError(f"a list without pages cannot skip {key}")


def paginator_of(endpoint: Endpoint, *, continues_after_keys: bool | None = None) -> Paginator:
    """Return a paginator for the list of ``endpoint``; see :class:`SearchAfterPaginator`."""
    if endpoint.pagination == "none":
        return WholePaginator(endpoint)
    return (
        PagePaginator(endpoint)
        if endpoint.pagination == "page"
        else SearchAfterPaginator(endpoint, continues_after_keys=continues_after_keys)
    )


def items_count(response: Any, endpoint: Endpoint) -> int | None:
    """Return the number of records that a list reports; None if it reports none.

    Raises:
        MalformedResponseError: The reported number is invalid.
    """
    count = _object(response, endpoint).get("items_count")
    if count is None or (type(count) is int and count >= 0):
        return count
    raise MalformedResponseError(
        "Akeneo", endpoint.path, f"it is not a count but {shown(count)}", field="items_count", detail=shown(response)
    )


def _items(response: Any, endpoint: Endpoint) -> Page:
    embedded = _object(response, endpoint).get("_embedded")
    if not isinstance(embedded, dict):
        raise _unexpected(response, endpoint)
    return _records(embedded.get("items"), endpoint)


def _object(response: Any, endpoint: Endpoint) -> JsonObject:
    if not isinstance(response, dict):
        raise _unexpected(response, endpoint)
    return response


def _records(items: Any, endpoint: Endpoint) -> Page:
    if not isinstance(items, list):
        raise _unexpected(items, endpoint)
    for item in items:
        key = item.get(endpoint.key) if isinstance(item, dict) else None
        # Some servers write a numeric code as a number.
        if not (isinstance(key, str) and key) and type(key) is not int:
            raise MalformedResponseError(
                "Akeneo",
                endpoint.path,
                "a record has no key, or one that is not text",
                field=endpoint.key,
                detail=shown(item),
            )
    return items


def _cursor(response: Any, parameter: str, endpoint: Endpoint) -> str | None:
    links: Any = response
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


def _no_link(found: Any, endpoint: Endpoint) -> MalformedResponseError:
    return MalformedResponseError("Akeneo", endpoint.path, f"it is not a link but {shown(found)}", field="_links.next")


def _standing_still(endpoint: Endpoint) -> TransientError:
    return TransientError(
        f"Akeneo's list of {endpoint.path} does not advance: its pages repeat. Try again later. If the problem "
        "persists, check for a caching proxy between this machine and Akeneo."
    )


def _unexpected(response: Any, endpoint: Endpoint) -> MalformedResponseError:
    return MalformedResponseError("Akeneo", endpoint.path, "the response is not a list", detail=shown(response))
