"""One request as the handlers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.pagination import hal, read_paging
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.switches import Switches

ROOT = "/api/rest/v1"


@dataclass(frozen=True)
class Call:
    """A request that has passed authentication.

    Args:
        origin: Scheme, host and port for links.
        path: Its path.
        codes: The variable parts of the path.
        query: Its parameters, without those that this version ignores.
        switches: How the server behaves.
        body: Its body.
    """

    origin: str
    path: str
    codes: Mapping[str, str]
    query: Mapping[str, str]
    switches: Switches
    body: bytes = b""

    @property
    def url(self) -> str:
        """URL without the parameters."""
        return self.origin + self.path

    def flag(self, name: str) -> bool:
        """Return whether a ``with_…`` parameter is on; anything but ``true`` silently means off."""
        return self.query.get(name) == "true"


Handler: TypeAlias = Callable[[AkeneoState, Call], object]
"""Responds to a call with a JSON document, or with a complete response."""


def page_of(call: Call, documents: Iterable[JsonObject]) -> JsonObject:
    """Return a page of a list that supports paging by number only.

    Args:
        call: The request.
        documents: All bodies of the list, in order.
    """
    paging = read_paging(call.query, search_after=False)
    everything = list(documents)
    first = (paging.page - 1) * paging.limit
    items = [
        {"_links": {"self": {"href": f"{call.url}/{quote(str(document['code']))}"}}, **document}
        for document in everything[first : first + paging.limit]
    ]
    carried = {name: text for name, text in call.query.items() if name not in PAGING_PARAMETERS}
    return hal(
        paging,
        items,
        url=call.url,
        parameters=carried,
        count=len(everything),
        next_links=call.switches.next_links,
    )


PAGING_PARAMETERS = frozenset({"pagination_type", "page", "limit", "with_count", "search_after"})
