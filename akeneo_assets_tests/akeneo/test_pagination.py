from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.damage import PageReader
from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.akeneo.pagination import PAGE_SIZE, PagePaginator, paginator_of
from akeneo_assets.errors import MalformedResponseError, TransientError
from akeneo_assets.http.calls import UnusableResponseError
from akeneo_assets.http.loops import LoopDetector
from akeneo_assets_tests.akeneo.conftest import calls, page, with_tokens
from akeneo_assets_tests.http.scripted_server import Received, Reply, ScriptedServer

Ask = Callable[[dict[str, Any]], Any]


def walk(
    path: str, ask: Ask, requests: list[dict[str, Any]] | None = None, *, continues_after_keys: bool | None = True
) -> list[str]:
    """Return the keys of a list that is read to its end."""
    endpoint = ENDPOINTS[path]
    paginator = paginator_of(endpoint, continues_after_keys=continues_after_keys)
    keys = []
    while not paginator.finished:
        parameters = paginator.parameters
        if requests is not None:
            requests.append(parameters)
        keys += [item[endpoint.key] for item in paginator.advance(ask(parameters))]
    return keys


def uuid_list(keys: list[str], deleted: frozenset[str] = frozenset()) -> Ask:
    """Akeneo's products: only full pages have ``next``, and a deleted record still takes a place."""

    def ask(parameters: dict[str, Any]) -> Any:
        after = parameters.get("search_after", "")
        chunk = [key for key in keys if key > after][: parameters["limit"]]
        items = [{"uuid": key} for key in chunk if key not in deleted]
        full = len(items) == parameters["limit"]
        href = f"http://elsewhere/?search_after={items[-1]['uuid']}&with_count=false" if full else None
        return page(*items, following=href)

    return ask


KEYS = [f"{number:05}" for number in range(350)]


@pytest.mark.parametrize(("length", "requests"), [(0, 1), (1, 2), (99, 2), (100, 2), (101, 3), (200, 3), (350, 5)])
def test_a_chain_ends_with_an_empty_page(length: int, requests: int) -> None:
    asked: list[dict[str, Any]] = []
    assert walk("products-uuid", uuid_list(KEYS[:length]), asked) == KEYS[:length]
    assert len(asked) == requests


@given(st.frozensets(st.sampled_from(KEYS), max_size=90))
def test_records_deleted_while_reading_do_not_hide_the_rest(deleted: frozenset[str]) -> None:
    assert walk("products-uuid", uuid_list(KEYS, deleted)) == [key for key in KEYS if key not in deleted]


def test_reading_continues_after_the_last_key_of_a_short_page() -> None:
    asked: list[dict[str, Any]] = []
    walk("products-uuid", uuid_list(KEYS[:3]), asked)
    assert asked == [
        {"pagination_type": "search_after", "limit": PAGE_SIZE},
        {"pagination_type": "search_after", "limit": PAGE_SIZE, "search_after": "00002"},
    ]


def test_a_list_that_does_not_advance_is_an_error() -> None:
    same = page({"uuid": "a"})
    with pytest.raises(TransientError, match="does not advance"):
        walk("products-uuid", lambda _: same)


class Encrypted:
    """Products before version 6.0: another order, and cursors that only Akeneo can create.

    Args:
        keys: The keys, in the order of the list.
        deleted: Those that still take a place, but can no longer be read.
    """

    def __init__(self, keys: list[str], deleted: Collection[str] = ()) -> None:
        self._keys = keys
        self._deleted = deleted
        self.requests: list[dict[str, Any]] = []

    def __call__(self, parameters: dict[str, Any]) -> Any:
        self.requests.append(parameters)
        limit = parameters["limit"]
        first = (parameters.get("page", 1) - 1) * limit
        if cursor := parameters.get("search_after"):
            # Any other text is decrypted to some other place.
            first = int(cursor.removeprefix("id ")) + 1 if cursor.startswith("id ") else len(self._keys)
        places = range(first, min(first + limit, len(self._keys)))
        listed = [place for place in places if self._keys[place] not in self._deleted]
        is_linked = len(listed) == limit and parameters["pagination_type"] == "search_after"
        return page(
            *({"identifier": self._keys[place]} for place in listed),
            following=f"http://x/?search_after=id+{listed[-1]}" if is_linked else None,
            count=len(self._keys) if parameters.get("with_count") else None,
        )


SHUFFLED = sorted(KEYS, key=lambda key: key[::-1])


@pytest.mark.parametrize("known", [False, None], ids=["known", "found out"])
@given(st.frozensets(st.sampled_from(SHUFFLED[:250]), max_size=90))
def test_a_list_with_encrypted_cursors_is_read_to_its_end(known: bool | None, deleted: frozenset[str]) -> None:
    listed = [key for key in SHUFFLED if key not in deleted]
    assert walk("products", Encrypted(SHUFFLED, deleted), continues_after_keys=known) == listed


@pytest.mark.parametrize(("length", "requests"), [(0, 1), (1, 2), (99, 2), (100, 2), (101, 3), (350, 5)])
def test_encrypted_cursors_need_no_more_requests(length: int, requests: int) -> None:
    listing = Encrypted(SHUFFLED[:length])
    assert walk("products", listing, continues_after_keys=False) == SHUFFLED[:length]
    assert len(listing.requests) == requests


@pytest.mark.parametrize("deleted", [(), ("10150",)])
def test_the_end_of_a_very_long_list_with_encrypted_cursors_is_proved_by_its_count(deleted: Collection[str]) -> None:
    keys = [f"{number:05}" for number in range(10_250)]
    listing = Encrypted(keys, deleted)
    if deleted:
        with pytest.raises(TransientError, match="cannot be read to its end"):
            walk("products", listing, continues_after_keys=False)
    else:
        assert walk("products", listing, continues_after_keys=False) == keys
    assert listing.requests[-1] == {"pagination_type": "page", "page": 1, "limit": 1, "with_count": True}


def test_that_cursors_are_keys_is_found_out_from_a_link() -> None:
    def ask(parameters: dict[str, Any]) -> Any:
        response = uuid_list(KEYS, frozenset(KEYS[150:160]))(parameters)
        return response | {
            "_embedded": {"items": [{"identifier": each["uuid"]} for each in response["_embedded"]["items"]]}
        }

    asked: list[dict[str, Any]] = []
    assert walk("products", ask, asked, continues_after_keys=None) == KEYS[:150] + KEYS[160:]
    assert {parameters["pagination_type"] for parameters in asked} == {"search_after"}


def test_an_opaque_cursor_is_only_taken_from_the_server() -> None:
    responses = iter([page({"code": "a"}, following="https://x/?search_after=2x088w%3D%3D"), page({"code": "b"})])
    asked: list[dict[str, Any]] = []
    assert walk("reference-entities/{}/records", lambda _: next(responses), asked) == ["a", "b"]
    assert asked == [
        {"pagination_type": "search_after"},
        {"pagination_type": "search_after", "search_after": "2x088w=="},
    ]


def paged(readings: list[list[str]], count: int | None) -> Ask:
    """A list that is read by position and changes between reads."""
    reading = iter(readings)
    current: list[str] = []

    def ask(parameters: dict[str, Any]) -> Any:
        nonlocal current
        number = parameters["page"]
        if number == 1:
            current = next(reading)
        chunk = current[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        following = f"http://x/?page={number + 1}" if len(chunk) == PAGE_SIZE else None
        return page(
            *({"code": key} for key in chunk),
            following=following,
            count=count if parameters.get("with_count") else None,
        )

    return ask


@pytest.mark.parametrize("length", [0, 1, 100, 101, 300])
def test_paged_lists_end_at_their_count(length: int) -> None:
    asked: list[dict[str, Any]] = []
    assert walk("families", paged([KEYS[:length]], length), asked) == KEYS[:length]
    assert asked[0] == {"page": 1, "limit": PAGE_SIZE, "with_count": True}
    assert all("with_count" not in parameters for parameters in asked[1:])
    assert len(asked) == length // 100 + 1


def test_a_paged_list_that_lost_records_is_read_again_without_duplicates() -> None:
    assert sorted(walk("families", paged([KEYS[:148], KEYS[:150]], 150))) == KEYS[:150]


def test_a_paged_list_that_stays_incomplete_is_an_error() -> None:
    with pytest.raises(TransientError, match="should contain 150 records, but 3 attempts found 140"):
        walk("families", paged([KEYS[:140]] * 3, 150))


def test_a_paged_list_without_a_count_is_read_to_an_empty_page() -> None:
    asked: list[dict[str, Any]] = []
    assert walk("families", paged([KEYS[:101]], None), asked) == KEYS[:101]
    assert [parameters["page"] for parameters in asked] == [1, 2, 3]


class Numbered:
    """A list by number.

    Args:
        keys: The keys.
        largest: The largest page; more than this is never returned.
        linked: Whether full pages have links.
        counted: By how much the count is too high; None without a count.
        damaged: Those that make a page fail.
    """

    def __init__(
        self,
        keys: list[str],
        largest: int = PAGE_SIZE,
        *,
        linked: bool = False,
        counted: int | None = 0,
        damaged: Collection[str] = (),
    ) -> None:
        self._keys = keys
        self._largest = largest
        self._linked = linked
        self._counted = counted
        self._damaged = damaged
        self.requests: list[dict[str, Any]] = []

    def __call__(self, parameters: Any, *, bare_only: bool = False, attempts: int = 1) -> Any:
        assert attempts
        self.requests.append(dict(parameters))
        size = min(parameters["limit"], self._largest)
        first = (parameters["page"] - 1) * size
        listed = self._keys[first : first + size]
        if not bare_only and not set(listed).isdisjoint(self._damaged):
            raise UnusableResponseError("", reason="responded with 500", detail="")
        counts = parameters.get("with_count") and self._counted is not None
        count = len(self._keys) + (self._counted or 0) if counts else None
        following = f"http://x/?page={parameters['page'] + 1}" if self._linked and len(listed) == size else None
        return page(*({"code": key} for key in listed), following=following, count=count)


@pytest.mark.parametrize(
    ("length", "largest", "requests"),
    [(0, 100, 1), (99, 100, 1), (100, 100, 1), (101, 100, 2), (200, 100, 2), (201, 100, 3), (30, 10, 3), (31, 10, 4)],
)
def test_a_numbered_list_without_links_is_read_to_its_count(length: int, largest: int, requests: int) -> None:
    listing = Numbered(KEYS[:length], largest)
    assert walk("families", listing) == KEYS[:length]
    assert [each["page"] for each in listing.requests] == list(range(1, requests + 1))


def test_a_numbered_list_without_links_that_stays_incomplete_is_an_error() -> None:
    with pytest.raises(TransientError, match="should contain 141 records, but 3 attempts found 140"):
        walk("families", Numbered(KEYS[:140], counted=1))


@given(
    length=st.integers(0, 350),
    largest=st.integers(1, PAGE_SIZE),
    linked=st.booleans(),
    counted=st.sampled_from([0, None]),
    damaged=st.frozensets(st.sampled_from(KEYS), max_size=3),
)
@example(length=130, largest=50, linked=True, counted=None, damaged=frozenset(KEYS[50:51]))
@example(length=350, largest=50, linked=False, counted=0, damaged=frozenset(KEYS[:1]))
def test_short_pages_and_damaged_records_do_not_hide_the_rest(
    length: int, largest: int, linked: bool, counted: int | None, damaged: frozenset[str]
) -> None:
    listing = Numbered(KEYS[:length], largest, linked=linked, counted=counted, damaged=damaged)
    paginator, skipped = PagePaginator(ENDPOINTS["families"]), []
    reader = PageReader(ENDPOINTS["families"], paginator, listing, lambda each: skipped.append(each.record["code"]))
    read: list[str] = []
    while not paginator.finished:
        read += [each["code"] for part in reader.read() for each in part]
    assert read == [key for key in KEYS[:length] if key not in damaged]
    assert skipped == sorted(damaged.intersection(KEYS[:length]))


def test_plain_arrays_are_complete_lists() -> None:
    asked: list[dict[str, Any]] = []
    assert walk("measurement-families", lambda _: [{"code": "Weight"}], asked) == ["Weight"]
    assert asked == [{}]


@pytest.mark.parametrize("path", ["products-uuid", "families", "measurement-families"])
@pytest.mark.parametrize("response", [None, {}, {"_embedded": {}}, {"_embedded": {"items": {}}}, "x", 1])
def test_a_response_that_is_not_a_list_does_not_count_as_empty(path: str, response: Any) -> None:
    with pytest.raises(TransientError, match="the response is not a list"):
        walk(path, lambda _: response)


def test_next_is_followed_on_the_configured_host_with_our_own_parameters(
    client: AkeneoClient, server: ScriptedServer
) -> None:
    stranger = ScriptedServer()
    try:

        def respond(request: Received) -> Reply:
            if "search_after" in request.query:
                return Reply(document=page())
            items = [{"code": f"{number:03}"} for number in range(100)]
            # Akeneo's own links leave out with_quality_scores.
            href = f"{stranger.url}/api/rest/v1/product-models?search_after=a%2Fb%20c&limit=7"
            return Reply(document=page(*items, following=href))

        server.handler = with_tokens(respond)
        list(client.list("product-models", params={"with_quality_scores": True, "locales": ["en_US", "fr_FR"]}))
        assert stranger.requests == []
    finally:
        stranger.stop()
    first, second = calls(server)
    own = {"pagination_type": "search_after", "limit": "100", "with_quality_scores": "true", "locales": "en_US,fr_FR"}
    assert first.query == own
    assert second.query == {**own, "search_after": "a/b c"}


# Lists that never end, or seem to end early


def without_end(paths: list[str], pages: list[list[str]], *, counting: bool) -> Ask:
    """Endless pages, each with ``next``: to the following page, or to a new cursor."""
    number = 0
    key = ENDPOINTS[paths[0]].key

    def ask(_: dict[str, Any]) -> Any:
        nonlocal number
        chosen = pages[number % len(pages)]
        number += 1
        cursor = f"counted-{number}" if counting else f"cursor-{number % len(pages)}"
        return page(
            *({key: each} for each in chosen), following=f"http://x/?search_after={cursor}&page={number + 1}", count=0
        )

    return ask


@pytest.mark.parametrize("path", ["products-uuid", "families", "reference-entities/{}/records"])
@pytest.mark.parametrize(
    "pages",
    [[["a"]], [["a"], ["b"]], [["a", "b"], ["c"], ["d", "a"]], [[str(number)] for number in range(40)], [[]]],
    ids=["one page", "two pages", "three pages", "forty pages", "empty pages"],
)
@pytest.mark.parametrize("counting", [True, False])
def test_an_endless_list_is_an_error(path: str, pages: list[list[str]], counting: bool) -> None:
    asked: list[dict[str, Any]] = []
    with pytest.raises(TransientError, match="does not advance"):
        walk(path, without_end([path], pages, counting=counting), asked)
    assert len(asked) <= max(4 * len(pages), 101)


def test_a_long_list_does_not_count_as_endless() -> None:
    guard = LoopDetector()
    assert not any(guard.is_looping([f"{page}-{item}" for item in range(3)]) for page in range(20_000))


@pytest.mark.parametrize("path", ["products-uuid", "families", "reference-entities/{}/records"])
def test_an_empty_page_with_a_next_link_is_not_the_end(path: str) -> None:
    key = ENDPOINTS[path].key
    responses = iter(
        [
            page({key: "a"}, following="http://x/?search_after=1&page=2", count=2),
            page(following="http://x/?search_after=2&page=3"),
            page({key: "b"}),
            page(),
        ]
    )
    assert walk(path, lambda _: next(responses)) == ["a", "b"]


def test_a_count_that_is_too_low_does_not_cut_a_list_off() -> None:
    responses = iter([page({"code": "a"}, {"code": "b"}, count=1), page({"code": "c"}), page()])
    assert walk("families", lambda _: next(responses)) == ["a", "b", "c"]


@pytest.mark.parametrize("path", ["products-uuid", "families", "measurement-families"])
@pytest.mark.parametrize("item", [None, "a", 1, [], {}, {"code": None, "uuid": None}, {"code": {}, "uuid": 1.5}])
def test_an_item_without_a_key_is_reported_with_its_list_and_field(path: str, item: Any) -> None:
    response = [item] if path == "measurement-families" else page(item, count=1)
    with pytest.raises(MalformedResponseError) as caught:
        walk(path, lambda _: response)
    assert (caught.value.endpoint, caught.value.field) == (path, ENDPOINTS[path].key)


@pytest.mark.parametrize("links", [1, "x", ["x"], {"next": 1}, {"next": {"href": 1}}, {"next": {"href": "http://[x"}}])
def test_an_invalid_link_is_reported(links: Any) -> None:
    response = {**page({"uuid": "a"}), "_links": links}
    with pytest.raises(MalformedResponseError, match="not a link"):
        walk("products-uuid", lambda _: response)


@pytest.mark.parametrize("links", [None, [], {}, {"next": None}, {"next": []}, {"next": {"href": None}}])
def test_a_missing_link_has_many_forms(links: Any) -> None:
    responses = iter([{**page({"uuid": "a"}), "_links": links}, page()])
    assert walk("products-uuid", lambda _: next(responses)) == ["a"]


@pytest.mark.parametrize("count", ["2", 2.0, -1, True, [], {}])
def test_an_invalid_count_is_reported(count: Any) -> None:
    response = {**page({"code": "a"}), "items_count": count}
    with pytest.raises(MalformedResponseError, match="items_count"):
        walk("families", lambda _: response)
