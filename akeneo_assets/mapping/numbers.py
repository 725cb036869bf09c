"""Exact numbers: Akeneo sends decimals as text such as ``"12.5000"``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
_INTEGER_LIMIT = 2**63  # of the JSON encoder


def as_decimal(value: Any) -> Decimal | None:
    """Return the exact value of a JSON number or numeric text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    text = str(value).strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def json_number(number: Decimal) -> int | float:
    """Return ``number`` for JSON: as an integer if it is one, otherwise as the nearest double."""
    if abs(number) < _INTEGER_LIMIT and number == (integer := int(number)):
        return integer
    return float(number)


def is_exact(number: Decimal) -> bool:
    """Return whether :func:`json_number` loses no digits."""
    return as_decimal(json_number(number)) == number


def number_text(number: Decimal) -> str:
    """Format ``number`` without exponent, trailing zeros or negative zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
