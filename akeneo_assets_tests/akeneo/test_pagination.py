from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.akeneo.pagination import PAGE_SIZE, paginator_of
from akeneo_assets.errors import TransientError
from akeneo_assets_tests.akeneo.conftest import calls, page, with_tokens
from akeneo_assets_tests.http.scripted_server import Answer, Received, ScriptedServer

Ask = Callable[[dict[str, Any]], Any]


def walk(path: str, ask: Ask, requests: list[dict[str, Any]] | None = None) -> list[str]:
    """The keys of a list that is read to its end."""
    endpoint = ENDPOINTS[path]
    paginator = paginator_of(endpoint)
    keys = []
    while not paginator.finished:
        parameters = paginator.parameters
        if requests is not None:
            requests.append(parameters)
        keys += [item[endpoint.key] for item in paginator.advance(ask(parameters))]
    return keys


def uuid_list(keys: list[str], deleted: frozenset[str] = frozenset()) -> Ask:
    """Akeneo's products: ``next`` stands only on full pages, and a deleted record still fills its place."""

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


def test_the_last_key_is_where_a_short_page_is_continued() -> None:
    asked: list[dict[str, Any]] = []
    walk("products-uuid", uuid_list(KEYS[:3]), asked)
    assert asked == [
        {"pagination_type": "search_after", "limit": PAGE_SIZE},
        {"pagination_type": "search_after", "limit": PAGE_SIZE, "search_after": "00002"},
    ]


def test_a_list_that_does_not_move_on_is_an_error() -> None:
    same = page({"uuid": "a"})
    with pytest.raises(TransientError, match="does not move on"):
        walk("products-uuid", lambda _: same)


def test_a_cursor_of_the_servers_own_is_only_taken_from_it() -> None:
    answers = iter([page({"code": "a"}, following="https://x/?search_after=2x088w%3D%3D"), page({"code": "b"})])
    asked: list[dict[str, Any]] = []
    assert walk("reference-entities/{}/records", lambda _: next(answers), asked) == ["a", "b"]
    assert asked == [
        {"pagination_type": "search_after"},
        {"pagination_type": "search_after", "search_after": "2x088w=="},
    ]


def paged(readings: list[list[str]], count: int | None) -> Ask:
    """A list that is read by position and changes between readings."""
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
def test_page_lists_end_where_their_count_says(length: int) -> None:
    asked: list[dict[str, Any]] = []
    assert walk("families", paged([KEYS[:length]], length), asked) == KEYS[:length]
    assert asked[0] == {"page": 1, "limit": PAGE_SIZE, "with_count": True}
    assert all("with_count" not in parameters for parameters in asked[1:])
    assert len(asked) == length // 100 + 1


def test_a_page_list_that_lost_records_is_read_again_without_repeating_any() -> None:
    assert sorted(walk("families", paged([KEYS[:148], KEYS[:150]], 150))) == KEYS[:150]


def test_a_page_list_that_never_is_whole_is_an_error() -> None:
    with pytest.raises(TransientError, match="should hold 150 records, but 3 readings found 140"):
        walk("families", paged([KEYS[:140]] * 3, 150))


def test_a_page_list_without_a_count_is_read_to_an_empty_page() -> None:
    asked: list[dict[str, Any]] = []
    assert walk("families", paged([KEYS[:101]], None), asked) == KEYS[:101]
    assert [parameters["page"] for parameters in asked] == [1, 2, 3]


def test_bare_arrays_are_whole_lists() -> None:
    asked: list[dict[str, Any]] = []
    assert walk("measurement-families", lambda _: [{"code": "Weight"}], asked) == ["Weight"]
    assert asked == [{}]


@pytest.mark.parametrize("path", ["products-uuid", "families", "measurement-families"])
@pytest.mark.parametrize("answer", [None, {}, {"_embedded": {}}, {"_embedded": {"items": {}}}, "x", 1])
def test_what_is_no_list_is_not_taken_for_an_empty_one(path: str, answer: Any) -> None:
    with pytest.raises(TransientError, match="something else than a list"):
        walk(path, lambda _: answer)


def test_next_is_followed_on_the_configured_host_with_our_own_parameters(
    client: AkeneoClient, server: ScriptedServer
) -> None:
    stranger = ScriptedServer()
    try:

        def answer(request: Received) -> Answer:
            if "search_after" in request.query:
                return Answer(document=page())
            items = [{"code": f"{number:03}"} for number in range(100)]
            # Akeneo's own links drop with_quality_scores.
            href = f"{stranger.url}/api/rest/v1/product-models?search_after=a%2Fb%20c&limit=7"
            return Answer(document=page(*items, following=href))

        server.handler = with_tokens(answer)
        list(client.list("product-models", params={"with_quality_scores": True, "locales": ["en_US", "fr_FR"]}))
        assert stranger.requests == []
    finally:
        stranger.stop()
    first, second = calls(server)
    own = {"pagination_type": "search_after", "limit": "100", "with_quality_scores": "true", "locales": "en_US,fr_FR"}
    assert first.query == own
    assert second.query == {**own, "search_after": "a/b c"}
