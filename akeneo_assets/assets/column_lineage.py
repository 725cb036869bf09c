"""Which attribute of Akeneo each field of iPaaS.com comes from, as Dagster shows it: columns and their lineage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import dagster as dg

from akeneo_assets.assets.reporting import MetadataValue
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.checks.lineage import Column, sources_of
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.sync.objects import ObjectName

_ROWS: Final = {"unit": "units.", "alternate_id": "alternate_ids."}
_SOLD: Final = {"inventory": "inventory.", **_ROWS}
_PARTS: Final[Mapping[ObjectName, Mapping[str, str]]] = {
    "categories": {"category": ""},
    "product_models": {"product_model": "", **_ROWS},
    "products": {"product": "", **_SOLD},
    "variants": {"variant": "", "inventory": "inventory.", "alternate_id": "alternate_ids."},
    "bundles": {"product": "", **_SOLD, "kit": "kit."},
    "related_products": {"related_product": ""},
}
"""Object → the parts of the mapping file that make it, with what stands before their fields."""

_SOURCES: Final[Mapping[ObjectName, str]] = {"categories": "categories", "product_models": "product_models"}
"""Object → the asset whose attributes it is made of; ``products`` for all others."""

_OPTIONS: Final[frozenset[ObjectName]] = frozenset({"product_models", "variants"})


def column_metadata(object_name: ObjectName, mapping: MappingFile, structure: Structure) -> dict[str, MetadataValue]:
    """Return the columns of a planned object and their lineage, under the names that Dagster knows.

    Args:
        object_name: One of the six.
        mapping: The mapping file.
        structure: The structure, which tells what patterns, groups and ``$label`` stand for.
    """
    parts = _PARTS[object_name]
    sources = sources_of(mapping, structure)
    asset = dg.AssetKey(["akeneo", _SOURCES.get(object_name, "products")])
    lineage = {f"{parts[part]}{name}": _deps(asset, codes) for (part, name), codes in sources.items() if part in parts}
    if object_name in _OPTIONS and (axes := _axes(structure)):
        lineage["options"] = _deps(dg.AssetKey(["akeneo", "products"]), axes)
    return _metadata(_columns(object_name, mapping, structure), lineage)


def delivered_column_metadata(
    object_name: ObjectName, mapping: MappingFile, structure: Structure
) -> dict[str, MetadataValue]:
    """Return the columns of an object in iPaaS.com: each is carried over from the column of the plan."""
    columns = _columns(object_name, mapping, structure)
    planned = dg.AssetKey(["catalog", object_name])
    return _metadata(columns, {name: _deps(planned, [name]) for name in columns})


def _columns(object_name: ObjectName, mapping: MappingFile, structure: Structure) -> dict[str, str]:
    """Return the types of the columns by name."""
    parts, types = _PARTS[object_name], _types(mapping)
    columns = {
        f"{parts[part]}{name}": types.get((part, name), "text")
        for part, name in dict.fromkeys([*types, *sources_of(mapping, structure)])
        if part in parts
    }
    if object_name in _OPTIONS and _axes(structure):
        columns["options"] = "list"
    return dict(sorted(columns.items()))


def _metadata(columns: Mapping[str, str], lineage: Mapping[str, list[dg.TableColumnDep]]) -> dict[str, MetadataValue]:
    schema = dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()])
    return {
        "dagster/column_schema": dg.MetadataValue.table_schema(schema),
        "dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(lineage)),
    }


def _axes(structure: Structure) -> set[str]:
    return {axis for family_variant in structure.axes.values() for axis in family_variant}


def _types(mapping: MappingFile) -> dict[Column, str]:
    """Return the type of every field that a line of the mapping makes, in the order of the file."""
    return {
        (str(place[0]), ".".join(str(step) for step in place[1:] if isinstance(step, str) and step != "fields")): kind
        for place, _, _, value_type in mapping.sources()
        for kind in [value_type or "text"]
    }


def _deps(asset: dg.AssetKey, codes: Iterable[str]) -> list[dg.TableColumnDep]:
    return [dg.TableColumnDep(asset, code) for code in sorted(codes)]
