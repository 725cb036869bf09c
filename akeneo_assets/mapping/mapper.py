"""From the records of the mirror to the records of iPaaS.com."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from akeneo_assets.documents import fingerprint
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.associations import AssociationMapper
from akeneo_assets.mapping.category_values import category_values
from akeneo_assets.mapping.collections import ObjectCollection
from akeneo_assets.mapping.custom_fields import CustomFieldMapper
from akeneo_assets.mapping.filtering import FILTERED, RecordFilter, left_out
from akeneo_assets.mapping.options import AxisValue, OptionMapper
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.records import MappedRecord, RecordKind, RecordProblem, Reference
from akeneo_assets.mapping.rules import apply, rows
from akeneo_assets.mapping.selection import select
from akeneo_assets.mapping.shapes import as_codes, as_map, as_text
from akeneo_assets.mapping.structure import labels_of
from akeneo_assets.mapping.values import Value, ValueReader, value_text
from akeneo_assets.mapping.view import IpaasIds, RecordView, Warnings

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.collections import Mapping
    from akeneo_assets.mapping.filtering import CategoryParents
    from akeneo_assets.mapping.structure import Structure
    from akeneo_assets.settings import ProductIdFormat

# Raised whenever the code maps an unchanged record differently, so that records are mapped again.
MAPPING_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class _Names:
    """What a product is called; its key is one of the two."""

    uuid: str | None
    identifier: str | None
    key: str | None

    @property
    def references(self) -> frozenset[Reference]:
        """Everything that means this product."""
        named = set() if self.key is None else {Reference("product", self.key)}
        if self.identifier is not None:
            named.add(Reference("product", self.identifier, "identifier"))
        return frozenset(named)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A variant that could be mapped, and what its model needs to know of it."""

    record: MappedRecord
    values: dict[str, AxisValue]
    enabled: bool


def rules_fingerprint(mapping: Mapping, product_id_format: ProductIdFormat) -> str:
    """Return what changes whenever the rules do: the mapping file, and the code that applies it.

    Args:
        mapping: The mapping file.
        product_id_format: What the key of a product is.
    """
    return fingerprint(MAPPING_VERSION, mapping.model_dump(mode="json"), product_id_format)


class Mapper:
    """Maps records; pure: the same record gives the same result, and nothing is asked of anybody.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue.
        product_id_format: ``UUID`` or ``Identifier``: what the key of a product is.
        ipaas_ids: Tells formulas the iPaaS.com id of a record by kind and key; without it they get none. What it
            says is not part of the fingerprint: a record whose formula got none is mapped again only when the
            record, the mapping or the structure changes.
        category_parents: The parent of each category, for a filter by categories; without it, a category of the
            filter stands for itself alone.
    """

    def __init__(
        self,
        mapping: Mapping,
        structure: Structure,
        product_id_format: ProductIdFormat,
        *,
        ipaas_ids: IpaasIds | None = None,
        category_parents: CategoryParents | None = None,
    ) -> None:
        self._mapping = mapping
        self._structure = structure
        self._uuids = product_id_format == "UUID"
        self._ipaas_ids = ipaas_ids
        selection = select(mapping.settings, structure)
        self._selection = selection
        self._filter = RecordFilter(mapping.filter, selection, category_parents)
        self._reader = ValueReader(structure, selection)
        self._options = OptionMapper(mapping, self._reader)
        self._associations = AssociationMapper(mapping, structure, selection, product_id_format)
        self._elsewhere: defaultdict[str, set[str]] = defaultdict(set)
        for named in mapping.names():
            self._elsewhere[str(named.place[0])].add(named.name)
        self._custom_fields = {
            id(collection): CustomFieldMapper(collection.custom_fields, structure, selection)
            for _, collection in mapping.collections()
            if isinstance(collection, ObjectCollection)
        }
        #: Changes whenever a record may be mapped differently although it is the same: what stands before the colon
        #: changes with the rules, the rest with the structure.
        known = fingerprint(structure.fingerprint, sorted(self._filter.categories or ()))
        self.fingerprint = f"{rules_fingerprint(mapping, product_id_format)}:{known}"

    def is_bundle(self, document: JsonObject) -> bool:
        """Tell whether a product is sent as a bundle."""
        return self._associations.is_bundle(document, self._names(document).references)

    def category(self, document: JsonObject) -> MappedRecord:
        """Map a category.

        Raises:
            RecordError: It has no code, or a required field has no value.
        """
        code = _code(document, "category")
        warnings = Warnings()
        label = self._selection.any_label(labels_of(document), code)
        view = RecordView({"code": code, "label": label}, warnings, *category_values(document, self._selection))
        payload = self._payload(self._mapping.category, view, self._elsewhere["category"])
        parent = as_text(document.get("parent"))
        return MappedRecord(
            kind="category",
            key=code,
            sku=None,
            payload=payload,
            parent=Reference("category", parent) if parent else None,
            warnings=warnings.sorted(),
        )

    def product(self, document: JsonObject) -> MappedRecord:
        """Map a product without parent: a simple product or a bundle.

        Raises:
            RecordError: It has no key, or a required field has no value; ``filtered``: it is not to be sent.
        """
        return self._sellable("product", self._mapping.product, document)

    def tree(self, root: JsonObject, models: Iterable[JsonObject], variants: Iterable[JsonObject]) -> MappedRecord:
        """Map a product model with its variants.

        A variant that cannot be mapped is left out and named in ``problems``. Quantified associations make kits
        of the variants, which inherit them, not of the model, which nobody can buy.

        Args:
            root: The root model.
            models: Its sub models.
            variants: All its variants, whose bodies hold what they inherit.

        Raises:
            RecordError: The model has no code, its family variant is not known, or a required field has no value;
                ``filtered``: it is not to be sent, or none of its variants is.
        """
        code = _code(root, "product model")
        self._filter.check_model(root)
        family_variant = as_text(root.get("family_variant"))
        axes = self._structure.axes.get(family_variant or "")
        if axes is None:
            raise RecordError(
                f"The family variant {family_variant} of product model {code} is not known. "
                "Read Akeneo's structure again; if that does not help, check the permission to list families.",
                code="unknown_family_variant",
            )
        inherited = {as_text(model.get("code")): as_map(model.get("values")) for model in (root, *models)}
        outcomes = [self._variant(axes, document, inherited) for document in variants]
        mapped = [outcome for outcome in outcomes if isinstance(outcome, _Variant)]
        problems = [outcome for outcome in outcomes if isinstance(outcome, RecordProblem)]
        if not mapped and problems and all(problem.code == FILTERED for problem in problems):
            raise left_out("none of its variants is sent")
        enabled = any(variant.enabled for variant in mapped)
        warnings = Warnings()
        view = self._view(root, code, warnings, {"code": code, "enabled": enabled, "family_variant": family_variant})
        payload = self._payload(self._mapping.product_model, view, self._mapped_elsewhere("product_model", root))
        payload["options"] = self._options.options(axes, [variant.values for variant in mapped])
        payload |= self._mapped_rows("product_model", view)
        own = frozenset({Reference("product_model", code)})
        return MappedRecord(
            kind="product_model",
            key=code,
            sku=payload["sku"],
            payload=payload,
            categories=_categories(root),
            related=self._associations.related(root, own, warnings, by_identifier=True),
            variants=tuple(sorted((variant.record for variant in mapped), key=lambda record: record.key)),
            warnings=warnings.sorted(),
            problems=tuple(sorted(problems)),
        )

    def _variant(
        self, axes: tuple[str, ...], document: JsonObject, inherited: dict[str | None, JsonObject]
    ) -> _Variant | RecordProblem:
        try:
            values = self._axis_values(axes, document, inherited)
            parent = inherited.get(as_text(document.get("parent")))
            record = self._sellable("variant", self._mapping.variant, document, axes=axes, parent=parent)
            options = self._options.choice(axes, values)
        except RecordError as error:
            names = self._names(document)
            return RecordProblem(names.key or names.uuid or names.identifier or "?", error.code, str(error))
        payload = {**record.payload, "options": options}
        return _Variant(replace(record, payload=payload), values, enabled=_is_enabled(document))

    def _sellable(
        self,
        kind: Literal["product", "variant"],
        collection: ObjectCollection,
        document: JsonObject,
        *,
        axes: tuple[str, ...] = (),
        parent: JsonObject | None = None,
    ) -> MappedRecord:
        """Map a product that can be bought: a simple one, a bundle or, without its options, a variant."""
        names = self._names(document)
        key = self._key(names)
        warnings = Warnings()
        properties: dict[str, Value | None] = {
            "uuid": names.uuid,
            "identifier": names.identifier,
            "sku": names.identifier or names.uuid,
            "enabled": _is_enabled(document),
            "parent": as_text(document.get("parent")),
        }
        view = self._view(document, names.identifier or key, warnings, properties)
        self._filter.check_product(document, view)
        if parent is not None:
            view.parent = RecordView({}, warnings, self._reader, parent)
        payload = self._payload(collection, view, self._mapped_elsewhere(kind, document) | set(axes))
        payload |= self._mapped_rows(kind, view)
        own = names.references
        components = self._associations.components(document, own, warnings)
        return MappedRecord(
            kind=kind,
            key=key,
            sku=payload["sku"],
            payload=payload,
            categories=_categories(document),
            components=components,
            kit=apply(self._mapping.kit, view, "kit.") if components else None,
            related=self._associations.related(document, own, warnings),
            warnings=warnings.sorted(),
        )

    def _view(
        self, document: JsonObject, name: str, warnings: Warnings, properties: dict[str, Value | None]
    ) -> RecordView:
        """Return the view of a product or model; ``name`` is its label where the family gives it none."""
        family = as_text(document.get("family"))
        values = as_map(document.get("values"))
        label_attribute = self._structure.label_attributes.get(family or "", "")
        entry = self._reader.choose(values.get(label_attribute), any_locale=True)
        label = None if entry is None else self._reader.plain(Reading(label_attribute), entry, lambda _: None)
        properties["family"] = family
        properties["label"] = name if label is None else value_text(label)
        view = RecordView(properties, warnings, self._reader, values, self._mapping.settings.price_attribute)
        if self._ipaas_ids is not None:
            view.ipaas_id = self._ipaas_ids
        return view

    def _payload(self, collection: ObjectCollection, view: RecordView, elsewhere: set[str]) -> JsonObject:
        custom = self._custom_fields[id(collection)]
        custom.open(view)
        payload = apply(collection, view)
        if fields := custom.fields(view, elsewhere):
            payload["custom_fields"] = fields
        return payload

    def _mapped_rows(self, kind: RecordKind, view: RecordView) -> JsonObject:
        """Return the rows of stock, units of sale and alternate ids; lists without rows are left out."""
        found = {"alternate_ids": rows(self._mapping.alternate_id, view, "alternate_ids")}
        if kind != "product_model":
            found["inventory"] = rows(self._mapping.inventory, view, "inventory")
        if kind != "variant":
            found["units"] = rows(self._mapping.unit, view, "units")
        return {name: each for name, each in found.items() if each}

    def _mapped_elsewhere(self, kind: str, document: JsonObject) -> set[str]:
        """Return the attributes that the custom fields need not repeat."""
        family = as_text(document.get("family"))
        special = (
            self._structure.identifier_attribute,
            self._structure.label_attributes.get(family or ""),
            self._mapping.settings.price_attribute,
        )
        mapped = (
            self._elsewhere[kind]
            | self._elsewhere["inventory"]
            | self._elsewhere["unit"]
            | self._elsewhere["alternate_id"]
        )
        return mapped.union(code for code in special if code)

    def _names(self, document: JsonObject) -> _Names:
        uuid, identifier = as_text(document.get("uuid")), as_text(document.get("identifier"))
        attribute = self._structure.identifier_attribute
        if identifier is None and attribute is not None:
            # Akeneo's list by uuid has no `identifier` beside the values.
            entry = self._reader.choose(as_map(document.get("values")).get(attribute))
            identifier = None if entry is None else as_text(entry["data"])
        return _Names(uuid, identifier, uuid if self._uuids else identifier)

    def _key(self, names: _Names) -> str:
        if names.key is not None:
            return names.key
        if self._uuids:
            raise RecordError("The product has no uuid; Akeneo sends one since version 7.0.", code="missing_uuid")
        raise RecordError(
            f"Product {names.uuid} has no identifier. Give it one, or work with AKENEO_PRODUCT_ID_FORMAT=UUID.",
            code="missing_identifier",
        )

    def _axis_values(
        self,
        axes: tuple[str, ...],
        document: JsonObject,
        inherited: dict[str | None, JsonObject],
    ) -> dict[str, AxisValue]:
        values = as_map(document.get("values"))
        parent = inherited.get(as_text(document.get("parent")), {})
        found: dict[str, AxisValue] = {}
        for axis in axes:
            entry = self._reader.choose(values.get(axis) or parent.get(axis))
            value = None if entry is None else self._options.value(axis, entry)
            if value is None:
                raise RecordError(
                    f"The variant has no value for the axis {axis}. Fill it in Akeneo, on the variant or the "
                    "product model above it.",
                    code="missing_axis_value",
                )
            found[axis] = value
        return found


def _code(document: JsonObject, kind: str) -> str:
    code = as_text(document.get("code"))
    if code is None:
        raise RecordError(f"The {kind} has no code.", code="missing_code")
    return code


def _is_enabled(document: JsonObject) -> bool:
    return bool(document.get("enabled", True))


def _categories(document: JsonObject) -> tuple[Reference, ...]:
    codes = sorted(set(as_codes(document.get("categories"))))
    return tuple(Reference("category", code) for code in codes)
