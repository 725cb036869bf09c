"""Product trees: a design is expanded to a root model, its sub models and their variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as combinations
from typing import Any

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import (
    Record,
    dated,
    localized,
    metric,
    prices,
    product,
    product_model,
    value,
)


@dataclass(frozen=True)
class Tree:
    """A product model with everything below it.

    Args:
        code: Code of the root model, and the prefix of all codes below it.
        family: Code of the family.
        family_variant: Code of the family variant.
        names: English, French and German name.
        levels: The axes of each level with their values in the order of their codes, e.g.
            ``({"color": ("white", "sage")}, {"size": ("s", "m")})``. Lengths are in centimetres.
        euros: Price, in the family variants whose variants have one: of the first variant, each next costs 10 % more.
        categories: Categories of the root model.
        values: Further values of the root model.
        level_categories: Further categories of single sub models and variants, by code.
        associations: Associations of the root model.
        disabled: Codes of variants that are not on sale.
        variant_values: Further values of single variants, by code.
    """

    code: str
    family: str
    family_variant: str
    names: Sequence[str]
    levels: Sequence[Mapping[str, Sequence[Any]]]
    euros: float
    categories: Sequence[str]
    values: Mapping[str, list[JsonObject]] = field(default_factory=dict)
    level_categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    associations: Mapping[str, JsonObject] = field(default_factory=dict)
    disabled: Sequence[str] = ()
    variant_values: Mapping[str, Mapping[str, list[JsonObject]]] = field(default_factory=dict)


_PRICED_BY_VARIANT = frozenset({"sofas_color", "tables_length", "lamps_dimmable"})


def records_of(tree: Tree, minutes: int) -> Iterator[Record]:
    """Yield the models of ``tree``, then its variants.

    Args:
        tree: The design.
        minutes: When it was created, in minutes after the oldest record.
    """
    own_price = {} if tree.family_variant in _PRICED_BY_VARIANT else {"price": prices(tree.euros, tree.euros * 1.1)}
    root = product_model(
        tree.code,
        family=tree.family,
        family_variant=tree.family_variant,
        values={"name": localized(*tree.names)} | own_price | dict(tree.values),
        categories=tree.categories,
        associations=tree.associations,
    )
    yield Record("product_model", dated(root, minutes))
    parents = [tree.code]
    for level in tree.levels[:-1]:
        sub_models = [_sub_model(tree, parent, axis_values) for parent in parents for axis_values in _steps(level)]
        parents = [sub_model["code"] for sub_model in sub_models]
        for sub_model in sub_models:
            yield Record("product_model", dated(sub_model, minutes + 1))
    for parent in parents:
        for number, axis_values in enumerate(_steps(tree.levels[-1])):
            yield Record("product", dated(_variant(tree, parent, axis_values, number), minutes + 2))


def _steps(level: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(level, step, strict=True)) for step in combinations(*level.values())]


def _code(parent: str, axis_values: Mapping[str, Any]) -> str:
    parts = [
        ("dimmable" if data else "fixed") if isinstance(data, bool) else str(data).replace("_", "-")
        for data in axis_values.values()
    ]
    return "-".join((parent, *parts))


def _axis_entries(axis_values: Mapping[str, Any]) -> dict[str, list[JsonObject]]:
    return {
        axis: metric(data, "CENTIMETER") if axis == "length" else [value(data)] for axis, data in axis_values.items()
    }


def _sub_model(tree: Tree, parent: str, axis_values: Mapping[str, Any]) -> JsonObject:
    code = _code(parent, axis_values)
    own = {
        "picture": [value(f"a/1/b/2/{code}.jpg")],
        "tagline": [value(f"{tree.names[0]}, now in {axis_values['color']}", scope="ecommerce")],
    }
    return product_model(
        code,
        family=tree.family,
        family_variant=tree.family_variant,
        values=_axis_entries(axis_values) | own,
        categories=tree.level_categories.get(code, ()),
        parent=parent,
    )


def _variant(tree: Tree, parent: str, axis_values: Mapping[str, Any], number: int) -> JsonObject:
    code = _code(parent, axis_values)
    own: dict[str, list[JsonObject]] = {
        "ean": [value(ean(code))],
        "weight": metric(0.2 + 0.05 * number, "KILOGRAM"),
        "stock_quantity": [value(12 + 7 * number)],
    }
    if tree.family_variant in _PRICED_BY_VARIANT:
        own["price"] = prices(round(tree.euros * (1 + 0.1 * number), 2))
    return product(
        code,
        family=tree.family,
        values=_axis_entries(axis_values) | own | dict(tree.variant_values.get(code, {})),
        categories=tree.level_categories.get(code, ()),
        parent=parent,
        enabled=code not in tree.disabled,
    )


def ean(code: str) -> str:
    """Return 13 digits that are the same for the same code."""
    return f"40{int.from_bytes(code.encode()[-8:].rjust(8), 'big') % 10**11:011d}"
