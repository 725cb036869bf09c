"""Map Akeneo records to iPaaS.com records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from akeneo_assets.documents import fingerprint
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue import attribute_types
from akeneo_assets.mapping.catalogue.selection import select
from akeneo_assets.mapping.file.mapping_file import ObjectRules
from akeneo_assets.mapping.file.sources import FieldSource, FormulaSource, LookupSource
from akeneo_assets.mapping.numbers import as_decimal, json_number
from akeneo_assets.mapping.record.associations import AssociationMapper
from akeneo_assets.mapping.record.custom_fields import CustomFieldMapper
from akeneo_assets.mapping.record.explain import Explained, explain_row, explain_rules
from akeneo_assets.mapping.record.filter import FILTERED, RecordFilter, left_out
from akeneo_assets.mapping.record.mapped_record import (
    BlockedRecord,
    LookedUp,
    MappedRecord,
    RecordKind,
    Reference,
    TargetKind,
)
from akeneo_assets.mapping.record.open_record import ViewBuilder, code_of, is_enabled
from akeneo_assets.mapping.record.options import AxisValue, OptionMapper
from akeneo_assets.mapping.record.record_view import IpaasIds, RecordView, Warnings, capture_warnings
from akeneo_assets.mapping.record.rules import apply, rows
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.mapping.shapes import as_codes, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import FieldRules, MappingFile
    from akeneo_assets.mapping.plain import Value
    from akeneo_assets.mapping.record.filter import CategoryParents
    from akeneo_assets.settings import ProductIdFormat

# Increase this when a code change maps an unchanged record differently, so that all records are mapped again.
MAPPING_VERSION: Final = 4


MISSING_PRICE: Final = "missing_price"
"""The error code of a record without a price, which would otherwise be sent with the price 0."""


_TARGET_KINDS: Final[dict[str, TargetKind]] = {
    "category": "category",
    "product": "product",
    "variant": "product",
    "product_model": "product_model",
}
"""Record kind in formulas → kind in references."""


@dataclass(frozen=True, slots=True)
class _Variant:
    """A mapped variant, with the values that its product model needs."""

    record: MappedRecord
    values: dict[str, AxisValue]
    enabled: bool
    price: Value | None


class MapperFingerprint(NamedTuple):
    """Changes whenever an unchanged record may be mapped differently.

    Attributes:
        rules: Changes with the mapping file and with the code that applies it.
        structure: Changes with Akeneo's structure.
    """

    rules: str
    structure: str


def rules_fingerprint(mapping: MappingFile, product_id_format: ProductIdFormat) -> str:
    """Return a fingerprint of the mapping rules: the mapping file and the code that applies it.

    Args:
        mapping: The mapping file.
        product_id_format: Whether products are keyed by UUID or by identifier.
    """
    return fingerprint(MAPPING_VERSION, mapping.model_dump(mode="json"), product_id_format)


class Mapper:
    """Maps records. Mapping is pure: the same record always gives the same result, without I/O of its own.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue.
        product_id_format: ``UUID`` or ``Identifier``: the key of a product.
        ipaas_ids: Returns the iPaaS.com id of a record by kind and key, for formulas. Without it, formulas get no
            ids. Each mapped record lists the ids that it used, and must be mapped again when one of them changes.
        category_parents: The parent of each category, so that a category filter includes subcategories. Without
            it, only the categories named in the filter match.
    """

    def __init__(
        self,
        mapping: MappingFile,
        structure: Structure,
        product_id_format: ProductIdFormat,
        *,
        ipaas_ids: IpaasIds | None = None,
        category_parents: CategoryParents | None = None,
    ) -> None:
        self._mapping = mapping
        self._structure = structure
        selection = select(mapping.settings, structure)
        self._filter = RecordFilter(mapping.filter, selection, category_parents)
        self._reader = ValueReader(structure, selection)
        self._views = ViewBuilder(mapping, structure, self._reader, product_id_format, ipaas_ids)
        self._options = OptionMapper(mapping, self._reader)
        self._associations = AssociationMapper(mapping, structure, selection, product_id_format)
        self._elsewhere: defaultdict[str, set[str]] = defaultdict(set)
        for named in mapping.names():
            self._elsewhere[str(named.place[0])].add(named.name)
        self._custom_fields = {
            id(rules): CustomFieldMapper(rules.custom_fields, structure, selection)
            for _, rules in mapping.field_rules()
            if isinstance(rules, ObjectRules)
        }
        self.fingerprint = MapperFingerprint(
            rules=rules_fingerprint(mapping, product_id_format),
            structure=fingerprint(structure.fingerprint, sorted(self._filter.categories or ())),
        )

    def is_bundle(self, document: JsonObject) -> bool:
        """Return whether a product is sent as a bundle."""
        return self._associations.is_bundle(document, self._views.names(document).references)

    def category(self, document: JsonObject) -> MappedRecord:
        """Map a category.

        Raises:
            RecordError: It has no code, or a required field has no value.
        """
        warnings = Warnings()
        view = self._views.category(document, warnings)
        payload = self._payload(self._mapping.category, view, self._mapped_elsewhere("category", document))
        parent = as_text(document.get("parent"))
        return MappedRecord(
            kind="category",
            key=code_of(document, "category"),
            sku=None,
            payload=payload,
            parent=Reference("category", parent) if parent else None,
            warnings=warnings.sorted(),
            looked_up=_looked_up(view),
        )

    def product(self, document: JsonObject) -> MappedRecord:
        """Map a product without a parent: a simple product or a bundle.

        Raises:
            RecordError: The product has no key, or a required field has no value; ``filtered``: the filter excludes it.
        """
        return self._sellable("product", self._mapping.product, document)[0]

    def tree(self, root: JsonObject, models: Iterable[JsonObject], variants: Iterable[JsonObject]) -> MappedRecord:
        """Map a product model with its variants.

        A variant that cannot be mapped is left out and reported in ``blocked_variants``. Quantified associations turn
        the variants, which inherit them, into kits; the model itself is never a kit, because it cannot be bought.

        Args:
            root: The root model.
            models: Its sub models.
            variants: All its variants, with inherited values in their bodies.

        Raises:
            RecordError: The model has no code, its family variant is unknown, or a required field has no value;
                ``filtered``: the filter excludes the model or all of its variants.
        """
        code = code_of(root, "product model")
        self._filter.check_model(root)
        family_variant = as_text(root.get("family_variant"))
        axes = self._structure.axes.get(family_variant or "")
        if axes is None:
            raise RecordError(
                f"The family variant {family_variant} of the product model {code} is unknown. "
                "Read Akeneo's structure again. If that does not help, check that the connection may list families.",
                code="unknown_family_variant",
            )
        inherited = _inherited([root, *models])
        outcomes = [self._variant(axes, document, inherited) for document in variants]
        mapped = [outcome for outcome in outcomes if isinstance(outcome, _Variant)]
        blocked = [outcome for outcome in outcomes if isinstance(outcome, BlockedRecord)]
        if not mapped and blocked and all(each.code == FILTERED for each in blocked):
            raise left_out("all of its variants are excluded")
        enabled = any(variant.enabled for variant in mapped)
        warnings = Warnings()
        view = self._views.model(root, warnings, enabled=enabled)
        view.variant_price = _lowest_price(mapped)
        payload = self._payload(self._mapping.product_model, view, self._mapped_elsewhere("product_model", root))
        without_price = any(each.code == MISSING_PRICE for each in blocked)
        # A disabled model cannot be bought, so it does not need a price yet.
        if without_price or payload["status"] != "Disabled":
            self._check_price(self._mapping.product_model, view, payload.get("default_price"))
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
            blocked_variants=tuple(sorted(blocked)),
            looked_up=_looked_up(view),
        )

    def view(
        self, kind: RecordKind, document: JsonObject, models: Sequence[JsonObject] = (), *, enabled: bool = True
    ) -> RecordView:
        """Return a view of one record, with the names that the rules of its kind use.

        Args:
            kind: What it is sent as.
            document: The record.
            models: For a variant, the product models above it.
            enabled: For a product model, whether one of its variants is enabled.

        Raises:
            RecordError: It has no key.
        """
        warnings = Warnings()
        if kind == "category":
            view = self._views.category(document, warnings)
        elif kind == "product_model":
            view = self._views.model(document, warnings, enabled=enabled)
        else:
            above = _inherited(models).get(as_text(document.get("parent")))
            view = self._views.product(document, warnings, above)
        self._custom_fields[id(self._rules(kind))].open(view)
        return view

    def explain(
        self,
        kind: RecordKind,
        document: JsonObject,
        models: Sequence[JsonObject] = (),
        variants: Iterable[JsonObject] = (),
    ) -> tuple[Explained, ...]:
        """Explain how each field of one record is mapped.

        Args:
            kind: What it is sent as.
            document: The record.
            models: For a product model or variant: the models of its tree, the root first.
            variants: For a product model: its variants.

        Raises:
            RecordError: It has no key.
        """
        axes = self._structure.axes.get(as_text(models[0].get("family_variant")) or "", ()) if models else ()
        inherited = _inherited(models)
        sent = [
            outcome
            for outcome in (self._variant(axes, each, inherited) for each in variants)
            if isinstance(outcome, _Variant)
        ]
        view = self.view(kind, document, models, enabled=any(variant.enabled for variant in sent))
        view.variant_price = _lowest_price(sent)
        rules = self._rules(kind)
        found = list(explain_rules(rules, view))
        if kind == "product_model":
            found += self._options.explain_options(axes, [variant.values for variant in sent])
        elif kind == "variant":
            found += self._options.explain_choice(axes, dict(self._known_axis_values(axes, document, inherited)))
        found += self._custom_fields[id(rules)].explain(view, self._mapped_elsewhere(kind, document, axes))
        for name, rows_of in self._row_rules(kind):
            for index, row in enumerate(rows_of):
                found += explain_row(row, view, f"{name}[{index}].")
        return (*found, *self._explain_associations(kind, document, view))

    def _explain_associations(self, kind: RecordKind, document: JsonObject, view: RecordView) -> Iterator[Explained]:
        if kind == "product_model":
            own = frozenset({Reference("product_model", code_of(document, "product model"))})
            yield from self._associations.explain_related(document, own, by_identifier=True)
        elif kind != "category":
            own = self._views.names(document).references
            if self._associations.is_bundle(document, own):
                yield from explain_rules(self._mapping.kit, view, "kit.")
                yield from self._associations.explain_components(document, own)
            yield from self._associations.explain_related(document, own)

    def _rules(self, kind: RecordKind) -> ObjectRules:
        rules: ObjectRules = getattr(self._mapping, kind)
        return rules

    def _row_rules(self, kind: RecordKind) -> Iterator[tuple[str, tuple[FieldRules, ...]]]:
        """Yield the lists of rows that a record of this kind has."""
        if kind != "category":
            yield "alternate_ids", self._mapping.alternate_id
        if kind in {"product", "variant"}:
            yield "inventory", self._mapping.inventory
        if kind in {"product", "product_model"}:
            yield "units", self._mapping.unit

    def _variant(
        self, axes: tuple[str, ...], document: JsonObject, inherited: dict[str | None, JsonObject]
    ) -> _Variant | BlockedRecord:
        try:
            values = self._axis_values(axes, document, inherited)
            parent = inherited.get(as_text(document.get("parent")))
            record, price = self._sellable("variant", self._mapping.variant, document, axes=axes, parent=parent)
            options = self._options.choice(axes, values)
        except RecordError as error:
            return BlockedRecord(self._views.names(document).any_name, error.code, str(error))
        payload = {**record.payload, "options": options}
        return _Variant(replace(record, payload=payload), values, is_enabled(document), price)

    def _sellable(
        self,
        kind: Literal["product", "variant"],
        rules: ObjectRules,
        document: JsonObject,
        *,
        axes: tuple[str, ...] = (),
        parent: JsonObject | None = None,
    ) -> tuple[MappedRecord, Value | None]:
        """Map a product that can be bought: a simple product, a bundle, or a variant (without its options).

        Returns:
            The record, and its ``$price``.
        """
        warnings = Warnings()
        view = self._views.product(document, warnings, parent)
        self._custom_fields[id(rules)].open(view)
        self._filter.check_product(document, view)
        names = self._views.names(document)
        payload = self._payload(rules, view, self._mapped_elsewhere(kind, document, axes))
        price = self._check_price(rules, view, payload.get("default_price"))
        payload |= self._mapped_rows(kind, view)
        own = names.references
        components = self._associations.components(document, own, warnings)
        record = MappedRecord(
            kind=kind,
            key=self._views.key(names),
            sku=payload["sku"],
            payload=payload,
            categories=_categories(document),
            components=components,
            kit=apply(self._mapping.kit, view, "kit.") if components else None,
            related=self._associations.related(document, own, warnings),
            warnings=warnings.sorted(),
            looked_up=_looked_up(view),
        )
        return record, price

    def _check_price(self, rules: ObjectRules, view: RecordView, sent: Value | None) -> Value | None:
        """Block a record that has no price and would be offered for free.

        Args:
            rules: The rules of its kind.
            view: The record.
            sent: The ``default_price`` in its payload.

        Returns:
            Its ``$price``.

        Raises:
            RecordError: ``missing_price``.
        """
        with capture_warnings(view):
            price = view.property("price", "number", "default_price")
        if price is None and not sent and self._needs_price(rules):
            raise RecordError(self._without_price(), code=MISSING_PRICE)
        return price

    def _needs_price(self, rules: ObjectRules) -> bool:
        settings = self._mapping.settings
        if settings.price_attribute is None or settings.missing_price == "zero":
            return False
        # A static price is deliberate; without a `default_price` line, no price is sent at all.
        return isinstance(getattr(rules, "default_price", None), (FieldSource, LookupSource, FormulaSource))

    def _without_price(self) -> str:
        attribute = self._mapping.settings.price_attribute
        is_amount = self._reader.attribute(attribute or "").type == attribute_types.PRICE
        currency = f" in {self._reader.selection.currency}" if is_amount else ""
        return (
            f"The attribute {attribute} has no price{currency}. Fill it in Akeneo, or set `missing_price: zero` in "
            "the mapping file to send such records with the price 0."
        )

    def _payload(self, rules: ObjectRules, view: RecordView, elsewhere: set[str]) -> JsonObject:
        custom = self._custom_fields[id(rules)]
        custom.open(view)
        payload = apply(rules, view)
        if fields := custom.fields(view, elsewhere):
            payload["custom_fields"] = fields
        return payload

    def _mapped_rows(self, kind: RecordKind, view: RecordView) -> JsonObject:
        """Return the inventory, unit and alternate id rows; empty lists are left out."""
        found = {name: rows(each, view, name) for name, each in self._row_rules(kind)}
        return {name: each for name, each in found.items() if each}

    def _mapped_elsewhere(self, kind: RecordKind, document: JsonObject, axes: tuple[str, ...] = ()) -> set[str]:
        """Return the attributes that custom fields do not repeat; for variants, this includes the axes."""
        if kind == "category":
            return self._elsewhere[kind]
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
        return mapped.union((code for code in special if code), axes if kind == "variant" else ())

    def _axis_values(
        self,
        axes: tuple[str, ...],
        document: JsonObject,
        inherited: dict[str | None, JsonObject],
    ) -> dict[str, AxisValue]:
        found = dict(self._known_axis_values(axes, document, inherited))
        for axis in axes:
            if axis not in found:
                raise RecordError(
                    f"The variant has no value for the axis {axis}. Fill it in Akeneo, on the variant or on the "
                    "product model above it.",
                    code="missing_axis_value",
                )
        return found

    def _known_axis_values(
        self, axes: tuple[str, ...], document: JsonObject, inherited: dict[str | None, JsonObject]
    ) -> Iterator[tuple[str, AxisValue]]:
        values = as_map(document.get("values"))
        parent = inherited.get(as_text(document.get("parent")), {})
        for axis in axes:
            entry = self._reader.choose(values.get(axis) or parent.get(axis))
            value = None if entry is None else self._options.value(axis, entry)
            if value is not None:
                yield axis, value


def _lowest_price(variants: Iterable[_Variant]) -> Value | None:
    prices = (number for variant in variants if (number := as_decimal(variant.price)) is not None)
    lowest = min(prices, default=None)
    return None if lowest is None else json_number(lowest)


def _inherited(models: Iterable[JsonObject]) -> dict[str | None, JsonObject]:
    """Return the values of product models by model code."""
    return {as_text(model.get("code")): as_map(model.get("values")) for model in models}


def _categories(document: JsonObject) -> tuple[Reference, ...]:
    codes = sorted(set(as_codes(document.get("categories"))))
    return tuple(Reference("category", code) for code in codes)


def _looked_up(view: RecordView) -> tuple[LookedUp, ...]:
    """Return the ids that the formulas of a record, or of its parent model, looked up."""
    asked = {**(view.parent.looked_up if view.parent is not None else {}), **view.looked_up}
    found = {Reference(_TARGET_KINDS[kind], key): each for (kind, key), each in asked.items() if kind in _TARGET_KINDS}
    return tuple(LookedUp(target, found[target]) for target in sorted(found))
