"""Lists and records of products and product models."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import orjson

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.bodies import Bodies
from akeneo_assets.sandbox.akeneo.call import PAGING_PARAMETERS, ROOT, Call
from akeneo_assets.sandbox.akeneo.encrypted_cursors import decrypted, encrypted
from akeneo_assets.sandbox.akeneo.errors import ApiError, bad_request, not_found
from akeneo_assets.sandbox.akeneo.index import Entry, Surface, after, shuffled
from akeneo_assets.sandbox.akeneo.pagination import hal, read_paging
from akeneo_assets.sandbox.akeneo.product_search import find
from akeneo_assets.sandbox.akeneo.search import Criterion, parse_search
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.view import View, read_view

# Parameters that Akeneo leaves out of its links to the next page.
_FORGOTTEN: Final[dict[Surface, frozenset[str]]] = {
    "products-uuid": frozenset({"search_locale"}),
    "products": frozenset(),
    "product-models": frozenset({"search_locale", "with_quality_scores"}),
}

BodyOf = Callable[[Bodies, Entry], "JsonObject | None"]

_BODY: Final[dict[Surface, BodyOf]] = {
    "products-uuid": lambda bodies, entry: bodies.product(entry.key, "uuid"),
    "products": lambda bodies, entry: bodies.product(entry.key, "identifier"),
    "product-models": lambda bodies, entry: bodies.model(entry.key),
}
_KEY: Final[dict[Surface, str]] = {"products-uuid": "uuid", "products": "identifier", "product-models": "code"}


def list_of(surface: Surface) -> Callable[[AkeneoState, Call], JsonObject]:
    """Return the handler of one of the three lists."""

    def handle(state: AkeneoState, call: Call) -> JsonObject:
        switches = state.switches
        paging = read_paging(call.query, search_after=True, maximum=switches.maximum_limit, wall=switches.page_wall)
        view = read_view(call.query, state.database.structure)
        if paging.limit > switches.largest_product_page:
            raise ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
        entries = find(state, surface, _criteria(state, call, view))
        # Before 6.0, the order is that of ids in the database.
        if is_shuffled := switches.list_order == "shuffled" or switches.encrypts_cursors:
            entries = shuffled(surface, entries)
        if paging.search_after is not None:
            cursor = decrypted(paging.search_after) if switches.encrypts_cursors else paging.search_after
            first = after(surface, entries, cursor, is_shuffled=is_shuffled)
        else:
            first = (paging.page - 1) * paging.limit
        bodies = Bodies(state, view, origin=call.origin)
        # The index may contain records that the database no longer has: the page is then short, without a next link.
        read = (_BODY[surface](bodies, entry) for entry in entries[first : first + paging.limit])
        items = [
            {"_links": {"self": {"href": f"{call.origin}{ROOT}/{surface}/{quote(str(body[_KEY[surface]]))}"}}, **body}
            for body in read
            if body is not None
        ]
        last_key = str(items[-1][_KEY[surface]]) if items else None
        forgotten = PAGING_PARAMETERS | (frozenset() if switches.complete_links else _FORGOTTEN[surface])
        return hal(
            paging,
            items,
            url=call.url,
            parameters={name: text for name, text in call.query.items() if name not in forgotten},
            count=len(entries),
            last_key=encrypted(last_key) if last_key is not None and switches.encrypts_cursors else last_key,
            next_links=switches.next_links,
        )

    return handle


def search_products(state: AkeneoState, call: Call) -> JsonObject:
    """Respond to a search with its criteria in the body, as SaaS supports it; the paging stays in the query."""
    try:
        body = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("Invalid json message received")
    fields = {name: ("true" if item is True else str(item)) for name, item in body.items() if item is not False}
    merged = Call(call.origin, call.path, call.codes, {**call.query, **fields}, call.switches)
    return list_of("products-uuid")(state, merged)


def get_product_by_uuid(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one product, found by uuid."""
    uuid = call.codes["uuid"]
    body = _bodies(state, call).product(uuid.lower(), "uuid")
    if body is None:
        raise not_found(f'Product "{uuid}" does not exist or you do not have permission to access it.')
    return body


def get_product_by_identifier(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one product, found by identifier."""
    identifier = call.codes["code"]
    uuid = state.database.uuid_of(identifier)
    known = uuid is not None and (state.database.identifiers[uuid] or "").lower() == identifier.lower()
    body = _bodies(state, call).product(uuid, "identifier") if known and uuid else None
    if body is None:
        raise not_found(f'Product "{identifier}" does not exist or you do not have permission to access it.')
    return body


def get_product_model(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one product model."""
    code = call.codes["code"]
    body = _bodies(state, call).model(code)
    if body is None:
        raise not_found(f'Product model "{code}" does not exist or you do not have permission to access it.')
    return body


def _bodies(state: AkeneoState, call: Call) -> Bodies:
    return Bodies(state, read_view(call.query, state.database.structure), origin=call.origin)


def _criteria(state: AkeneoState, call: Call, view: View) -> tuple[Criterion, ...]:
    query = call.query
    locale, scope = query.get("search_locale"), query.get("search_scope")
    criteria = parse_search(query.get("search"), locale=locale, scope=scope)
    # `scope` also hides records outside the channel's tree, unless the search itself contains categories.
    if view.scope is not None and all(criterion.property != "categories" for criterion in criteria):
        tree = state.database.structure.channels[view.scope]["category_tree"]
        criteria += (Criterion("categories", "IN CHILDREN", (tree,)),)
    return criteria
