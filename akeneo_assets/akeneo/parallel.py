"""Read a long list of products or product models with several connections at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from queue import SimpleQueue
from typing import Generic, TypeAlias, TypeVar

from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.endpoints import PAGE_WALL, PRODUCTS_UUID, Endpoint
from akeneo_assets.akeneo.key_space import guessed_keys
from akeneo_assets.akeneo.pagination import PAGE_SIZE, SearchAfterPaginator
from akeneo_assets.akeneo.pieces import (
    PAGES_AFTER_A_KEY,
    PAGES_AFTER_A_POSITION,
    PiecePaginator,
    Start,
    are_sorted,
    has_random_uuids,
    starts_by_key,
    starts_by_position,
    starts_by_uuid,
)
from akeneo_assets.errors import TransientError
from akeneo_assets.http.stopping import threads

_Item = TypeVar("_Item")

ReadPages: TypeAlias = Callable[[SearchAfterPaginator, Callable[[Damage], None]], Iterator[_Item]]
"""Yields the pages of a part of a list, and calls a function with each record that cannot be read."""


@dataclass
class _Piece(Generic[_Item]):
    """A piece. If its first page was already read, ``pages`` yields the others."""

    paginator: PiecePaginator
    first: _Item | None
    pages: Iterator[_Item]


@dataclass(frozen=True)
class _Page(Generic[_Item]):
    content: _Item


@dataclass(frozen=True)
class _End(Generic[_Item]):
    piece: _Piece[_Item]
    error: BaseException | None


class LongList(Generic[_Item]):
    """One list; it is cut into pieces if it is long.

    Args:
        endpoint: The list, with the pagination ``search_after``.
        read: Reads a part of the list; called in several threads.
        take: Called with each page, always in the thread of :meth:`read`.
        damaged: Called with each record that cannot be read, in the same thread.
        connections: The maximum number of concurrent requests.
        continues_after_keys: Whether a request continues after any key; None if that is not known.
        find_cursors: Returns the same in any case. If it does not, the list is read page after page.
        page_size: The largest page to request. Only lists with pages of 100 are cut by position.
        known_keys: Returns about this many keys of the list, if they are known, in equal distances. Their order and
            whether they still exist do not matter.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        read: ReadPages[_Item],
        take: Callable[[_Item], None],
        damaged: Callable[[Damage], None],
        *,
        connections: int,
        continues_after_keys: bool | None = True,
        find_cursors: Callable[[], bool] = lambda: True,
        page_size: int = PAGE_SIZE,
        known_keys: Callable[[int], Sequence[str]],
    ) -> None:
        self._endpoint = endpoint
        self._read = read
        self._take = take
        self._damaged = damaged
        # While one thread parses a page, another one uses its connection.
        self._threads = 2 * connections if connections > 1 else 1
        self._continues_after_keys = continues_after_keys
        self._find_cursors = find_cursors
        self._page_size = page_size
        self._known_keys = known_keys
        self._ready: SimpleQueue[_Page[_Item] | Damage | _End[_Item]] = SimpleQueue()
        # One page of each thread may wait until it is taken, so that memory stays constant.
        self._room = threading.Semaphore(self._threads)
        self._stopped = False

    def read(self) -> None:
        """Read the list to its end. A piece that fails is read again from the page that failed, after all others.

        Raises:
            TransientError: A piece could not be read completely. The pages taken so far are correct.
        """
        whole = PiecePaginator(self._endpoint, continues_after_keys=self._continues_after_keys)
        pages = self._read(whole, self._damaged)
        first = next(pages, None)
        if first is None:
            return
        if not whole.finished:
            if not self._find_cursors():
                self._read_by_links()
                return
            whole.continue_after_keys()
        self._take(first)
        starts = self._starts(whole)
        if not starts:
            for page in pages:
                self._take(page)
            return
        with threads(self._threads, "read") as pool:
            try:
                failed = self._run_all(pool, self._opened(pool, whole, starts), tolerated=1)
                self._run_all(
                    pool, [self._unread(each.paginator.rest, each.paginator.until) for each in failed], tolerated=0
                )
            finally:
                self._stopped = True
                self._room.release(self._threads)

    def _read_by_links(self) -> None:
        """Read the list page after page, from the beginning, because only a link contains a cursor."""
        for page in self._read(SearchAfterPaginator(self._endpoint, continues_after_keys=False), self._damaged):
            self._take(page)

    def _starts(self, whole: PiecePaginator) -> list[Start]:
        """Return the starts of the second and the following pieces; none if the list is read as one."""
        count = whole.count or 0
        if whole.finished or not are_sorted(whole.keys):
            return []
        if count > PAGE_WALL:
            pieces, last_key = self._pieces(count, PAGES_AFTER_A_KEY), whole.keys[-1]
            if self._endpoint.path == PRODUCTS_UUID and has_random_uuids(last_key, count):
                return starts_by_uuid(last_key, pieces)
            known = starts_by_key(self._known_keys(pieces - 1), last_key)
            if known := known or starts_by_key(self._guessed_keys(whole, count, pieces - 1), last_key):
                return known
        if self._page_size < PAGE_SIZE:
            return []
        return starts_by_position(count, self._pieces(count, PAGES_AFTER_A_POSITION))

    def _guessed_keys(self, whole: PiecePaginator, count: int, number: int) -> list[str]:
        """Return about this many keys in about equal distances, judging by the last key that has a page by number."""
        last = PiecePaginator(self._endpoint, Start(position=PAGE_WALL - 1, limit=1))
        try:
            next(self._read(last, lambda _: None), None)
        except TransientError:
            return []
        if len(last.keys) != 1:
            return []
        return guessed_keys(whole.keys, last.keys[0], PAGE_WALL - 1, count, number)

    def _pieces(self, count: int, pages: int) -> int:
        return min(self._threads, count // PAGE_SIZE // pages)

    def _opened(self, pool: ThreadPoolExecutor, whole: PiecePaginator, starts: Sequence[Start]) -> list[_Piece[_Item]]:
        """Return the pieces, each up to the beginning of the next one.

        Where a first page cannot be read, there is no cut. There is none either if it is not in order, because then
        this Akeneo does not sort the list by key.
        """
        pieces: list[_Piece[_Item]] = []
        last_keys = whole.keys[-1:]
        for piece in pool.map(self._open, [whole.rest, *starts]):
            keys = piece.paginator.keys
            if not pieces:
                pieces = [piece]
            elif piece.first is not None and are_sorted([*last_keys, *keys]):
                pieces[-1].paginator.until = frozenset(keys)
                pieces.append(piece)
            else:
                continue
            last_keys = keys[-1:] or last_keys
        return pieces

    def _open(self, start: Start) -> _Piece[_Item]:
        """Read the first page of a piece, unless it cannot be read."""
        piece = self._unread(start)
        try:
            piece.first = next(piece.pages, None)
        except TransientError:
            return self._unread(piece.paginator.rest)
        if start.after is None and piece.paginator.limit < PAGE_SIZE:
            # A record cannot be read, and the smaller pages begin at another position.
            piece.first = None
        return piece

    def _unread(self, start: Start, until: Collection[str] = ()) -> _Piece[_Item]:
        paginator = PiecePaginator(self._endpoint, start, until)
        return _Piece(paginator, None, self._read(paginator, self._ready.put))

    def _run_all(
        self, pool: ThreadPoolExecutor, pieces: Sequence[_Piece[_Item]], *, tolerated: int
    ) -> list[_Piece[_Item]]:
        """Read pieces to their end, and return those that failed; more failures than tolerated are raised."""
        for piece in pieces:
            pool.submit(self._run, piece)
        running = len(pieces)
        failed: list[_Piece[_Item]] = []
        while running:
            ready = self._ready.get()
            if isinstance(ready, _Page):
                self._room.release()
                self._take(ready.content)
            elif isinstance(ready, Damage):
                self._damaged(ready)
            else:
                running -= 1
                if ready.error is not None:
                    if not isinstance(ready.error, TransientError) or len(failed) == tolerated:
                        raise ready.error
                    failed.append(ready.piece)
        return failed

    def _run(self, piece: _Piece[_Item]) -> None:
        error: BaseException | None = None
        try:
            for page in chain([] if piece.first is None else [piece.first], piece.pages):
                self._room.acquire()
                if self._stopped:
                    break
                self._ready.put(_Page(page))
        except BaseException as caught:  # noqa: BLE001 - raised again by the thread that takes the pages
            error = caught
        self._ready.put(_End(piece, error))
