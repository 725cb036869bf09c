"""Bodies of products and models: merged with the models above, when they are read."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.completeness import completenesses, quality_scores
from akeneo_assets.sandbox.akeneo.dates import shown
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.values import ValueReader
from akeneo_assets.sandbox.akeneo.view import View

NamedBy: TypeAlias = Literal["uuid", "identifier"]
"""How a body refers to products: by uuid on ``products-uuid``, elsewhere by identifier, which may be null."""

_MAPS: Final = ("values", "associations", "quantified_associations", "labels")


class Bodies:
    """Writes the bodies of one response.

    Args:
        state: Where the records are.
        view: What the request asks for.
        origin: Scheme, host and port for links.
    """

    def __init__(self, state: AkeneoState, view: View, *, origin: str) -> None:
        self._database = state.database
        self._switches = state.switches
        self._structure = state.database.structure
        self._view = view
        self._zone = state.switches.zone
        self._values = ValueReader(self._structure, view, state.switches, origin=origin)
        self._models: dict[str, JsonObject | None] = {}
        self._simple_types = self._structure.association_codes(quantified=False)
        self._quantified_types = self._structure.association_codes(quantified=True)

    def product(self, uuid: str, named_by: NamedBy) -> JsonObject | None:
        """Return the body of a product, or None if it does not exist (any more)."""
        document = self._database.get("product", uuid)
        if document is None:
            return None
        lineage = self._lineage(document)
        body = {
            "uuid": uuid,
            "enabled": document["enabled"],
            "family": document["family"],
            "categories": self._categories(lineage),
            "groups": document["groups"],
            "parent": document["parent"],
            **self._common(document, lineage, named_by),
        }
        if named_by == "identifier":
            body["identifier"] = self._database.identifiers[uuid]
            if self._switches.is_before(7):
                del body["uuid"]
        if self._view.completenesses and not self._switches.is_before(6):
            body["completenesses"] = completenesses(merged_values(lineage), document["family"], self._structure)
        if self._view.root_parent:
            body["root_parent"] = lineage[0]["code"] if len(lineage) > 1 else None
        if self._switches.edition != "CE":
            body["metadata"] = {"workflow_status": "working_copy"}
        return self._bent(body)

    def model(self, code: str) -> JsonObject | None:
        """Return the body of a product model, or None if it does not exist (any more)."""
        document = self._database.get("product_model", code)
        if document is None:
            return None
        lineage = self._lineage(document)
        # Models always refer to products by identifier, even if products use uuids.
        return self._bent(
            {
                "code": code,
                "family": document["family"],
                "family_variant": document["family_variant"],
                "parent": document["parent"],
                "categories": self._categories(lineage),
                **self._common(document, lineage, "identifier"),
            }
        )

    def stored_values(self, document: JsonObject) -> JsonObject:
        """Return the merged values of a stored product or model, before anything is left out."""
        return merged_values(self._lineage(document))

    def _common(self, document: JsonObject, lineage: list[JsonObject], named_by: NamedBy) -> JsonObject:
        values = merged_values(lineage)
        body: JsonObject = {
            "values": self._values.read(values),
            "created": shown(document["created"], self._zone),
            "updated": shown(document["updated"], self._zone),
            "associations": self._associations(lineage, named_by),
            "quantified_associations": self._quantified_associations(lineage, named_by),
        }
        if self._view.quality_scores:
            body["quality_scores"] = quality_scores(values, document["family"], self._structure)
        return body

    def _lineage(self, document: JsonObject) -> list[JsonObject]:
        """Return the models above a stored record, the root first, and the record itself."""
        lineage = [document]
        while code := lineage[0]["parent"]:
            if code not in self._models:
                self._models[code] = self._database.get("product_model", code)
            model = self._models[code]
            if model is None:
                break
            lineage.insert(0, model)
        return lineage

    def _categories(self, lineage: list[JsonObject]) -> list[str]:
        existing = self._structure.categories
        return sorted({code for record in lineage for code in record["categories"] if code in existing})

    def _associations(self, lineage: list[JsonObject], named_by: NamedBy) -> JsonObject:
        # Every simple type is included, even if it is empty.
        result: JsonObject = {}
        for association_type in self._simple_types:
            members = [
                record["associations"][association_type]
                for record in lineage
                if association_type in record["associations"]
            ]
            uuids = {uuid for member in members for uuid in member["products"] if self._database.has("product", uuid)}
            models = {
                code
                for member in members
                for code in member["product_models"]
                if self._database.has("product_model", code)
            }
            groups = {code for member in members for code in member["groups"]}
            result[association_type] = {
                "products": sorted(uuids) if named_by == "uuid" else self._identifiers(uuids),
                "product_models": sorted(models),
                "groups": sorted(groups),
            }
        return result

    def _identifiers(self, uuids: set[str]) -> list[str | None]:
        identifiers = [self._database.identifiers[uuid] for uuid in uuids]
        return sorted(identifiers, key=lambda identifier: (identifier is None, identifier or ""))

    def _quantified_associations(self, lineage: list[JsonObject], named_by: NamedBy) -> JsonObject:
        result: JsonObject = {}
        for association_type in self._quantified_types:
            # A member on two levels is included once, with the quantity of the lower one.
            uuids: dict[str, int] = {}
            models: dict[str, int] = {}
            for record in lineage:
                members = record["quantified_associations"].get(association_type, {})
                uuids |= {member["uuid"]: member["quantity"] for member in members.get("products", ())}
                models |= {member["identifier"]: member["quantity"] for member in members.get("product_models", ())}
            products = [
                {"uuid": uuid, "quantity": quantity}
                if named_by == "uuid"
                else {"identifier": self._database.identifiers[uuid], "quantity": quantity}
                for uuid, quantity in sorted(uuids.items())
                if self._database.has("product", uuid)
            ]
            product_models = [
                {self._switches.quantified_model_key: code, "quantity": quantity}
                for code, quantity in sorted(models.items())
                if self._database.has("product_model", code)
            ]
            if products or product_models:
                result[association_type] = {"products": products, "product_models": product_models}
        return result

    def _bent(self, body: JsonObject) -> JsonObject:
        """Apply the switches for what some versions of Akeneo get wrong."""
        return bent(
            body,
            lists_for_empty_maps=self._switches.lists_for_empty_maps,
            numeric_codes_as_integers=self._switches.numeric_codes_as_integers,
        )


def merged_values(lineage: list[JsonObject]) -> JsonObject:
    """Return the values of all levels; ``lineage`` begins with the root model."""
    merged: JsonObject = {}
    for record in lineage:
        merged |= record["values"]
    return merged


def bent(body: JsonObject, *, lists_for_empty_maps: bool, numeric_codes_as_integers: bool) -> JsonObject:
    """Return ``body`` as PHP serves it if it confuses an empty map with a list, or a code with a number."""
    if lists_for_empty_maps:
        body |= {name: [] for name in _MAPS if body.get(name) == {}}
    if numeric_codes_as_integers:
        names = ("code", "identifier", "family", "parent")
        body |= {name: int(body[name]) for name in names if _is_numeric(body.get(name))}
        if "categories" in body:
            body["categories"] = [int(code) if _is_numeric(code) else code for code in body["categories"]]
    return body


def _is_numeric(code: str | None) -> bool:
    # PHP converts only such keys to integers; "0042" remains a text.
    return code is not None and code.isascii() and code.isdigit() and not code.startswith("0")
