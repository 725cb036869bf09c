"""Ids of records, and the names of the tables that hold them."""

from __future__ import annotations

from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.shelf import Shelf

PRODUCT = "product"
VARIANT = "product variant"
CATEGORY = "product category"
OPTION = "product option"
OPTION_VALUE = "product option value"
PRODUCT_INVENTORY = "product inventory"
VARIANT_INVENTORY = "product variant inventory"
KIT = "kit"
KIT_COMPONENT = "kit component"
LOCATION = "location"
ALTERNATE_ID = "product alternate id"
RELATED_PRODUCT = "related product"
UNIT = "product unit"
CATEGORY_ASSIGNMENT = "product category assignment"
CUSTOM_FIELD = "custom field"

TABLES = frozenset(
    {
        PRODUCT, VARIANT, CATEGORY, OPTION, OPTION_VALUE, PRODUCT_INVENTORY, VARIANT_INVENTORY,
        KIT, KIT_COMPONENT, LOCATION, ALTERNATE_ID,
    }
)  # fmt: skip
"""Tables whose records may have external ids."""

_TEXT_IDS = frozenset({VARIANT, OPTION, KIT_COMPONENT, LOCATION, RELATED_PRODUCT, CUSTOM_FIELD})
"""Tables whose ids are JSON strings; the ids of others are numbers. A client must accept both."""

_BLOCK = 1000


class Sequence:
    """Assigns ids. No two records share one, so an id of the wrong table is always noticed.

    Args:
        shelf: Stores the next free block of ids, because the id of a removed record is never used again.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._next = self._end = int(shelf.get("next", _BLOCK + 1))

    def take(self, table: str) -> int | str:
        """Return a new id, as a number or a string depending on the table."""
        if self._next == self._end:
            self._end += _BLOCK
            self._shelf["next"] = self._end
        number = self._next
        self._next += 1
        return str(number) if table in _TEXT_IDS else number


def parse_id(text: str) -> str:
    """Return the id in ``text``.

    Raises:
        RefusedError: It is not a positive integer.
    """
    try:
        number = int(text)
    except ValueError:
        raise RefusedError("VALD-1004", "The id must be an integer.") from None
    if number <= 0:
        raise RefusedError("VALD-1005", "The id must be greater than 0.")
    return str(number)


def parse_table(text: str) -> str:
    """Return the name of a table; case is ignored.

    Raises:
        RefusedError: There is no such table.
    """
    table = text.lower()
    if table not in TABLES:
        raise RefusedError("VALD-1025", f"The table name '{text}' is not allowed.")
    return table
