"""Noticing lists that never end."""

from __future__ import annotations

from collections.abc import Collection

MOST_EMPTY_PAGES = 100


class CircleGuard:
    """Notices a list that goes round in circles, in the same memory however long it is.

    It remembers the first key of one page, of a later one each time twice as many pages went by (the algorithm of
    Brent). A list that goes on for ever over the same records comes back to it, in at most about three rounds.
    """

    def __init__(self) -> None:
        self._remembered: str | None = None
        self._pages = 0
        self._until = 1
        self._empty = 0

    def goes_round(self, keys: Collection[str]) -> bool:
        """Take the keys of the next page and tell whether the list does not move on.

        That is the case when the remembered key comes again, and after many empty pages in a row.
        """
        if not keys:
            self._empty += 1
            return self._empty > MOST_EMPTY_PAGES
        self._empty = 0
        if self._remembered in keys:
            return True
        self._pages += 1
        if self._pages == self._until:
            self._remembered = next(iter(keys))
            self._pages = 0
            self._until *= 2
        return False
