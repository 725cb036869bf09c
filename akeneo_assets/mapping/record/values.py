"""Read product values: convert the data of an entry to a plain value, depending on the attribute type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.mapping.catalogue import attribute_types
from akeneo_assets.mapping.catalogue.asset_links import media_link, share_link
from akeneo_assets.mapping.catalogue.measurements import convert, standard
from akeneo_assets.mapping.catalogue.structure import Attribute, Choice
from akeneo_assets.mapping.numbers import as_decimal, is_exact, json_number, number_text
from akeneo_assets.mapping.plain import Value, value_text
from akeneo_assets.mapping.record.entries import EntryChooser
from akeneo_assets.mapping.shapes import as_codes, as_list, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.reading import Reading

Warn: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class EntryToRead:
    """An entry to read.

    Args:
        attribute: The attribute.
        reading: How to read it.
        entry: The chosen entry.
        warn: Called with the reason if a value is left out or changed.
    """

    attribute: Attribute
    reading: Reading
    entry: JsonObject
    warn: Warn

    @property
    def data(self) -> Any:
        """The data of the entry."""
        return self.entry["data"]


class ValueReader:
    """Reads the values of one catalogue in the selected channel, locales, currency and units.

    Args:
        structure: The structure of the catalogue.
        selection: The channel, locales, currency and units.
    """

    def __init__(self, structure: Structure, selection: Selection) -> None:
        self._structure = structure
        self.selection = selection
        self.chooser = EntryChooser(selection)
        self.choose = self.chooser.choose
        self._others: dict[tuple[str | None, str | None], ValueReader] = {}

    def reader_for(self, reading: Reading) -> ValueReader:
        """Return the reader for the channel and locale of ``reading``."""
        if reading.locale is None and reading.channel is None:
            return self
        key = (reading.channel, reading.locale)
        if key not in self._others:
            selection = replace(
                self.selection,
                channel=reading.channel or self.selection.channel,
                locales=self.selection.locales if reading.locale is None else (reading.locale,),
            )
            self._others[key] = ValueReader(self._structure, selection)
        return self._others[key]

    def plain(self, reading: Reading, entry: JsonObject, warn: Warn) -> Value | None:
        """Return the value of ``entry`` as text, number or boolean; None if it has none."""
        attribute = self.attribute(reading.attribute)
        read = self._readers.get(attribute.type, ValueReader._unknown)
        return read(self, EntryToRead(attribute, reading, entry, warn))

    def members(self, reading: Reading, entry: JsonObject, warn: Warn) -> list[str] | None:
        """Return the members of a list of options, records or assets as text; None if it is not a list."""
        given = EntryToRead(self.attribute(reading.attribute), reading, entry, warn)
        return self._members(given) if given.attribute.type in attribute_types.COLLECTION_TYPES else None

    def number(self, reading: Reading, entry: JsonObject, warn: Warn) -> int | float | None:
        """Return the value as a number: the amount of a measurement, or of a price in the currency."""
        given = EntryToRead(self.attribute(reading.attribute), reading, entry, warn)
        if reading.record_attribute is not None:
            text = self._record_text(given)
            return None if text is None else _number(text, warn)
        if given.attribute.type == attribute_types.PRICE:
            return self._amount(given)
        if given.attribute.type == attribute_types.METRIC:
            measurement = self.measurement(given)
            if measurement is None or not self._is_in_wanted_unit(given, measurement[1]):
                return None
            return _number(number_text(measurement[0]), warn)
        return _number(given.data, warn)

    def native(self, reading: Reading, entry: JsonObject, warn: Warn) -> Any:
        """Return the value for formulas: codes instead of labels, amounts as exact decimals, lists and tables."""
        attribute = self.attribute(reading.attribute)
        read = self._natives.get(attribute.type)
        if reading.record_attribute is not None:
            return self.plain(replace(reading, form="code"), entry, warn)
        if read is None:
            return self.plain(reading, entry, warn)
        return read(self, EntryToRead(attribute, replace(reading, form="code"), entry, warn))

    def is_list(self, code: str) -> bool:
        """Return whether the values of an attribute are lists."""
        return self.attribute(code).type in attribute_types.COLLECTION_TYPES

    def lookup_text(self, reading: Reading, entry: JsonObject, warn: Warn) -> str | None:
        """Return the key to look up in a lookup table: codes as Akeneo lists them, ``true`` or ``false``, or text."""
        data = entry["data"]
        if isinstance(data, bool):
            return "true" if data else "false"
        value = self.plain(reading, entry, warn)
        return None if value is None else value_text(value)

    def knows(self, code: str) -> bool:
        """Return whether the catalogue has an attribute."""
        return code in self._structure.attributes

    @classmethod
    def knows_type(cls, attribute_type: str) -> bool:
        """Return whether values of a type are read as such; others are sent as text."""
        return attribute_type in cls._readers

    def attribute(self, code: str) -> Attribute:
        """Return the attribute; an unknown one has no type."""
        return self._structure.attributes.get(code) or Attribute(code, "")

    def choices(self, attribute: Attribute) -> dict[str, Choice]:
        """Return the options, records or assets that values of ``attribute`` link to, by case-folded code."""
        if attribute.type in attribute_types.REFERENCE_ENTITY_TYPES:
            return self._structure.records.get(attribute.reference_entity or "", {})
        if attribute.type == attribute_types.ASSET_COLLECTION:
            return self._structure.assets.get(attribute.reference_entity or "", {})
        return self._structure.options.get(attribute.code, {})

    def measurement(self, given: EntryToRead) -> tuple[Decimal, str] | None:
        """Return the amount and unit of a measurement, in the wanted unit if it can be converted."""
        amount, code = as_decimal(as_map(given.data).get("amount")), as_text(as_map(given.data).get("unit"))
        if amount is None or code is None:
            given.warn("is not a measurement")
            return None
        wanted = self._wanted_unit(given)
        if wanted is None or wanted == code:
            return amount, code
        units = self._structure.measurement_families.get(given.attribute.measurement_family or "", {})
        converted = convert(amount, units[code], units[wanted]) if {code, wanted} <= units.keys() else None
        if converted is None:
            given.warn(f"cannot be converted from {code} to {wanted}")
            return amount, code
        return converted, wanted

    def standard_amount(self, given: EntryToRead) -> Decimal | None:
        """Return the amount of a measurement in the standard unit, for sorting; None if it cannot be converted."""
        measurement = self.measurement(given)
        if measurement is None:
            return None
        units = self._structure.measurement_families.get(given.attribute.measurement_family or "", {})
        return standard(measurement[0], units[measurement[1]]) if measurement[1] in units else None

    def _wanted_unit(self, given: EntryToRead) -> str | None:
        return given.reading.unit or self.selection.units.get(given.attribute.measurement_family or "")

    def _is_in_wanted_unit(self, given: EntryToRead, unit: str) -> bool:
        return self._wanted_unit(given) in {None, unit}

    def _text(self, given: EntryToRead) -> Value | None:
        if isinstance(given.data, (bool, float)):
            return value_text(given.data)
        if isinstance(given.data, (list, dict)):
            given.warn("is not text")
        return as_text(given.data)

    def _media(self, given: EntryToRead) -> Value | None:
        code = self._text(given)
        if code is None or not self._wants_link(given):
            return code
        download = as_map(as_map(given.entry.get("_links")).get("download"))
        link = as_text(download.get("href"))
        if link is None:
            given.warn("has no link; its code is sent instead")
        return link or code

    def _wants_link(self, given: EntryToRead) -> bool:
        return given.reading.form == "link" or (given.reading.form is None and self.selection.links)

    def _boolean(self, given: EntryToRead) -> Value | None:
        if isinstance(given.data, bool):
            return given.data
        given.warn("is neither true nor false")
        return None

    def _plain_number(self, given: EntryToRead) -> Value | None:
        return _number(given.data, given.warn)

    def _metric(self, given: EntryToRead) -> Value | None:
        measurement = self.measurement(given)
        if measurement is None:
            return None
        amount, code = measurement
        if given.reading.form == "unit":
            return code
        if given.reading.form == "label":
            units = self._structure.measurement_families.get(given.attribute.measurement_family or "", {})
            code = self.selection.label(units[code].labels, code) if code in units else code
        if given.reading.form == "json":
            return canonical_bytes({"amount": number_text(amount), "unit": code}).decode()
        return f"{number_text(amount)} {code}"

    def _price(self, given: EntryToRead) -> Value | None:
        if given.reading.form == "json":
            return canonical_bytes(given.data).decode()
        return self._amount(given)

    def _amount(self, given: EntryToRead) -> int | float | None:
        currency = given.reading.currency or self.selection.currency
        for price in map(as_map, as_list(given.data)):
            if price.get("currency") == currency:
                return _number(price.get("amount"), given.warn)
        given.warn(f"has no price in {currency}")
        return None

    def _native_metric(self, given: EntryToRead) -> Decimal | None:
        measurement = self.measurement(given)
        return None if measurement is None else measurement[0]

    def _date(self, given: EntryToRead) -> Value | None:
        # The time is midnight in the server's time zone; converting it could change the date.
        text = as_text(given.data)
        if text is None:
            given.warn("is not a date")
            return None
        return text.partition("T")[0] or None

    def _choice(self, given: EntryToRead) -> Value | None:
        if given.reading.record_attribute is not None:
            return self._record_text(given)
        code = as_text(given.data)
        if code is None:
            given.warn("is not a code")
            return None
        return self._shown(given, self.choices(given.attribute), code)

    def _collection(self, given: EntryToRead) -> Value | None:
        return ", ".join(self._members(given)) or None

    def _members(self, given: EntryToRead) -> list[str]:
        """Return the text of each member.

        Options are sorted as in Akeneo's list of options; records and assets keep the order of the value.
        """
        choices, codes = self.choices(given.attribute), as_codes(given.data)
        if given.reading.record_attribute is not None:
            texts = (self._record_value(given, choices.get(code.casefold())) for code in codes)
            return [text for text in texts if text is not None]
        if given.attribute.type in _UNORDERED:
            codes = tuple(sorted(codes, key=lambda code: choice_order(choices, code)))
        return [self._shown(given, choices, code) for code in codes]

    def _shown(self, given: EntryToRead, choices: dict[str, Choice], code: str) -> str:
        is_asset = given.attribute.type == attribute_types.ASSET_COLLECTION
        if is_asset and self._wants_link(given):
            links = self._structure.media_links.get(given.attribute.reference_entity or "", ())
            asset = choices.get(code.casefold(), Choice(code))
            link = share_link(given.entry, code, self.choose) or media_link(asset.values, links, self.choose)
            if link is None:
                given.warn("has no link; its code is sent instead")
            return link or code
        choice = choices.get(code.casefold())
        if choice is None or given.reading.form == "code" or (is_asset and given.reading.form != "label"):
            return choice.code if choice else code
        return self.selection.label(choice.labels, choice.code)

    def _record_text(self, given: EntryToRead) -> str | None:
        """Return an attribute of the records that a value links to."""
        choices = self.choices(given.attribute)
        codes = [given.data] if isinstance(given.data, (str, int)) else as_list(given.data)
        texts = (self._record_value(given, choices.get(str(code).casefold())) for code in codes)
        return ", ".join(text for text in texts if text) or None

    def _record_value(self, given: EntryToRead, record: Choice | None) -> str | None:
        """Return an attribute of a record."""
        name, entity = given.reading.record_attribute or "", given.attribute.reference_entity or ""
        entry = record and self.choose(record.values.get(name))
        if not entry:
            return None
        data = entry["data"]
        if isinstance(data, dict):
            return canonical_bytes(data).decode()
        attribute = self._structure.record_attributes.get(entity, {}).get(name)
        if attribute is None or given.reading.form == "code":
            chosen: dict[str, Choice] = {}
        elif attribute.type in attribute_types.RECORD_LINK_TYPES:
            chosen = self._structure.records.get(attribute.entity or "", {})
        else:
            chosen = self._structure.record_options.get(f"{entity}/{name}", {})
        codes = as_codes(data) if isinstance(data, list) else (value_text(data),)
        choices = ((code, chosen.get(code.casefold())) for code in codes)
        texts = (self.selection.label(choice.labels, choice.code) if choice else code for code, choice in choices)
        return ", ".join(texts) or None

    def _table(self, given: EntryToRead) -> Value | None:
        if not isinstance(given.data, list):
            given.warn("is not a table")
            return None
        if given.reading.form != "text":
            return canonical_bytes(given.data).decode()
        places = {column: place for place, column in enumerate(given.attribute.columns)}
        rows = (
            ", ".join(
                f"{column}: {_cell_text(cell)}"
                for column, cell in sorted(row.items(), key=lambda each: (places.get(each[0], len(places)), each[0]))
            )
            for row in map(as_map, given.data)
        )
        return "; ".join(row for row in rows if row) or None

    def _link(self, given: EntryToRead) -> Value | None:
        target = as_map(given.data)
        text = as_text(target.get("id")) or as_text(target.get("identifier"))
        if text is None:
            given.warn("does not link to a product")
        return text

    def _unknown(self, given: EntryToRead) -> Value | None:
        given.warn(f"has the unknown type {given.attribute.type}; it is sent as text")
        if isinstance(given.data, str):
            return as_text(given.data)
        return canonical_bytes(given.data).decode()

    _readers: ClassVar[dict[str, Callable[[ValueReader, EntryToRead], Value | None]]] = {
        **dict.fromkeys(attribute_types.TEXT_TYPES, _text),
        **dict.fromkeys(attribute_types.MEDIA_TYPES, _media),
        **dict.fromkeys(attribute_types.COLLECTION_TYPES, _collection),
        attribute_types.BOOLEAN: _boolean,
        attribute_types.NUMBER: _plain_number,
        attribute_types.METRIC: _metric,
        attribute_types.PRICE: _price,
        attribute_types.DATE: _date,
        attribute_types.SIMPLE_SELECT: _choice,
        attribute_types.REFERENCE_ENTITY: _choice,
        attribute_types.TABLE: _table,
        attribute_types.PRODUCT_LINK: _link,
    }
    _natives: ClassVar[dict[str, Callable[[ValueReader, EntryToRead], Any]]] = {
        **dict.fromkeys(attribute_types.COLLECTION_TYPES, _members),
        attribute_types.NUMBER: lambda _, given: as_decimal(given.data),
        attribute_types.METRIC: _native_metric,
        attribute_types.PRICE: lambda self, given: as_decimal(self._amount(given)),
        attribute_types.TABLE: lambda _, given: _exact(given.data),
        attribute_types.SIMPLE_SELECT: _choice,
        attribute_types.REFERENCE_ENTITY: _choice,
    }


_UNORDERED = frozenset({attribute_types.MULTI_SELECT, attribute_types.REFERENCE_DATA_MULTI_SELECT})


def choice_order(choices: dict[str, Choice], code: str) -> tuple[int, int, str]:
    """Return the sort key of a choice: its position in the list, then its code; unknown codes come last."""
    choice = choices.get(code.casefold())
    return (0, choice.sort_order, code.casefold()) if choice else (1, 0, code.casefold())


def _cell_text(cell: Any) -> str:
    return value_text(cell) if isinstance(cell, (str, int, float)) else canonical_bytes(cell).decode()


def _exact(data: Any) -> Any:
    """Return a JSON value with its numbers as exact decimals."""
    if isinstance(data, list):
        return [_exact(each) for each in data]
    if isinstance(data, dict):
        return {key: _exact(each) for key, each in data.items()}
    return as_decimal(data) if isinstance(data, (int, float)) and not isinstance(data, bool) else data


def _number(data: Any, warn: Warn) -> int | float | None:
    number: Decimal | None = as_decimal(data)
    if number is None:
        warn("is not a number")
        return None
    if not is_exact(number):
        warn("has more digits than a JSON number can hold; it is rounded")
    return json_number(number)
