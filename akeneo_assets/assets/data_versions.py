"""The data versions of assets, by which Dagster knows what is out of date.

A version is a fingerprint of the content, so that an asset that was materialized again without a change makes nothing
stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import dagster as dg
from dagster._core.definitions.data_version import get_input_event_pointer_tag

from akeneo_assets.documents import fingerprint
from akeneo_assets.objects import OBJECTS, SOURCES, ObjectName, SourceName
from akeneo_assets.store.records import Scope
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import is_tree, scope_of
from akeneo_assets.sync.plan.dependants import OF_ALL_RECORDS

_KINDS: Final = {source: kind for kind, source in SOURCES.items()}
_LAST_EVENT: Final = str(2**63 - 1)


def structure_version(engine: Engine) -> dg.DataVersion:
    """Return the version of the parts of Akeneo's structure that every record depends on.

    For any other part, such as an option, the ledger knows the few records that depend on it. The next run of changes
    sends them, so no family is out of date.
    """
    heads = {
        kind: {head.key: head.hash for page in engine.store.mirror.heads(kind) for head in page}
        for kind in OF_ALL_RECORDS
    }
    return dg.DataVersion(fingerprint(heads))


def source_version(engine: Engine, source: SourceName, partition_key: str) -> dg.DataVersion:
    """Return the version of the records of a partition in the mirror."""
    return dg.DataVersion(_content(engine, source, partition_key))


def plan_version(engine: Engine, object_name: ObjectName, partition_key: str) -> dg.DataVersion:
    """Return the version of what iPaaS.com should have: it follows from the mapping, the structure and the records."""
    own = [source for source in OBJECTS[object_name].made_from if is_tree(partition_key) == (source == "categories")]
    contents = [_content(engine, source, partition_key) for source in own]
    return dg.DataVersion(fingerprint(object_name, *engine.mapper.fingerprint, contents))


def ignored_inputs(keys: Iterable[dg.AssetKey]) -> dict[str, str]:
    """Return the tags of a materialization that no later materialization of these assets makes stale.

    They are for dependencies that only set the order. If a record of another partition changes, the ledger knows which
    records to send again, and sends them without materializing their partition. Dagster has no such dependencies, so
    the tags say that all of its events were seen.
    """
    return {get_input_event_pointer_tag(key): _LAST_EVENT for key in keys}


def _content(engine: Engine, source: SourceName, partition_key: str) -> str:
    scope = Scope(partition_key=partition_key) if is_tree(partition_key) else scope_of(partition_key)
    return engine.store.content_versions.of(_KINDS[source], scope)
