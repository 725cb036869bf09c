"""The views work on both databases, the documentation describes their columns, and its statements run."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from akeneo_assets.store.records import Blocked, Event
from akeneo_assets.store.store import Store
from akeneo_assets.store.sync_log import VIEWS
from akeneo_assets_tests.store.test_ledger import RUN, accepted, failed

PAGE = (Path(__file__).parents[2] / "docs" / "sync-log.md").read_text(encoding="utf-8")
STATEMENTS = re.findall(r"^```sql\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
CHANGES = {"default_price": {"from": 1, "to": 2, "rule": "attribute price"}}


@pytest.fixture
def logged(store: Store) -> Store:
    store.ledger.accept(
        [replace(accepted("a"), event=Event("update", "value changed", 1, changes=CHANGES, edited_at=1.0))]
    )
    store.ledger.fail([failed("a"), failed("b")])
    for _ in range(2):
        store.ledger.block([Blocked("product", "c", "missing_price", "no price", RUN)])
    return store


def test_the_views_are_data_frames(logged: Store) -> None:
    log, snapshot = logged.sync_log.changelog(), logged.sync_log.snapshot().set_index("key")
    (run,) = logged.sync_log.runs().to_dict("records")
    assert (run["run_id"], run["created"], run["updated"], run["failed"], run["blocked"]) == ("run-1", 0, 1, 2, 1)
    assert sorted(zip(log["key"], log["status"], strict=True)) == [
        ("a", "failed"),
        ("a", "sent"),
        ("b", "failed"),
        ("c", "blocked"),
    ]
    for key, status in (("a", "failed"), ("b", "failed"), ("c", "blocked")):
        (first,) = log.loc[(log["key"] == key) & (log["status"] == status), "at"]
        assert snapshot.loc[key, "status"] == status
        assert abs((snapshot.loc[key, "since"] - first).total_seconds()) < 1


def test_the_documentation_describes_the_columns() -> None:
    for name, view in VIEWS.items():
        (section,) = re.findall(rf"^### {name}\n(.*?)(?=^### |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE)
        described = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, flags=re.MULTILINE))
        assert described == {column: each.meaning for column, each in view.columns.items()}


def test_the_statements_in_the_documentation_run(logged: Store) -> None:
    if not logged._database.is_sqlite:
        pytest.skip("they are in SQLite's dialect")
    failures, prices, delays, blocked, sent = (logged.sync_log.query(each, run_id="run-1") for each in STATEMENTS)
    assert set(failures["key"]) == {"a", "b"}
    assert len(prices) == 0, "nothing changed yesterday"
    assert list(delays["edits"]) == [1]
    assert list(blocked["key"]) == ["c"]
    assert list(sent["action"]) == ["update"]
