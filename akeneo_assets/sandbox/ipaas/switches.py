"""Where the local iPaaS.com can behave in another way than assumed, because the API is not fully documented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FieldForm: TypeAlias = Literal["null", "text"]
CustomFieldForm: TypeAlias = Literal["left out", "empty list", "null", "text"]


@dataclass
class Switches:
    """The switches; each default is what is assumed, or else what is hardest for a client.

    Attributes:
        ids: ``number`` or ``text``: ids are written so, and no others are accepted. ``mixed``: both are.
        variant_path: The id in the path of a variant's PUT: that of its product, or its own.
        unique_skus: A SKU is unique among all records, only among active ones, only in its table, or not at all.
        unique_external_ids: Whether an external id that another record has is refused. If not, it moves.
        nulls_accepted: Whether a field may be null.
        emptied_by: What empties a field where a PUT merges: a null, an empty text. Else, the field keeps its value.
        custom_fields_emptied_by: What empties a custom field where a PUT merges: being left out of a list of others, an
            empty list, a null or an empty text as its value. The last two are refused otherwise.
        largest_page: The largest page of a list.
        larger_pages_refused: Whether a larger page is refused instead of made smaller.
        components_must_exist: Whether the components of a kit must exist.
        undefined_custom_fields_refused: Whether a value without a definition is refused. If not, it is left out.
        option_values_immutable: Whether the text of an option value cannot change.
        ignored_parameters: Parameters of lists that have no effect.
        keeps_external_ids: Whether a record that is created gets the external ids in the request.
        keeps_related_products: Whether the related products in a request are stored.
        returns_changed_records: Whether the response to a PUT is the record. If not, it is empty.
        deactivated_readable: Whether a deactivated product can be read by its id.
        deactivated_lookup: How a deactivated record is found by its external id: marked as deleted, by its plain id,
            or not at all.
        token_expiration_shown: Whether a token says when it expires.
        publishes_swagger: Whether the description of the API can be read.
    """

    ids: Literal["mixed", "number", "text"] = "mixed"
    variant_path: Literal["product", "variant"] = "product"
    unique_skus: Literal["everywhere", "active", "table", "never"] = "everywhere"
    unique_external_ids: bool = True
    nulls_accepted: bool = True
    emptied_by: frozenset[FieldForm] = frozenset({"null", "text"})
    custom_fields_emptied_by: frozenset[CustomFieldForm] = frozenset()
    largest_page: int = 100
    larger_pages_refused: bool = False
    components_must_exist: bool = True
    undefined_custom_fields_refused: bool = True
    option_values_immutable: bool = True
    ignored_parameters: frozenset[str] = frozenset()
    keeps_external_ids: bool = True
    keeps_related_products: bool = True
    returns_changed_records: bool = True
    deactivated_readable: bool = False
    deactivated_lookup: Literal["marked", "plain", "missing"] = "marked"
    token_expiration_shown: bool = True
    publishes_swagger: bool = False
