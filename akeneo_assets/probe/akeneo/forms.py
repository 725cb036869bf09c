"""Facts about the form of records and values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

import requests

from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.akeneo.records import parse
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import MalformedResponseError
from akeneo_assets.mapping.catalogue.attribute_types import PRICE
from akeneo_assets.mapping.catalogue.selection import Selection
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.reading import Reading as ReadingOfValue
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.mapping.shapes import as_list, as_map, as_text
from akeneo_assets.probe.akeneo.lists import LISTS
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import records_of
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled

_OTHERS: Final = frozenset({"products", "product-models", "categories"})


def _products(context: Reading) -> Iterator[tuple[str, JsonObject]]:
    return (("product", each) for each in context.first_products())


def _models(context: Reading) -> Iterator[tuple[str, JsonObject]]:
    return (("product_model", each) for each in context.first_models())


def _categories(context: Reading) -> Iterator[tuple[str, JsonObject]]:
    response = context.first("categories", with_enriched_attributes=True)
    return (("category", each) for each in records_of(response))


def _structure(context: Reading) -> Iterator[tuple[str, JsonObject]]:
    for each in LISTS:
        kind = ENDPOINTS[each.endpoint].kind
        try:
            response = each.response(context)
        except NotTestableError:
            continue
        if kind is not None and each.name not in _OTHERS and response.status == requests.codes.ok:
            yield from ((kind, record) for record in records_of(response))


def _records(read: Callable[[Reading], Iterator[tuple[str, JsonObject]]], context: Reading) -> Found:
    wrong: set[str] = set()
    number = 0
    for kind, record in read(context):
        number += 1
        try:
            parse(kind, dict(record))
        except MalformedResponseError as error:
            wrong.add(f"{kind}.{error.field}")
    if wrong:
        return not_handled(f"These fields do not have it: {', '.join(sorted(wrong))}.")
    return as_assumed(f"{number} records have it.")


def _types(context: Reading) -> Found:
    types = {str(each["type"]) for each in context.used_attributes()}
    unknown = sorted(each for each in types if not ValueReader.knows_type(each))
    if unknown:
        return handled(f"Values of these types are sent as text, with a warning: {', '.join(unknown)}.")
    return as_assumed(f"{len(types)} types are in use.")


def _values(context: Reading) -> Found:
    attributes = [(str(each["code"]), each) for each in context.used_attributes()]
    structure = Structure.from_documents({"attribute": attributes})
    reader = ValueReader(structure, Selection(channel=None, locales=(), currency=None))
    wrong: set[str] = set()
    number = 0
    for record in context.records():
        for code, entries in as_map(record.get("values")).items():
            if code in structure.attributes:
                number += 1
                if unreadable(reader, code, as_list(entries)):
                    wrong.add(structure.attributes[code].type)
    if wrong:
        return not_handled(f"Values of these types cannot be read: {', '.join(sorted(wrong))}.")
    return as_assumed(f"{number} values can be read.")


def unreadable(reader: ValueReader, code: str, entries: Iterable[JsonObject]) -> bool:
    """Return whether an attribute has a value that a sync cannot read.

    Args:
        reader: Reads the values as a sync does.
        code: The attribute.
        entries: Its values.
    """
    return any(_is_filled(entry.get("data")) and _plain(reader, code, entry) is None for entry in entries)


def _plain(reader: ValueReader, code: str, entry: JsonObject) -> object:
    currency = None
    if reader.attribute(code).type == PRICE:
        currency = next((as_text(as_map(each).get("currency")) for each in as_list(entry["data"])), None)
    return reader.plain(ReadingOfValue(code, currency=currency), entry, lambda _: None)


def _is_filled(data: Any) -> bool:
    return data not in (None, [], {}) and not (isinstance(data, str) and not data.strip())


FACTS: Final = (
    *(
        Fact(
            f"akeneo.records.{name}",
            f"{title} have the documented form",
            "confirmed",
            "mapping them",
            otherwise,
            partial(_records, read),
        )
        for name, title, read, otherwise in (
            ("product", "Products", _products, "A product with another form fails alone, and is reported."),
            ("product_model", "Product models", _models, "A model with another form fails alone, and is reported."),
            ("category", "Categories", _categories, "A category with another form fails alone, and is reported."),
            ("structure", "Attributes, families and other structure", _structure, "The structure cannot be read."),
        )
    ),
    Fact(
        "akeneo.values.types",
        "All types of attributes with values are known",
        "assumed",
        "reading values",
        "Values of another type are sent as text, with a warning.",
        _types,
    ),
    Fact(
        "akeneo.values.forms",
        "Values have the documented form of their type",
        "confirmed",
        "reading values",
        "Such a value is left out, with a warning.",
        _values,
    ),
)
