"""The syntax of the ``search`` parameter, the same for all lists."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import orjson

from akeneo_assets.sandbox.akeneo.errors import ApiError, bad_request, unprocessable


@dataclass(frozen=True)
class Criterion:
    """One condition of a search; lists of the request become tuples."""

    property: str
    operator: str
    value: Hashable = None
    locale: str | None = None
    scope: str | None = None


def parse_search(text: str | None, *, locale: str | None = None, scope: str | None = None) -> tuple[Criterion, ...]:
    """Return the criteria of a ``search`` parameter; all of them must match.

    Args:
        text: The parameter.
        locale: Default locale of criteria (``search_locale``).
        scope: Default channel of criteria (``search_scope``).

    Raises:
        ApiError: It is not JSON, or not in the required form.
    """
    if not text:
        return ()
    try:
        search = orjson.loads(text)
    except orjson.JSONDecodeError:
        search = None
    if not isinstance(search, dict):
        raise bad_request("Search query parameter should be valid JSON.")
    return tuple(
        _criterion(name, condition, locale, scope)
        for name, conditions in search.items()
        for condition in _conditions(name, conditions)
    )


def _conditions(name: str, conditions: Any) -> list[Any]:
    if not isinstance(conditions, list) or not all(isinstance(condition, dict) for condition in conditions):
        raise unprocessable(
            f'Structure of filter "{name}" should respect this structure: '
            f'{{"{name}":[{{"operator": "my_operator", "value": "my_value"}}]}}'
        )
    return conditions


def _criterion(name: str, condition: dict[str, Any], locale: str | None, scope: str | None) -> Criterion:
    if "operator" not in condition:
        raise unprocessable(f'Operator is missing for the property "{name}".')
    return Criterion(
        name,
        str(condition["operator"]),
        _hashable(condition.get("value")),
        condition.get("locale", locale),
        condition.get("scope", scope),
    )


def _hashable(value: Any) -> Hashable:
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    if isinstance(value, dict):
        return tuple((key, _hashable(item)) for key, item in sorted(value.items()))
    hashable: Hashable = value
    return hashable


def unsupported(criterion: Criterion) -> ApiError:
    """Return the error for an operator that a property does not support."""
    return unprocessable(
        f'Filter on property "{criterion.property}" is not supported '
        f'or does not support operator "{criterion.operator}"'
    )


def listed_values(criterion: Criterion) -> tuple[str, ...]:
    """Return the value of a criterion that requires a list of codes.

    Raises:
        ApiError: It is something else.
    """
    values = criterion.value
    if not isinstance(values, tuple):
        raise _unexpected(criterion, "an array")
    return tuple(str(item) for item in values)


def text_value(criterion: Criterion) -> str:
    """Return the value of a criterion that requires a text.

    Raises:
        ApiError: It is something else.
    """
    if not isinstance(criterion.value, str):
        raise _unexpected(criterion, "a string")
    return criterion.value


def boolean_value(criterion: Criterion) -> bool:
    """Return the value of a criterion that requires a boolean.

    Raises:
        ApiError: It is something else.
    """
    if not isinstance(criterion.value, bool):
        raise _unexpected(criterion, "a boolean")
    return criterion.value


def _unexpected(criterion: Criterion, expected: str) -> ApiError:
    return unprocessable(
        f'Property "{criterion.property}" expects {expected} as data, "{_kind(criterion.value)}" given.'
    )


def _kind(value: object) -> str:
    """Return PHP's name for the type of a value."""
    names = {bool: "boolean", int: "integer", float: "double", str: "string", tuple: "array"}
    return names.get(type(value), "NULL")
