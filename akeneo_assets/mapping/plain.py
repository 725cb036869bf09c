"""Plain values: what the mapping reads from Akeneo, calculates in formulas, and sends."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from akeneo_assets.mapping.numbers import as_decimal, number_text

Value: TypeAlias = str | int | float | bool
ValueType: TypeAlias = Literal["text", "number", "boolean"]
"""What a field of iPaaS.com takes."""

TRUTH_LABELS: Final = {True: "Yes", False: "No"}


def value_text(value: Value) -> str:
    """Write a plain value as text."""
    if isinstance(value, bool):
        return TRUTH_LABELS[value]
    if isinstance(value, str):
        return value
    number = as_decimal(value)
    return str(value) if number is None else number_text(number)
