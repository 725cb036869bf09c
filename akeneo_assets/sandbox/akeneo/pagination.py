"""Pages of a list, with the rules by which Akeneo writes their links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import quote, urlencode

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.errors import ApiError, unprocessable

DEFAULT_LIMIT: Final = 10
MAXIMUM_LIMIT: Final = 100
PAGE_WALL: Final = 10_000
"""Number of the last result that a product list returns by page number."""

PaginationType: TypeAlias = Literal["page", "search_after"]
NextLinks: TypeAlias = Literal["full_pages", "always", "never"]

# Characters that Symfony does not escape in a query.
_UNENCODED = "/?@:!;,*"


@dataclass(frozen=True)
class Paging:
    """The page that a request asks for."""

    type: PaginationType
    limit: int
    page: int
    search_after: str | None
    with_count: bool


def read_paging(
    query: Mapping[str, str], *, search_after: bool, maximum: int = MAXIMUM_LIMIT, wall: int | None = None
) -> Paging:
    """Read and check the paging parameters.

    Args:
        query: The parameters of the request.
        search_after: Whether the list supports ``search_after``.
        maximum: The largest page.
        wall: The last record that is returned by page number; None if there is no last one.

    Raises:
        ApiError: One is wrong.
    """
    wanted = query.get("pagination_type", "page")
    if wanted not in {"page", "search_after"}:
        raise unprocessable("Pagination type does not exist.")
    if wanted == "search_after" and not search_after:
        raise unprocessable("Pagination type is not supported.")
    with_count = query.get("with_count", "false")
    if with_count not in {"true", "false"}:
        raise unprocessable(
            f'Parameter "with_count" has to be a boolean. Only "true" or "false" allowed, "{with_count}" given.'
        )
    limit = _positive(query.get("limit", str(DEFAULT_LIMIT)), "limit")
    if limit > maximum:
        raise unprocessable(f"You cannot request more than {maximum} items.")
    if wanted == "search_after":
        return Paging("search_after", limit, 1, query.get("search_after"), with_count=False)
    page = _positive(query.get("page", "1"), "page")
    if wall is not None and page * limit > wall:
        raise ApiError(
            422,
            'You have reached the maximum number of pages you can retrieve with the "page" pagination type.'
            " Please use the search after pagination type instead",
            documentation="pagination.html#search-after-type",
        )
    return Paging("page", limit, page, None, with_count=with_count == "true")


def _positive(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise unprocessable(f'"{text}" is not a valid {name} number.')
    return int(text)


def hal(
    paging: Paging,
    items: Sequence[JsonObject],
    *,
    url: str,
    parameters: Mapping[str, str],
    count: int | None = None,
    last_key: str | None = None,
    next_links: NextLinks = "full_pages",
) -> JsonObject:
    """Return a page as a HAL document.

    By default, only full pages have a ``next`` link, as in Akeneo.

    Args:
        paging: The page.
        items: Its items.
        url: URL of the list.
        parameters: Parameters of the request that the links repeat.
        count: Number of all items.
        last_key: Cursor of the last item.
        next_links: Which pages have a ``next`` link.
    """
    is_full = len(items) == paging.limit
    has_next = {"full_pages": is_full, "always": True, "never": False}[next_links]
    if paging.type == "search_after":
        common = {**parameters, "with_count": "false", "pagination_type": "search_after", "limit": str(paging.limit)}
        here = {"search_after": paging.search_after} if paging.search_after is not None else {}
        links = {"self": _link(url, common | here), "first": _link(url, common)}
        following = last_key or paging.search_after
        if has_next and following is not None:
            links["next"] = _link(url, common | {"search_after": following})
        return {"_links": links, "_embedded": {"items": items}}
    with_count = "true" if paging.with_count else "false"
    common = {**parameters, "with_count": with_count, "pagination_type": "page", "limit": str(paging.limit)}
    links = {name: _link(url, {"page": str(page)} | common) for name, page in _pages(paging, has_next=has_next).items()}
    document: JsonObject = {"_links": links, "current_page": paging.page}
    if paging.with_count:
        document["items_count"] = count
    document["_embedded"] = {"items": items}
    return document


def _pages(paging: Paging, *, has_next: bool) -> dict[str, int]:
    pages = {"self": paging.page, "first": 1}
    if paging.page > 1:
        pages["previous"] = paging.page - 1
    if has_next:
        pages["next"] = paging.page + 1
    return pages


def _link(url: str, parameters: Mapping[str, str]) -> JsonObject:
    return {"href": f"{url}?{urlencode(parameters, quote_via=quote, safe=_UNENCODED)}"}
