"""Errors of the database: their messages, and what they must not show."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, GraphDefinition, op
from dagster._serdes import serialize_value
from dagster._utils.error import serializable_error_info_from_exc_info
from sqlalchemy import event

from akeneo_assets.errors import StateError
from akeneo_assets.http.governor import Limits, Slot
from akeneo_assets.http.tokens import Token
from akeneo_assets.store import database as database_module
from akeneo_assets.store import failures
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.store.store import Store

SECRET = "never-to-be-shown"
Act = Callable[[Store], object]


def shown(raised: pytest.ExceptionInfo[StateError]) -> str:
    """Everything that a log, a terminal or Dagster's event log shows about an error."""
    error = raised.value
    serialized = serializable_error_info_from_exc_info((type(error), error, raised.tb))
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return "\n".join([str(error), error.detail, *lines, serialized.to_string()])


def save_token(store: Store) -> None:
    store.tokens.save("ipaas", Token(SECRET, SECRET * 1000, 0.0))


def merge_records(store: Store) -> None:
    # Random text, which cannot be compressed.
    text = SECRET + "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(20_000))
    records = [SourceRecord("product", f"{number}", {"text": f"{text}{number}"}, "hash") for number in range(50)]
    store.mirror.merge(records, partition_key="p", read_at=1.0)


def take_slot(store: Store) -> None:
    while not isinstance(store.budget.acquire("akeneo", Limits(5_000, 60.0, 4), 75.0), Slot):
        pass


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Store]:
    store = Store.open(sqlite_url)
    yield store
    store.close()


def on_new_connections(store: Store, statement: str) -> None:
    store.close()
    event.listen(store._database.engine, "connect", lambda connection, _: connection.execute(statement))


@pytest.mark.parametrize("act", [save_token, merge_records])
def test_a_full_disk_is_reported_and_loses_nothing(sqlite: Store, sqlite_url: str, act: Act) -> None:
    sqlite.tokens.save("before", Token("kept", None, 1.0))
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    on_new_connections(sqlite, f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StateError, match="disk of the state database is full") as raised:
        act(sqlite)
    assert raised.value.reason == "full"
    assert SECRET not in shown(raised)
    assert sqlite.tokens.load("before") == Token("kept", None, 1.0)
    assert sqlite.tokens.load("ipaas") is None
    assert list(sqlite.mirror.heads("product")) == []
    on_new_connections(sqlite, "PRAGMA max_page_count = 1000000")
    act(sqlite)


@pytest.mark.parametrize("act", [save_token, merge_records, take_slot])
def test_a_read_only_database_is_reported(sqlite: Store, act: Act) -> None:
    on_new_connections(sqlite, "PRAGMA query_only = ON")
    with pytest.raises(StateError, match="read-only") as raised:
        act(sqlite)
    assert raised.value.reason == "read_only"
    assert SECRET not in shown(raised)


@pytest.mark.parametrize("act", [save_token, merge_records, take_slot])
def test_a_database_that_stays_locked_is_reported(sqlite_url: str, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    store = Store.open(sqlite_url)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match=r"locked for more than \d+ seconds") as raised:
            act(store)
        other.execute("ROLLBACK")
    assert raised.value.reason == "locked"
    assert SECRET not in shown(raised)
    act(store)
    store.close()


def test_the_event_log_of_dagster_does_not_show_what_was_being_written(sqlite: Store) -> None:
    on_new_connections(sqlite, "PRAGMA query_only = ON")

    @op
    def fail() -> None:
        save_token(sqlite)

    with DagsterInstance.ephemeral() as instance:
        result = GraphDefinition("failing", node_defs=[fail]).execute_in_process(
            instance=instance, raise_on_error=False
        )
        entries = [str(serialize_value(entry)) for entry in instance.all_logs(result.run_id)]
    assert any("read-only" in entry for entry in entries)
    assert all(SECRET not in entry for entry in entries)


def test_a_damaged_database_file_is_reported(sqlite: Store, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    sqlite.close()
    path.write_bytes(b"x" * path.stat().st_size)
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    with pytest.raises(StateError, match="damaged"):
        save_token(sqlite)


def test_a_value_that_does_not_fit_a_column_is_not_shown(store: Store) -> None:
    wrong: Any = {"a": SECRET}
    for token in (Token("access", wrong, 0.0), Token(wrong, None, 0.0), Token(SECRET, SECRET, wrong)):
        with pytest.raises(StateError) as raised:
            store.tokens.save("ipaas", token)
        assert SECRET not in shown(raised)


def test_the_row_in_a_message_of_postgresql_is_not_shown(store: Store) -> None:
    missing: Any = None
    with pytest.raises(StateError) as raised:
        store.tokens.save("ipaas", Token(missing, SECRET, 0.0))
    assert SECRET not in shown(raised)
    not_a_number: Any = SECRET
    try:
        store.tokens.save("ipaas", Token("access", None, not_a_number))
    except StateError:
        serialized = serializable_error_info_from_exc_info(sys.exc_info())
        assert SECRET not in serialized.to_string()


def test_a_server_that_stopped_is_reported(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has no server")
    store = Store.open(database_url)
    with pytest.raises(StateError, match="cannot be reached") as raised, store._database.write() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert raised.value.reason == "unreachable"
    save_token(store)
    store.close()


def test_the_recognized_messages_are_those_of_sqlite(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as raised:
        sqlite3.connect(tmp_path / "no-folder" / "state.db")
    assert failures.state_error(raised.value).reason == "unreachable"
