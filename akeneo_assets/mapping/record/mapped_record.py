"""Mapped records: the payload for iPaaS.com, and references to other records whose ids are filled in later."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from akeneo_assets.documents import fingerprint

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject

TargetKind: TypeAlias = Literal["category", "product", "product_model"]
RecordKind: TypeAlias = Literal["category", "product_model", "product", "variant"]


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A reference to another record, by its key in the ledger.

    Args:
        kind: The kind of the record; ``product`` covers simple products, bundles and variants.
        key: The record's key, or its identifier.
        by: ``identifier`` for a product that is referenced by its identifier although keys are uuids. Associations
            of product models always use identifiers in Akeneo.
    """

    kind: TargetKind
    key: str
    by: Literal["key", "identifier"] = "key"

    def to_document(self) -> JsonObject:
        """Return the reference as JSON."""
        return {"kind": self.kind, "key": self.key, "by": self.by}

    @classmethod
    def from_document(cls, document: JsonObject) -> Reference:
        """Return the reference that :meth:`to_document` wrote."""
        return cls(document["kind"], document["key"], document["by"])


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """One component of a kit and its quantity."""

    target: Reference
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class RelatedLink:
    """One related product; ``related_type`` is the type of the relation in iPaaS.com."""

    target: Reference
    related_type: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The iPaaS.com id of another record that a formula looked up; None if the record is not in iPaaS.com."""

    target: Reference
    ipaas_id: str | None


@dataclass(frozen=True, slots=True)
class MappingWarning:
    """A warning about a part of a record that was left out or changed; the record itself is still sent.

    Args:
        field: The destination field, e.g. ``default_price`` or ``custom_fields.weight``.
        attribute: The source attribute, if there is one.
        reason: What happened, for the user.
    """

    field: str
    attribute: str | None
    reason: str


class BlockedRecord(NamedTuple):
    """A record that cannot be mapped, and the reason; other records, such as other variants, are still sent."""

    key: str
    code: str
    message: str


@dataclass(frozen=True)
class MappedRecord:
    """One destination record, complete except for ids that only the ledger knows.

    Tuples are sorted, whatever the order in the source, so that equal content has equal hashes.

    Args:
        kind: The destination kind.
        key: The source key, which is also the external id.
        sku: The SKU; None for a category.
        payload: The iPaaS.com fields, without ids and without references to other records. The ``options`` of a
            product model are in the order of the variation levels and axes.
        parent: The parent category.
        categories: The record's categories.
        components: The components of a bundle.
        kit: ``sku``, ``type`` and ``description`` of a bundle's kit; None if the record is not a bundle.
        related: The related products.
        variants: The variants of a product model.
        warnings: What was left out or changed.
        blocked_variants: The variants of a product model that could not be mapped.
        looked_up: The ids that formulas looked up; the payload depends on them.
    """

    kind: RecordKind
    key: str
    sku: str | None
    payload: JsonObject
    parent: Reference | None = None
    categories: tuple[Reference, ...] = ()
    components: tuple[Component, ...] = ()
    kit: JsonObject | None = None
    related: tuple[RelatedLink, ...] = ()
    variants: tuple[MappedRecord, ...] = ()
    warnings: tuple[MappingWarning, ...] = ()
    blocked_variants: tuple[BlockedRecord, ...] = ()
    looked_up: tuple[LookedUp, ...] = ()

    @cached_property
    def base_hash(self) -> str:
        """Fingerprint of the record itself, without related products, variants, warnings and problems.

        The options of a product model are included, because they are part of its payload.
        """
        return fingerprint(
            self.kind,
            self.key,
            self.sku,
            self.payload,
            self.parent,
            self.categories,
            self.components,
            self.kit,
        )

    @cached_property
    def related_hash(self) -> str:
        """Fingerprint of the related products."""
        return fingerprint(self.related)

    def to_document(self) -> JsonObject:
        """Return the record as JSON, for the plan and the ledger; :meth:`from_document` reads it back."""
        return {
            "kind": self.kind,
            "key": self.key,
            "sku": self.sku,
            "payload": self.payload,
            "parent": self.parent and self.parent.to_document(),
            "categories": [reference.to_document() for reference in self.categories],
            "components": [
                {"target": component.target.to_document(), "quantity": component.quantity}
                for component in self.components
            ],
            "kit": self.kit,
            "related": [
                {"target": link.target.to_document(), "related_type": link.related_type} for link in self.related
            ],
            "variants": [variant.to_document() for variant in self.variants],
            "warnings": [
                {"field": warning.field, "attribute": warning.attribute, "reason": warning.reason}
                for warning in self.warnings
            ],
            "problems": [problem._asdict() for problem in self.blocked_variants],
            "looked_up": [{"target": each.target.to_document(), "id": each.ipaas_id} for each in self.looked_up],
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> MappedRecord:
        """Return the record that :meth:`to_document` wrote."""
        return cls(
            kind=document["kind"],
            key=document["key"],
            sku=document["sku"],
            payload=document["payload"],
            parent=document["parent"] and Reference.from_document(document["parent"]),
            categories=tuple(map(Reference.from_document, document["categories"])),
            components=tuple(
                Component(Reference.from_document(component["target"]), component["quantity"])
                for component in document["components"]
            ),
            kit=document["kit"],
            related=tuple(
                RelatedLink(Reference.from_document(link["target"]), link["related_type"])
                for link in document["related"]
            ),
            variants=tuple(map(cls.from_document, document["variants"])),
            warnings=tuple(MappingWarning(**warning) for warning in document["warnings"]),
            blocked_variants=tuple(BlockedRecord(**problem) for problem in document["problems"]),
            # Documents written by earlier versions have no `looked_up`.
            looked_up=tuple(
                LookedUp(Reference.from_document(each["target"]), each["id"]) for each in document.get("looked_up", ())
            ),
        )
