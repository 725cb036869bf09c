"""Plan the repair of links: records that were sent without a link whose target has come since."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from akeneo_assets.store.records import PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.custom_fields import RELATION, CustomField, CustomFieldDefinitions
from akeneo_assets.sync.objects import ObjectName

REPAIRED: Final = "link repaired"


RELATIONS: Final[Mapping[ObjectName, tuple[str, ...] | None]] = {
    "categories": ("category",),
    "bundles": ("component",),
    "related_products": None,
}
"""Object → the links that its delivery repairs at its end: those that point to it; all, for the last step of a run."""

_LAST: Final = ("categories", "related_products")
"""The last delivery of a run, after which deferred custom fields are tried again."""


def plan_repairs(
    store: Store, custom_fields: CustomFieldDefinitions, object_name: ObjectName, partition_key: str
) -> int:
    """Put every record with a parked link or a deferred custom field that can go now into the plan.

    Args:
        store: The state.
        custom_fields: The custom fields that iPaaS.com knows.
        object_name: The object under whose name the repairs are delivered; one of :data:`RELATIONS`.
        partition_key: The partition that delivers them.

    Returns:
        How many records were planned.
    """
    planned = 0
    defined = _defined_now(store, custom_fields) if object_name in _LAST else []
    holders = store.links.holders(RELATION, defined) if defined else ()
    for page in itertools.chain(store.links.resolvable(RELATIONS[object_name]), holders):
        keys: dict[str, list[str]] = {}
        for kind, key in page:
            keys.setdefault(kind, []).append(key)
        rows = [
            PlannedRecord(
                object=object_name,
                kind=entry.kind,
                key=entry.key,
                partition_key=partition_key,
                action="update",
                reason=REPAIRED,
                sequence=0,
                payload_hash=str(entry.payload_hash),
                source_hash=str(entry.source_hash or ""),
                document=entry.document,
                difference=None,
                looked_at=entry.looked_at,
            )
            for kind, of_kind in keys.items()
            for entry in store.ledger.entries(kind, of_kind).values()
            if entry.document is not None and entry.ipaas_id is not None
        ]
        store.plan.put(rows)
        planned += len(rows)
    return planned


def _defined_now(store: Store, custom_fields: CustomFieldDefinitions) -> list[str]:
    """Return the target keys of the deferred custom fields that can be sent now."""
    waiting = store.links.targets(RELATION)
    defined = [key for key in waiting if custom_fields.try_again(CustomField.of_key(key))]
    if missing := [key for key in waiting if key not in defined]:
        store.links.tried(RELATION, missing)
    return defined
