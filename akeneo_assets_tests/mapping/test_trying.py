"""Formulas are tested with samples before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.mapping.checks.samples import try_formulas
from akeneo_assets_tests.mapping.catalogue import mapping, model, product, structure, value

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES: Any = {
    "product": [
        product("u-1", "hat-1", values={"pieces": [value(3)], "description": [value("9")]}),
        product("u-2", "hat-2", values={"pieces": [value(4)], "description": [value("soft")]}),
        {"values": {}},
    ],
    "product_model": [model()],
    "category": [{"code": "hats"}],
}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"product": {"weight": {"formula": "pieces * 2"}}}, None),
        ({"product": {"weight": {"formula": "description * 2"}}}, ("product.weight", "error", "On 2 of 2")),
        ({"product": {"weight": {"formula": "description"}}}, ("product.weight", "warning", "On 1 of 2")),
        ({"product": {"allow_discounts": {"formula": "pieces"}}}, ("product.allow_discounts", "error", "neither true")),
        ({"product": {"weight": {"formula": "1 / (pieces - 3)"}}}, ("product.weight", "warning", "e.g. hat-1")),
        (
            {"product": {"custom_fields": {"fields": {"X": {"formula": "sku - 1"}}}}},
            ("product.custom_fields.fields.X", "error", "with a value that is not a number"),
        ),
        (
            {"product_model": {"barcode": {"formula": "code / 2"}}},
            ("product_model.barcode", "error", "On 1 of 1 sample records (e.g. shirt)"),
        ),
        ({"category": {"description": {"formula": "code + 1"}}}, ("category.description", "error", "hats")),
        ({"variant": {"barcode": {"formula": "sku + 1"}}}, None),
    ],
)
def test_a_formula_that_fails_on_samples_is_reported(
    tmp_path: Path, lines: Any, expected: tuple[str, str, str] | None
) -> None:
    problems = try_formulas(mapping(tmp_path, **lines), structure(), SAMPLES)
    if expected is None:
        assert problems == []
        return
    (problem,) = problems
    assert (problem.place, problem.severity) == expected[:2]
    assert expected[2] in problem.message
    assert "Correct the formula" in problem.fix
