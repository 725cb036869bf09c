"""What a sync needs of its destination. Only this module and :mod:`~akeneo_assets.sync.connect` know iPaaS.com's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas.capabilities import FORMAT, Capabilities
from akeneo_assets.ipaas.client import IPAAS, Deactivated, Linked
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets.ipaas.responses import is_usable_id
from akeneo_assets.objects import RecordKind
from akeneo_assets.store.store import Store

__all__ = ["Capabilities", "Deactivated", "Destination", "ErrorCode", "IpaasError", "Linked", "is_usable_id"]


class Destination(Protocol):
    """Accepts records, finds them by SKU or external id, and can be called from several threads.

    Records are documents as iPaaS.com writes them, with ids as strings. Writes return the record as it is stored.

    Every call raises

    * ``IpaasError`` if the record is refused; its ``code`` is one of :class:`ErrorCode` where that matters,
    * ``AccessDeniedError`` if the credentials lack a permission,
    * ``TransientError`` if there is no usable response; after a create with ``possibly_stored`` if the record may be
      stored anyway. Look it up then.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What a probe found out."""

    @property
    def differences(self) -> int:
        """How many paths and names an API profile replaces."""

    def log_in(self) -> None:
        """Test the credentials."""

    def close(self) -> None:
        """Close the connections."""

    def tracked(self, guid: str, /) -> Destination:
        """Return a destination whose calls carry this GUID in the vendor's log."""

    def get_category(self, destination_id: str, /) -> JsonObject:
        """Read a category."""

    def create_category(self, document: JsonObject, /) -> JsonObject:
        """Create a category."""

    def replace_category(self, destination_id: str, document: JsonObject, /) -> JsonObject:
        """Replace a whole category."""

    def products(self) -> Iterator[list[JsonObject]]:
        """Yield pages of all products, with their ids and SKUs."""

    def find_products(self, sku: str, /) -> list[JsonObject]:
        """Find products by SKU; they have an id and a SKU."""

    def get_product(self, destination_id: str, /) -> JsonObject:
        """Read a product with its children."""

    def create_product(self, document: JsonObject, /) -> JsonObject:
        """Create a product with its children."""

    def replace_product(self, destination_id: str, document: JsonObject, /) -> JsonObject:
        """Replace a whole product; children without their ids may be created again."""

    def find_variants(self, sku: str, /) -> list[JsonObject]:
        """Find variants by SKU; they have an id and a SKU."""

    def get_variant(self, destination_id: str, /) -> JsonObject:
        """Read a variant."""

    def save_variant(self, product_id: str, document: JsonObject, /) -> JsonObject:
        """Add a variant to a product, or replace the one whose id is in the document."""

    def find_external(self, table: str, external_id: str, /) -> Linked | Deactivated | None:
        """Find the record with an external id."""

    def external_id(self, table: str, destination_id: str, /) -> str | None:
        """Return the external id of a record."""

    def count_linked(self, table: str, /) -> int | None:
        """Count the active records with an external id of this subscription; None if the API does not say."""

    def link(self, table: str, external_id: str, destination_id: str, /) -> None:
        """Give a record an external id."""

    def unlink(self, table: str, external_id: str, /) -> None:
        """Take an external id away from the record that has it, if any."""

    def unassign_category(self, product_id: str, category_id: str, /) -> None:
        """Take a product out of a category, if it is in it."""

    def reactivate(self, kind: RecordKind, destination_id: str, /) -> None:
        """Undo the deactivation of a record."""

    def find_location(self, name: str, /) -> JsonObject | None:
        """Find a stock location by its name."""

    def create_location(self, document: JsonObject, /) -> JsonObject:
        """Create a stock location."""

    def list_custom_fields(self) -> list[JsonObject]:
        """Return the definitions of all custom fields."""

    def create_custom_field(self, document: JsonObject, /) -> JsonObject:
        """Define a custom field."""


def latest_capabilities(store: Store) -> Capabilities:
    """Return what the last probe found out; nothing before the first one."""
    return store.capabilities.read(IPAAS.name, Capabilities, FORMAT)
