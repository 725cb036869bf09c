"""The index of SKUs; a SKU is unique among all products and variants, including deactivated ones."""

from __future__ import annotations

from dataclasses import dataclass

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT, VARIANT


@dataclass(frozen=True)
class Holder:
    """The record that has a SKU.

    Args:
        table: ``product`` or ``product variant``.
        id: Its id, as the API writes it.
        product_id: Id of the product that it is or belongs to.
        active: Whether both it and its product are active.
    """

    table: str
    id: int | str
    product_id: str
    active: bool


class SkuIndex:
    """The holders of all SKUs."""

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}
        self._sku_of_id: dict[str, str] = {}
        self._hits: dict[str, list[JsonObject]] = {}

    def put(self, product: JsonObject) -> None:
        """Add the SKUs of a stored product and its variants."""
        self._hits.clear()
        product_id = str(product["id"])
        self._put(product["sku"], Holder(PRODUCT, product["id"], product_id, product["active"]))
        for variant in product["variants"]:
            active = product["active"] and variant["active"]
            self._put(variant["sku"], Holder(VARIANT, variant["id"], product_id, active))

    def _put(self, sku: str, holder: Holder) -> None:
        self._holders[sku] = holder
        self._sku_of_id[str(holder.id)] = sku

    def replace(self, before: JsonObject, after: JsonObject) -> None:
        """Update a changed product; records that keep their SKU keep their position in lists."""
        records = (after, *after["variants"])
        skus, ids = {record["sku"] for record in records}, {str(record["id"]) for record in records}
        for record in (before, *before["variants"]):
            if record["sku"] not in skus:
                del self._holders[record["sku"]]
            if str(record["id"]) not in ids:
                del self._sku_of_id[str(record["id"])]
        self.put(after)

    def of_id(self, table: str, record_id: str) -> tuple[str, Holder] | None:
        """Return SKU and holder of a record by its id, active or not."""
        sku = self._sku_of_id.get(record_id)
        if sku is None or self._holders[sku].table != table:
            return None
        return sku, self._holders[sku]

    def find(self, sku: str) -> Holder | None:
        """Return the holder of ``sku``, active or not."""
        return self._holders.get(sku)

    def hits(self, table: str) -> list[JsonObject]:
        """Return ids and SKUs of all active records of a table, in the order of their creation."""
        if table not in self._hits:
            # Cached until the next write, because a client reads all pages one after the other.
            self._hits[table] = [
                {"id": holder.id, "sku": sku}
                for sku, holder in self._holders.items()
                if holder.active and holder.table == table
            ]
        return self._hits[table]

    def refuse_taken(self, sku: str) -> None:
        """Refuse a SKU, if a record holds it.

        Raises:
            RefusedError: ``BIZL-1004``, or ``BIZL-1009`` if the holder is deactivated; both contain its id.
        """
        holder = self._holders.get(sku)
        if holder is None:
            return
        if holder.active:
            raise RefusedError("BIZL-1004", f"The Sku must be unique. The {holder.table} with Id {holder.id} has it.")
        raise RefusedError("BIZL-1009", f"The inactive {holder.table} with Id {holder.id} has this Sku.")
