"""The objects that users see and the kinds of records behind them: one table for every layer.

To add an object, add its :class:`ObjectSpec`, its planner in :mod:`akeneo_assets.sync.plan.planners` and its assets in
:mod:`akeneo_assets.assets`. Everything else is derived from the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ObjectName: TypeAlias = Literal["categories", "product_models", "products", "variants", "bundles", "related_products"]
SourceName: TypeAlias = Literal["categories", "product_models", "products"]
SourceKind: TypeAlias = Literal["category", "product_model", "product"]
RecordKind: TypeAlias = Literal["category", "product_model", "product", "variant"]

SOURCES: Final[Mapping[SourceKind, SourceName]] = {
    "category": "categories",
    "product_model": "product_models",
    "product": "products",
}
"""Kind of a record in Akeneo → the asset that reads it. Parents come before their children."""


NAMED_KINDS: Final[Mapping[str, SourceKind]] = {
    "category": "category",
    "product_model": "product_model",
    "product": "product",
    "variant": "product",
    "bundle": "product",
}
"""Kind of a record as users name it → its kind in Akeneo."""


@dataclass(frozen=True)
class KindSpec:
    """A kind of record in iPaaS.com.

    Attributes:
        source_kind: What the record is in Akeneo. Links name the record by this kind.
        external_id_table: The table under which iPaaS.com stores its external ids and custom fields.
    """

    source_kind: SourceKind
    external_id_table: str


KINDS: Final[Mapping[str, KindSpec]] = {
    "category": KindSpec("category", "product category"),
    "product_model": KindSpec("product_model", "product"),
    "product": KindSpec("product", "product"),
    "variant": KindSpec("product", "product variant"),
}
"""Kind of a record in iPaaS.com → what is special about it."""

PRODUCT_KINDS: Final = tuple(kind for kind in KINDS if kind != "category")
PRODUCT_SOURCE_KINDS: Final = tuple(kind for kind in SOURCES if kind != "category")


def kinds_of(source_kind: str) -> tuple[str, ...]:
    """Return the kinds of records in iPaaS.com that a kind of record in Akeneo can become."""
    return tuple(kind for kind, spec in KINDS.items() if spec.source_kind == source_kind)


_ROWS: Final = {"unit": "units.", "alternate_id": "alternate_ids."}
_STOCK: Final = {"inventory": "inventory.", **_ROWS}


@dataclass(frozen=True, kw_only=True)
class ObjectSpec:
    """One of the objects that users see: it has an asset that plans it and one that delivers it.

    Attributes:
        title: Its name in tables.
        waits_for: The objects that are delivered before it, because its records refer to theirs.
        made_from: The records of Akeneo that are read before it is planned.
        kind: The kind of record that it sends; None if it only sends links of other objects' records.
        of_kits: Whether it sends the kits of this kind, and another object sends the rest.
        due_kinds: The kinds whose pending records it plans in a partition of changes. A product model and its
            variants are one tree, and each makes the whole tree due.
        by_tree: Whether its partitions are category trees instead of families and changes.
        attributes_of: The asset that has the attributes of its columns.
        columns: Collection of the mapping file → the prefix of the columns that it fills.
        has_options: Whether the axes of a family variant are a column.
        repairs: Relations of the links that are repaired after its delivery, or ``all`` of them.
    """

    title: str
    waits_for: tuple[ObjectName, ...]
    made_from: tuple[SourceName, ...]
    kind: RecordKind | None
    of_kits: bool = False
    due_kinds: tuple[RecordKind, ...]
    by_tree: bool = False
    attributes_of: SourceName
    columns: Mapping[str, str]
    has_options: bool = False
    repairs: tuple[str, ...] | Literal["all"] = ()


OBJECTS: Final[Mapping[ObjectName, ObjectSpec]] = {
    "categories": ObjectSpec(
        title="categories",
        waits_for=(),
        made_from=("categories",),
        kind="category",
        due_kinds=("category",),
        by_tree=True,
        attributes_of="categories",
        columns={"category": ""},
        repairs=("category", "parent", "custom_field"),
    ),
    "product_models": ObjectSpec(
        title="product models",
        waits_for=("categories",),
        made_from=("categories", "product_models", "products"),
        kind="product_model",
        due_kinds=("product_model", "variant"),
        attributes_of="product_models",
        columns={"product_model": "", **_ROWS},
        has_options=True,
    ),
    "products": ObjectSpec(
        title="products",
        waits_for=("categories",),
        made_from=("categories", "products"),
        kind="product",
        due_kinds=("product",),
        attributes_of="products",
        columns={"product": "", **_STOCK},
    ),
    "variants": ObjectSpec(
        title="variants",
        waits_for=("product_models",),
        made_from=("categories", "product_models", "products"),
        kind="variant",
        due_kinds=("product_model", "variant"),
        attributes_of="products",
        columns={"variant": "", "inventory": "inventory.", "alternate_id": "alternate_ids."},
        has_options=True,
    ),
    "bundles": ObjectSpec(
        title="bundles",
        waits_for=("product_models", "products", "variants"),
        made_from=("categories", "products"),
        kind="product",
        of_kits=True,
        due_kinds=("product",),
        attributes_of="products",
        columns={"product": "", **_STOCK, "kit": "kit."},
        repairs=("component",),
    ),
    "related_products": ObjectSpec(
        title="related products",
        waits_for=("bundles",),
        made_from=("product_models", "products"),
        kind=None,
        due_kinds=("product", "product_model", "variant"),
        attributes_of="products",
        columns={"related_product": ""},
        repairs="all",
    ),
}
"""The objects in the order of delivery: each object comes after all that it waits for."""

TREE_OBJECTS: Final = tuple(name for name, spec in OBJECTS.items() if spec.by_tree)
PRODUCT_OBJECTS: Final = tuple(name for name, spec in OBJECTS.items() if not spec.by_tree)

LINKED_OBJECTS: Final = tuple(name for name, spec in OBJECTS.items() if spec.kind in {"product_model", "product"})
"""The objects whose records are sent in the order of their links. Variants are sent with their product models."""


def object_of(kind: str, *, is_kit: bool = False) -> ObjectName:
    """Return the object that sends a record.

    Args:
        kind: Its kind in iPaaS.com.
        is_kit: Whether it has components.
    """
    names = [name for name, spec in OBJECTS.items() if spec.kind == kind]
    return next((name for name in names if OBJECTS[name].of_kits is is_kit), names[0])
