"""Convert measurements from one unit to another with decimal arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal, DecimalException
from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.numbers import as_decimal
from akeneo_assets.mapping.shapes import as_list, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject

SIGNIFICANT_DIGITS: Final = 12
"""The number of significant digits of a converted amount; shorter results are exact."""

_EXACT: Final = Context(prec=60)
_ROUNDED: Final = Context(prec=SIGNIFICANT_DIGITS)
_OPERATIONS: Final = {"mul": _EXACT.multiply, "div": _EXACT.divide, "add": _EXACT.add, "sub": _EXACT.subtract}
_INVERSE: Final = {"mul": "div", "div": "mul", "add": "sub", "sub": "add"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; ``to_standard`` lists the operations, in order, that convert an amount to the standard unit.

    Akeneo calls them ``convert_from_standard``, but its own fixtures show that they convert to the standard unit:
    Fahrenheit to Kelvin is sub 32, div 1.8, add 273.15.
    """

    code: str
    labels: dict[str, str] = field(default_factory=dict)
    to_standard: tuple[tuple[str, str], ...] = ()


def units_of(body: JsonObject) -> dict[str, Unit]:
    """Return the units of a measurement family by code."""
    units = {}
    for code, unit in as_map(body.get("units")).items():
        steps = [as_map(step) for step in as_list(as_map(unit).get("convert_from_standard"))]
        labels = {
            locale: label
            for locale, label in as_map(as_map(unit).get("labels")).items()
            if isinstance(label, str) and label
        }
        operations = tuple((as_text(step.get("operator")) or "", str(step.get("value"))) for step in steps)
        units[code] = Unit(code, labels, operations)
    return units


def standard(amount: Decimal, unit: Unit) -> Decimal | None:
    """Return ``amount`` of ``unit`` in the standard unit of its family; None if it cannot be converted."""
    return _calculated(amount, unit.to_standard)


def convert(amount: Decimal, unit: Unit, target: Unit) -> Decimal | None:
    """Convert ``amount`` from ``unit`` to ``target``, to 12 significant digits.

    Returns:
        The converted amount; None if the operations of a unit are unknown or the calculation fails.
    """
    if unit.code == target.code:
        return amount
    back = [(_INVERSE.get(name, ""), value) for name, value in reversed(target.to_standard)]
    return _calculated(amount, [*unit.to_standard, *back])


def _calculated(amount: Decimal, steps: Iterable[tuple[str, str]]) -> Decimal | None:
    try:
        for name, value in steps:
            operand, operation = as_decimal(value), _OPERATIONS.get(name)
            if operand is None or operation is None:
                return None
            amount = operation(amount, operand)
        return _ROUNDED.plus(amount)
    except DecimalException:
        return None
