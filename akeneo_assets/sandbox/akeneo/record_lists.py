"""What records of reference entities and assets share: search, visible values, and an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import Call
from akeneo_assets.sandbox.akeneo.date_criteria import iso_date_test
from akeneo_assets.sandbox.akeneo.errors import not_found, unprocessable
from akeneo_assets.sandbox.akeneo.pagination import Paging, hal
from akeneo_assets.sandbox.akeneo.search import Criterion, listed_values, parse_search, unsupported
from akeneo_assets.sandbox.akeneo.state import AkeneoState


@dataclass(frozen=True, slots=True)
class Collection:
    """Reference entities or asset families, and what belongs to them.

    Args:
        kind: The kind of the collections in the database.
        field: The field, and the variable of the path, that contains the code of a collection.
        title: The name of a collection in error messages.
        record_kind: The kind of the records of a collection in the database.
        record_title: The name of a record in error messages.
    """

    kind: str
    field: str
    title: str
    record_kind: str
    record_title: str

    def get(self, state: AkeneoState, call: Call) -> JsonObject:
        """Return the collection in the path of a call; its code is case-sensitive, unlike that of a product family.

        Raises:
            ApiError: There is none.
        """
        code = call.codes[self.field]
        collection = state.database.get(self.kind, code)
        if collection is None:
            raise not_found(f'{self.title} "{code}" does not exist.')
        return collection

    def owned(self, state: AkeneoState, call: Call, kind: str) -> list[JsonObject]:
        """Return everything of one kind that belongs to the collection in the path of a call."""
        code = self.get(state, call)["code"]
        return [document for document in state.database.all(kind) if document[self.field] == code]

    def record(self, state: AkeneoState, call: Call) -> JsonObject:
        """Return the record in the path of a call.

        Raises:
            ApiError: There is none.
        """
        owner, code = self.get(state, call)["code"], call.codes["code"]
        record = state.database.get(self.record_kind, f"{owner}/{code}")
        if record is None:
            raise not_found(f'{self.record_title} "{code}" does not exist for the {self.title.lower()} "{owner}".')
        return record


def without(document: JsonObject, *fields: str) -> JsonObject:
    """Return a document without some fields."""
    return {name: item for name, item in document.items() if name not in fields}


def found(state: AkeneoState, call: Call, documents: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the documents that match the ``search`` of a call: by ``code`` or ``updated``.

    Raises:
        ApiError: The search is wrong.
    """
    tests = [_test(criterion, state) for criterion in parse_search(call.query.get("search"))]
    return [document for document in documents if all(test(document) for test in tests)]


def visible_values(call: Call, values: JsonObject) -> JsonObject:
    """Return the entries that match ``channel`` and ``locales`` of a call; attributes without any are left out."""
    channel, locales = call.query.get("channel"), call.query.get("locales")
    wanted = None if locales is None else {None, *locales.split(",")}

    def is_visible(entry: JsonObject) -> bool:
        return (channel is None or entry["channel"] in {None, channel}) and (
            wanted is None or entry["locale"] in wanted
        )

    visible = {code: [entry for entry in entries if is_visible(entry)] for code, entries in values.items()}
    return {code: entries for code, entries in visible.items() if entries}


def page_of_records(state: AkeneoState, call: Call, documents: Sequence[JsonObject]) -> JsonObject:
    """Return a page, sorted by code; the server chooses its size."""
    cursor = call.query.get("search_after")
    start = "" if cursor is None else _opened(cursor)
    ordered = sorted(documents, key=lambda document: document["code"])
    size = state.switches.record_page_size
    items = [
        {"_links": {"self": {"href": f"{call.url}/{document['code']}"}}, **document}
        for document in ordered
        if document["code"] > start
    ][:size]
    return hal(
        Paging("search_after", size, 1, cursor, with_count=False),
        items,
        url=call.url,
        parameters={name: text for name, text in call.query.items() if name != "search_after"},
        last_key=_closed(items[-1]["code"]) if items else None,
        next_links=state.switches.next_links,
    )


def _test(criterion: Criterion, state: AkeneoState) -> Callable[[JsonObject], bool]:
    if criterion.property == "updated":
        test = iso_date_test(criterion, state.now())
        return lambda record: test(record["updated"])
    if criterion.property == "code" and criterion.operator in {"IN", "NOT IN"}:
        codes, is_wanted = frozenset(listed_values(criterion)), criterion.operator == "IN"
        return lambda record: (record["code"] in codes) is is_wanted
    raise unsupported(criterion)


def _closed(code: str) -> str:
    return base64.urlsafe_b64encode(code.encode()).decode()


def _opened(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise unprocessable(f'"{cursor}" is not a valid search_after cursor.') from None
