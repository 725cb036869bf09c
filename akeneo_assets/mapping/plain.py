"""Plain values, as the mapping reads, calculates and sends them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from akeneo_assets.mapping.numbers import as_decimal, number_text

Value: TypeAlias = str | int | float | bool
ValueType: TypeAlias = Literal["text", "number", "boolean"]
"""The types of iPaaS.com fields."""

TRUTH_LABELS: Final = {True: "Yes", False: "No"}


def value_text(value: Value) -> str:
    """Format a plain value as text."""
    if isinstance(value, bool):
        return TRUTH_LABELS[value]
    if isinstance(value, str):
        return value
    number = as_decimal(value)
    return str(value) if number is None else number_text(number)
