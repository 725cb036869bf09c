"""One source record as the rules see it: named properties and attribute values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from akeneo_assets.mapping.numbers import as_decimal, json_number
from akeneo_assets.mapping.records import MappingWarning
from akeneo_assets.mapping.values import Value, ValueReader, value_text

if TYPE_CHECKING:
    from akeneo_assets.mapping.sources import ValueType


class Warnings:
    """The warnings of one record, each once, in an order of their own."""

    def __init__(self) -> None:
        self._warnings: set[tuple[str, str, str]] = set()

    def add(self, field: str, attribute: str | None, reason: str) -> None:
        """Note that something of ``field`` was left out or changed."""
        self._warnings.add((field, attribute or "", reason))

    def sorted(self) -> tuple[MappingWarning, ...]:
        """Return what was noted."""
        return tuple(
            MappingWarning(field, attribute or None, reason) for field, attribute, reason in sorted(self._warnings)
        )


class RecordView:
    """One record, or one part of it such as an option, under the names that rules use.

    Args:
        properties: What ``$name`` stands for, without the ``$``; None where the record has no such value.
        warnings: Where to note what had to be left out.
        reader: Reads attribute values; None where a part has no attributes.
        values: The entries of each attribute.
        price_attribute: What ``$price`` stands for.
    """

    def __init__(
        self,
        properties: Mapping[str, Value | None],
        warnings: Warnings,
        reader: ValueReader | None = None,
        values: Mapping[str, Any] | None = None,
        price_attribute: str | None = None,
    ) -> None:
        self._properties = properties
        self.warnings = warnings
        self._reader = reader
        self._values = values or {}
        self._price_attribute = price_attribute

    def attributes(self) -> Iterator[str]:
        """Return the codes of the attributes that have entries."""
        return (code for code in self._values if isinstance(code, str))

    def value(self, name: str, value_type: ValueType | None, field: str) -> Value | None:
        """Return an attribute or ``$property``.

        Args:
            name: An attribute's code, or ``$`` and a property.
            value_type: What it has to become; None to keep the type it has.
            field: The destination, for warnings.
        """
        if (attribute := self._attribute(name)) is None:
            value = self._properties.get(name[1:]) if name != "$price" else None
        elif self._reader is None or (data := self._reader.choose(self._values.get(attribute))) is None:
            return None
        elif value_type == "number":
            return self._reader.number(attribute, data, self._warn(field, attribute))
        else:
            value = self._reader.plain(attribute, data, self._warn(field, attribute))
        return None if value is None else self._converted(value, value_type, field, attribute)

    def lookup_text(self, name: str, field: str) -> str | None:
        """Return what a look-up table is searched for."""
        if (attribute := self._attribute(name)) is not None:
            if self._reader is None or (data := self._reader.choose(self._values.get(attribute))) is None:
                return None
            return self._reader.lookup_text(attribute, data, self._warn(field, attribute))
        value = self._properties.get(name[1:])
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None else value_text(value)

    def _attribute(self, name: str) -> str | None:
        if name == "$price":
            return self._price_attribute
        return None if name.startswith("$") else name

    def _warn(self, field: str, attribute: str) -> Callable[[str], None]:
        return lambda reason: self.warnings.add(field, attribute, f"{attribute} {reason}")

    def _converted(self, value: Value, value_type: ValueType | None, field: str, attribute: str | None) -> Value | None:
        if value_type == "text":
            return value_text(value)
        if value_type == "boolean" and not isinstance(value, bool):
            self.warnings.add(field, attribute, f"{attribute or 'the value'} is neither true nor false")
            return None
        if value_type == "number":
            number = as_decimal(value)
            return None if number is None else json_number(number)
        return value
