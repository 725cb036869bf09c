"""Read product values: choose the entry of a channel and locale, and turn its data into one plain value.

Every type of attribute has one reader in ``ValueReader``'s table.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.mapping import attribute_types
from akeneo_assets.mapping.numbers import as_decimal, is_exact, json_number, number_text
from akeneo_assets.mapping.shapes import as_codes, as_list, as_map, as_text
from akeneo_assets.mapping.structure import Attribute, Choice

if TYPE_CHECKING:
    from akeneo_assets.mapping.selection import Selection
    from akeneo_assets.mapping.structure import Structure

Value: TypeAlias = str | int | float | bool
Warn: TypeAlias = Callable[[str], None]

TRUTH_LABELS = {True: "Yes", False: "No"}


def value_text(value: Value) -> str:
    """Write a plain value as text."""
    if isinstance(value, bool):
        return TRUTH_LABELS[value]
    if isinstance(value, str):
        return value
    number = as_decimal(value)
    return str(value) if number is None else number_text(number)


class ValueReader:
    """Reads values of one catalogue in one selection.

    Args:
        structure: Attributes, options and records.
        selection: Channel, locales and currency.
    """

    def __init__(self, structure: Structure, selection: Selection) -> None:
        self._structure = structure
        self.selection = selection
        self._ranks: dict[str | None, int] = {locale: rank for rank, locale in enumerate(selection.locales)}
        self._ranks[None] = len(self._ranks)

    def choose(self, entries: Any, *, any_locale: bool = False) -> Any:
        """Return the data of the best entry: own channel before none, locales in their order before none.

        Args:
            entries: The entries of one attribute. An attribute that is not localizable may still bring entries
                with a locale: Akeneo adds converted measurements that way.
            any_locale: Take any other locale, the first by code, where none of the chosen ones has a value.
        """
        best: tuple[bool, int, str] | None = None
        chosen = None
        for entry in as_list(entries):
            if not isinstance(entry, dict):
                continue
            scope, locale, data = entry.get("scope"), entry.get("locale"), entry.get("data")
            if data in (None, "", [], {}) or (scope is not None and scope != self.selection.channel):
                continue
            if locale is not None and not isinstance(locale, str):
                continue
            rank = self._ranks.get(locale)
            if rank is None:
                if not any_locale:
                    continue
                rank = len(self._ranks)
            order = (scope is None, rank, locale or "")
            if best is None or order < best:
                best, chosen = order, data
        return chosen

    def plain(self, code: str, data: Any, warn: Warn) -> Value | None:
        """Return ``data`` of attribute ``code`` as text, number or truth value; None when there is none.

        Args:
            code: The attribute.
            data: Data of one entry.
            warn: Called with the reason when a value is left out or changed.
        """
        attribute = self.attribute(code)
        return self._readers.get(attribute.type, ValueReader._unknown)(self, attribute, data, warn)

    def number(self, code: str, data: Any, warn: Warn) -> int | float | None:
        """Return ``data`` as a number: of a measurement the amount, of a price the one in the currency."""
        kind = self.attribute(code).type
        if kind == attribute_types.PRICE:
            return self._amount(data, warn)
        return _number(as_map(data).get("amount") if kind == attribute_types.METRIC else data, warn)

    def lookup_text(self, code: str, data: Any, warn: Warn) -> str | None:
        """Return what a look-up table is searched for: the code of an option, ``true`` or ``false``, or text."""
        if isinstance(data, bool):
            return "true" if data else "false"
        if self.attribute(code).type in {attribute_types.SIMPLE_SELECT, attribute_types.REFERENCE_ENTITY}:
            return as_text(data)
        value = self.plain(code, data, warn)
        return None if value is None else value_text(value)

    def attribute(self, code: str) -> Attribute:
        """Return the attribute; one that the structure does not know has no type."""
        return self._structure.attributes.get(code) or Attribute(code, "")

    def choices(self, attribute: Attribute) -> dict[str, Choice]:
        """Return the options or records that values of ``attribute`` name, by case-folded code."""
        if attribute.type in attribute_types.REFERENCE_ENTITY_TYPES:
            return self._structure.records.get(attribute.reference_entity or "", {})
        return self._structure.options.get(attribute.code, {})

    def _text(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        if isinstance(data, (bool, float)):
            return value_text(data)
        if isinstance(data, (list, dict)):
            warn("is no text")
        return as_text(data)

    def _boolean(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        if isinstance(data, bool):
            return data
        warn("is neither true nor false")
        return None

    def _plain_number(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        return _number(data, warn)

    def _metric(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        amount, unit = as_decimal(as_map(data).get("amount")), as_text(as_map(data).get("unit"))
        if amount is None or unit is None:
            warn("is no measurement")
            return None
        return f"{number_text(amount)} {unit}"

    def _price(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        return self._amount(data, warn)

    def _amount(self, data: Any, warn: Warn) -> int | float | None:
        for price in map(as_map, as_list(data)):
            if price.get("currency") == self.selection.currency:
                return _number(price.get("amount"), warn)
        warn(f"has no price in {self.selection.currency}")
        return None

    def _date(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        # The time is midnight in the server's zone: any conversion would move the day.
        text = as_text(data)
        if text is None:
            warn("is no date")
            return None
        return text.partition("T")[0] or None

    def _choice(self, attribute: Attribute, data: Any, warn: Warn) -> Value | None:
        code = as_text(data)
        if code is None:
            warn("is no code")
            return None
        return self._label(self.choices(attribute), code)

    def _choices_by_order(self, attribute: Attribute, data: Any, _: Warn) -> Value | None:
        """Join the labels of a set of options in the order of the options."""
        choices = self.choices(attribute)
        codes = sorted(as_codes(data), key=lambda code: choice_order(choices, code))
        return ", ".join(self._label(choices, code) for code in codes) or None

    def _choices_as_listed(self, attribute: Attribute, data: Any, _: Warn) -> Value | None:
        """Join the labels of a list of records or assets, whose order is the user's."""
        choices = self.choices(attribute)
        return ", ".join(self._label(choices, code) for code in as_codes(data)) or None

    def _link(self, _: Attribute, data: Any, warn: Warn) -> Value | None:
        target = as_map(data)
        text = as_text(target.get("id")) or as_text(target.get("identifier"))
        if text is None:
            warn("names no product")
        return text

    def _unknown(self, attribute: Attribute, data: Any, warn: Warn) -> Value | None:
        warn(f"has the type {attribute.type or 'of an attribute that is not known'}, carried as text")
        if isinstance(data, str):
            return as_text(data)
        return canonical_bytes(data).decode()

    def _label(self, choices: dict[str, Choice], code: str) -> str:
        choice = choices.get(code.casefold())
        return self.selection.label(choice.labels, choice.code) if choice else code

    _readers: ClassVar[dict[str, Callable[[ValueReader, Attribute, Any, Warn], Value | None]]] = {
        **dict.fromkeys(attribute_types.TEXT_TYPES, _text),
        attribute_types.BOOLEAN: _boolean,
        attribute_types.NUMBER: _plain_number,
        attribute_types.METRIC: _metric,
        attribute_types.PRICE: _price,
        attribute_types.DATE: _date,
        attribute_types.SIMPLE_SELECT: _choice,
        attribute_types.MULTI_SELECT: _choices_by_order,
        attribute_types.REFERENCE_ENTITY: _choice,
        attribute_types.REFERENCE_ENTITY_COLLECTION: _choices_as_listed,
        attribute_types.ASSET_COLLECTION: _choices_as_listed,
        attribute_types.REFERENCE_DATA_MULTI_SELECT: _choices_by_order,
        attribute_types.PRODUCT_LINK: _link,
    }


def choice_order(choices: dict[str, Choice], code: str) -> tuple[int, int, str]:
    """Return the sort key of a choice: the list's order, then the code; unknown ones come last."""
    choice = choices.get(code.casefold())
    return (0, choice.sort_order, code.casefold()) if choice else (1, 0, code.casefold())


def _number(data: Any, warn: Warn) -> int | float | None:
    number: Decimal | None = as_decimal(data)
    if number is None:
        warn("is no number")
        return None
    if not is_exact(number):
        warn("has more digits than a JSON number carries, rounded")
    return json_number(number)
