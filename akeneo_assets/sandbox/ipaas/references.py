"""References from a product or variant to other records: each target has to exist."""

from __future__ import annotations

from collections.abc import Collection

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.categories import Categories
from akeneo_assets.sandbox.ipaas.custom_fields import CustomFields
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT, VARIANT
from akeneo_assets.sandbox.ipaas.sku_index import SkuIndex
from akeneo_assets.sandbox.ipaas.switches import Switches


class References:
    """Checks the references of products and variants.

    Args:
        skus: All products and variants.
        categories: All categories.
        locations: Ids of the stock locations.
        custom_fields: Definitions of custom fields.
        switches: Which targets have to exist.
    """

    def __init__(
        self,
        skus: SkuIndex,
        categories: Categories,
        locations: Collection[str],
        custom_fields: CustomFields,
        switches: Switches,
    ) -> None:
        self._skus = skus
        self._categories = categories
        self._locations = locations
        self._custom_fields = custom_fields
        self._switches = switches
        self.related_targets_must_exist = True

    def check(self, table: str, article: JsonObject) -> None:
        """Check a product or variant, and add ids and SKUs to its related products.

        Raises:
            RefusedError: A target does not exist, or a product is related twice with the same type.
        """
        article["custom_fields"] = self._custom_fields.accepted(table, article["custom_fields"])
        for category in article["categories"]:
            if not self._categories.has(category["id"]):
                raise RefusedError("VALD-1038", f"The category with Id {category['id']} does not exist.")
        for stock in article["inventory"]:
            if stock["location_id"] not in self._locations:
                raise RefusedError("VALD-1038", f"The location with Id {stock['location_id']} does not exist.")
        kit = article.get("kit", {"components": []})
        for component in kit["components"]:
            holder = self._skus.find(component["sku"])
            if self._switches.components_must_exist and (holder is None or not holder.active):
                raise RefusedError("VALD-1038", f"The kit component '{component['sku']}' does not exist.")
        self._check_related(article["related_products"])
        if not self._switches.keeps_related_products:
            article["related_products"] = []

    def _check_related(self, related_products: list[JsonObject]) -> None:
        seen: set[tuple[str, str]] = set()
        for related in related_products:
            self._resolve(related)
            key = (str(related.get("related_id", related["related_sku"])), related["related_type"])
            if key in seen:
                raise RefusedError("BIZL-1010", f"The related product {key[0]} of type {key[1]} exists already.")
            seen.add(key)

    def _resolve(self, related: JsonObject) -> None:
        if "related_id" in related:
            table = VARIANT if related["is_variant"] else PRODUCT
            found = self._skus.of_id(table, related["related_id"])
            if found is None or not found[1].active or related.get("related_sku", found[0]) != found[0]:
                raise RefusedError("VALD-1038", f"The related {table} {related['related_id']} does not exist.")
            related |= {"related_id": found[1].id, "related_sku": found[0]}
        elif "related_sku" not in related:
            raise RefusedError("VALD-1002", "related_products: related_id or related_sku is required.")
        elif (holder := self._skus.find(related["related_sku"])) is not None and holder.active:
            related |= {"related_id": holder.id, "is_variant": holder.table == VARIANT}
        elif self.related_targets_must_exist:
            raise RefusedError("VALD-1038", f"The related product '{related['related_sku']}' does not exist.")
