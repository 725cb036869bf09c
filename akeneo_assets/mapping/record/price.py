"""Records without a price are blocked, so that nothing is offered for free by mistake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue import attribute_types
from akeneo_assets.mapping.file.sources import FieldSource, FormulaSource, LookupSource
from akeneo_assets.mapping.numbers import as_decimal, json_number
from akeneo_assets.mapping.record.record_view import RecordView, capture_warnings
from akeneo_assets.mapping.record.values import ValueReader

if TYPE_CHECKING:
    from akeneo_assets.mapping.file.mapping_file import ObjectRules
    from akeneo_assets.mapping.file.settings import MappingSettings
    from akeneo_assets.mapping.plain import Value

MISSING_PRICE: Final = "missing_price"
"""The error code of a record without a price, which would otherwise be sent with the price 0."""


class PriceCheck:
    """Blocks records without a price.

    Args:
        settings: The settings of the mapping file.
        reader: Reads values.
    """

    def __init__(self, settings: MappingSettings, reader: ValueReader) -> None:
        self._settings = settings
        self._reader = reader

    def check(self, rules: ObjectRules, view: RecordView, sent: Value | None) -> Value | None:
        """Block a record that has no price and would be offered for free.

        Args:
            rules: The rules of its kind.
            view: The record.
            sent: The ``default_price`` in its payload.

        Returns:
            Its ``$price``.

        Raises:
            RecordError: ``missing_price``.
        """
        with capture_warnings(view):
            price = view.property("price", "number", "default_price")
        if price is None and not sent and self._needs_price(rules):
            raise RecordError(self._without_price(), code=MISSING_PRICE)
        return price

    def _needs_price(self, rules: ObjectRules) -> bool:
        if self._settings.price_attribute is None or self._settings.missing_price == "zero":
            return False
        # A static price is deliberate; without a `default_price` line, no price is sent at all.
        return isinstance(getattr(rules, "default_price", None), (FieldSource, LookupSource, FormulaSource))

    def _without_price(self) -> str:
        attribute = self._settings.price_attribute
        is_amount = self._reader.attribute(attribute or "").type == attribute_types.PRICE
        currency = f" in {self._reader.selection.currency}" if is_amount else ""
        return (
            f"The attribute {attribute} has no price{currency}. Fill it in Akeneo, or set `missing_price: zero` in "
            "the mapping file to send such records with the price 0."
        )


def lowest_price(prices: Iterable[Value | None]) -> Value | None:
    """Return the lowest of the prices that are numbers; None if none is."""
    lowest = min((number for price in prices if (number := as_decimal(price)) is not None), default=None)
    return None if lowest is None else json_number(lowest)
