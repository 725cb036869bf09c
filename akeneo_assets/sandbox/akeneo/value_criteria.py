"""Conditions on attribute values of products and models."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.errors import unprocessable
from akeneo_assets.sandbox.akeneo.property_criteria import TEXT_TESTS
from akeneo_assets.sandbox.akeneo.search import Criterion, boolean_value, listed_values, text_value, unsupported
from akeneo_assets.sandbox.akeneo.structure import Structure

ValuesTest: TypeAlias = Callable[[JsonObject], bool]
DataTest: TypeAlias = Callable[[Any], bool]

NUMBER_TESTS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
"""Comparisons of numbers."""
_DAY_TESTS: Final = {sign: NUMBER_TESTS[sign] for sign in ("<", "=", "!=", ">")}


def values_test(criterion: Criterion, structure: Structure) -> ValuesTest:
    """Return the test of a criterion on an attribute, for merged values as they are stored.

    Raises:
        ApiError: Operator, value, locale or channel do not match the attribute.
    """
    attribute = structure.attributes[criterion.property]
    _check_dimensions(criterion, attribute)
    locale = criterion.locale if attribute["localizable"] else None
    scope = criterion.scope if attribute["scopable"] else None

    def data(values: JsonObject) -> Any:
        entries = values.get(criterion.property, ())
        found = (entry["data"] for entry in entries if entry["locale"] == locale and entry["scope"] == scope)
        return next(found, None)

    if criterion.operator in {"EMPTY", "NOT EMPTY"}:
        is_wanted = criterion.operator == "EMPTY"
        return lambda values: (data(values) is None) is is_wanted
    make = _TESTS.get(attribute["type"])
    if make is None:
        raise unsupported(criterion)
    test = make(criterion, structure)
    # A record without the value matches only EMPTY, not even `!=` or `NOT IN`.
    return lambda values: (found := data(values)) is not None and test(found)


def _check_dimensions(criterion: Criterion, attribute: JsonObject) -> None:
    code = attribute["code"]
    for flag, name, given in (("localizable", "locale", criterion.locale), ("scopable", "scope", criterion.scope)):
        if attribute[flag] and given is None:
            raise unprocessable(f'Attribute "{code}" expects a {name}, none given.')


def _text(criterion: Criterion, _: Structure) -> DataTest:
    if criterion.operator in {"IN", "NOT IN"}:
        wanted = {item.lower() for item in listed_values(criterion)}
        is_wanted = criterion.operator == "IN"
        return lambda data: (data.lower() in wanted) is is_wanted
    if criterion.operator not in TEXT_TESTS:
        raise unsupported(criterion)
    text, compare = text_value(criterion).lower(), TEXT_TESTS[criterion.operator]
    return lambda data: compare(data.lower(), text)


def _select(criterion: Criterion, _: Structure) -> DataTest:
    if criterion.operator not in {"IN", "NOT IN"}:
        raise unsupported(criterion)
    wanted, is_wanted = {item.lower() for item in listed_values(criterion)}, criterion.operator == "IN"

    def test(data: Any) -> bool:
        codes = data if isinstance(data, list) else [data]
        return any(code.lower() in wanted for code in codes) is is_wanted

    return test


def _boolean(criterion: Criterion, _: Structure) -> DataTest:
    if criterion.operator not in {"=", "!="}:
        raise unsupported(criterion)
    wanted = boolean_value(criterion) is (criterion.operator == "=")
    return lambda data: data is wanted


def _number(criterion: Criterion, _: Structure) -> DataTest:
    bound, compare = _decimal(criterion, criterion.value), _comparison(criterion)
    return lambda data: compare(Decimal(str(data)), bound)


def _metric(criterion: Criterion, structure: Structure) -> DataTest:
    wanted = _fields(criterion, "amount", "unit")
    family = structure.measurement_families[structure.attributes[criterion.property]["metric_family"]]
    if wanted["unit"] not in family["units"]:
        raise unprocessable(f'Property "{criterion.property}" expects a valid unit code, "{wanted["unit"]}" given.')
    bound, compare = _standard(_decimal(criterion, wanted["amount"]), family, wanted["unit"]), _comparison(criterion)
    return lambda data: compare(_standard(Decimal(data["amount"]), family, data["unit"]), bound)


def _price(criterion: Criterion, _: Structure) -> DataTest:
    wanted = _fields(criterion, "amount", "currency")
    bound, compare = _decimal(criterion, wanted["amount"]), _comparison(criterion)
    return lambda data: any(
        compare(Decimal(price["amount"]), bound) for price in data if price["currency"] == wanted["currency"]
    )


def _day(criterion: Criterion, _: Structure) -> DataTest:
    if criterion.operator in {"BETWEEN", "NOT BETWEEN"}:
        first, last = listed_values(criterion)
        is_wanted = criterion.operator == "BETWEEN"
        return lambda data: (first <= data <= last) is is_wanted
    if criterion.operator not in _DAY_TESTS:
        raise unsupported(criterion)
    bound, compare = _digits(text_value(criterion)), _DAY_TESTS[criterion.operator]
    return lambda data: compare(_digits(data), bound)


def _digits(day: str) -> Decimal:
    return Decimal(day.replace("-", ""))


def _comparison(criterion: Criterion) -> Callable[[Decimal, Decimal], bool]:
    if criterion.operator not in NUMBER_TESTS:
        raise unsupported(criterion)
    return NUMBER_TESTS[criterion.operator]


def _decimal(criterion: Criterion, value: Hashable) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        message = f'Property "{criterion.property}" expects a numeric as data, "{value}" given.'
        raise unprocessable(message) from None


def _fields(criterion: Criterion, *names: str) -> dict[str, Any]:
    # A JSON object of the request has become a tuple of pairs.
    pairs = criterion.value if isinstance(criterion.value, tuple) else ()
    fields = dict(pair for pair in pairs if isinstance(pair, tuple) and len(pair) == 2)
    for name in names:
        if name not in fields:
            raise unprocessable(f'Property "{criterion.property}" expects an array with the key "{name}".')
    return fields


def _standard(amount: Decimal, family: JsonObject, unit: str) -> Decimal:
    for operation in family["units"][unit]["convert_from_standard"]:
        operand = Decimal(operation["value"])
        amount = {
            "mul": lambda left, right: left * right,
            "div": lambda left, right: left / right,
            "add": lambda left, right: left + right,
            "sub": lambda left, right: left - right,
        }[operation["operator"]](amount, operand)
    return amount


_TESTS: Final[dict[str, Callable[[Criterion, Structure], DataTest]]] = {
    "pim_catalog_identifier": _text,
    "pim_catalog_text": _text,
    "pim_catalog_textarea": _text,
    "pim_catalog_image": _text,
    "pim_catalog_file": _text,
    "pim_catalog_boolean": _boolean,
    "pim_catalog_number": _number,
    "pim_catalog_metric": _metric,
    "pim_catalog_price_collection": _price,
    "pim_catalog_date": _day,
    "pim_catalog_simpleselect": _select,
    "pim_catalog_multiselect": _select,
    "akeneo_reference_entity": _select,
    "akeneo_reference_entity_collection": _select,
    "pim_catalog_asset_collection": _select,
}
