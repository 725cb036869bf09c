"""Reference entities and their records; paged by an opaque cursor only, in pages of the server's size."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import Call
from akeneo_assets.sandbox.akeneo.date_criteria import iso_date_test
from akeneo_assets.sandbox.akeneo.dates import shown
from akeneo_assets.sandbox.akeneo.errors import not_found, unprocessable
from akeneo_assets.sandbox.akeneo.pagination import Paging, hal
from akeneo_assets.sandbox.akeneo.search import Criterion, listed_values, parse_search, unsupported
from akeneo_assets.sandbox.akeneo.state import AkeneoState

_TYPES_WITH_OPTIONS = frozenset({"single_option", "multiple_options"})


def list_reference_entities(state: AkeneoState, call: Call) -> JsonObject:
    """Answer with a page of reference entities."""
    return _page(state, call, [_entity_body(entity) for entity in state.database.all("reference_entity")])


def get_reference_entity(state: AkeneoState, call: Call) -> JsonObject:
    """Answer with one reference entity."""
    return _entity_body(_entity(state, call))


def list_entity_attributes(state: AkeneoState, call: Call) -> list[JsonObject]:
    """Answer with the attributes of a reference entity, as a bare array."""
    entity = _entity(state, call)["code"]
    documents = state.database.all("reference_entity_attribute")
    return [_without_owners(document) for document in documents if document["entity"] == entity]


def list_attribute_options(state: AkeneoState, call: Call) -> list[JsonObject]:
    """Answer with the options of an attribute of a reference entity, as a bare array."""
    entity, code = _entity(state, call)["code"], call.codes["attribute"]
    attribute = state.database.get("reference_entity_attribute", f"{entity}/{code}")
    if attribute is None or attribute["type"] not in _TYPES_WITH_OPTIONS:
        raise not_found(f'The attribute "{code}" of the reference entity "{entity}" has no options.')
    documents = state.database.all("reference_entity_attribute_option")
    return [
        _without_owners(document)
        for document in documents
        if (document["entity"], document["attribute"]) == (entity, code)
    ]


def list_records(state: AkeneoState, call: Call) -> JsonObject:
    """Answer with a page of records."""
    entity = _entity(state, call)["code"]
    tests = [_test(criterion, state) for criterion in parse_search(call.query.get("search"))]
    records = [
        record
        for record in state.database.all("reference_entity_record")
        if record["entity"] == entity and all(test(record) for test in tests)
    ]
    return _page(state, call, [_record_body(record, state, call) for record in records])


def get_record(state: AkeneoState, call: Call) -> JsonObject:
    """Answer with one record."""
    entity, code = _entity(state, call)["code"], call.codes["code"]
    record = state.database.get("reference_entity_record", f"{entity}/{code}")
    if record is None:
        raise not_found(f'Record "{code}" does not exist for the reference entity "{entity}".')
    return _record_body(record, state, call)


def _entity(state: AkeneoState, call: Call) -> JsonObject:
    code = call.codes["entity"]
    entity = state.database.get("reference_entity", code)
    if entity is None:
        raise not_found(f'Reference entity "{code}" does not exist.')
    return entity


def _entity_body(entity: JsonObject) -> JsonObject:
    return {"code": entity["code"], "labels": entity["labels"], "image": entity["image"]}


def _without_owners(document: JsonObject) -> JsonObject:
    return {name: item for name, item in document.items() if name not in {"entity", "attribute"}}


def _record_body(record: JsonObject, state: AkeneoState, call: Call) -> JsonObject:
    channel, locales = call.query.get("channel"), call.query.get("locales")
    wanted = None if locales is None else {None, *locales.split(",")}

    def is_visible(entry: JsonObject) -> bool:
        return (channel is None or entry["channel"] in {None, channel}) and (
            wanted is None or entry["locale"] in wanted
        )

    values = {code: [entry for entry in entries if is_visible(entry)] for code, entries in record["values"].items()}
    zone = state.switches.zone
    return {
        "code": record["code"],
        "values": {code: entries for code, entries in values.items() if entries},
        "created": shown(record["created"], zone),
        "updated": shown(record["updated"], zone),
    }


def _test(criterion: Criterion, state: AkeneoState) -> Callable[[JsonObject], bool]:
    if criterion.property == "updated":
        test = iso_date_test(criterion, state.now())
        return lambda record: test(record["updated"])
    if criterion.property == "code" and criterion.operator in {"IN", "NOT IN"}:
        codes, is_wanted = frozenset(listed_values(criterion)), criterion.operator == "IN"
        return lambda record: (record["code"] in codes) is is_wanted
    raise unsupported(criterion)


def _page(state: AkeneoState, call: Call, documents: Sequence[JsonObject]) -> JsonObject:
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
    )


def _closed(code: str) -> str:
    return base64.urlsafe_b64encode(code.encode()).decode()


def _opened(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise unprocessable(f'"{cursor}" is not a valid search_after cursor.') from None
