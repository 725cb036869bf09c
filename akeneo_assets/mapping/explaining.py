"""Explain how one record became what it is: field by field, from which value and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from akeneo_assets.mapping.formulas.functions import plain_json
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.rules import evaluate
from akeneo_assets.mapping.sources import AnySource, FieldSource, FormulaSource, LookupSource, StaticSource
from akeneo_assets.mapping.view import Warnings

if TYPE_CHECKING:
    from akeneo_assets.mapping.collections import Collection
    from akeneo_assets.mapping.values import Value
    from akeneo_assets.mapping.view import RecordView

RuleKind: TypeAlias = Literal["attribute", "property", "static", "lookup", "formula"]


@dataclass(frozen=True, slots=True)
class Explained:
    """How one destination field came about.

    Args:
        destination: The field, e.g. ``custom_fields.Weight`` or ``inventory[0].qty_on_hand``.
        rule: What kind of line made it.
        source: The attribute, ``$property`` or text of the formula; None for a static value.
        value: What Akeneo has there; for a formula the values of all its names.
        channel: The channel of the entry that was taken; None for one of no channel.
        locale: The locale of that entry.
        choice: Why that entry: ``own locale``, ``fallback 1``, ``no locale``; None where nothing was chosen.
        result: What is sent; None where the field is left out.
        warnings: What was left out or changed.
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


def explain_collection(collection: Collection, view: RecordView, place: str = "") -> Iterator[Explained]:
    """Yield the explanation of every rule of a collection; ``place`` is what it fills, e.g. ``kit.``."""
    for rule in collection.rules:
        yield explain_source(place + rule.destination, rule.source, rule.value_type, view)


def explain_source(
    destination: str,
    source: AnySource,
    value_type: Literal["text", "number", "boolean"] | None,
    view: RecordView,
) -> Explained:
    """Return the explanation of one source."""
    if isinstance(source, StaticSource):
        return Explained(destination, "static", None, None, None, None, None, source.static)
    kept, view.warnings = view.warnings, Warnings()
    try:
        result = evaluate(source, value_type, view, destination)
        reasons = tuple(warning.reason for warning in view.warnings.sorted())
        rule, text, value, reading = _origin(source, view)
        found = None if reading is None else view.entry(reading, destination)
    finally:
        view.warnings = kept
    if found is None:
        return Explained(destination, rule, text, value, None, None, None, result, reasons)
    reader, entry = found
    scope = entry.get("scope", entry.get("channel"))
    reason = reader.chooser.reason(entry)
    return Explained(destination, rule, text, entry["data"], scope, entry.get("locale"), reason, result, reasons)


def _origin(
    source: FieldSource | LookupSource | FormulaSource, view: RecordView
) -> tuple[RuleKind, str, Any, Reading | None]:
    """Return the kind of rule, what it names, the value of a property or of a formula's names, and the reading."""
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
