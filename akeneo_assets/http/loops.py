"""Detect paged lists that never end."""

from __future__ import annotations

from collections.abc import Collection

MAX_EMPTY_PAGES = 100


class LoopDetector:
    """Detects a paged list that repeats itself, in constant memory.

    It remembers the first key of a page, and replaces it each time the number of pages has doubled (Brent's algorithm).
    A list that repeats the same records forever returns to this key within about three rounds.
    """

    def __init__(self) -> None:
        self._remembered: str | None = None
        self._pages = 0
        self._until = 1
        self._empty = 0

    def is_looping(self, keys: Collection[str]) -> bool:
        """Process the keys of the next page, and return whether the list is stuck.

        It is stuck if the remembered key appears again, or after many empty pages in a row.
        """
        if not keys:
            self._empty += 1
            return self._empty > MAX_EMPTY_PAGES
        self._empty = 0
        if self._remembered in keys:
            return True
        self._pages += 1
        if self._pages == self._until:
            self._remembered = next(iter(keys))
            self._pages = 0
            self._until *= 2
        return False
