"""The state of the local iPaaS.com, for its routes and for tests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.credentials import IPAAS_CREDENTIALS
from akeneo_assets.sandbox.ipaas.catalog_bodies import LocationBody
from akeneo_assets.sandbox.ipaas.categories import Categories
from akeneo_assets.sandbox.ipaas.custom_fields import CustomFields
from akeneo_assets.sandbox.ipaas.errors import ErrorStyle, RefusedError, not_found
from akeneo_assets.sandbox.ipaas.identifiers import CATEGORY, LOCATION, PRODUCT, VARIANT, Sequence
from akeneo_assets.sandbox.ipaas.link_bodies import CustomFieldDefinitionBody
from akeneo_assets.sandbox.ipaas.links import Links
from akeneo_assets.sandbox.ipaas.outcome import Written
from akeneo_assets.sandbox.ipaas.products import Products
from akeneo_assets.sandbox.ipaas.references import References
from akeneo_assets.sandbox.ipaas.sku_index import SkuIndex
from akeneo_assets.sandbox.ipaas.spelling import Spelling
from akeneo_assets.sandbox.ipaas.switches import Switches
from akeneo_assets.sandbox.ipaas.tokens import Tokens
from akeneo_assets.sandbox.shelf import Shelf

SUBSCRIPTION_ID = IPAAS_CREDENTIALS["IPAAS_SUBSCRIPTION_ID"]

_SHELVES = ("sequence", "locations", "external_ids", "custom_fields", "categories", "products")


@dataclass(frozen=True)
class JournalEntry:
    """An accepted write.

    Args:
        action: Name of the route, e.g. ``product.create``.
        table: Table of the record, e.g. ``product variant``.
        id: Its id.
        external_id: Its external id in the sandbox's subscription after the write.
    """

    action: str
    table: str
    id: str
    external_id: str | None


class IpaasState:
    """The records and switches.

    Args:
        folder: The folder in which the records are stored; without one, they are in memory.

    Attributes:
        lock: Held by every request. Hold it while changing records from outside.
        switches: Where it behaves in another way than assumed.
        tokens: Lifetime and clock of tokens, companies, API keys.
        systems: Ids of the subscriptions that external ids may belong to.
        error_style: The format of errors.
        custom_field_definitions_allowed: Whether the API may define custom fields (else 403).
        spelling: Another spelling of the API; None for the assumed one.
        client_ids: How often each ``X-Client-Id`` was received.
        tracking_guids: How often each ``trackingGuid`` was received.
        journal: All accepted writes since the start, in order.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.switches = Switches()
        self.tokens = Tokens(self.switches)
        self.systems = {SUBSCRIPTION_ID}
        self.error_style: ErrorStyle = "object"
        self.custom_field_definitions_allowed = True
        self.spelling: Spelling | None = None
        self.client_ids: Counter[str] = Counter()
        self.tracking_guids: Counter[str] = Counter()
        self.journal: list[JournalEntry] = []

        file = None if folder is None else folder / "ipaas.sqlite"
        self._shelves = {name: Shelf(file, name) for name in _SHELVES}
        self._sequence = Sequence(self._shelves["sequence"])
        self._locations = self._shelves["locations"]
        self.links = Links(self._shelves["external_ids"], self.systems, self.switches)
        self.custom_field_records = CustomFields(self._shelves["custom_fields"], self._sequence, self.switches)
        self.category_records = Categories(
            self._shelves["categories"], self._sequence, self.links, self.custom_field_records, self.switches
        )
        skus = SkuIndex(self.switches)
        self._references = References(
            skus, self.category_records, self._locations, self.custom_field_records, self.switches
        )
        self.product_records = Products(
            self._shelves["products"],
            self._sequence,
            self.links,
            self.switches,
            categories=self.category_records,
            skus=skus,
            references=self._references,
        )

    @property
    def related_targets_must_exist(self) -> bool:
        """Whether a related product must exist if only its SKU is given."""
        return self._references.related_targets_must_exist

    @related_targets_must_exist.setter
    def related_targets_must_exist(self, must_exist: bool) -> None:
        self._references.related_targets_must_exist = must_exist

    @property
    def put_merges(self) -> bool:
        """Whether a PUT keeps the fields that it does not contain, instead of replacing the whole record."""
        return self.product_records.put_merges

    @put_merges.setter
    def put_merges(self, merges: bool) -> None:
        self.product_records.put_merges = self.category_records.put_merges = merges

    def products(self) -> list[JsonObject]:
        """Return all active products with all fields, in the order of their creation."""
        with self.lock:
            return self.product_records.active()

    def variants(self) -> list[JsonObject]:
        """Return all active variants with all fields."""
        return [variant for product in self.products() for variant in product["variants"]]

    def categories(self) -> list[JsonObject]:
        """Return all active categories in the order of their creation."""
        with self.lock:
            return self.category_records.active()

    def define_custom_fields(self, names: Iterable[str], table: str = PRODUCT, data_type: str = "string") -> None:
        """Define custom fields, as a user does in the portal."""
        with self.lock:
            for name in names:
                body = {"name": name, "table_name": table, "data_type": data_type}
                self.custom_field_records.define(CustomFieldDefinitionBody.model_validate(body))

    def deactivate(self, record_id: int | str) -> None:
        """Deactivate the product, variant or category with this id, as a user does in the portal.

        Raises:
            RefusedError: There is none.
        """
        with self.lock:
            table = next((table for table in (PRODUCT, VARIANT, CATEGORY) if self.exists(table, str(record_id))), None)
            if table is None:
                raise not_found("record", str(record_id))
            self.set_active(table, str(record_id), active=False)

    def set_active(self, table: str, record_id: str, *, active: bool) -> JsonObject:
        """Deactivate or reactivate a record and return it.

        Raises:
            RefusedError: There is none.
        """
        if table == CATEGORY:
            return self.category_records.set_active(record_id, active=active)
        return self.product_records.set_active(table, record_id, active=active)

    def exists(self, table: str, record_id: str) -> bool:
        """Return whether there is a record with this id, active or not."""
        if table == CATEGORY:
            return self.category_records.holds(record_id)
        if table == LOCATION:
            return record_id in self._locations
        return self.product_records.holds(table, record_id)

    def is_active(self, table: str, record_id: str) -> bool:
        """Return whether there is an active record with this id."""
        if table == CATEGORY:
            return self.category_records.has(record_id)
        if table == LOCATION:
            return record_id in self._locations
        return self.product_records.has(table, record_id)

    def unlinked(self, table: str, system_id: str) -> list[int | str]:
        """Return the ids of all active records of a table without an external id in a system."""
        if table == CATEGORY:
            ids = [category["id"] for category in self.category_records.hits(None)]
        elif table == LOCATION:
            ids = [location["id"] for location in self.locations()]
        else:
            ids = self.product_records.ids(table)
        return [record_id for record_id in ids if self.links.external_id(table, str(record_id), system_id) is None]

    def locations(self, name: str | None = None) -> list[JsonObject]:
        """Return all stock locations, or those with this name."""
        return [location for location in self._locations.values() if name in {None, location["name"]}]

    def create_location(self, body: LocationBody) -> JsonObject:
        """Create a stock location and return it.

        Raises:
            RefusedError: There is already one with this name.
        """
        for location in self.locations(body.name):
            raise RefusedError("BIZL-1004", f"The name must be unique. The location with Id {location['id']} has it.")
        document = body.model_dump(exclude_none=True, exclude={"id", "tracking_guid", "external_ids"})
        document["id"] = self._sequence.take(LOCATION)
        self._locations[document["id"]] = document
        return document

    def record(self, action: str, written: Written) -> None:
        """Add an accepted write to the journal."""
        record_id = str(written.record["id"])
        external_id = self.links.external_id(written.table, record_id, SUBSCRIPTION_ID)
        self.journal.append(JournalEntry(action, written.table, record_id, external_id))

    def close(self) -> None:
        """Close the file; the records can still be read."""
        for shelf in self._shelves.values():
            shelf.close()
