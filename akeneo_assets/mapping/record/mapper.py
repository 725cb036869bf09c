"""Map Akeneo records to iPaaS.com records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from akeneo_assets.documents import fingerprint
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue.selection import select
from akeneo_assets.mapping.record.associations import AssociationMapper
from akeneo_assets.mapping.record.axes import AxisReader, inherited_values
from akeneo_assets.mapping.record.explainer import Explainer
from akeneo_assets.mapping.record.filter import FILTERED, RecordFilter, left_out
from akeneo_assets.mapping.record.fingerprint import MapperFingerprint, rules_fingerprint
from akeneo_assets.mapping.record.mapped_record import BlockedRecord, MappedRecord, Reference
from akeneo_assets.mapping.record.open_record import ViewBuilder, code_of
from akeneo_assets.mapping.record.options import OptionMapper
from akeneo_assets.mapping.record.payload import PayloadMapper
from akeneo_assets.mapping.record.price import MISSING_PRICE, PriceCheck, lowest_price
from akeneo_assets.mapping.record.record_view import Warnings
from akeneo_assets.mapping.record.references import categories_of, looked_up
from akeneo_assets.mapping.record.sellable import MappedVariant, SellableMapper
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.mapping.shapes import as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.mapping.record.explain import Explained
    from akeneo_assets.mapping.record.filter import CategoryParents
    from akeneo_assets.mapping.record.mapped_record import RecordKind
    from akeneo_assets.mapping.record.record_view import IpaasIds, RecordView
    from akeneo_assets.settings import ProductIdFormat


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
        self._structure = structure
        selection = select(mapping.settings, structure)
        self._filter = RecordFilter(mapping.filter, selection, category_parents)
        reader = ValueReader(structure, selection)
        self._views = ViewBuilder(mapping, structure, reader, product_id_format, ipaas_ids)
        self._payloads = PayloadMapper(mapping, structure, selection)
        self._prices = PriceCheck(mapping.settings, reader)
        self._options = OptionMapper(mapping, reader)
        self._associations = AssociationMapper(mapping, structure, selection, product_id_format)
        self._sellables = SellableMapper(
            kit=mapping.kit,
            views=self._views,
            filter=self._filter,
            payloads=self._payloads,
            prices=self._prices,
            axes=AxisReader(reader, self._options),
            options=self._options,
            associations=self._associations,
        )
        self._explainer = Explainer(structure, self._sellables)
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
        payload = self._payloads.payload("category", view, document)
        parent = as_text(document.get("parent"))
        return MappedRecord(
            kind="category",
            key=code_of(document, "category"),
            sku=None,
            payload=payload,
            parent=Reference("category", parent) if parent else None,
            warnings=warnings.sorted(),
            looked_up=looked_up(view),
        )

    def product(self, document: JsonObject) -> MappedRecord:
        """Map a product without a parent: a simple product or a bundle.

        Raises:
            RecordError: The product has no key, or a required field has no value; ``filtered``: the filter excludes it.
        """
        return self._sellables.product(document)

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
        outcomes = list(self._sellables.variants(axes, variants, inherited_values([root, *models])))
        mapped = [outcome for outcome in outcomes if isinstance(outcome, MappedVariant)]
        blocked = [outcome for outcome in outcomes if isinstance(outcome, BlockedRecord)]
        if not mapped and blocked and all(each.code == FILTERED for each in blocked):
            raise left_out("all of its variants are excluded")
        enabled = any(variant.enabled for variant in mapped)
        warnings = Warnings()
        view = self._views.model(root, warnings, enabled=enabled)
        view.variant_price = lowest_price(variant.price for variant in mapped)
        payload = self._payloads.payload("product_model", view, root)
        without_price = any(each.code == MISSING_PRICE for each in blocked)
        # A disabled model cannot be bought, so it does not need a price yet.
        if without_price or payload["status"] != "Disabled":
            self._prices.check(self._payloads.rules("product_model"), view, payload.get("default_price"))
        payload["options"] = self._options.options(axes, [variant.values for variant in mapped])
        payload |= self._payloads.rows("product_model", view)
        own = frozenset({Reference("product_model", code)})
        return MappedRecord(
            kind="product_model",
            key=code,
            sku=payload["sku"],
            payload=payload,
            categories=categories_of(root),
            related=self._associations.related(root, own, warnings, by_identifier=True),
            variants=tuple(sorted((variant.record for variant in mapped), key=lambda record: record.key)),
            warnings=warnings.sorted(),
            blocked_variants=tuple(sorted(blocked)),
            looked_up=looked_up(view),
        )

    def view(self, kind: RecordKind, document: JsonObject) -> RecordView:
        """Return a view of one record, with the names that the rules of its kind use.

        Args:
            kind: What it is sent as.
            document: The record.

        Raises:
            RecordError: It has no key.
        """
        return self._explainer.view(kind, document)

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
        return tuple(self._explainer.explain(kind, document, models, variants))
