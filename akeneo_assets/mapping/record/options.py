"""Map the options of a product model: one for each axis, with the values of its variants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from akeneo_assets.mapping.catalogue import attribute_types
from akeneo_assets.mapping.numbers import as_decimal
from akeneo_assets.mapping.plain import Value, value_text
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.record.explain import Explained, explain_rules
from akeneo_assets.mapping.record.record_view import RecordView, Warnings
from akeneo_assets.mapping.record.rules import apply
from akeneo_assets.mapping.record.values import EntryToRead, ValueReader, choice_order
from akeneo_assets.mapping.shapes import as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.file.mapping_file import MappingFile

Order: TypeAlias = tuple[str, Decimal | int, int, str]


@dataclass(frozen=True, slots=True)
class AxisValue:
    """One value of an axis: its code, its text, and its sort key."""

    code: str
    text: str
    order: Order


def distinct_texts(labels: Mapping[str, str]) -> dict[str, str]:
    """Return a text for each code: its label, followed by the code if several codes share the label.

    Labels are compared without regard to case. The result depends on all ``labels``, not only on the codes that a
    product uses, so that texts do not change when a variant is added.
    """
    texts = dict(labels)
    while True:
        # This terminates: two texts that end with different codes never become equal again.
        uses = Counter(text.casefold() for text in texts.values())
        shared = [code for code, text in texts.items() if uses[text.casefold()] > 1]
        if not shared:
            return texts
        texts.update({code: f"{texts[code]} ({code})" for code in shared})


class OptionMapper:
    """Maps axes and their values.

    Args:
        mapping: The mapping file.
        reader: Reads values in the selected channel and locale.
    """

    def __init__(self, mapping: MappingFile, reader: ValueReader) -> None:
        self._mapping = mapping
        self._reader = reader
        self._texts: dict[str, dict[str, str]] = {}
        self._options: dict[tuple[str, ...], dict[str, JsonObject]] = {}

    def value(self, axis: str, entry: JsonObject) -> AxisValue | None:
        """Return the value of a variant on an axis; None if it has none."""
        attribute, reading = self._reader.attribute(axis), Reading(axis)
        if attribute.type in {attribute_types.SIMPLE_SELECT, attribute_types.REFERENCE_ENTITY}:
            return self._choice(axis, as_text(entry["data"]))
        given = EntryToRead(attribute, reading, entry, _ignore_warning)
        value = self._reader.plain(reading, entry, _ignore_warning)
        if value is None:
            return None
        text = value_text(value)
        if attribute.type == attribute_types.METRIC and (measurement := self._reader.measurement(given)) is not None:
            amount, unit = measurement
            comparable = self._reader.standard_amount(given)
            # Amounts that cannot be converted for comparison come last, sorted by unit.
            order = (unit, amount, 0, text) if comparable is None else ("", comparable, 0, text)
            return AxisValue(text, text, order)
        number = as_decimal(entry["data"])
        return AxisValue(text, text, ("", 0 if number is None else number, 0, text))

    def options(self, axes: tuple[str, ...], used: Iterable[Mapping[str, AxisValue]]) -> list[JsonObject]:
        """Return the options of a product model in the order of ``axes``, each with its distinct values.

        Args:
            axes: The axes of all levels.
            used: The values of each variant, by axis.
        """
        distinct = _distinct(axes, used)
        options = []
        for axis, fields in self._fields(axes).items():
            listed = [
                {"option_name": fields["option_name"], **self._option_value(value, position)}
                for position, value in enumerate(distinct[axis], start=1)
            ]
            options.append({**fields, "values": listed})
        return options

    def choice(self, axes: tuple[str, ...], values: Mapping[str, AxisValue]) -> list[JsonObject]:
        """Return the options of a variant: its value on each axis."""
        return [
            {
                "option_name": fields["option_name"],
                "value": self._option_value(values[axis], 0)["value"],
            }
            for axis, fields in self._fields(axes).items()
        ]

    def explain_options(self, axes: tuple[str, ...], used: Iterable[Mapping[str, AxisValue]]) -> Iterator[Explained]:
        """Yield an explanation of each field of :meth:`options`."""
        distinct = _distinct(axes, used)
        for index, (axis, view) in enumerate(self._axis_parts(axes).items()):
            fields = list(explain_rules(self._mapping.option, view, f"options[{index}].", f"axis {axis}"))
            yield from fields
            for number, value in enumerate(distinct[axis]):
                place = f"options[{index}].values[{number}]."
                yield _renamed(fields, place)
                part = f"{axis} {value.code}"
                yield from explain_rules(self._mapping.option_value, _value_part(value, number + 1), place, part)

    def explain_choice(self, axes: tuple[str, ...], values: Mapping[str, AxisValue]) -> Iterator[Explained]:
        """Yield an explanation of each field of :meth:`choice`; axes without a value are left out."""
        for index, (axis, view) in enumerate(self._axis_parts(axes).items()):
            if axis in values:
                place = f"options[{index}]."
                yield _renamed(explain_rules(self._mapping.option, view, "", f"axis {axis}"), place)
                fields = explain_rules(
                    self._mapping.option_value, _value_part(values[axis], 0), place, f"{axis} {values[axis].code}"
                )
                yield from (field for field in fields if field.destination == f"{place}value")

    def _option_value(self, value: AxisValue, position: int) -> JsonObject:
        return apply(self._mapping.option_value, _value_part(value, position), "options.values.")

    def _fields(self, axes: tuple[str, ...]) -> dict[str, JsonObject]:
        """Return the option fields of each axis, without the values, in the order of ``axes``."""
        if axes not in self._options:
            self._options[axes] = {
                axis: apply(self._mapping.option, view, f"options.{axis}.")
                for axis, view in self._axis_parts(axes).items()
            }
        return self._options[axes]

    def _axis_parts(self, axes: tuple[str, ...]) -> dict[str, RecordView]:
        """Return a view of each axis for the option rules, in the order of ``axes``."""
        label = self._reader.selection.label
        names = distinct_texts({axis: label(self._reader.attribute(axis).labels, axis) for axis in axes})
        return {
            axis: _part(code=axis, label=names[axis], position=position) for position, axis in enumerate(axes, start=1)
        }

    def _choice(self, axis: str, code: str | None) -> AxisValue | None:
        if code is None:
            return None
        choices = self._reader.choices(self._reader.attribute(axis))
        if axis not in self._texts:
            label = self._reader.selection.label
            self._texts[axis] = distinct_texts(
                {choice.code: label(choice.labels, choice.code) for choice in choices.values()}
            )
        choice = choices.get(code.casefold())
        own = choice.code if choice else code
        return AxisValue(own, self._texts[axis].get(own, own), ("", *choice_order(choices, code)))


def _distinct(axes: tuple[str, ...], used: Iterable[Mapping[str, AxisValue]]) -> dict[str, list[AxisValue]]:
    """Return the distinct values of each axis, sorted."""
    distinct: dict[str, dict[str, AxisValue]] = {axis: {} for axis in axes}
    for values in used:
        for axis in axes:
            distinct[axis][values[axis].code] = values[axis]
    return {axis: sorted(found.values(), key=lambda value: value.order) for axis, found in distinct.items()}


def _renamed(fields: Iterable[Explained], place: str) -> Explained:
    """Return the explanation of an option's name for one of its values, which repeat it."""
    name = next(field for field in fields if field.destination.endswith("option_name"))
    return replace(name, destination=f"{place}option_name")


def _ignore_warning(_: str) -> None:
    """Ignore a warning: the rules that read the attribute already report it."""


def _value_part(value: AxisValue, position: int) -> RecordView:
    return _part(code=value.code, label=value.text, position=position)


def _part(**properties: Value) -> RecordView:
    return RecordView(properties, Warnings())
