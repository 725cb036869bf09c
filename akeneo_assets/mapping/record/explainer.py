"""Explain how a whole record is mapped: its fields, options, custom fields, rows and associations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akeneo_assets.mapping.record.axes import inherited_values
from akeneo_assets.mapping.record.explain import Explained, explain_row, explain_rules
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.record.open_record import code_of
from akeneo_assets.mapping.record.price import lowest_price
from akeneo_assets.mapping.record.record_view import RecordView, Warnings
from akeneo_assets.mapping.record.sellable import MappedVariant, SellableMapper
from akeneo_assets.mapping.shapes import as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.record.mapped_record import RecordKind


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains how records are mapped.

    Args:
        structure: The structure of the catalogue, for the axes of product models.
        sellables: Maps the variants of a product model.
    """

    structure: Structure
    sellables: SellableMapper

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
        views = self.sellables.views
        if kind == "category":
            view = views.category(document, warnings)
        elif kind == "product_model":
            view = views.model(document, warnings, enabled=enabled)
        else:
            above = inherited_values(models).get(as_text(document.get("parent")))
            view = views.product(document, warnings, above)
        self.sellables.payloads.custom_fields(kind).open(view)
        return view

    def explain(
        self, kind: RecordKind, document: JsonObject, models: Sequence[JsonObject], variants: Iterable[JsonObject]
    ) -> Iterator[Explained]:
        """Yield an explanation of each field of one record, see :meth:`Mapper.explain`."""
        parts = self.sellables
        axes = self.structure.axes.get(as_text(models[0].get("family_variant")) or "", ()) if models else ()
        inherited = inherited_values(models)
        sent = [each for each in parts.variants(axes, variants, inherited) if isinstance(each, MappedVariant)]
        view = self.view(kind, document, models, enabled=any(variant.enabled for variant in sent))
        view.variant_price = lowest_price(variant.price for variant in sent)
        yield from explain_rules(parts.payloads.rules(kind), view)
        if kind == "product_model":
            yield from parts.options.explain_options(axes, [variant.values for variant in sent])
        elif kind == "variant":
            yield from parts.options.explain_choice(axes, parts.axes.known_values(axes, document, inherited))
        elsewhere = parts.payloads.mapped_elsewhere(kind, document, axes)
        yield from parts.payloads.custom_fields(kind).explain(view, elsewhere)
        for name, rows in parts.payloads.row_rules(kind):
            for index, row in enumerate(rows):
                yield from explain_row(row, view, f"{name}[{index}].")
        yield from self._associations(kind, document, view)

    def _associations(self, kind: RecordKind, document: JsonObject, view: RecordView) -> Iterator[Explained]:
        associations = self.sellables.associations
        if kind == "product_model":
            own = frozenset({Reference("product_model", code_of(document, "product model"))})
            yield from associations.explain_related(document, own, by_identifier=True)
        elif kind != "category":
            own = self.sellables.views.names(document).references
            if associations.is_bundle(document, own):
                yield from explain_rules(self.sellables.kit, view, "kit.")
                yield from associations.explain_components(document, own)
            yield from associations.explain_related(document, own)
