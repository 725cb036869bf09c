"""Map associations: the components of a bundle and the related products of a record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from akeneo_assets.mapping.numbers import as_decimal
from akeneo_assets.mapping.record.explain import Explained, explain_rules
from akeneo_assets.mapping.record.mapped_record import Component, Reference, RelatedLink
from akeneo_assets.mapping.record.record_view import RecordView, Warnings
from akeneo_assets.mapping.record.rules import apply
from akeneo_assets.mapping.shapes import as_list, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.settings import ProductIdFormat
_LARGEST: Final = 10**12


class AssociationMapper:
    """Maps associations.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue, for association types.
        selection: The locales of labels.
        product_id_format: Whether products are keyed by UUID or by identifier.
    """

    def __init__(
        self, mapping: MappingFile, structure: Structure, selection: Selection, product_id_format: ProductIdFormat
    ) -> None:
        self._mapping = mapping
        self._structure = structure
        self._selection = selection
        self._uuids = product_id_format == "UUID"
        self._related_types: dict[str, str] = {}

    def is_bundle(self, document: JsonObject, own: frozenset[Reference]) -> bool:
        """Return whether a product has components."""
        return bool(self.components(document, own, Warnings()))

    def components(self, document: JsonObject, own: frozenset[Reference], warnings: Warnings) -> tuple[Component, ...]:
        """Return the components of a bundle; quantities of the same target are added up.

        Args:
            document: The product.
            own: All references to the product itself: a bundle cannot contain itself.
            warnings: Where to note members that are left out.
        """
        quantities = self._quantities(document, own, warnings)
        return tuple(sorted(Component(target, each.total()) for target, each in quantities.items()))

    def explain_components(self, document: JsonObject, own: frozenset[Reference]) -> Iterator[Explained]:
        """Yield an explanation of each component: its target, and its quantity by association type."""
        quantities = self._quantities(document, own, Warnings())
        for index, (target, each) in enumerate(sorted(quantities.items())):
            place, types = f"components[{index}].", ", ".join(each)
            yield _associated(f"{place}target", types, target.key, target.key)
            yield _associated(f"{place}quantity", types, dict(each), each.total())

    def _quantities(
        self, document: JsonObject, own: frozenset[Reference], warnings: Warnings
    ) -> dict[Reference, Counter[str]]:
        """Return the quantity of each target in a bundle, by association type."""
        quantities: defaultdict[Reference, Counter[str]] = defaultdict(Counter)
        for association_type in self._bundle_types(document):
            for target, quantity in self._members(document, association_type, by_identifier=False):
                if target in own:
                    warnings.add("kit", None, f"{association_type} contains the bundle itself; left out")
                elif target is None:
                    warnings.add("kit", None, f"{association_type} has a member without an id; left out")
                elif quantity is None:
                    warnings.add("kit", None, f"{association_type} has a member without a quantity; left out")
                else:
                    quantities[target][association_type] += quantity
        return dict(quantities)

    def related(
        self, document: JsonObject, own: frozenset[Reference], warnings: Warnings, *, by_identifier: bool = False
    ) -> tuple[RelatedLink, ...]:
        """Return the related products.

        Args:
            document: The product or product model.
            own: All references to the record itself.
            warnings: Where to note members that are left out.
            by_identifier: Whether members are referenced by identifier, as is always so for product models.
        """
        members = self._related_members(document, own, warnings, by_identifier=by_identifier)
        return tuple(sorted({RelatedLink(target, self._related_type(code)) for target, code in members}))

    def explain_related(
        self, document: JsonObject, own: frozenset[Reference], *, by_identifier: bool = False
    ) -> Iterator[Explained]:
        """Yield an explanation of each related product: its target, and its type from the first association type."""
        links: defaultdict[tuple[Reference, str], dict[str, tuple[Explained, ...]]] = defaultdict(dict)
        for target, code in self._related_members(document, own, Warnings(), by_identifier=by_identifier):
            lines = tuple(
                explain_rules(self._mapping.related_product, self._type_view(code), part=f"association type {code}")
            )
            links[target, str(lines[0].result)].setdefault(code, lines)
        for index, ((target, _), types) in enumerate(sorted(links.items())):
            place = f"related_products[{index}]."
            yield _associated(f"{place}target", ", ".join(types), target.key, target.key)
            for line in next(iter(types.values())):
                yield replace(line, destination=place + line.destination)

    def _related_members(
        self, document: JsonObject, own: frozenset[Reference], warnings: Warnings, *, by_identifier: bool
    ) -> Iterator[tuple[Reference, str]]:
        """Yield each target with its association type."""
        for association_type in self._types_related(document):
            for target, _ in self._members(document, association_type, by_identifier=by_identifier):
                if target in own:
                    warnings.add("related_products", None, f"{association_type} contains the record itself; left out")
                # Akeneo writes null for a product without an identifier.
                elif target is not None:
                    yield target, association_type

    def _bundle_types(self, document: JsonObject) -> list[str]:
        named = self._mapping.settings.bundle_association_types
        return sorted(as_map(document.get("quantified_associations")) if named is None else set(named))

    def _types_related(self, document: JsonObject) -> list[str]:
        named = self._mapping.settings.related_association_types
        if named is not None:
            return sorted(set(named))
        bundles = self._mapping.settings.bundle_association_types or ()
        return sorted(set(as_map(document.get("associations"))).difference(bundles))

    def _related_type(self, code: str) -> str:
        if code not in self._related_types:
            fields = apply(self._mapping.related_product, self._type_view(code), "related_products.")
            self._related_types[code] = str(fields["related_type"])
        return self._related_types[code]

    def _type_view(self, code: str) -> RecordView:
        known = self._structure.association_types.get(code)
        label = self._selection.label(known.labels if known else {}, code)
        return RecordView({"code": code, "label": label}, Warnings())

    def _members(
        self, document: JsonObject, association_type: str, *, by_identifier: bool
    ) -> Iterator[tuple[Reference | None, int | None]]:
        """Yield each target with its quantity; members of a type without quantities count once."""
        simple = as_map(as_map(document.get("associations")).get(association_type))
        for member in as_list(simple.get("products")):
            yield self._product(as_text(member), by_identifier=by_identifier), 1
        for member in as_list(simple.get("product_models")):
            yield _model(as_text(member)), 1
        quantified = as_map(as_map(document.get("quantified_associations")).get(association_type))
        for member in map(as_map, as_list(quantified.get("products"))):
            yield self._quantified_product(member), _quantity(member.get("quantity"))
        for member in map(as_map, as_list(quantified.get("product_models"))):
            # The server writes `identifier`; parts of its documentation say `code`.
            code = as_text(member.get("identifier")) or as_text(member.get("code"))
            yield _model(code), _quantity(member.get("quantity"))

    def _product(self, key: str | None, *, by_identifier: bool) -> Reference | None:
        if key is None:
            return None
        return Reference("product", key, "identifier" if by_identifier and self._uuids else "key")

    def _quantified_product(self, member: JsonObject) -> Reference | None:
        uuid, identifier = as_text(member.get("uuid")), as_text(member.get("identifier"))
        if self._uuids and uuid is not None:
            return Reference("product", uuid)
        return self._product(identifier, by_identifier=True)


def _associated(destination: str, types: str, value: Any, result: str | int) -> Explained:
    return Explained(destination, "association", types, value, None, None, None, result)


def _model(code: str | None) -> Reference | None:
    return None if code is None else Reference("product_model", code)


def _quantity(value: Any) -> int | None:
    """Return a whole quantity of at least 1, small enough that sums of many still fit into JSON; None for others."""
    number = as_decimal(value)
    return int(number) if number is not None and 1 <= number <= _LARGEST and number == int(number) else None
