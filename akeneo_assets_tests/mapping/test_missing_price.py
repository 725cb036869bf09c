from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets_tests.mapping.catalogue import mapper, model, product, shirt, value

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject

BLOCK: JsonObject = {"price_attribute": "price", "currency": "EUR"}
NOTHING: JsonObject = {}
DOLLARS = {"price": [value([{"amount": "9.00", "currency": "USD"}])]}


def euros(amount: str) -> JsonObject:
    return {"price": [value([{"amount": amount, "currency": "EUR"}])]}


@pytest.mark.parametrize(
    ("settings", "line", "values", "expected"),
    [
        (BLOCK, None, euros("9.00"), 9),
        (BLOCK, None, NOTHING, "missing_price"),
        (BLOCK, None, DOLLARS, "missing_price"),
        (BLOCK, None, {"price": [value([])]}, "missing_price"),
        # A price of 0 is a price.
        (BLOCK, None, euros("0.00"), 0),
        (BLOCK, {"field": "$price", "default": 5}, NOTHING, 5),
        (BLOCK, {"formula": "price * 2", "default": 0}, NOTHING, "missing_price"),
        (BLOCK, {"formula": "coalesce(price, 0)"}, DOLLARS, "missing_price"),
        (BLOCK, {"static": 0}, NOTHING, 0),
        ({**BLOCK, "missing_price": "zero"}, None, DOLLARS, 0),
        ({"price_attribute": "pieces"}, None, DOLLARS, "missing_price"),
        ({}, None, DOLLARS, 0),
    ],
)
def test_a_product_without_a_price_in_the_currency_is_blocked(
    tmp_path: Path, settings: JsonObject, line: Any, values: JsonObject, expected: Any
) -> None:
    chosen = mapper(tmp_path, settings=settings, product={} if line is None else {"default_price": line})
    document = product(values=values)
    if expected != "missing_price":
        assert chosen.product(document).payload["default_price"] == expected
        return
    currency = " in EUR" if settings["price_attribute"] == "price" else ""
    with pytest.raises(
        RecordError, match=f"^The attribute .* has no price{currency}\\. .*missing_price: zero"
    ) as raised:
        chosen.product(document)
    assert raised.value.code == expected


@pytest.mark.parametrize(
    ("settings", "of_model", "of_variants", "expected"),
    [
        # Its own price takes precedence; without one, the lowest of the sent variants.
        (BLOCK, euros("20"), [euros("7"), euros("5")], (20, 2)),
        (BLOCK, NOTHING, [euros("7"), euros("5.50"), NOTHING], (5.5, 2)),
        (BLOCK, DOLLARS, [euros("7"), DOLLARS], (7, 1)),
        (BLOCK, euros("20"), [NOTHING], (20, 0)),
        (BLOCK, NOTHING, [NOTHING, DOLLARS], "missing_price"),
        # A model without variants is disabled and cannot be bought, so it needs no price.
        (BLOCK, NOTHING, [], (0, 0)),
        ({**BLOCK, "missing_price": "zero"}, NOTHING, [NOTHING], (0, 1)),
        ({}, NOTHING, [NOTHING], (0, 1)),
    ],
)
def test_a_variant_without_a_price_does_not_block_its_model_or_siblings(
    tmp_path: Path, settings: JsonObject, of_model: JsonObject, of_variants: list[JsonObject], expected: Any
) -> None:
    chosen = mapper(tmp_path, settings=settings)
    variants = [shirt(f"u-{number}", "red", "sml"[number], values=each) for number, each in enumerate(of_variants)]
    root = model(values=of_model)
    if expected == "missing_price":
        with pytest.raises(RecordError) as raised:
            chosen.tree(root, [], variants)
        assert raised.value.code == expected
        return
    tree = chosen.tree(root, [], variants)
    assert (tree.payload["default_price"], len(tree.variants)) == expected
    assert {problem.code for problem in tree.blocked_variants} <= {"missing_price"}
    assert len(tree.variants) + len(tree.blocked_variants) == len(variants)
    explained = {each.destination: each for each in chosen.explain("product_model", root, [root], variants)}
    assert explained["default_price"].result == tree.payload["default_price"]


def test_an_active_model_is_never_sent_with_price_0(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, settings=BLOCK, product_model={"status": {"static": "Active"}})
    with pytest.raises(RecordError, match="no price in EUR") as raised:
        chosen.tree(model(), [], [])
    assert raised.value.code == "missing_price"
