"""Documents of products and variants: in requests, in the database, and in responses."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.catalog_bodies import Article, ProductBody
from akeneo_assets.sandbox.ipaas.categories import Categories
from akeneo_assets.sandbox.ipaas.children import PRODUCT_CHILDREN, VARIANT_CHILDREN, walk
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT, VARIANT
from akeneo_assets.sandbox.ipaas.links import Links


class ProductView:
    """Shows stored products as the API does.

    Args:
        links: External ids, which are stored separately.
        categories: Names of the categories.
    """

    def __init__(self, links: Links, categories: Categories) -> None:
        self._links = links
        self._categories = categories

    def show(self, stored: JsonObject) -> JsonObject:
        """Return a stored product with its active variants, external ids and category names."""
        record = {name: value for name, value in stored.items() if name != "active"}
        record["variants"] = [
            {**{name: value for name, value in variant.items() if name != "active"}, "parent_id": stored["id"]}
            for variant in stored["variants"]
            if variant["active"]
        ]
        for table, child in ((PRODUCT, record), *walk(record, PRODUCT_CHILDREN)):
            external_ids = self._links.of(table, str(child["id"]))
            if external_ids or table in {PRODUCT, VARIANT}:
                child["external_ids"] = external_ids
        for article in (record, *record["variants"]):
            article["categories"] = [
                {**assignment, "category_name": self._categories.name(str(assignment["category_id"]))}
                for assignment in article["categories"]
                if self._categories.has(str(assignment["category_id"]))
            ]
        return record


def document_of(body: Article) -> JsonObject:
    """Return a body as a document, without the fields that are not stored; ids of children are still texts."""
    document = body.model_dump(exclude_none=True)
    rules = PRODUCT_CHILDREN if isinstance(body, ProductBody) else VARIANT_CHILDREN
    for _, child in walk(document, rules):
        child.pop("tracking_guid", None)
        child.pop("parent_id", None)
    for name in ("id", "tracking_guid", "parent_id"):
        document.pop(name, None)
    return document


def check_options(variant: JsonObject, options: list[JsonObject]) -> None:
    """Refuse a variant with an option that its product does not have.

    Raises:
        RefusedError: ``VALD-1025``.
    """
    values = {option["option_name"]: {value["value"] for value in option["values"]} for option in options}
    for chosen in variant["options"]:
        name, value = chosen["option_name"], chosen["value"]
        if name not in values:
            raise RefusedError("VALD-1025", f"The product has no option '{name}'.")
        if value not in values[name]:
            raise RefusedError("VALD-1025", f"The option '{name}' of the product has no value '{value}'.")


def split(stored: JsonObject | None) -> tuple[JsonObject, list[JsonObject]]:
    """Return a stored product without its deactivated variants, and the deactivated variants."""
    if stored is None:
        return {}, []
    active = [variant for variant in stored["variants"] if variant["active"]]
    return {**stored, "variants": active}, [variant for variant in stored["variants"] if not variant["active"]]
