"""Formula functions that read the record or match patterns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Protocol

from akeneo_assets.mapping.formulas.functions import text
from akeneo_assets.mapping.formulas.limits import Steps, bounded
from akeneo_assets.mapping.formulas.patterns import compile_pattern
from akeneo_assets.mapping.numbers import as_decimal
from akeneo_assets.mapping.plain import Value, ValueType
from akeneo_assets.mapping.reading import Reading


class FormulaRecord(Protocol):
    """The record that a formula reads; ``field`` is the destination, for warnings."""

    @property
    def property_names(self) -> frozenset[str]:
        """The names of the record's properties."""

    @property
    def parent(self) -> FormulaRecord | None:
        """The parent of a variant."""

    def property(self, name: str, value_type: ValueType | None, field: str) -> Value | None:
        """Return a property converted to ``value_type``, if given."""

    def value(self, reading: Reading, value_type: ValueType | None, field: str) -> Value | None:
        """Return an attribute converted to ``value_type``, if given."""

    def native(self, reading: Reading, field: str) -> Any:
        """Return an attribute for use in formulas."""

    def members(self, reading: Reading, field: str) -> list[str] | None:
        """Return the members of a list; None if the attribute is empty or not a list."""

    def custom_field(self, name: str, /) -> Value | None:
        """Return another custom field of the record."""

    def look_up(self, kind: str, key: str) -> str | None:
        """Return the iPaaS.com id of a record."""


class RecordFunctions:
    """The functions that a formula can call for one record.

    Args:
        view: The record.
        field: The destination, for warnings.
    """

    def __init__(self, view: FormulaRecord, field: str) -> None:
        self._view = view
        self._field = field
        self._steps = Steps()

    def variable(self, name: str, reading: Reading) -> Any:
        """Return the property with this name, or else the attribute of ``reading``."""
        if name in self._view.property_names:
            return native(self._view.property(name, None, self._field))
        return self._view.native(reading, self._field)

    def value(self, code: str, locale: str | None = None, channel: str | None = None) -> Any:
        """Return an attribute; options and records as codes, measurements and prices as amounts."""
        return self._view.native(replace(Reading.of(code), locale=locale, channel=channel), self._field)

    def label(self, code: str, locale: str | None = None) -> str | None:
        """Return an attribute as text; options, records and assets as labels, measurements with units."""
        found = self._view.value(replace(Reading.of(code), form="label", locale=locale), None, self._field)
        return None if found is None else text(native(found))

    def labels(self, code: str) -> list[str]:
        """Return the labels of the members of a list."""
        return self._view.members(replace(Reading.of(code), form="label"), self._field) or []

    def unit(self, code: str, target: str) -> Any:
        """Return the amount of a measurement in another unit."""
        return native(self._view.value(Reading(code, unit=target), "number", self._field))

    def parent(self, code: str) -> Any:
        """Return an attribute of a variant's parent."""
        return None if self._view.parent is None else self._view.parent.native(Reading.of(code), self._field)

    def custom_field(self, name: str) -> Any:
        """Return another custom field of the same record."""
        return native(self._view.custom_field(name))

    def ipaas_id(self, kind: str, key: Any) -> str | None:
        """Return the iPaaS.com id of a record; None if it is unknown."""
        name = text(key)
        return self._view.look_up(kind, name) if name else None

    def first_match(self, value: Any, *patterns: str) -> str | None:
        """Return the match of the first pattern that matches, or its first group if it has one."""
        whole = text(value)
        for pattern in patterns:
            compiled = compile_pattern(pattern)
            if (found := compiled.search(whole, self._steps)) is not None:
                return found.group if compiled.has_group else whole[found.start : found.end]
        return None

    def regex_search(self, value: Any, pattern: str) -> str | None:
        """Return the first match of a pattern in text."""
        whole = text(value)
        found = compile_pattern(pattern).search(whole, self._steps)
        return None if found is None else whole[found.start : found.end]

    def regex_replace(self, value: Any, pattern: str, replacement: str) -> str:
        """Replace each match of a pattern with ``replacement``, which is used literally."""
        whole, compiled = text(value), compile_pattern(pattern)
        parts: list[str] = []
        size = at = 0
        for found in compiled.finditer(whole, self._steps):
            parts += [whole[at : found.start], replacement]
            at = found.end
            size += len(replacement)
            if size > len(whole):
                bounded("".join(parts))
                size = 0
        return bounded("".join([*parts, whole[at:]]))


RECORD_FUNCTIONS: Final = (
    *("value", "label", "labels", "unit", "parent", "custom_field", "ipaas_id"),
    *("first_match", "regex_search", "regex_replace"),
)
PATTERN_FUNCTIONS: Final = frozenset({"first_match", "regex_search", "regex_replace"})
KINDS: Final = ("category", "product", "product_model", "variant")
"""The kinds of records that have iPaaS.com ids."""
ATTRIBUTE_FUNCTIONS: Final = frozenset({"value", "label", "labels", "unit", "parent"})


def native(value: Any) -> Any:
    """Return a value for use in formulas, with numbers as exact decimals."""
    return value if isinstance(value, bool) or not isinstance(value, (int, float)) else as_decimal(value)
