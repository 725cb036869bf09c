"""What a probe found out about an iPaaS.com. For what is not known, the client does what is right in any case."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from akeneo_assets.documents import JsonObject

_NUMBERED: Final = frozenset(
    {
        "id",
        "parent_id",
        "category_id",
        "related_id",
        "location_id",
        "alternate_id_type_id",
        "internal_id",
        "system_id",
    }
)
"""The ids of iPaaS.com in requests. External ids and alternate ids are texts of their own."""

_TEXTS: Final = frozenset({"barcode", "description", "tax_class", "unit"})
"""The fields that may be empty and are texts."""

FORMAT: Final = "1"
"""The format in which they are stored. Raise it if the meaning of one changes; then a new probe is needed."""


class Capabilities(BaseModel):
    """What is known.

    Attributes:
        put: Whether a PUT replaces a record, or keeps what it does not contain. If it replaces, nulls are left out.
        nulls_accepted: Whether a field may be null. If not, nulls are left out.
        fields_emptied_by: What empties a field where a PUT merges. An empty text only empties texts.
        custom_fields_emptied_by: What empties a custom field. If nothing does, or the same is true of a field, records
            that should have lost their value are incomplete until a probe finds something.
        ids: What ids have to be in a request; None sends them as texts.
        variant_path: The id in the path of a variant's PUT. If it is the variant's own, a new variant is added by
            writing its product.
        related_products_stored: Whether a write stores related products. If not, none is sent, and records that have
            some are incomplete until a probe finds that it does.
        related_targets_checked: Whether the target of a related product must exist. If it must, none is sent before.
        refuses_duplicates: Whether a create with the external id or SKU of another record is refused. If not, the
            record is looked up before.
        links_on_write: Whether a write gives a record the external ids in it. If not, it is linked afterwards.
        custom_fields_definable: Whether the API may define custom fields. If not, no definition is tried.
        page_size: The largest page of a list.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    put: Literal["replaces", "merges"] | None = None
    nulls_accepted: bool | None = None
    fields_emptied_by: Literal["null", "text", "nothing"] | None = None
    custom_fields_emptied_by: Literal["left_out", "null", "text", "nothing"] | None = None
    ids: Literal["text", "number"] | None = None
    variant_path: Literal["product", "variant"] | None = None
    related_products_stored: bool | None = None
    related_targets_checked: bool | None = None
    refuses_duplicates: bool | None = None
    links_on_write: bool | None = None
    custom_fields_definable: bool | None = None
    page_size: int | None = None

    def stores(self, field: str) -> bool:
        """Whether related products, or that another field is emptied, is stored as far as is known.

        Args:
            field: The name of a field; for a custom field with ``custom_fields.`` in front of it.
        """
        if field == "related_products":
            return self.related_products_stored is not False
        if field.startswith("custom_fields."):
            return self.custom_fields_emptied_by != "nothing"
        is_emptied = {"text": field in _TEXTS, "nothing": False}.get(self.fields_emptied_by or "null", True)
        return self.put == "replaces" or is_emptied

    def empty(self, field: str) -> str | None:
        """Return the value that empties a field."""
        return "" if self.fields_emptied_by == "text" and field in _TEXTS else None

    def written(self, document: JsonObject | None) -> Any:
        """Return a document as this iPaaS.com accepts it: its ids, and without nulls that are refused or needless."""
        keeps_nulls = self.put != "replaces" and self.nulls_accepted is not False
        return document if keeps_nulls and self.ids != "number" else self._written(document, keeps_nulls)

    def _written(self, document: Any, keeps_nulls: bool) -> Any:
        if isinstance(document, dict):
            return {
                name: self._id(value) if name in _NUMBERED else self._written(value, keeps_nulls)
                for name, value in document.items()
                # Only a custom field may have a null as its value.
                if value is not None or keeps_nulls or name == "value"
            }
        return [self._written(item, keeps_nulls) for item in document] if isinstance(document, list) else document

    def _id(self, value: Any) -> Any:
        return int(value) if self.ids == "number" and isinstance(value, str) and value.isdecimal() else value


NOTHING_KNOWN: Final = Capabilities()
