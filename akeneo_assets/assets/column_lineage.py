"""Column schema and lineage for Dagster: which Akeneo attributes each iPaaS.com field comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import MetadataValue
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.checks.lineage import Column, sources_of
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.file.rule_names import RuleNames
from akeneo_assets.objects import OBJECTS, ObjectName


def column_metadata(
    object_name: ObjectName, mapping: MappingFile, structure: Structure, names: Names
) -> dict[str, MetadataValue]:
    """Return the columns of a planned object and their lineage, under the metadata keys that Dagster uses.

    Args:
        object_name: One of the six objects.
        mapping: The mapping file.
        structure: The structure, used to resolve patterns, groups and ``$label``.
        names: The names of the subscription.
    """
    spec = OBJECTS[object_name]
    sources = sources_of(mapping, structure)
    asset = names.key("akeneo", spec.attributes_of)
    lineage = {
        f"{spec.columns[part]}{name}": _deps(asset, codes)
        for (part, name), codes in sources.items()
        if part in spec.columns
    }
    if spec.has_options and (axes := _axes(structure)):
        lineage["options"] = _deps(names.key("akeneo", "products"), axes)
    return _metadata(_columns(object_name, mapping, structure), lineage)


def delivered_column_metadata(
    object_name: ObjectName, mapping: MappingFile, structure: Structure, names: Names
) -> dict[str, MetadataValue]:
    """Return the columns of an object in iPaaS.com. Each comes from the same column of the plan."""
    columns = _columns(object_name, mapping, structure)
    planned = names.key("catalog", object_name)
    return _metadata(columns, {name: _deps(planned, [name]) for name in columns})


def _columns(object_name: ObjectName, mapping: MappingFile, structure: Structure) -> dict[str, dg.TableColumn]:
    """Return the columns by name. The description of a column is the rule that fills it."""
    spec, types, rules = OBJECTS[object_name], _types(mapping), RuleNames(mapping)
    columns = [
        dg.TableColumn(f"{spec.columns[part]}{name}", types.get((part, name), "text"), rules.of(part, name))
        for part, name in dict.fromkeys([*types, *sources_of(mapping, structure)])
        if part in spec.columns
    ]
    if spec.has_options and _axes(structure):
        columns.append(dg.TableColumn("options", "list", "the variant attributes"))
    return {column.name: column for column in sorted(columns, key=lambda column: column.name)}


def _metadata(
    columns: Mapping[str, dg.TableColumn], lineage: Mapping[str, list[dg.TableColumnDep]]
) -> dict[str, MetadataValue]:
    return {
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(list(columns.values()))),
        "dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(lineage)),
    }


def _axes(structure: Structure) -> set[str]:
    return {axis for family_variant in structure.axes.values() for axis in family_variant}


def _types(mapping: MappingFile) -> dict[Column, str]:
    """Return the type of every field in the mapping, in the order of the file."""
    return {
        (str(place[0]), ".".join(str(step) for step in place[1:] if isinstance(step, str) and step != "fields")): kind
        for place, _, _, value_type in mapping.sources()
        for kind in [value_type or "text"]
    }


def _deps(asset: dg.AssetKey, codes: Iterable[str]) -> list[dg.TableColumnDep]:
    return [dg.TableColumnDep(asset, code) for code in sorted(codes)]
