"""The table of objects is complete: each object has a planner, its assets, and a place in the order."""

from __future__ import annotations

from typing import get_args

import pytest

from akeneo_assets.automation import sync_records
from akeneo_assets.definitions import defs
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.objects import (
    KINDS,
    NAMED_KINDS,
    OBJECTS,
    SOURCES,
    ObjectName,
    RecordKind,
    SourceKind,
    SourceName,
    object_of,
)
from akeneo_assets.sync.plan.planners import PLANNERS

ASSETS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_every_name_is_in_the_table() -> None:
    assert set(OBJECTS) == set(get_args(ObjectName)) == set(PLANNERS)
    assert (set(SOURCES), set(SOURCES.values())) == (set(get_args(SourceKind)), set(get_args(SourceName)))
    assert set(KINDS) == set(get_args(RecordKind))
    assert {each.value for each in sync_records.RecordKind} == set(NAMED_KINDS)
    expected = {"ipaas/in_sync", *(f"akeneo/{name}" for name in ("structure", *SOURCES.values()))}
    expected |= {f"{layer}/{name}" for layer in ("catalog", "ipaas") for name in OBJECTS}
    assert set(ASSETS) == expected


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_is_complete(name: ObjectName) -> None:
    spec = OBJECTS[name]
    order = list(OBJECTS)

    assert {each for each in spec.waits_for if order.index(each) >= order.index(name)} == set()
    assert set(spec.columns) <= {str(part) for part in type(load_mapping()).model_fields}
    assert spec.attributes_of in spec.made_from
    assert spec.kind is None or (spec.kind in spec.due_kinds and object_of(spec.kind, is_kit=spec.of_kits) == name)
    partitions = "category_trees" if spec.by_tree else "catalog_batches"
    definitions = [ASSETS[f"{layer}/{name}"].partitions_def for layer in ("catalog", "ipaas")]
    assert {getattr(each, "name", None) for each in definitions} == {partitions}


def test_every_record_has_an_object() -> None:
    """A variant can be a kit, too."""
    for kind in KINDS:
        for is_kit in (False, True):
            assert OBJECTS[object_of(kind, is_kit=is_kit)].kind == kind
