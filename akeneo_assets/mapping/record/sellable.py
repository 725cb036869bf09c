"""Map records that can be bought: simple products, bundles and variants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.associations import AssociationMapper
from akeneo_assets.mapping.record.axes import AxisReader, Inherited
from akeneo_assets.mapping.record.filter import RecordFilter
from akeneo_assets.mapping.record.mapped_record import BlockedRecord, MappedRecord
from akeneo_assets.mapping.record.open_record import ViewBuilder, is_enabled
from akeneo_assets.mapping.record.options import AxisValue, OptionMapper
from akeneo_assets.mapping.record.payload import PayloadMapper
from akeneo_assets.mapping.record.price import PriceCheck
from akeneo_assets.mapping.record.record_view import Warnings
from akeneo_assets.mapping.record.references import categories_of, looked_up
from akeneo_assets.mapping.record.rules import apply
from akeneo_assets.mapping.shapes import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.file.mapping_file import KitRules
    from akeneo_assets.mapping.plain import Value


@dataclass(frozen=True, slots=True)
class MappedVariant:
    """A mapped variant, with the values that its product model needs."""

    record: MappedRecord
    values: dict[str, AxisValue]
    enabled: bool
    price: Value | None


@dataclass(frozen=True, slots=True)
class SellableMapper:
    """Maps simple products, bundles and variants.

    Args:
        kit: The rules of the kit of a bundle.
        views: Creates views of records.
        filter: Decides which records are sent.
        payloads: Maps payloads.
        prices: Blocks records without a price.
        axes: Reads the axis values of variants.
        options: Maps the options of variants.
        associations: Maps components and related products.
    """

    kit: KitRules
    views: ViewBuilder
    filter: RecordFilter
    payloads: PayloadMapper
    prices: PriceCheck
    axes: AxisReader
    options: OptionMapper
    associations: AssociationMapper

    def product(self, document: JsonObject) -> MappedRecord:
        """Map a product without a parent: a simple product or a bundle.

        Raises:
            RecordError: The product has no key, or a required field has no value; ``filtered``: the filter excludes it.
        """
        return self._map("product", document)[0]

    def variants(
        self, axes: tuple[str, ...], documents: Iterable[JsonObject], inherited: Inherited
    ) -> Iterator[MappedVariant | BlockedRecord]:
        """Map the variants of a product model; those that cannot be mapped are blocked.

        Args:
            axes: The axes of the product model.
            documents: The variants.
            inherited: The values of the product models above them.
        """
        return (self._variant(axes, document, inherited) for document in documents)

    def _variant(
        self, axes: tuple[str, ...], document: JsonObject, inherited: Inherited
    ) -> MappedVariant | BlockedRecord:
        try:
            values = self.axes.values(axes, document, inherited)
            parent = inherited.get(as_text(document.get("parent")))
            record, price = self._map("variant", document, axes=axes, parent=parent)
            options = self.options.choice(axes, values)
        except RecordError as error:
            return BlockedRecord(self.views.names(document).any_name, error.code, str(error))
        payload = {**record.payload, "options": options}
        return MappedVariant(replace(record, payload=payload), values, is_enabled(document), price)

    def _map(
        self,
        kind: Literal["product", "variant"],
        document: JsonObject,
        *,
        axes: tuple[str, ...] = (),
        parent: JsonObject | None = None,
    ) -> tuple[MappedRecord, Value | None]:
        """Map a simple product, a bundle, or a variant without its options.

        Returns:
            The record, and its ``$price``.
        """
        warnings = Warnings()
        view = self.views.product(document, warnings, parent)
        self.payloads.custom_fields(kind).open(view)
        self.filter.check_product(document, view)
        names = self.views.names(document)
        payload = self.payloads.payload(kind, view, document, axes)
        price = self.prices.check(self.payloads.rules(kind), view, payload.get("default_price"))
        payload |= self.payloads.rows(kind, view)
        own = names.references
        components = self.associations.components(document, own, warnings)
        record = MappedRecord(
            kind=kind,
            key=self.views.key(names),
            sku=payload["sku"],
            payload=payload,
            categories=categories_of(document),
            components=components,
            kit=apply(self.kit, view, "kit.") if components else None,
            related=self.associations.related(document, own, warnings),
            warnings=warnings.sorted(),
            looked_up=looked_up(view),
        )
        return record, price
