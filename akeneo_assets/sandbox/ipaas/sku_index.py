"""The index of SKUs. Normally, a SKU is unique among all products and variants, including deactivated ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT, VARIANT
from akeneo_assets.sandbox.ipaas.switches import Switches


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
    """The holders of all SKUs.

    Args:
        switches: Where SKUs are unique.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._holders: dict[str, dict[str, Holder]] = {}
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
        self._holders.setdefault(sku, {})[str(holder.id)] = holder
        self._sku_of_id[str(holder.id)] = sku

    def replace(self, before: JsonObject, after: JsonObject) -> None:
        """Update a changed product; records that keep their SKU keep their position in lists."""
        kept = {(record["sku"], str(record["id"])) for record in (after, *after["variants"])}
        for record in (before, *before["variants"]):
            sku, record_id = record["sku"], str(record["id"])
            if (sku, record_id) not in kept:
                del self._holders[sku][record_id], self._sku_of_id[record_id]
        self.put(after)
        for record in (before, *before["variants"]):
            if not self._holders.get(record["sku"], True):
                del self._holders[record["sku"]]

    def of_id(self, table: str, record_id: str) -> tuple[str, Holder] | None:
        """Return SKU and holder of a record by its id, active or not."""
        sku = self._sku_of_id.get(record_id)
        if sku is None or self._holders[sku][record_id].table != table:
            return None
        return sku, self._holders[sku][record_id]

    def find(self, sku: str) -> Holder | None:
        """Return the holder of ``sku``: an active one, or else a deactivated one."""
        return min(self._holders.get(sku, {}).values(), key=lambda holder: not holder.active, default=None)

    def hits(self, table: str, sku: str | None = None) -> list[JsonObject]:
        """Return ids and SKUs of all active records of a table, in the order of their creation.

        Args:
            table: ``product`` or ``product variant``.
            sku: Return only the records with this SKU.
        """
        if sku is not None:
            return self._shown(table, [sku])
        if table not in self._hits:
            # Cached until the next write, because a client reads all pages one after the other.
            self._hits[table] = self._shown(table, self._holders)
        return self._hits[table]

    def _shown(self, table: str, skus: Iterable[str]) -> list[JsonObject]:
        return [
            {"id": holder.id, "sku": sku}
            for sku in skus
            for holder in self._holders.get(sku, {}).values()
            if holder.active and holder.table == table
        ]

    def refuse_taken(self, table: str, sku: str, except_for: Callable[[Holder], bool]) -> None:
        """Refuse a SKU for a record of a table, if another record holds it.

        Args:
            table: ``product`` or ``product variant``.
            sku: The SKU.
            except_for: Returns whether a holder gives it up in the same request.

        Raises:
            RefusedError: ``BIZL-1004``, or ``BIZL-1009`` if the holder is deactivated; both contain its id.
        """
        unique = self._switches.unique_skus
        for holder in self._holders.get(sku, {}).values():
            is_free = {
                "everywhere": False,
                "active": not holder.active,
                "table": holder.table != table,
                "never": True,
            }[unique]
            if is_free or except_for(holder):
                continue
            if holder.active:
                message = f"The Sku must be unique. The {holder.table} with Id {holder.id} has it."
                raise RefusedError("BIZL-1004", message)
            raise RefusedError("BIZL-1009", f"The inactive {holder.table} with Id {holder.id} has this Sku.")
