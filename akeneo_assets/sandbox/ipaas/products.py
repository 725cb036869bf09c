"""Products with their variants, each stored as one record."""

from __future__ import annotations

from collections.abc import Mapping

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.catalog_bodies import Article, ProductBody, VariantBody
from akeneo_assets.sandbox.ipaas.categories import Categories
from akeneo_assets.sandbox.ipaas.children import (
    PRODUCT_CHILDREN,
    VARIANT_CHILDREN,
    ChildRule,
    Dropped,
    merge_children,
    walk,
)
from akeneo_assets.sandbox.ipaas.errors import RefusedError, not_found
from akeneo_assets.sandbox.ipaas.identifiers import CATEGORY_ASSIGNMENT, PRODUCT, VARIANT, Sequence
from akeneo_assets.sandbox.ipaas.links import Links
from akeneo_assets.sandbox.ipaas.merging import merged, merged_product
from akeneo_assets.sandbox.ipaas.outcome import Written, same_content
from akeneo_assets.sandbox.ipaas.product_documents import ProductView, check_options, document_of, split
from akeneo_assets.sandbox.ipaas.references import References
from akeneo_assets.sandbox.ipaas.sku_index import SkuIndex
from akeneo_assets.sandbox.ipaas.switches import Switches
from akeneo_assets.sandbox.shelf import Shelf


class Products:
    """All products and variants.

    Args:
        shelf: Stores the products by id, with their variants. ``active`` is false for deactivated ones.
        sequence: Assigns ids to them and their children.
        links: Their external ids, which are stored separately.
        switches: Where it behaves in another way.
        categories: Names of their categories.
        skus: Index of their SKUs, filled here.
        references: Checks their references.

    Attributes:
        put_merges: Whether a PUT keeps the fields that it does not contain.
    """

    def __init__(
        self,
        shelf: Shelf,
        sequence: Sequence,
        links: Links,
        switches: Switches,
        *,
        categories: Categories,
        skus: SkuIndex,
        references: References,
    ) -> None:
        self._shelf = shelf
        self._sequence = sequence
        self._links = links
        self._switches = switches
        self._categories = categories
        self._skus = skus
        self._references = references
        self.put_merges = False
        self._view = ProductView(links, categories)
        for stored in shelf.values():
            skus.put(stored)

    def get(self, product_id: str) -> JsonObject:
        """Return an active product with its active variants.

        Raises:
            RefusedError: There is none.
        """
        return self._view.show(self._stored(product_id))

    def get_variant(self, variant_id: str) -> JsonObject:
        """Return an active variant.

        Raises:
            RefusedError: There is none.
        """
        found = self._skus.of_id(VARIANT, variant_id)
        if found is None or not found[1].active:
            raise not_found(VARIANT, variant_id)
        product = self.get(found[1].product_id)
        return next(variant for variant in product["variants"] if str(variant["id"]) == variant_id)

    def active(self) -> list[JsonObject]:
        """Return all active products in the order of their creation."""
        return [self._view.show(stored) for stored in self._shelf.values() if stored["active"]]

    def hits(self, table: str, sku: str | None) -> list[JsonObject]:
        """Return the active products or variants as lists show them, or only the one with this SKU."""
        return self._skus.hits(table, sku)

    def holds(self, table: str, record_id: str) -> bool:
        """Return whether there is a product, variant or other child with this id, active or not."""
        if table in {PRODUCT, VARIANT}:
            return self._skus.of_id(table, record_id) is not None
        return record_id in map(str, self.ids(table))

    def has(self, table: str, record_id: str) -> bool:
        """Return whether there is an active product, variant or other child with this id."""
        if table in {PRODUCT, VARIANT}:
            found = self._skus.of_id(table, record_id)
            return found is not None and found[1].active
        return record_id in map(str, self.ids(table))

    def ids(self, table: str) -> list[int | str]:
        """Return the ids of all active products, variants or other children."""
        if table in {PRODUCT, VARIANT}:
            return [hit["id"] for hit in self._skus.hits(table)]
        return [
            child["id"] for product in self.active() for of, child in walk(product, PRODUCT_CHILDREN) if of == table
        ]

    def save(self, body: ProductBody, product_id: str | None = None) -> Written:
        """Create a product, or replace the product ``product_id`` as a whole.

        Raises:
            RefusedError: A rule is broken; nothing was written.
        """
        before = None if product_id is None else self._stored(product_id)
        _check_id(body, product_id)
        document = document_of(body)
        self._check_skus(document, product_id)
        self._references.check(PRODUCT, document)
        for variant in document["variants"]:
            self._references.check(VARIANT, variant)
        known, inactive = split(before)
        if before is not None and self.put_merges:
            document = merged_product(document, body, known, self._switches)
        for variant in document["variants"]:
            check_options(variant, document["options"])
        dropped = Dropped()
        self._merge_children(document, known, PRODUCT_CHILDREN, dropped)
        document["id"] = self._sequence.take(PRODUCT) if before is None else before["id"]
        self._assign_categories(document, known)
        known_variants = {str(variant["id"]): variant for variant in known.get("variants", [])}
        for variant in document["variants"]:
            self._assign_categories(variant, known_variants.get(str(variant["id"]), {}))
            variant["active"] = True
        document["variants"] += inactive
        document["active"] = True
        seen = None if before is None else self._view.show(before)
        self._commit(before, document, dropped)
        record = self._view.show(self._stored(str(document["id"])))
        return _written(PRODUCT, seen, record, dropped)

    def product_of(self, variant_id: str) -> str:
        """Return the id of the product of an active variant.

        Raises:
            RefusedError: There is none.
        """
        return str(self.get_variant(variant_id)["parent_id"])

    def save_variant(self, body: VariantBody, product_id: str) -> Written:
        """Replace the variant with the id in the body, or create one if the body has no id; others are kept.

        Raises:
            RefusedError: A rule is broken; nothing was written.
        """
        before = self._stored(product_id)
        if body.parent_id not in {None, product_id}:
            raise RefusedError("VALD-1025", "parent_id is not the id of the product in the path.")
        seen = None
        if body.id is not None:
            seen = self.get_variant(body.id)
            if str(seen["parent_id"]) != product_id:
                raise not_found(VARIANT, body.id)
        document = document_of(body)
        self._skus.refuse_taken(
            VARIANT, document["sku"], lambda holder: (holder.table, str(holder.id)) == (VARIANT, body.id)
        )
        self._references.check(VARIANT, document)
        known: JsonObject = next((variant for variant in before["variants"] if str(variant["id"]) == body.id), {})
        if known and self.put_merges:
            document = merged(document, body, known, self._switches)
        check_options(document, before["options"])
        dropped = Dropped()
        self._merge_children(document, known, VARIANT_CHILDREN, dropped)
        document["id"] = known["id"] if known else self._sequence.take(VARIANT)
        document["active"] = True
        self._assign_categories(document, known)
        variants = [document if variant is known else variant for variant in before["variants"]]
        if not known:
            variants.append(document)
        self._commit(before, {**before, "variants": variants}, dropped)
        return _written(VARIANT, seen, self.get_variant(str(document["id"])), dropped)

    def change_categories(self, product_id: str, *, add: str | None = None, remove: str | None = None) -> Written:
        """Assign a category to a product, or unassign it.

        Raises:
            RefusedError: There is no such product.
        """
        before = self._stored(product_id)
        assigned = dict.fromkeys(str(category["category_id"]) for category in before["categories"])
        if add is not None:
            assigned[add] = None
        if remove is not None:
            assigned.pop(remove, None)
        after = {**before, "categories": [{"id": category_id} for category_id in assigned]}
        self._assign_categories(after, before)
        return self._rewrite(PRODUCT, product_id, before, after)

    def set_custom_field(self, table: str, record_id: str, value: JsonObject) -> Written:
        """Set one custom field of a product or variant.

        Raises:
            RefusedError: There is no such record.
        """
        if not self.has(table, record_id):
            raise not_found(table, record_id)
        before, after, target = self._editable(table, record_id)
        name = value["custom_field_name"]
        others = [given for given in target["custom_fields"] if given["custom_field_name"] != name]
        target["custom_fields"] = [*others, value]
        return self._rewrite(table, record_id, before, after)

    def set_active(self, table: str, record_id: str, *, active: bool) -> JsonObject:
        """Deactivate or reactivate a product or variant, and return it.

        Raises:
            RefusedError: There is none.
        """
        if not self.holds(table, record_id):
            raise not_found(table, record_id)
        before, after, target = self._editable(table, record_id)
        target["active"] = active
        self._commit(before, after, Dropped())
        target["active"] = True
        return self._pick(table, record_id, self._view.show(after))

    def _editable(self, table: str, record_id: str) -> tuple[JsonObject, JsonObject, JsonObject]:
        """Return the stored product that contains this record, a copy of it, and the record within the copy."""
        found = self._skus.of_id(table, record_id)
        if found is None:
            raise not_found(table, record_id)
        before, after = (self._shelf[found[1].product_id] for _ in range(2))
        return before, after, self._pick(table, record_id, after)

    @staticmethod
    def _pick(table: str, record_id: str, product: JsonObject) -> JsonObject:
        if table == PRODUCT:
            return product
        variants: list[JsonObject] = product["variants"]
        return next(variant for variant in variants if str(variant["id"]) == record_id)

    def _rewrite(self, table: str, record_id: str, before: JsonObject, after: JsonObject) -> Written:
        """Store ``after``, in which no child was added or dropped."""
        seen = self._pick(table, record_id, self._view.show(before))
        self._commit(before, after, Dropped())
        return _written(table, seen, self._pick(table, record_id, self._view.show(after)), Dropped())

    def _stored(self, product_id: str) -> JsonObject:
        stored: JsonObject | None = self._shelf.get(product_id)
        readable = self._switches.deactivated_readable
        if stored is None or not (stored["active"] or readable):
            raise not_found(PRODUCT, product_id)
        return stored

    def _check_skus(self, document: JsonObject, product_id: str | None) -> None:
        skus = [(PRODUCT, document["sku"]), *((VARIANT, variant["sku"]) for variant in document["variants"])]
        if len({sku for _, sku in skus}) < len(skus):
            raise RefusedError("BIZL-1001", "The request contains a Sku twice.")
        for table, sku in skus:
            # An active holder in the same product is either part of the request or dropped.
            self._skus.refuse_taken(table, sku, lambda holder: holder.product_id == product_id and holder.active)

    def _merge_children(
        self, document: JsonObject, known: JsonObject, rules: Mapping[str, ChildRule], dropped: Dropped
    ) -> None:
        immutable = self._switches.option_values_immutable
        merge_children(document, known, rules, self._sequence, dropped, checks_immutable=immutable)

    def _assign_categories(self, article: JsonObject, known: JsonObject) -> None:
        """Convert the category ids of a request to assignments, which have their own ids."""
        assigned = {str(assignment["category_id"]): assignment for assignment in known.get("categories", [])}
        article["categories"] = [
            assigned.get(category["id"])
            or {
                "id": self._sequence.take(CATEGORY_ASSIGNMENT),
                "category_id": self._categories.get(category["id"])["id"],
            }
            for category in article["categories"]
        ]

    def _commit(self, before: JsonObject | None, after: JsonObject, dropped: Dropped) -> None:
        given = [
            (table, str(record["id"]), record.pop("external_ids", []))
            for table, record in ((PRODUCT, after), *walk(after, PRODUCT_CHILDREN))
        ]
        if not self._switches.keeps_external_ids:
            given = []
        seen: set[tuple[str, str, str]] = set()
        for table, record_id, external_ids in given:
            owners = {record_id, *(dropped_id for of, dropped_id in dropped.ids if of == table)}
            self._links.check(table, external_ids, owners)
            for external in external_ids:
                key = (table, external["system_id"], external["external_id"])
                if key in seen:
                    raise RefusedError("BIZL-1003", f"The request contains the external id '{key[2]}' twice.")
                seen.add(key)
        if before is None:
            self._skus.put(after)
        else:
            self._skus.replace(before, after)
        for table, record_id in dropped.ids:
            self._links.forget(table, record_id)
        self._shelf[str(after["id"])] = after
        for table, record_id, external_ids in given:
            self._links.link(table, record_id, external_ids)


def _check_id(body: Article, record_id: str | None) -> None:
    if body.id is not None and body.id != record_id:
        raise RefusedError("VALD-1025", "The id is given by the server.")


def _written(table: str, before: JsonObject | None, record: JsonObject, dropped: Dropped) -> Written:
    changed = before is None or not same_content(before, record)
    return Written(table, record, changed, dropped.recreated, dropped.removed)
