"""Links from delivered records to other records, and the records that they can point to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from akeneo_assets.objects import SourceKind

TargetGroup: TypeAlias = SourceKind | Literal["custom_field", "field"]

RELATED: Final = "related"
"""The relation to a related product."""

RELATED_PRODUCTS: Final = "related_products"
"""The field that links to related products fill."""

NOT_STORED: Final = "not_stored"
"""The relation to a field of the record itself that iPaaS.com does not store. It is due when a later probe finds out
that it does."""


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from a delivered record to another one.

    Args:
        relation: The type of the link, e.g. ``category``, ``component`` or ``related``.
        target_kind: The kind of the target.
        target_key: Key of the target, or the identifier of a product whose key is unknown.
        sent_as: The identity of the target when the link was sent, see
            :func:`akeneo_assets.store.links.identity_of`; None if the link was not sent.
        declined: Whether the link was not sent because iPaaS.com refused it, although its target is known. It becomes
            due again when the target is next accepted.
    """

    relation: str
    target_kind: TargetGroup
    target_key: str
    sent_as: str | None = None
    declined: bool = field(default=False, compare=False)

    @property
    def place(self) -> tuple[str, str, str]:
        """What identifies a link among the links of a record."""
        return self.relation, self.target_kind, self.target_key


def not_stored(field: str) -> Link:
    """Return the link that represents a field that iPaaS.com does not store."""
    return Link(NOT_STORED, "field", field, declined=True)


@dataclass(frozen=True, slots=True)
class Target:
    """A destination record that links can point to."""

    ipaas_id: str
    sku: str | None
    is_variant: bool
    kind: str
