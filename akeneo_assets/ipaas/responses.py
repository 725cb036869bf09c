"""Read responses of the iPaaS.com API: ids, records, lists and the number of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

import orjson

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import MalformedResponseError
from akeneo_assets.http.responses import ApiResponse, shown
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.endpoints import Endpoint

_NO_IDS: Final = frozenset({"None", "null"})
"""What some servers return instead of a missing id."""


def with_text_ids(document: Any) -> Any:
    """Return ``document`` with all ids as strings, at any depth."""
    if isinstance(document, dict):
        return {
            name: str(value) if type(value) is int and (name == "id" or name.endswith("_id")) else with_text_ids(value)
            for name, value in document.items()
        }
    return [with_text_ids(item) for item in document] if isinstance(document, list) else document


def is_usable_id(value: object) -> TypeGuard[str]:
    """Return whether ``value``, after :func:`with_text_ids`, can be the id of a record."""
    return isinstance(value, str) and bool(value.strip()) and value not in _NO_IDS


def text_of(document: object, endpoint: Endpoint) -> str:
    """Return the text that a response consists of.

    Raises:
        MalformedResponseError: It is not a text, or empty.
    """
    text = str(document) if type(document) is int else document
    if isinstance(text, str) and text.strip():
        return text
    raise _no_id(document, endpoint)


def id_of(document: object, endpoint: Endpoint) -> str:
    """Return the id that a response consists of.

    Raises:
        MalformedResponseError: It is not an id.
    """
    text = text_of(document, endpoint)
    if is_usable_id(text):
        return text
    raise _no_id(document, endpoint)


def _no_id(document: object, endpoint: Endpoint) -> MalformedResponseError:
    return MalformedResponseError("iPaaS.com", endpoint.action, "the response is not an id", detail=shown(document))


def without_id(endpoint: Endpoint, record: JsonObject) -> MalformedResponseError:
    """Return the error for a record without a usable id."""
    return MalformedResponseError(
        "iPaaS.com",
        endpoint.action,
        f"it is not an id but {shown(record.get('id'))}",
        field="id",
        possibly_stored=endpoint.method != "GET",
        detail=shown(record),
    )


def records_of(document: object, endpoint: Endpoint) -> list[JsonObject]:
    """Return the records of a list.

    Raises:
        MalformedResponseError: The response is not a list of records.
    """
    if isinstance(document, list) and all(isinstance(record, dict) for record in document):
        return document
    raise MalformedResponseError(
        "iPaaS.com", endpoint.action, "the response is not a list of records", detail=shown(document)
    )


def name_of(definition: JsonObject, field: str) -> str:
    """Return a name in the definition of a custom field.

    Raises:
        MalformedResponseError: It is not a text.
    """
    name = definition.get(field)
    if isinstance(name, str):
        return name
    raise MalformedResponseError(
        "iPaaS.com",
        endpoints.LIST_CUSTOM_FIELDS.action,
        f"it is not a name but {shown(name)}",
        record=str(definition.get("id")),
        field=field,
    )


def key_of(record: JsonObject, endpoint: Endpoint) -> str:
    """Return what identifies a record in a list: its id, or the table and name of a custom field.

    Raises:
        MalformedResponseError: It has none.
    """
    if is_usable_id(record.get("id")):
        return str(record["id"])
    if endpoint is endpoints.LIST_CUSTOM_FIELDS and isinstance(record.get("name"), str):
        return f"{record.get('table_name')}/{record['name']}"
    raise without_id(endpoint, record)


def total_pages(headers: Mapping[str, str]) -> int | None:
    """Return the number of pages in ``X-Pagination``; None if it cannot be read."""
    return _pagination(headers, "total_pages")


def total_records(response: ApiResponse) -> int | None:
    """Return how many records a list has: the number in ``X-Pagination``, or else the length of an unpaged list."""
    total = _pagination(response.headers, "total_count")
    return len(response.document) if total is None and isinstance(response.document, list) else total


def _pagination(headers: Mapping[str, str], wanted: str) -> int | None:
    """Return a number of ``X-Pagination``, whose keys may be in any case; None if it cannot be read."""
    try:
        given = orjson.loads(headers.get("X-Pagination", "{}"))
    except orjson.JSONDecodeError:
        return None
    counts = {name.casefold(): count for name, count in given.items()} if isinstance(given, dict) else {}
    found = counts.get(wanted)
    return found if type(found) is int else None
