from __future__ import annotations

from typing import Any

from akeneo_assets.store.records import Blocked, Failed, SourceRecord
from akeneo_assets.store.store import Store

RUN: dict[str, Any] = {"partition_key": "family:shoes", "run_id": "run-1", "looked_at": 7.0}


def mirrored(kind: str, key: str, parent: str | None = None) -> SourceRecord:
    return SourceRecord(kind, key, {}, "h", parent=parent)


def test_what_waits_is_what_akeneo_still_lists_in_that_place(store: Store) -> None:
    records = [
        mirrored("category", "blocked"),
        mirrored("product_model", "failed"),
        mirrored("product", "failed"),
        mirrored("product", "filtered"),
        mirrored("product", "gone"),
        mirrored("product", "now-a-variant", "failed"),
    ]
    store.mirror.merge(records, partition_key="family:shoes", read_at=1.0)
    store.mirror.mark_gone("product", ["gone"], at=2.0)
    for kind, key in [
        ("product_model", "failed"),
        ("product", "failed"),
        ("product", "gone"),
        ("product", "never-read"),
        ("product", "now-a-variant"),
    ]:
        store.ledger.fail([Failed(kind, key, "VALD-1002", "no name", retry=True, **RUN)])
    store.ledger.block(
        [
            Blocked("category", "blocked", "cycle", "…", filtered=False, source_hash="", **RUN),
            Blocked("variant", "now-a-variant", "missing_price", "…", filtered=False, source_hash="", **RUN),
            Blocked("product", "filtered", "filtered", "…", filtered=True, source_hash="", **RUN),
        ]
    )

    assert store.work.waiting() == {"failed": 2, "blocked": 2}
