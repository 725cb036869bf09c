from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.mapping.numbers import as_decimal, is_exact, json_number, number_text


@pytest.mark.parametrize(
    ("sent", "carried"),
    [
        ("12.5000", "12.5"),
        ("50.00", "50"),
        ("19.99", "19.99"),
        ("0.1", "0.1"),
        ("15.507876", "15.507876"),
        ("1234567890.12", "1234567890.12"),
        (10, "10"),
        (0.3, "0.3"),
        ("-0.0000", "0"),
        ("1E+3", "1000"),
    ],
)
def test_numbers_are_sent_as_written(sent: object, carried: str) -> None:
    number = as_decimal(sent)
    assert number is not None
    assert orjson.dumps(json_number(number)).decode() == carried
    assert number_text(number) == carried
    assert is_exact(number)


@pytest.mark.parametrize("data", [None, True, "", "abc", "NaN", "Infinity", "1_000", "1,5", [], {}, "9" * 400, "1e999"])
def test_values_that_are_not_numbers(data: object) -> None:
    assert as_decimal(data) is None


def test_numbers_with_too_many_digits_for_json_are_detected() -> None:
    assert not is_exact(Decimal("0.12345678901234567890"))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10))
def test_prices_are_never_rounded(number: Decimal) -> None:
    assert Decimal(repr(json_number(number))) == number
    assert Decimal(number_text(number)) == number
