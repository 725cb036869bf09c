"""Explain how one record became what it is: field by field, from which value and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from akeneo_assets.mapping.formulas.functions import plain_json
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.rules import carried, evaluate
from akeneo_assets.mapping.sources import AnySource, FieldSource, FormulaSource, LookupSource, StaticSource
from akeneo_assets.mapping.view import RecordView, Warnings, heard

if TYPE_CHECKING:
    from akeneo_assets.mapping.collections import Collection
    from akeneo_assets.mapping.plain import Value

RuleKind: TypeAlias = Literal["attribute", "property", "static", "lookup", "formula", "association", "no line"]


@dataclass(frozen=True, slots=True)
class Explained:
    """How one destination field came about.

    Args:
        destination: The field, e.g. ``custom_fields.Weight``, ``options[0].values[1].detail`` or
            ``inventory[0].qty_on_hand``; rows are numbered as in the mapping file, also where one is left out.
        rule: What kind of line made it; ``no line`` for a field that was sent before and is not any more.
        source: The attribute, ``$property``, text of the formula or association types; None for a static value.
        value: What Akeneo has there; for a formula the values of all its names.
        channel: The channel of the entry that was taken; None for one of no channel.
        locale: The locale of that entry.
        choice: Why that entry: ``own locale``, ``fallback 1``, ``no locale``; None where nothing was chosen.
        result: What is sent; None where the field is left out.
        warnings: What was left out or changed.
        part: The part of Akeneo's structure that the line is carried out for, e.g. ``axis color``,
            ``color red`` or ``association type PACK``; None for the record itself.
    """

    destination: str
    rule: RuleKind
    source: str | None
    value: Any
    channel: str | None
    locale: str | None
    choice: str | None
    result: Value | None
    warnings: tuple[str, ...] = ()
    part: str | None = None


def explain_collection(
    collection: Collection, view: RecordView, place: str = "", part: str | None = None
) -> Iterator[Explained]:
    """Yield the explanation of every rule of a collection.

    Args:
        collection: The rules.
        view: What they are carried out on.
        place: What the collection fills, e.g. ``kit.``.
        part: What of Akeneo's structure ``view`` is, where it is not the record.
    """
    for rule in collection.rules:
        destination = place + rule.destination
        with heard(view) as warnings:
            value = evaluate(rule.source, rule.value_type, view, destination)
            result = None if value is None else carried(value, rule.value_type)
        yield replace(explained(destination, rule.source, result, warnings, view), part=part)


def explain_row(collection: Collection, view: RecordView, place: str) -> Iterator[Explained]:
    """Yield the explanation of a row, which is left out as a whole where all that it reads is empty."""
    found = list(explain_collection(collection, view, place))
    read = [each for each in found if each.rule != "static"]
    is_left_out = bool(read) and all(each.result is None for each in read)
    yield from (replace(each, result=None) if is_left_out else each for each in found)


def explained(
    destination: str, source: AnySource | Reading, result: Value | None, warnings: Warnings, view: RecordView
) -> Explained:
    """Say where the result of a source comes from.

    Args:
        destination: The field.
        source: What the mapping file names, or an attribute that it chooses by a pattern or group.
        result: What it gave.
        warnings: What was noted meanwhile.
        view: The record.
    """
    if isinstance(source, StaticSource):
        return Explained(destination, "static", None, None, None, None, None, result)
    reasons = tuple(warning.reason for warning in warnings.sorted())
    with heard(view):
        rule, text, value, reading = _origin(source, view)
        found = None if reading is None else view.entry(reading, destination)
    if found is None:
        return Explained(destination, rule, text, value, None, None, None, result, reasons)
    reader, entry = found
    scope = entry.get("scope", entry.get("channel"))
    reason = reader.chooser.reason(entry)
    return Explained(destination, rule, text, entry["data"], scope, entry.get("locale"), reason, result, reasons)


def _origin(
    source: FieldSource | LookupSource | FormulaSource | Reading, view: RecordView
) -> tuple[RuleKind, str, Any, Reading | None]:
    """Return the kind of rule, what it names, the value of a property or of a formula's names, and the reading."""
    if isinstance(source, Reading):
        return "attribute", source.attribute, None, source
    if isinstance(source, FormulaSource):
        return "formula", source.formula, _named_values(source, view), None
    kind: RuleKind = "lookup" if isinstance(source, LookupSource) else "attribute"
    if source.reading is not None:
        return kind, source.name, None, source.reading
    price = view.price if source.name == "$price" else None
    value = view.property(source.name[1:], None, "")
    return ("property" if kind == "attribute" else kind), source.name, value, price


def _named_values(source: FormulaSource, view: RecordView) -> dict[str, Any]:
    names = source.compiled.names
    values: dict[str, Any] = {
        name: view.property(name, None, "") if name in view.property_names else view.native(Reading.of(name), "")
        for name in names.variables
    }
    for reading in names.readings:
        values[reading.attribute] = view.native(reading, "")
    return {name: plain_json(value) for name, value in values.items()}
