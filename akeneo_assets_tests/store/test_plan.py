from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.plan import HELD
from akeneo_assets.store.records import PlannedRecord
from akeneo_assets.store.store import Store

LEASE = 60.0
RAN_OUT = 0.0


def planned(key: str, **fields: Any) -> PlannedRecord:
    values: dict[str, Any] = {
        "object": "products",
        "kind": "product",
        "key": key,
        "partition_key": "family:shoes",
        "action": "update",
        "reason": "changed",
        "sequence": 0,
        "payload_hash": "p1",
        "source": SourceFingerprint("content", "rules", "structure", "mapping changed"),
        "document": {"sku": key},
        "difference": {"sku": ["old", key]},
    }
    return PlannedRecord(**{**values, **fields})


def claimed(
    store: Store, claimant: str = "run-1", *, lease: float = LEASE, limit: int = 100, **scope: Any
) -> list[str]:
    rows = store.plan.claim("products", claimant=claimant, lease_seconds=lease, limit=limit, **scope)
    return [row.key for row in rows]


def test_planned_records_are_read_as_they_were_written(store: Store) -> None:
    row = planned("a", difference=None)
    store.plan.put([row])
    (taken,) = store.plan.claim("products", claimant="run-1", lease_seconds=LEASE, limit=1)
    assert taken == row


def test_planning_again_replaces_a_record_and_the_last_one_in_a_batch_counts(store: Store) -> None:
    store.plan.put([planned("a", reason="first"), planned("a", reason="second")])
    store.plan.put([planned("a", reason="third", action="create")])
    store.plan.put([])
    assert store.plan.counts("products") == {("create", "third"): 1}


def test_claims_are_ordered_by_sequence_then_kind_then_key(store: Store) -> None:
    store.plan.put(
        [
            planned("c", sequence=1),
            planned("b", sequence=0),
            planned("a", sequence=0),
            planned("a", kind="bundle", sequence=0),
            planned("y", object="variants"),
        ]
    )
    rows = store.plan.claim("products", claimant="run-1", lease_seconds=LEASE, limit=3)
    assert [(row.kind, row.key) for row in rows] == [("bundle", "a"), ("product", "a"), ("product", "b")]
    assert claimed(store) == ["c"]


def test_a_claim_can_be_limited_to_a_partition_and_takes_the_first_records(store: Store) -> None:
    store.plan.put([planned(f"{number:04}", sequence=-number) for number in range(1_100)])
    store.plan.put([planned("hat", partition_key="family:hats")])
    assert claimed(store, partition_key="family:hats") == ["hat"]
    # It waits for records that another run has claimed.
    assert store.plan.holds_any("products", "family:hats")
    assert not store.plan.holds_any("variants", "family:hats")
    assert not store.plan.holds_any("products", "family:coats")
    assert claimed(store, limit=3) == ["1099", "1098", "1097"]
    assert claimed(store, limit=1) == ["1096"]


def test_an_expired_lease_releases_the_record(store: Store) -> None:
    store.plan.put([planned("a")])
    assert claimed(store, "died", lease=RAN_OUT) == ["a"]
    assert claimed(store, "other") == ["a"]
    assert claimed(store, "third") == []


def test_a_release_affects_only_the_records_of_one_claimant(store: Store) -> None:
    store.plan.put([planned("a"), planned("b")])
    assert claimed(store, "one", limit=1) == ["a"]
    assert claimed(store, "two", limit=1) == ["b"]
    store.plan.release("one")
    assert claimed(store, "three") == ["a"]


def test_discard_removes_delivered_records(store: Store) -> None:
    store.plan.put([planned(f"{number:04}") for number in range(700)])
    claimed(store, limit=10)
    store.plan.discard("products", [("product", f"{number:04}") for number in range(699)])
    assert [row.key for page in store.plan.rows("products") for row in page] == ["0699"]


def test_a_record_planned_again_during_its_delivery_is_not_lost(store: Store) -> None:
    store.plan.put([planned("a")])
    assert claimed(store, "delivers") == ["a"]
    store.plan.put([planned("a", payload_hash="p2")])
    assert claimed(store, "other") == [], "two deliveries of one record at once"
    store.plan.discard("products", [("product", "a")])
    (row,) = store.plan.claim("products", claimant="other", lease_seconds=LEASE, limit=1)
    assert row.payload_hash == "p2"
    store.plan.discard("products", [("product", "a")])
    assert store.plan.counts("products") == {}


def test_a_delivery_completes_a_record_planned_again_with_the_same_payload(store: Store) -> None:
    store.plan.put([planned("a")])
    claimed(store)
    store.plan.put([planned("a", reason="seen again")])
    store.plan.discard("products", [("product", "a")])
    assert store.plan.counts("products") == {}


def test_two_claimants_never_get_the_same_record(store: Store, database_url: str) -> None:
    keys = [f"{number:04}" for number in range(400)]
    store.plan.put([planned(key) for key in keys])
    other = Store.open(database_url)

    def take_all(claimant: int) -> list[str]:
        taken: list[str] = []
        mine = (store, other)[claimant % 2]
        while batch := claimed(mine, f"claimant-{claimant}", limit=7):
            taken += batch
        return taken

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(take_all, range(4)))
    other.close()
    assert sorted(key for share in shares for key in share) == keys


def test_rows_are_paged_by_sequence_and_can_be_limited(store: Store) -> None:
    store.plan.put([planned(f"{number:04}", sequence=number % 3) for number in range(450)])
    store.plan.put([planned("x", partition_key="family:hats")])
    pages = list(store.plan.rows("products", partition_key="family:shoes"))
    rows = [row for page in pages for row in page]
    assert len(pages) > 1
    assert [(row.sequence, row.key) for row in rows] == sorted((row.sequence, row.key) for row in rows)
    assert len(rows) == 450
    assert sum(len(page) for page in store.plan.rows("products", limit=201)) == 201


def test_counts_are_by_action_and_reason(store: Store) -> None:
    store.plan.put(
        [planned("a"), planned("b", action="create", reason="new"), planned("c", partition_key="family:hats")]
    )
    assert store.plan.counts("products") == {("update", "changed"): 2, ("create", "new"): 1}
    assert store.plan.counts("products", "family:hats") == {("update", "changed"): 1}
    assert store.plan.counts("variants") == {}


def test_only_a_renewed_claim_lasts_longer_than_its_lease(store: Store) -> None:
    store.plan.put([planned("a"), planned("b")])
    claimed(store, "lives", lease=RAN_OUT, limit=1)
    store.plan.renew("lives", LEASE)
    assert claimed(store, "other") == ["b"]


def test_the_first_claim_to_expire_is_reported_for_its_object_and_partition(store: Store) -> None:
    store.plan.put([planned("a"), planned("b")])
    assert store.plan.claimed_seconds("products", "family:shoes") is None
    claimed(store, "one", lease=LEASE, limit=1)
    claimed(store, "two", lease=10 * LEASE)
    seconds = store.plan.claimed_seconds("products", "family:shoes")
    assert seconds is not None
    assert LEASE - 30 < seconds <= LEASE
    assert store.plan.claimed_seconds("products", "family:hats") is None
    assert store.plan.claimed_seconds("bundles", "family:shoes") is None


def test_held_records_are_claimed_in_their_order_and_kept_until_they_are_counted(store: Store) -> None:
    store.plan.put([planned("plain"), *(planned(key, sequence=1) for key in "abc")])
    store.plan.put([planned("elsewhere", sequence=1, partition_key="family:hats")])
    store.plan.hold(["products"], "family:shoes")
    store.plan.put_in_order("products", {("product", "a"): 2, ("product", "b"): 1, ("product", "plain"): 1})

    assert claimed(store, positions=range(HELD.start)) == ["plain", "elsewhere"]
    assert store.plan.held_by_partition("products").keys() == {"family:shoes"}
    positions = store.plan.held_positions(["products", "bundles"])
    assert [claimed(store, positions=range(each, each + 1)) for each, _ in positions] == [["c"], ["b"], ["a"]]

    store.plan.keep_sent("products", [("product", key) for key in "bc"])
    assert [row.key for page in store.plan.held("products") for row in page] == ["a"]
    assert store.plan.take_sent("products", "family:shoes") == {"update": 2}
    assert store.plan.take_sent("products", "family:shoes") == {}
    assert [row.key for page in store.plan.rows("products") for row in page] == ["plain", "elsewhere", "a"]


def test_a_record_that_is_planned_again_is_no_longer_held(store: Store) -> None:
    store.plan.put([planned("a", sequence=1)])
    store.plan.hold(["products"], "family:shoes")
    store.plan.put([planned("a", payload_hash="p2")])
    store.plan.keep_sent("products", [("product", "a")])

    assert store.plan.held_by_partition("products") == {}
    assert claimed(store, positions=range(HELD.start)) == ["a"]
