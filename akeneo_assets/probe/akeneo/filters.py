"""The filters that a sync sends to Akeneo, on each list, with values to search for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from akeneo_assets.akeneo.records import main_identifier
from akeneo_assets.akeneo.search import Criterion, Operator, Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.akeneo.responses import records_of
from akeneo_assets.probe.facts import NotTestableError


class Sample(NamedTuple):
    """A value to search for, and whether there is a record that has it."""

    value: Any
    exists: bool = True


@dataclass(frozen=True)
class Filter:
    """A filter that a sync sends.

    Args:
        endpoint: The list; ``products`` is the one that is read with these settings.
        field: The property; ``identifier`` of products stands for the attribute with the main identifier.
        operator: The operator.
        used_by: What depends on it.
        sample: Returns a value to search for.
        matches: Whether a record fits a value.
        instead: What is done if Akeneo refuses the filter; empty if a sync then fails.
    """

    endpoint: str
    field: str
    operator: Operator
    used_by: str
    sample: Callable[[Reading], Sample]
    matches: Callable[[JsonObject, Any], bool]
    instead: str = ""

    @property
    def name(self) -> str:
        """Its name in the key of the fact."""
        operator = "equals" if self.operator == "=" else self.operator.lower().replace(" ", "-")
        return f"{self.endpoint}.{self.field}.{operator}"

    def search(self, context: Reading, value: Any) -> Search:
        """Return a search with this filter."""
        is_identifier = (self.endpoint, self.field) == ("products", "identifier")
        return Search(Criterion(context.identifier if is_identifier else self.field, self.operator, value))


def _last(records: list[JsonObject], name: str) -> Sample:
    """Return the value of the last record that has one: the first ones would also be found without a filter."""
    for record in reversed(records):
        if record.get(name) is not None:
            return Sample(record[name])
    raise NotTestableError(f"The first records have no {name}.")


def _one(sample: Sample) -> Sample:
    return Sample([sample.value], sample.exists)


def _parent_of_model(context: Reading) -> Sample:
    try:
        return _one(_last(context.first_sub_models(), "parent"))
    except NotTestableError:
        return Sample([context.first_models()[-1]["code"]], exists=False)


def _identifier(context: Reading) -> Sample:
    for product in reversed(context.first_products()):
        if isinstance(product.get("values"), dict) and (found := main_identifier(product, context.identifier)):
            return Sample(found)
    raise NotTestableError("The first products have no identifier.")


def _roots(context: Reading) -> list[str]:
    categories = records_of(context.first("categories"))
    return [str(each["code"]) for each in categories if each.get("parent") is None]


def _root(context: Reading) -> Sample:
    if roots := _roots(context):
        return Sample(roots[0])
    return _last(context.page("categories", Search().where("is_root", "=", value=True)), "code")


def _has(name: str) -> Callable[[JsonObject, Any], bool]:
    return lambda record, value: record.get(name) in value


def _is(name: str) -> Callable[[JsonObject, Any], bool]:
    return lambda record, value: record.get(name) == value


def _is_empty(name: str) -> Callable[[JsonObject, Any], bool]:
    return lambda record, _: record.get(name) is None


def _is_filled(name: str) -> Callable[[JsonObject, Any], bool]:
    return lambda record, _: record.get(name) is not None


def _no_value(_: Reading) -> Sample:
    return Sample(None, exists=False)


def _is_identified(record: JsonObject, value: Any) -> bool:
    identifiers = [record.get("identifier"), *(entries[0].get("data") for entries in record["values"].values())]
    return value in identifiers


FILTERS: Final = (
    Filter(
        "products",
        "family",
        "IN",
        "reading a family",
        lambda context: _one(_last(context.first_products(), "family")),
        _has("family"),
    ),
    Filter("products", "family", "EMPTY", "reading products without a family", _no_value, _is_empty("family")),
    Filter(
        "products",
        "parent",
        "=",
        "reading the variants of a model",
        lambda context: _last(context.first_variants(), "parent"),
        _is_filled("parent"),
    ),
    Filter(
        "products",
        "parent",
        "IN",
        "reading the variants of changed models",
        lambda context: _one(_last(context.first_variants(), "parent")),
        _has("parent"),
        "The variants of each model are read on their own.",
    ),
    Filter(
        "products",
        "parent",
        "NOT EMPTY",
        "the forecast of akeneo-assets check",
        _no_value,
        _is_filled("parent"),
        "The forecast of a first load is too high.",
    ),
    Filter(
        "products",
        "uuid",
        "IN",
        "reading chosen products, and those whose identifier changed",
        lambda context: _one(_last(context.first_products(), "uuid")),
        _has("uuid"),
    ),
    Filter(
        "products",
        "identifier",
        "IN",
        "reading products that are chosen by identifier",
        lambda context: _one(_identifier(context)),
        lambda record, value: _is_identified(record, value[0]),
        "Products are searched for one by one.",
    ),
    Filter(
        "products",
        "identifier",
        "=",
        "reading products that are chosen by identifier, before 7.0",
        _identifier,
        _is_identified,
    ),
    Filter(
        "product-models",
        "family",
        "IN",
        "reading a family",
        lambda context: _one(_last(context.first_models(), "family")),
        _has("family"),
    ),
    Filter(
        "product-models",
        "parent",
        "IN",
        "reading the sub-models of changed models",
        _parent_of_model,
        _has("parent"),
        "Sub-models are read by the codes that are known, and those that the variants name.",
    ),
    Filter(
        "product-models",
        "identifier",
        "IN",
        "reading chosen models, and those of new variants",
        lambda context: _one(_last(context.first_models(), "code")),
        _has("code"),
    ),
    Filter(
        "categories",
        "is_root",
        "=",
        "finding the category trees",
        lambda context: Sample(value=True, exists=bool(_roots(context))),
        _is_empty("parent"),
        "All categories are read to find the roots.",
    ),
    Filter(
        "categories",
        "parent",
        "=",
        "reading a category tree",
        lambda context: Sample(_root(context).value, exists=False),
        _is_filled("parent"),
    ),
    Filter(
        "categories",
        "code",
        "IN",
        "reading a category tree, and chosen categories",
        lambda context: _one(_root(context)),
        _has("code"),
    ),
)
"""The filters of a sync. :mod:`akeneo_assets.probe.akeneo.dates` tests those by date."""
