"""Explain where each field of a record comes from: the source value and the rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from akeneo_assets.mapping.file.sources import AnySource, FieldSource, FormulaSource, LookupSource, StaticSource
from akeneo_assets.mapping.formulas.functions import plain_json
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.record.record_view import RecordView, Warnings, capture_warnings
from akeneo_assets.mapping.record.rules import carried, evaluate

if TYPE_CHECKING:
    from akeneo_assets.mapping.file.mapping_file import FieldRules
    from akeneo_assets.mapping.plain import Value

RuleKind: TypeAlias = Literal["attribute", "property", "static", "lookup", "formula", "association", "no line"]


@dataclass(frozen=True, slots=True)
class Explained:
    """Where the value of one destination field comes from.

    Args:
        destination: The field, e.g. ``custom_fields.Weight``, ``options[0].values[1].detail`` or
            ``inventory[0].qty_on_hand``; rows are numbered as in the mapping file, even if some are left out.
        rule: The kind of rule; ``no line`` for a field that was sent before and is no longer mapped.
        source: The attribute, ``$property``, formula or association types; None for a static value.
        value: The value in Akeneo; for a formula, the values of all names that it uses.
        channel: The channel of the chosen entry; None if it has none.
        locale: The locale of the chosen entry; None if it has none.
        choice: Why this entry was chosen, e.g. ``own locale`` or ``fallback 1``; None if there was no choice.
        result: The value that is sent; None if the field is left out.
        warnings: What was left out or changed.
        part: The part of Akeneo's structure that the rule applies to, e.g. ``axis color``, ``color red`` or
            ``association type PACK``; None for the record itself.
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


def explain_rules(rules: FieldRules, view: RecordView, place: str = "", part: str | None = None) -> Iterator[Explained]:
    """Yield an explanation of each rule.

    Args:
        rules: The rules.
        view: The record, or the part of it, that they apply to.
        place: Prefix of the destination fields, e.g. ``kit.``.
        part: The part of Akeneo's structure that ``view`` shows; None for the record itself.
    """
    for rule in rules.active:
        destination = place + rule.destination
        with capture_warnings(view) as warnings:
            value = evaluate(rule.source, rule.value_type, view, destination)
            result = None if value is None else carried(value, rule.value_type)
        yield replace(explained(destination, rule.source, result, warnings, view), part=part)


def explain_row(rules: FieldRules, view: RecordView, place: str) -> Iterator[Explained]:
    """Yield an explanation of each field of a row; a row whose sources are all empty is left out as a whole."""
    found = list(explain_rules(rules, view, place))
    read = [each for each in found if each.rule != "static"]
    is_left_out = bool(read) and all(each.result is None for each in read)
    yield from (replace(each, result=None) if is_left_out else each for each in found)


def explained(
    destination: str, source: AnySource | Reading, result: Value | None, warnings: Warnings, view: RecordView
) -> Explained:
    """Return an explanation of the result of a source.

    Args:
        destination: The field.
        source: The source from the mapping file, or an attribute chosen by a pattern or group.
        result: Its result.
        warnings: The warnings of its evaluation.
        view: The record.
    """
    if isinstance(source, StaticSource):
        return Explained(destination, "static", None, None, None, None, None, result)
    reasons = tuple(warning.reason for warning in warnings.sorted())
    with capture_warnings(view):
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
    """Return the kind of rule, its source, the value of a property or of a formula's names, and the reading."""
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
