"""A long list is read in pieces: each record once, in few requests, whatever happens to the list meanwhile."""

from __future__ import annotations

import random
import threading
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.endpoints import ENDPOINTS, PAGE_WALL, PRODUCTS_UUID
from akeneo_assets.akeneo.key_space import guessed_keys
from akeneo_assets.akeneo.pagination import SearchAfterPaginator
from akeneo_assets.akeneo.parallel import LongList
from akeneo_assets.errors import AccessDeniedError, TransientError
from akeneo_assets_tests.akeneo.conftest import page

MODELS = ENDPOINTS["product-models"]


class Listing:
    """One of Akeneo's lists of products or models, in memory.

    Args:
        keys: Its keys.
        order: The sort key; Akeneo's lists ignore case.
        missing: Keys that are found by searches, but can no longer be read.
        before: Called before each response, e.g. to edit the list.
    """

    def __init__(
        self,
        keys: Iterable[str],
        *,
        key: str = "code",
        order: Callable[[str], str] = str.lower,
        missing: Iterable[str] = (),
        before: Callable[[Listing], None] = lambda _: None,
    ) -> None:
        self.keys = set(keys)
        self.requests: list[dict[str, Any]] = []
        self._key = key
        self._order = order
        self._missing = frozenset(missing)
        self._before = before
        self._lock = threading.Lock()

    def ask(self, parameters: dict[str, Any]) -> Any:
        with self._lock:
            self.requests.append(parameters)
            self._before(self)
            limit, after = parameters["limit"], parameters.get("search_after")
            keys = sorted(self.keys, key=self._order)
            if parameters["pagination_type"] == "page":
                assert parameters["page"] * limit <= PAGE_WALL, "Akeneo refuses this page"
                first = (parameters["page"] - 1) * limit
            else:
                first = bisect_right(keys, self._order(after), key=self._order) if after is not None else 0
            found = [key for key in keys[first : first + limit] if key not in self._missing]
            is_full = len(found) == limit
            is_by_key = parameters["pagination_type"] == "search_after"
            following = f"https://x/?{f'search_after={found[-1]}' if is_by_key else 'page=2'}" if is_full else None
            items = [{self._key: key} for key in found]
            return page(*items, following=following, count=len(keys) if parameters.get("with_count") else None)

    def pages(self, paginator: SearchAfterPaginator, _: Callable[[Damage], None]) -> Iterator[list[str]]:
        while not paginator.finished:
            if items := paginator.advance(self.ask(paginator.parameters)):
                yield [item[self._key] for item in items]

    def read(
        self, connections: int = 4, known_keys: Callable[[int], Sequence[str]] = lambda _: (), path: str = MODELS.path
    ) -> list[str]:
        """Read the list, and return the keys as they were taken."""
        taken: list[str] = []

        LongList(
            ENDPOINTS[path], self.pages, taken.extend, lambda _: None, connections=connections, known_keys=known_keys
        ).read()
        return taken


def codes(number: int) -> list[str]:
    return [f"Model-{each:06}" for each in range(number)]


def uuids(number: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(number)]


@settings(deadline=None)
@given(
    st.integers(0, 3000), st.integers(1, 12), st.sets(st.integers(0, 2999), max_size=150), st.sampled_from(["a", "A"])
)
@example(number=800, connections=2, missing=set(range(300, 500)), letter="a")
def test_each_record_is_read_once(number: int, connections: int, missing: set[int], letter: str) -> None:
    keys = [f"{letter if each % 2 else letter.swapcase()}{each * 7919 % 3001:05}" for each in range(number)]
    gone = {keys[each] for each in missing if each < number}
    read = Listing(keys, missing=gone).read(connections)
    assert Counter(read) == Counter(set(keys) - gone)


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 3), (250, 4), (799, 9)])
def test_a_short_list_is_not_cut_and_needs_no_more_requests(number: int, requests: int) -> None:
    listing = Listing(codes(number))
    assert listing.read() == codes(number)
    assert len(listing.requests) == requests


@pytest.mark.parametrize("number", [8000, 8050, 9999])
def test_a_cut_costs_at_most_three_percent(number: int) -> None:
    listing = Listing(codes(number))
    assert sorted(listing.read()) == codes(number)
    assert len(listing.requests) <= 1.03 * -(-number // 100)


def test_one_connection_reads_the_list_from_its_beginning_to_its_end() -> None:
    assert Listing(codes(2000)).read(connections=1) == codes(2000)


def test_pieces_are_read_at_the_same_time() -> None:
    numbers, some = count(1), threading.Barrier(4, timeout=10)

    class Slow(Listing):
        def ask(self, parameters: dict[str, Any]) -> Any:
            # After the first page, four requests are sent before any of them gets its response, and so on.
            if 1 < next(numbers) < 14:
                some.wait()
            return super().ask(parameters)

    assert sorted(Slow(codes(4000)).read(connections=2)) == codes(4000)


def _by_random_uuids(keys: list[str]) -> int:
    """Read a list that is too long for positions; return the greatest number of records of a piece."""
    listing = Listing(keys, key="uuid")
    assert Counter(listing.read(path=PRODUCTS_UUID)) == Counter(keys)
    assert len(listing.requests) <= 1.03 * len(keys) / 100
    starts: list[str] = sorted(
        each["search_after"]
        for each in listing.requests
        if each.get("search_after") not in keys and "search_after" in each
    )
    assert len(starts) == 7
    edges = ["", *starts, "g"]
    return max(sum(low < key <= high for key in keys) for low, high in pairwise(edges))


def test_a_list_of_random_uuids_is_cut_evenly_at_any_length() -> None:
    assert _by_random_uuids(uuids(20_000)) < 1.1 * 20_000 / 8


def test_beyond_the_reach_of_positions_a_list_is_cut_at_known_keys() -> None:
    keys = codes(15_000)
    listing = Listing(keys)
    known = lambda number: [keys[len(keys) * each // (number + 1)] for each in range(1, number + 1)]  # noqa: E731
    assert sorted(listing.read(known_keys=known)) == keys
    assert len(listing.requests) <= len(keys) / 100 + 5
    assert not any(each["pagination_type"] == "page" for each in listing.requests[1:])


@pytest.mark.parametrize("known", [["Model-000001", "Z", "a", "model-000002"], ["nothing"] * 4, codes(3)])
def test_known_keys_that_do_not_fit_cost_no_record(known: list[str]) -> None:
    keys = codes(10_500)
    assert sorted(Listing(keys).read(known_keys=lambda _: known)) == keys


@pytest.mark.parametrize("shift", [0, 64], ids=["by time", "in one half"])
def test_uuids_that_are_not_random_are_read_completely(shift: int) -> None:
    keys = [str(uuid.UUID(int=(1 << 120) + (each << shift))) for each in range(10_400)]
    assert Counter(Listing(keys, key="uuid").read(path=PRODUCTS_UUID)) == Counter(keys)


@settings(max_examples=40, deadline=None)
@given(st.integers(0), st.integers(800, 2000))
def test_edits_while_the_list_is_read_hide_no_other_record(seed: int, number: int) -> None:
    """Records come and go anywhere; all others are read."""
    chance = random.Random(seed)
    untouched = [f"m{each:05}" for each in range(0, 2 * number, 2)]
    others = [f"m{each:05}" for each in range(1, 2 * number, 2)]
    present = set(chance.sample(others, number // 2))

    def edit(listing: Listing) -> None:
        for key in chance.sample(others, 40):
            listing.keys.symmetric_difference_update({key})

    read = Counter(Listing([*untouched, *present], before=edit).read())
    assert {key: read[key] for key in untouched} == dict.fromkeys(untouched, 1)


def test_a_list_in_another_order_is_read_as_one() -> None:
    keys = codes(1500)
    listing = Listing(keys, order=lambda key: key[::-1])
    assert Counter(listing.read()) == Counter(keys)
    assert len(listing.requests) == 16


class _Failing:
    """Makes the requests fail whose cursor lies between two keys, some times."""

    def __init__(self, error: Exception, times: int, *between: tuple[str, str]) -> None:
        self.left = dict.fromkeys(between, times)
        self._error = error

    def __call__(self, listing: Listing) -> None:
        after = listing.requests[-1].get("search_after", "")
        for low, high in self.left:
            if low < after < high and self.left[low, high]:
                self.left[low, high] -= 1
                raise self._error


OUTAGE = TransientError("Akeneo did not respond in time")
IN_THE_MIDDLE, LATER = ("Model-000900", "Model-001000"), ("Model-001700", "Model-001800")


def test_a_piece_that_fails_is_continued_after_the_others() -> None:
    fails = _Failing(OUTAGE, 1, IN_THE_MIDDLE)
    listing = Listing(codes(2000), before=fails)
    read = listing.read()
    assert Counter(read) == Counter(codes(2000))
    assert len(listing.requests) == 23
    assert not any(fails.left.values())
    assert "Model-001000" < read[-1] < "Model-001300"


@pytest.mark.parametrize(
    "fails",
    [_Failing(OUTAGE, 2, IN_THE_MIDDLE), _Failing(OUTAGE, 1, IN_THE_MIDDLE, LATER)],
    ids=["one piece twice", "two pieces"],
)
def test_an_outage_ends_the_read(fails: _Failing) -> None:
    with pytest.raises(TransientError, match="did not respond in time"):
        Listing(codes(2000), before=fails).read()
    assert not any(fails.left.values())
    assert not [each for each in threading.enumerate() if each.name.startswith("read")]


def test_an_error_that_a_second_attempt_cannot_help_ends_the_read_at_once() -> None:
    fails = _Failing(AccessDeniedError("no"), 1, IN_THE_MIDDLE)
    with pytest.raises(AccessDeniedError):
        Listing(codes(2000), before=fails).read()


def test_an_error_of_the_taker_ends_the_read() -> None:
    listing = Listing(codes(4000))

    def take(_: list[str]) -> None:
        if len(listing.requests) > 8:
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk is full"):
        LongList(MODELS, listing.pages, take, lambda _: None, connections=4, known_keys=lambda _: ()).read()
    assert len(listing.requests) < 40
    assert not [each for each in threading.enumerate() if each.name.startswith("read")]


def test_where_a_first_page_fails_there_is_no_cut() -> None:
    def fails(listing: Listing) -> None:
        parameters = listing.requests[-1]
        if parameters["pagination_type"] == "page" and parameters["page"] > 1:
            raise OUTAGE

    assert Listing(codes(2000), before=fails).read() == codes(2000)


def keys_of(form: str, number: int) -> list[str]:
    """Return keys as catalogues have them, in lower case, in order."""
    chance, words = random.Random(1), ("blue", "chair", "lamp", "oak", "red", "sofa", "table", "vase")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    forms: Mapping[str, Callable[[int], str]] = {
        "numbered": lambda each: f"model-{each:06}",
        "numbered, without leading zeros": lambda each: f"sku-{each}",
        "beginning elsewhere": lambda each: f"a{420_000 + each}",
        "barcodes": lambda _: f"{chance.randrange(4 * 10**12, 5 * 10**12)}",
        "random": lambda _: "".join(chance.choices(letters, k=9)),
        "words": lambda each: f"{chance.choice(words)}_{chance.choice(words)}_{each}",
    }
    return sorted(map(forms[form], range(number)))


@pytest.mark.parametrize(
    ("form", "largest"),
    [
        ("numbered", 1.01),
        ("numbered, without leading zeros", 3.0),
        ("beginning elsewhere", 1.01),
        ("barcodes", 1.1),
        ("random", 1.1),
        ("words", 3.5),
    ],
)
def test_keys_are_guessed_in_about_equal_distances(form: str, largest: float) -> None:
    keys = keys_of(form, 20_000)
    guesses = guessed_keys(keys[:100], keys[PAGE_WALL - 1], PAGE_WALL - 1, len(keys), 7)
    places = [0, *(bisect_right(keys, guess) for guess in guesses), len(keys)]
    assert max(after - before for before, after in pairwise(places)) <= largest * len(keys) / 8


@pytest.mark.parametrize("form", ["numbered", "words"])
def test_a_long_list_is_cut_at_guessed_keys(form: str) -> None:
    keys = keys_of(form, 12_000)
    listing = Listing(keys)
    assert Counter(listing.read()) == Counter(keys)
    assert len(listing.requests) <= len(keys) / 100 + 8
    assert sum(each["pagination_type"] == "page" for each in listing.requests) == 2


def test_a_guess_is_needed_only_if_the_list_reaches_beyond_positions() -> None:
    listing = Listing(codes(PAGE_WALL))
    assert Counter(listing.read()) == Counter(codes(PAGE_WALL))
    assert not any(each["limit"] == 1 for each in listing.requests)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=30, unique_by=str.lower), st.integers(1, 7))
def test_any_keys_give_guesses_in_order(keys: list[str], number: int) -> None:
    *first, last = sorted(keys, key=str.lower)
    guesses = guessed_keys(first, last, len(first), 10 * len(keys), number)
    assert len(guesses) <= number
