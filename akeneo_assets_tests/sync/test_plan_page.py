from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import Accepted, Attempt, Failed, PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.plan.page import PlanContext, PlanPage
from akeneo_assets.sync.results import StepResult
from akeneo_assets_tests.mapping.catalogue import mapper, product

BEFORE = Attempt("family:hats", "before", looked_at=1.0)
HAT = mapper().product(product())
DEARER = replace(HAT, payload={**HAT.payload, "default_price": 99})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


def _context(store: Store, *, force: bool = False) -> PlanContext:
    return PlanContext(store, mapper(), Attempt("family:hats", "run", looked_at=2.0), force=force)


def _accept(store: Store, mapped: MappedRecord, source: SourceFingerprint | None, ipaas_id: str | None = "17") -> None:
    row = Accepted(
        kind=mapped.kind,
        key=mapped.key,
        object="products",
        ipaas_id=ipaas_id,
        parent_ipaas_id=None,
        sku=mapped.sku,
        children={},
        payload_hash=mapped.base_hash,
        related_hash=mapped.related_hash,
        related_count=0,
        source=source,
        document=mapped.to_document(),
        attempt=BEFORE,
    )
    store.ledger.accept([row])


def _fail(store: Store, mapped: MappedRecord) -> None:
    store.ledger.mark_in_flight([(mapped.kind, mapped.key)])
    row = Failed(
        mapped.kind,
        mapped.key,
        "VALD-1002",
        "?",
        BEFORE,
        retry=True,
    )
    store.ledger.fail([row])


def _decide(context: PlanContext, mapped: MappedRecord) -> tuple[StepResult, list[PlannedRecord]]:
    result = StepResult()
    page = PlanPage(context, "products", result)
    state = context.store.ledger.states("product", [mapped.key]).get(mapped.key)
    page.decide(mapped, state, context.source("content"))
    page.write()
    return result, [row for rows in context.store.plan.rows("products") for row in rows]


def test_a_new_record_is_created(store: Store) -> None:
    result, (row,) = _decide(_context(store), HAT)
    assert (row.action, row.reason, row.difference) == ("create", "new", None)
    assert result.counts["created"] == 1


def test_a_record_equal_to_the_accepted_one_is_unchanged_and_not_mapped_again(store: Store) -> None:
    context = _context(store)
    _accept(store, HAT, context.source("former content"))
    result, rows = _decide(context, HAT)
    assert (result.counts["unchanged"], rows) == (1, [])
    assert context.is_settled(store.ledger.states("product", [HAT.key])[HAT.key], context.source("content"))


def test_a_changed_record_is_updated_and_its_difference_reported(store: Store) -> None:
    context = _context(store)
    _accept(store, HAT, context.source("former content"))
    result, (row,) = _decide(context, DEARER)
    assert (row.action, row.reason) == ("update", "value changed")
    assert row.difference == {"default_price": {"from": HAT.payload["default_price"], "to": 99}}
    assert result.reasons == {"value changed": 1}


def test_a_record_that_the_mapping_changed_has_that_reason(store: Store) -> None:
    _accept(store, HAT, SourceFingerprint("content", "other rules", "other structure"))
    _, (row,) = _decide(_context(store), DEARER)
    assert row.reason == "mapping changed"


def test_a_record_that_only_the_structure_changed_has_that_reason(store: Store) -> None:
    context = _context(store)
    _accept(store, HAT, replace(context.source("content"), structure="other structure"))
    _, (row,) = _decide(context, DEARER)
    assert row.reason == "structure changed"


def test_a_failed_record_is_retried_as_a_create_or_an_update(store: Store) -> None:
    _fail(store, HAT)
    _, (row,) = _decide(_context(store), HAT)
    assert (row.action, row.reason) == ("create", "retry")
    _accept(store, HAT, None)
    _fail(store, HAT)
    _, (row,) = _decide(_context(store), HAT)
    assert (row.action, row.reason) == ("update", "retry")


def test_force_plans_an_unchanged_record(store: Store) -> None:
    context = _context(store, force=True)
    _accept(store, HAT, context.source("content"))
    assert not context.is_settled(store.ledger.states("product", [HAT.key])[HAT.key], context.source("content"))
    _, (row,) = _decide(context, HAT)
    assert (row.action, row.reason, row.difference) == ("update", "forced", {})


def test_records_that_are_no_longer_due_are_removed_from_the_plan(store: Store) -> None:
    context = _context(store)
    _accept(store, HAT, None)
    assert len(_decide(context, DEARER)[1]) == 1
    assert _decide(context, HAT)[1] == []


def test_a_blocked_record_is_reported_and_removed_from_the_plan(store: Store) -> None:
    context = _context(store)
    _decide(context, HAT)
    result = StepResult()
    page = PlanPage(context, "products", result)
    page.block("product", HAT.key, "missing_identifier", "Give it one.")
    page.write()
    assert [row for rows in store.plan.rows("products") for row in rows] == []
    assert store.ledger.states("product", [HAT.key])[HAT.key].state == "blocked"
    assert [(each.key, each.code, each.message) for each in result.problems] == [
        (HAT.key, "missing_identifier", "Give it one.")
    ]
