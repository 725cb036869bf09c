"""The view of one source record that rules read: its properties and attribute values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from akeneo_assets.mapping.numbers import as_decimal, json_number
from akeneo_assets.mapping.plain import Value, ValueType, value_text
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.record.mapped_record import MappingWarning
from akeneo_assets.mapping.record.values import ValueReader

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.file.sources import LookupSource


IpaasIds: TypeAlias = Callable[[str, str], str | None]
"""Returns the iPaaS.com id of a record by its kind and key; None if it has none."""


def _nothing(_: str) -> None:
    """Return no custom field."""


def _no_id(_kind: str, _key: str) -> None:
    """Return no id."""


class Warnings:
    """The warnings of one record, sorted and without duplicates."""

    def __init__(self) -> None:
        self._warnings: set[tuple[str, str, str]] = set()

    def add(self, field: str, attribute: str | None, reason: str) -> None:
        """Add a warning that something in ``field`` was left out or changed."""
        self._warnings.add((field, attribute or "", reason))

    def sorted(self) -> tuple[MappingWarning, ...]:
        """Return all warnings."""
        return tuple(
            MappingWarning(field, attribute or None, reason) for field, attribute, reason in sorted(self._warnings)
        )


class RecordView:
    """One record, or a part of it such as an option, with the names that rules use.

    Args:
        properties: The properties by name, without ``$``; None if a property has no value.
        warnings: Collects warnings about parts that are left out or changed.
        reader: Reads attribute values; None if there are no attributes.
        values: The entries of each attribute.
        price_attribute: The attribute behind ``$price``.

    Attributes:
        property_names: The names of the record's properties.
        parent: The parent of a variant.
        custom_field: Returns a custom field of the record by name.
        price: How ``$price`` is read.
        variant_price: The ``$price`` of a product model that has no price of its own.
        ipaas_id: Returns the iPaaS.com id of a record.
        looked_up: The ids that formulas looked up, by kind and key.
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
        self.property_names = frozenset(properties) | {"price"}
        self.parent: RecordView | None = None
        self.custom_field: Callable[[str], Value | None] = _nothing
        self.ipaas_id: IpaasIds = _no_id
        self.looked_up: dict[tuple[str, str], str | None] = {}
        self.price = None if price_attribute is None else Reading(price_attribute)
        self.variant_price: Value | None = None

    def look_up(self, kind: str, key: str) -> str | None:
        """Return the iPaaS.com id of a record, and record the lookup."""
        found = self.looked_up[kind, key] = self.ipaas_id(kind, key)
        return found

    def attributes(self) -> Iterator[str]:
        """Return the codes of the attributes that have entries."""
        return (code for code in self._values if isinstance(code, str))

    def entry(self, reading: Reading, field: str) -> tuple[ValueReader, JsonObject] | None:
        """Return the entry of an attribute and the reader for it; None if there is none.

        Values of unknown attributes are ignored: when an attribute is deleted, Akeneo removes its values without
        updating the products' modified date, so that the mirror may still contain them.

        Args:
            reading: The attribute.
            field: The destination, for warnings.
        """
        entries = self._values.get(reading.attribute)
        if entries is None or self._reader is None:
            return None
        reader = self._reader.reader_for(reading)
        entry = reader.choose(entries)
        if entry is None:
            return None
        if not reader.knows(reading.attribute):
            self.warn(field, reading.attribute)("is unknown: deleted in Akeneo, or too new; left out")
            return None
        return reader, entry

    def value(self, reading: Reading, value_type: ValueType | None, field: str) -> Value | None:
        """Return an attribute.

        Args:
            reading: The attribute, and how to read it.
            value_type: The type to convert to; None to keep its own type.
            field: The destination, for warnings.
        """
        if (found := self.entry(reading, field)) is None:
            return None
        reader, entry = found
        warn = self.warn(field, reading.attribute)
        if value_type == "number":
            return reader.number(reading, entry, warn)
        value = reader.plain(reading, entry, warn)
        return None if value is None else self.converted(value, value_type, field, reading.attribute)

    def native(self, reading: Reading, field: str) -> Any:
        """Return an attribute for formulas; an empty list stays a list, any other empty value is None."""
        if (found := self.entry(reading, field)) is None:
            is_list = self._reader is not None and self._reader.is_list(reading.attribute)
            return [] if is_list and reading.record_attribute is None else None
        reader, entry = found
        return reader.native(reading, entry, self.warn(field, reading.attribute))

    def members(self, reading: Reading, field: str) -> list[str] | None:
        """Return the members of a list of options, records or assets; None if it is empty or not a list."""
        if (found := self.entry(reading, field)) is None:
            return None
        reader, entry = found
        return reader.members(reading, entry, self.warn(field, reading.attribute))

    def property(self, name: str, value_type: ValueType | None, field: str) -> Value | None:
        """Return a property; ``name`` is given without ``$``."""
        if name == "price":
            return self._price(value_type, field)
        value = self._properties.get(name)
        return None if value is None else self.converted(value, value_type, field, None)

    def _price(self, value_type: ValueType | None, field: str) -> Value | None:
        if self.price is None:
            return None
        if self.variant_price is None:
            return self.value(self.price, value_type, field)
        with capture_warnings(self):
            own = self.value(self.price, value_type, field)
        return self.converted(self.variant_price, value_type, field, None) if own is None else own

    def lookup_text(self, source: LookupSource, field: str) -> str | None:
        """Return the key to look up in a lookup table."""
        reading = self.price if source.lookup == "$price" else source.reading
        if reading is not None:
            if (found := self.entry(reading, field)) is None:
                return None
            reader, entry = found
            return reader.lookup_text(reading, entry, self.warn(field, reading.attribute))
        value = self._properties.get(source.lookup[1:])
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None else value_text(value)

    def warn(self, field: str, attribute: str) -> Callable[[str], None]:
        """Return a function that adds warnings about an attribute."""
        return lambda reason: self.warnings.add(field, attribute, f"{attribute} {reason}")

    def converted(self, value: Value, value_type: ValueType | None, field: str, attribute: str | None) -> Value | None:
        """Return ``value`` converted to the type of the destination."""
        if value_type == "text":
            return value_text(value)
        if value_type == "boolean" and not isinstance(value, bool):
            self.warnings.add(field, attribute, f"{attribute or 'the value'} is neither true nor false")
            return None
        if value_type == "number":
            number = as_decimal(value)
            if number is None:
                self.warnings.add(field, attribute, f"{attribute or 'the value'} is not a number")
                return None
            return json_number(number)
        return value


@contextmanager
def capture_warnings(view: RecordView) -> Iterator[Warnings]:
    """Collect the warnings of this block separately from the record's own."""
    kept, view.warnings = view.warnings, Warnings()
    try:
        yield view.warnings
    finally:
        view.warnings = kept
