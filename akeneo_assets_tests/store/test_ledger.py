from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import Accepted, Attempt, Blocked, Failed, LedgerEntry, LedgerState, Target
from akeneo_assets.store.store import Store

SOURCE = SourceFingerprint("c1", "rules", "structure")
RUN = Attempt("family:shoes", "run-1", looked_at=7.0)


def accepted(key: str, kind: str = "product", **fields: Any) -> Accepted:
    values: dict[str, Any] = {
        "ipaas_id": f"id-{key}",
        "parent_ipaas_id": None,
        "sku": f"sku-{key}",
        "object": "products",
        "related_hash": "r1",
        "related_count": 2,
        "children": {"options": {"size": "7"}},
        "payload_hash": "p1",
        "source": SOURCE,
        "document": {"name": key},
    }
    return Accepted(kind=kind, key=key, **{**values, "attempt": RUN, **fields})


def failed(key: str, *, retry: bool = True, message: str = "no such category") -> Failed:
    return Failed("product", key, "VALD-1011", message, RUN, retry=retry)


def entry(store: Store, key: str) -> LedgerEntry:
    return store.ledger.entries("product", [key])[key]


def test_an_accepted_record_is_stored_completely(store: Store) -> None:
    before = time.time()
    store.ledger.accept([accepted("a")])
    kept = entry(store, "a")
    assert kept.sent_at is not None
    assert before <= kept.sent_at <= time.time()
    assert kept == LedgerEntry(
        kind="product",
        key="a",
        ipaas_id="id-a",
        parent_ipaas_id=None,
        sku="sku-a",
        object="products",
        related_hash="r1",
        related_count=2,
        children={"options": {"size": "7"}},
        payload_hash="p1",
        source=SOURCE,
        document={"name": "a"},
        state="sent",
        attempts=0,
        error_code=None,
        error_message=None,
        failed_at=None,
        failed_since=None,
        next_retry_at=None,
        sent_at=kept.sent_at,
        run_id="run-1",
        partition_key="family:shoes",
        looked_at=7.0,
        sent_moment=kept.sent_moment,
    )
    state = LedgerState(
        key="a",
        ipaas_id="id-a",
        parent_ipaas_id=None,
        object="products",
        payload_hash="p1",
        source=SOURCE,
        related_hash="r1",
        related_count=2,
        state="sent",
        changed_at=0.0,
        looked_at=7.0,
    )
    assert store.ledger.states("product", ["a", "b"]) == {"a": state}


def test_a_failure_keeps_the_accepted_version_and_a_success_clears_the_failure(store: Store) -> None:
    store.ledger.accept([accepted("a")])
    store.ledger.fail([failed("a")])
    kept = entry(store, "a")
    assert (kept.state, kept.error_code, kept.error_message) == ("failed", "VALD-1011", "no such category")
    assert (kept.ipaas_id, kept.payload_hash, kept.document) == ("id-a", "p1", {"name": "a"})
    assert kept.children == {"options": {"size": "7"}}
    store.ledger.accept([accepted("a", payload_hash="p2")])
    kept = entry(store, "a")
    assert (kept.state, kept.attempts, kept.error_code, kept.failed_at, kept.next_retry_at) == (
        "sent",
        0,
        None,
        None,
        None,
    )
    assert kept.payload_hash == "p2"


def test_each_failure_waits_longer_for_its_retry(store: Store) -> None:
    waits = []
    for attempt in range(1, 5):
        store.ledger.fail([failed("a"), failed("b")])
        kept = entry(store, "a")
        assert kept.attempts == attempt
        assert kept.next_retry_at is not None
        assert kept.failed_at is not None
        waits.append(round((kept.next_retry_at - kept.failed_at) / 60))
    assert waits == [20, 60, 120, 200]


def test_without_retry_a_record_is_not_retried_automatically(store: Store) -> None:
    store.ledger.fail([failed("a")])
    store.ledger.fail([failed("a", retry=False)])
    kept = entry(store, "a")
    assert (kept.attempts, kept.next_retry_at) == (2, None)


def test_a_blocked_record_does_not_count_as_an_attempt(store: Store) -> None:
    store.ledger.fail([failed("a")])
    store.ledger.block([Blocked("product", "a", "missing_parent", "The model m is not in Akeneo", RUN)])
    kept = entry(store, "a")
    assert (kept.state, kept.error_code, kept.attempts, kept.next_retry_at) == ("blocked", "missing_parent", 1, None)


def test_a_refusal_replaces_the_source_fingerprint_completely_or_not_at_all(store: Store) -> None:
    store.ledger.accept([accepted("a", source=SOURCE.pending("mapping changed"))])
    store.ledger.fail([failed("a")])
    assert entry(store, "a").source == SOURCE.pending("mapping changed")
    store.ledger.block([Blocked("product", "a", "missing_price", "…", RUN, source=SOURCE.incomplete())])
    assert entry(store, "a").source == SOURCE.incomplete()


def test_a_record_that_occurs_twice_in_a_batch_is_stored_once(store: Store) -> None:
    store.ledger.fail([failed("a", message="first"), failed("a", message="last")])
    kept = entry(store, "a")
    assert (kept.attempts, kept.error_message) == (1, "last")


def test_a_message_with_a_nul_character_does_not_fail_the_batch(store: Store) -> None:
    store.ledger.fail([failed("a", message="bad\0value"), failed("b")])
    assert entry(store, "a").error_message == "badvalue"
    assert entry(store, "b").state == "failed"


def test_confirm_changes_only_the_source_and_the_moment_of_the_read(store: Store) -> None:
    store.ledger.accept([accepted("a"), accepted("b")])
    before = entry(store, "a")
    latest = replace(SOURCE, content="c2")
    store.ledger.confirm("product", {"a": latest, "unknown": latest}, looked_at=8.0)
    after = entry(store, "a")
    assert (after.source, after.looked_at) == (latest, 8.0)
    assert (after.sent_at, after.payload_hash, after.state) == (before.sent_at, "p1", "sent")
    assert entry(store, "b").source == SOURCE
    assert store.ledger.states("product", ["unknown"]) == {}


def test_targets_are_products_and_variants_alike_and_only_with_an_id(store: Store) -> None:
    store.ledger.accept([accepted("simple"), accepted("leaf", "variant"), accepted("m", "product_model")])
    store.ledger.fail([failed("never-sent")])
    assert store.ledger.targets("product", ["simple", "leaf", "m", "never-sent"]) == {
        "simple": Target("id-simple", "sku-simple", False, "product"),
        "leaf": Target("id-leaf", "sku-leaf", True, "variant"),
    }
    assert list(store.ledger.targets("product_model", ["m", "simple"])) == ["m"]
    assert store.ledger.targets("category", ["m"]) == {}


@pytest.mark.parametrize(("first", "last"), [("product", "variant"), ("variant", "product")])
def test_the_target_of_a_product_that_changed_its_kind_is_the_latest_record(
    store: Store, first: str, last: str
) -> None:
    store.ledger.accept([accepted("x", first, ipaas_id="old")])
    store.ledger.accept([accepted("x", last, ipaas_id="new")])
    assert store.ledger.targets("product", ["x"])["x"].ipaas_id == "new"


def test_variants_are_found_by_the_product_they_belong_to(store: Store) -> None:
    store.ledger.accept([accepted(key, "variant", parent_ipaas_id="id-m") for key in ("v2", "v1")])
    store.ledger.accept([accepted("v3", "variant", parent_ipaas_id="id-n"), accepted("p", parent_ipaas_id="id-m")])
    assert [found.key for found in store.ledger.children_of("variant", "id-m")] == ["v1", "v2"]


def test_an_empty_batch_is_no_error(store: Store) -> None:
    store.ledger.accept([])
    store.ledger.fail([])
    store.ledger.block([])
    store.ledger.confirm("product", {}, looked_at=8.0)
    assert store.reports.summary()["records"] == {}
