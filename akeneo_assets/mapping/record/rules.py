"""Apply the rules of one object to a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.file.sources import AnySource, FieldSource, FormulaSource, StaticSource
from akeneo_assets.mapping.formulas.formula import plain_result
from akeneo_assets.mapping.formulas.limits import FormulaError
from akeneo_assets.mapping.numbers import as_decimal, json_number
from akeneo_assets.mapping.plain import Value, ValueType, value_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.file.mapping_file import FieldRules
    from akeneo_assets.mapping.record.record_view import RecordView

Shown = TypeVar("Shown")


def evaluate(source: AnySource, value_type: ValueType | None, view: RecordView, field: str) -> Value | None:
    """Return the value of a source for one record.

    Args:
        source: The source from the mapping file.
        value_type: The type of the destination field; None for any.
        view: The record.
        field: The destination, for warnings.
    """
    if isinstance(source, StaticSource):
        return source.static
    if isinstance(source, FieldSource):
        if source.reading is None:
            value = view.property(source.field[1:], value_type, field)
        else:
            value = view.value(source.reading, value_type, field)
        return source.default if value is None else value
    if isinstance(source, FormulaSource):
        result: Value | None = calculated(source, view, field, plain_result)
        value = None if result is None else view.converted(result, value_type, field, None)
        return source.default if value is None else value
    text = view.lookup_text(source, field)
    if text is None or text not in source.table:
        if text is not None and source.default is None:
            view.warnings.add(
                field, None, f"the lookup table of {source.lookup} has no entry for the value of this record"
            )
        return source.default
    return source.table[text]


def calculated(source: FormulaSource, view: RecordView, field: str, shown: Callable[[Any], Shown]) -> Shown | None:
    """Return the result of a formula for one record; None, with a warning, if it fails.

    Args:
        source: The formula.
        view: The record.
        field: The destination, for warnings.
        shown: Converts the result for the destination.
    """
    try:
        return shown(source.compiled.evaluate(view, field))
    except FormulaError as error:
        view.warnings.add(field, None, f"the formula {error}")
        return None


def carried(value: Value, value_type: ValueType | None) -> Value:
    """Return a value in the type of its field: static values and lookup tables may hold a number for a text field."""
    if value_type == "number" and (number := as_decimal(value)) is not None:
        return json_number(number)
    return value_text(value) if value_type == "text" else value


def apply(rules: FieldRules, view: RecordView, place: str = "") -> JsonObject:
    """Return the destination fields of one record; fields without a value are left out.

    Args:
        rules: The rules.
        view: The record.
        place: Prefix of the fields in messages, e.g. ``kit.``; empty for the record itself.

    Raises:
        RecordError: ``missing_value``: a field required by iPaaS.com has no value.
    """
    payload: JsonObject = {}
    for rule in rules.active:
        value = evaluate(rule.source, rule.value_type, view, place + rule.destination)
        if value is not None:
            payload[rule.destination] = carried(value, rule.value_type)
        elif rule.required:
            raise RecordError(
                f"iPaaS.com requires {place}{rule.destination}, but {rule.source.name} has no value. "
                "Fill it in Akeneo, or add a default in the mapping file.",
                code="missing_value",
            )
    return payload


def rows(row_rules: Iterable[FieldRules], view: RecordView, place: str) -> list[JsonObject]:
    """Return one row for each of ``row_rules``; a row whose sources are all empty is left out."""
    found = []
    for index, rules in enumerate(row_rules):
        read = {rule.destination for rule in rules.active if not isinstance(rule.source, StaticSource)}
        values = {
            rule.destination: evaluate(rule.source, rule.value_type, view, f"{place}[{index}].{rule.destination}")
            for rule in rules.active
            if rule.destination in read
        }
        if not read or any(value is not None for value in values.values()):
            found.append(apply(rules, view, f"{place}[{index}]."))
    return found
