from __future__ import annotations

import time

import pandas as pd

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.records import Accepted, Attempt, Blocked, Failed, Link, PlannedRecord, not_stored
from akeneo_assets.store.store import Store

RUN = Attempt("family:shoes", "run-1", looked_at=7.0)


def accept(store: Store, *keys: str) -> None:
    store.ledger.accept(
        [
            Accepted(
                kind="product",
                key=key,
                ipaas_id=f"id-{key}",
                parent_ipaas_id=None,
                sku=f"sku-{key}",
                object="products",
                children={},
                payload_hash="p",
                related_hash="r",
                related_count=0,
                source=None,
                document={"a": 1},
                attempt=RUN,
            )
            for key in keys
        ]
    )


def test_failures_are_complete_and_the_latest_is_first(store: Store) -> None:
    accept(store, "a", "fine")
    store.ledger.fail([Failed("product", "a", "VALD-1011", "SKU is taken", RUN, retry=True)])
    store.ledger.block([Blocked("variant", "v", "missing_parent", "No model", RUN)])
    frame = store.reports.failures(10)
    assert list(frame.columns) == [
        "kind", "key", "sku", "state", "code", "message", "attempts", "failed_at", "next_retry_at",
    ]  # fmt: skip
    assert list(frame["key"]) == ["v", "a"]
    failure = frame.iloc[1]
    assert (failure["sku"], failure["state"], failure["code"], failure["message"]) == (
        "sku-a",
        "failed",
        "VALD-1011",
        "SKU is taken",
    )
    assert failure["next_retry_at"] - failure["failed_at"] == pd.Timedelta(minutes=20)
    assert frame["next_retry_at"].isna().tolist() == [True, False]
    assert len(store.reports.failures(1)) == 1


def test_frames_without_rows_have_their_columns(store: Store) -> None:
    assert "message" in store.reports.failures().columns
    assert "target_key" in store.reports.waiting_links().columns
    assert list(store.reports.ledger_frames()) == []


def test_the_ledger_is_read_in_chunks(store: Store) -> None:
    accept(store, *(f"{number:03}" for number in range(25)))
    frames = list(store.reports.ledger_frames(kind="product", chunk=10))
    assert [len(frame) for frame in frames] == [10, 10, 5]
    assert list(pd.concat(frames)["key"]) == [f"{number:03}" for number in range(25)]
    assert list(store.reports.ledger_frames(kind="variant")) == []


def test_waiting_links_are_listed(store: Store) -> None:
    store.links.keep({("product", "a"): [Link("kit", "product", "x")]}, "family:shoes")
    frame = store.reports.waiting_links(5)
    assert frame[["key", "relation", "target_key"]].to_numpy().tolist() == [["a", "kit", "x"]]


def test_the_summary_counts_everything(store: Store) -> None:
    empty: JsonObject = {name: {} for name in ("records", "planned", "waiting_links", "not_stored")}
    assert store.reports.summary() == {**empty, "oldest_failure_at": None}
    before = time.time()
    accept(store, "a", "b")
    store.ledger.fail([Failed("product", "b", "500", "later", RUN, retry=True)])
    store.plan.put([PlannedRecord("products", "product", "b", "family:shoes", "update", "x", 0, "p", None, {})])
    links = [Link("kit", "product", "x"), not_stored("related_products")]
    store.links.keep({("product", "a"): links}, "family:shoes")
    summary = store.reports.summary()
    assert before <= summary.pop("oldest_failure_at") <= time.time()
    assert summary == {
        "records": {"product": {"sent": 1, "failed": 1}},
        "planned": {"products": {"update": 1}},
        "waiting_links": {"kit": 1},
        "not_stored": {"related_products": 1},
    }


def test_the_queries_of_a_verification_work_in_both_databases(store: Store) -> None:
    accept(store, "a", "b", "c")
    store.ledger.fail([Failed("product", "b", "500", "later", RUN, retry=True)])

    assert list(store.ledger.comparable(("product", "a"))) == [[("product", "c")]]
    assert store.reports.listed() == {}, "the mirror is empty"
    assert store.work.last_edit() is None
    assert store.work.oldest_edit() is None
