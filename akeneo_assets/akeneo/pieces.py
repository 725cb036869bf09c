"""Cut a long list into pieces that can be read at the same time.

The lists of products and product models are sorted by key, and a request continues after any key. So a piece is a range
of keys: it begins with a page, and it ends where the first page of the next piece begins. Whatever is edited while the
list is read, each record belongs to exactly one piece, and no condition is needed that could lose a record.

Where the pieces begin only decides how equal they are. Akeneo returns a page by its position up to record 10,000. In a
longer list, pieces begin after evenly spaced uuids, which are random, or after keys that are known or guessed.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from akeneo_assets.akeneo.endpoints import PAGE_WALL, Endpoint
from akeneo_assets.akeneo.pagination import PAGE_SIZE, Page, SearchAfterPaginator, items_count

PAGES_AFTER_A_POSITION: Final = 4
"""The least number of pages of a piece that begins at a position; such a cut costs about a sixth of a page."""

PAGES_AFTER_A_KEY: Final = 20
"""The least number of pages of a piece that begins after a key; such a cut costs about half a page."""

_SMALLEST_FIRST_PAGE: Final = 90
_SHARED: Final = 15
"""About how many records two pieces share, or lack in a first page."""

_UUIDS: Final = 1 << 128
_DEVIATION: Final = 2.0
"""How many times more or fewer random uuids than expected may be on a page: ten times the standard deviation."""


@dataclass(frozen=True)
class Start:
    """Where a piece begins.

    Attributes:
        after: The key after which it begins; None for a piece that begins at a position.
        position: How many records precede it, as far as they can be counted; irrelevant for a piece after a key.
        limit: The size of its first page.
    """

    after: str | None = None
    position: int = PAGE_WALL
    limit: int = PAGE_SIZE


BEGINNING: Final = Start(position=0)


class PiecePaginator(SearchAfterPaginator):
    """Reads a piece of a list; by default, all of it.

    Args:
        endpoint: A list with the pagination ``search_after``.
        start: Where the piece begins.
        until: Keys of the first page of the next piece; empty if the piece ends with the list.
        continues_after_keys: Whether a request continues after any key; None if that is not known. Only such a list can
            be cut.

    Attributes:
        until: See the argument; it may be set while the piece is read.
        keys: The keys of the last page.
        count: The number of records of the whole list; None before the first page, and if the piece begins elsewhere.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        start: Start = BEGINNING,
        until: Collection[str] = (),
        *,
        continues_after_keys: bool | None = True,
    ) -> None:
        super().__init__(endpoint, continues_after_keys=continues_after_keys)
        self.position = start.position
        self.until = until
        self.keys: Sequence[str] = ()
        self.count: int | None = None
        self._start = start
        self._cursor = start.after
        self._passed = 0

    @property
    def parameters(self) -> dict[str, str | int | bool]:
        """What the next request asks for."""
        if self._cursor is not None or self._by_number:
            return super().parameters
        limit = min(self.limit, self._start.limit)
        count = {"with_count": True} if self._start == BEGINNING else {}
        return {"pagination_type": "page", "page": self.position // limit + 1, "limit": limit, **count}

    def advance(self, response: Any) -> Page:
        """Process one page."""
        is_counted = self._cursor is None and not self._by_number and self._start == BEGINNING
        items = super().advance(response)
        if is_counted:
            self.count = items_count(response, self._endpoint)
            # The number comes from the same search as the page, so there is nothing else.
            self.finished = self.finished or self.count == len(items)
        self.keys = [str(item[self._endpoint.key]) for item in items]
        self._passed += len(items)
        end = next((index for index, key in enumerate(self.keys) if key in self.until), None)
        if end is not None:
            self.finished = True
            return items[:end]
        return items

    def skip(self, key: str) -> None:
        """Continue after ``key``."""
        super().skip(key)
        self._passed += 1

    def continue_after_keys(self) -> None:
        """Continue after the last key, now that this is known to be possible."""
        if self._by_number and self.keys:
            self._by_number = False
            self._cursor = self.keys[-1]
        self.continues_after_keys = True

    @property
    def rest(self) -> Start:
        """Where the part begins that was not read yet."""
        return self._start if self._cursor is None else Start(self._cursor, self.position + self._passed)


def starts_by_position(count: int, pieces: int) -> list[Start]:
    """Return where the pieces of a list begin whose first page was read.

    All pieces have the same number of pages. The first page of a piece overlaps with the last one of the piece before,
    so that this ends without a further request.

    Args:
        count: The number of records of the list.
        pieces: The number of pieces.
    """
    if pieces < 1:
        return []
    reachable = min(count, PAGE_WALL)
    # Pieces also read what they share with the next one, and the last one an empty page at the end of the list.
    records = reachable + (reachable == count) * PAGE_SIZE + (pieces - 1) * _SHARED - PAGE_SIZE
    each = -(-records // (pieces * PAGE_SIZE)) * PAGE_SIZE
    starts: list[Start] = []
    end = PAGE_SIZE + each
    while end < reachable and len(starts) < pieces - 1:
        starts.append(start := _start_before(end))
        end = start.position + start.limit + each - PAGE_SIZE
    return starts


def _start_before(end: int) -> Start:
    """Return the start of the page that begins just before a position, with as many records as possible."""

    def shared(limit: int) -> int:
        return (end - 1) % limit + 1

    limit = min(range(_SMALLEST_FIRST_PAGE, PAGE_SIZE + 1), key=lambda limit: shared(limit) - limit)
    return Start(position=end - shared(limit), limit=limit)


def starts_by_uuid(last_key: str, pieces: int) -> list[Start]:
    """Return the starts of pieces with equal ranges of uuids.

    Args:
        last_key: The last uuid that was read.
        pieces: The number of pieces.
    """
    first = uuid.UUID(last_key).int
    return starts_by_key(
        [str(uuid.UUID(int=first + (_UUIDS - first) * number // pieces)) for number in range(1, pieces)], last_key
    )


def has_random_uuids(last_key: str, count: int) -> bool:
    """Return whether the uuids of a list are spread evenly, judging by its first page.

    Args:
        last_key: The last uuid of the first page.
        count: The number of records of the list.
    """
    try:
        share = uuid.UUID(last_key).int / _UUIDS
    except ValueError:
        return False
    return 1 / _DEVIATION < share * count / PAGE_SIZE < _DEVIATION


def starts_by_key(keys: Iterable[str], last_key: str) -> list[Start]:
    """Return the starts of pieces after some keys.

    Args:
        keys: The keys.
        last_key: The last key that was read; pieces begin only after it.
    """
    return [Start(key) for key in sorted(keys, key=str.lower) if key.lower() > last_key.lower()]


def are_sorted(keys: Sequence[str]) -> bool:
    """Return whether keys are in the order in which Akeneo lists them, without repetition."""
    return all(one.lower() < other.lower() for one, other in pairwise(keys))
