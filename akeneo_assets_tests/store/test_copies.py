from __future__ import annotations

import socket
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from akeneo_assets.errors import ConfigurationError, StateError
from akeneo_assets.http.tokens import Token
from akeneo_assets.store.copies import back_up, move, restore
from akeneo_assets.store.database import Database
from akeneo_assets.store.inspection import existing, inspect_database, pending_of
from akeneo_assets.store.records import Link, SourceRecord
from akeneo_assets.store.schema import HEAD, VERSION_TABLE
from akeneo_assets.store.store import Store
from akeneo_assets_tests.state import waiting_links


def fill(url: str, *keys: str) -> None:
    with closing(Store.open(url)) as store:
        store.bind(subscription_id="1001")
        store.mirror.merge(
            [SourceRecord("product", key, {"name": "Grüße\t😀"}, "h") for key in keys],
            partition_key="family:x",
            read_at=store._database.next_moment(),
        )
        store.links.keep({("product", keys[0]): [Link("related", "product", "z")]}, "family:x")
        store.tokens.save("akeneo", Token("access", "refresh", 5.0))


def keys_in(url: str) -> set[str]:
    with closing(Store.open(url)) as store:
        assert waiting_links(store) == [("a", "related", "z")]
        return store.mirror.existing("product", ["a", "b", "c"])


def test_a_backup_is_complete_and_private(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a", "b")
    backup = tmp_path / "backup.db"
    assert back_up(sqlite_url, backup) == backup.stat().st_size
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert keys_in(f"sqlite:///{backup}") == {"a", "b"}


def test_a_backup_is_consistent_while_another_thread_writes(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a")
    ended = threading.Event()
    with closing(Store.open(sqlite_url)) as store:

        def count() -> None:
            while not ended.is_set():
                with store._database.write() as connection:
                    for name in ("one", "two"):
                        connection.execute(text(f"UPDATE counter SET value = value + 1 WHERE name = '{name}'"))

        with store._database.write() as connection:
            connection.execute(text("INSERT INTO counter VALUES ('one', 0), ('two', 0)"))
        writer = threading.Thread(target=count)
        writer.start()
        try:
            for number in range(3):
                back_up(sqlite_url, tmp_path / f"{number}.db")
        finally:
            ended.set()
            writer.join()
    for number in range(3):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as copy:
            values = copy.execute("SELECT value FROM counter WHERE name IN ('one', 'two')").fetchall()
        assert values[0] == values[1]


def test_a_restored_backup_replaces_everything_but_the_tokens(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a")
    backup = tmp_path / "backup.db"
    back_up(sqlite_url, backup)
    fill(sqlite_url, "b")

    with pytest.raises(ConfigurationError, match="--replace"):
        restore(backup, sqlite_url, replace=False)
    restore(backup, sqlite_url, replace=True)

    assert keys_in(sqlite_url) == {"a"}
    with closing(Store.open(sqlite_url)) as store:
        assert store.tokens.load("akeneo") is None


def test_a_backup_is_restored_into_a_new_place(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a")
    back_up(sqlite_url, tmp_path / "backup.db")
    url = f"sqlite:///{tmp_path / 'new' / 'state.db'}"
    restore(tmp_path / "backup.db", url, replace=False)
    assert keys_in(url) == {"a"}


def test_nothing_is_restored_or_moved_while_a_run_works(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a")
    back_up(sqlite_url, tmp_path / "backup.db")
    with closing(Store.open(sqlite_url)) as store, store.run_leases.held("run-1"):
        with pytest.raises(ConfigurationError, match="run-1"):
            restore(tmp_path / "backup.db", sqlite_url, replace=True)
        with pytest.raises(ConfigurationError, match="run-1"):
            move(sqlite_url, f"sqlite:///{tmp_path / 'new.db'}")


def test_an_existing_file_is_not_overwritten_by_a_backup(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a")
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already"):
        back_up(sqlite_url, tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


def test_a_file_that_is_no_backup_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE runs (id INTEGER)")
    for name, message in (("other.db", "is not a state database"), ("none.db", "There is no file")):
        with pytest.raises(ConfigurationError, match=message):
            restore(tmp_path / name, sqlite_url, replace=True)


def test_a_backup_of_a_newer_version_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, "a")
    backup = tmp_path / "backup.db"
    back_up(sqlite_url, backup)
    with closing(sqlite3.connect(backup)) as copy:
        copy.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        copy.commit()
    with pytest.raises(ConfigurationError, match="newer version"):
        restore(backup, sqlite_url, replace=True)
    assert keys_in(sqlite_url) == {"a"}


def test_a_moved_state_is_the_same_in_both_databases(database_url: str, sqlite_url: str, tmp_path: Path) -> None:
    """From SQLite to each database, and back."""
    fill(sqlite_url, "a", "b")
    there, back = database_url, f"sqlite:///{tmp_path / 'back.db'}"

    copied = move(sqlite_url, there)
    assert (copied["mirror"], copied["links"], copied["tokens"]) == (2, 1, 1)
    assert move(there, back) == copied

    for url in (there, back):
        assert keys_in(url) == {"a", "b"}
        with closing(Store.open(url)) as store:
            (document,) = store.mirror.documents("product", ["a"]).values()
            assert document == {"name": "Grüße\t😀"}
            assert store._database.next_moment() > 1
    with pytest.raises(ConfigurationError, match="Choose an empty one"):
        move(sqlite_url, there)
    with pytest.raises(ConfigurationError, match="are the same"):
        move(there, there)


def test_a_move_to_a_database_that_does_not_exist_says_so(sqlite_url: str) -> None:
    fill(sqlite_url, "a")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = f"postgresql://user:secret@127.0.0.1:{unused.getsockname()[1]}/state"
        with pytest.raises(ConfigurationError, match=r"cannot be opened\. Create it first") as failed:
            move(sqlite_url, target)

    assert "secret" not in f"{failed.value}{failed.value.detail}"
    assert keys_in(sqlite_url) == {"a"}


def test_a_state_is_inspected_without_changing_it(database_url: str) -> None:
    with closing(Database(database_url)) as database:
        before = inspect_database(database)
        assert (before.version, before.rows, list(before.pending)[-1]) == (None, {}, HEAD)
        assert pending_of(database_url) == before.pending
    fill(database_url, "a", "b")
    with closing(existing(database_url)) as database:
        after = inspect_database(database)
    assert (after.version, after.pending, after.rows["mirror"]) == (HEAD, {}, 2)
    assert after.size_bytes > 10_000


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert list(pending_of(f"sqlite:///{path}"))[-1] == HEAD
    with pytest.raises(ConfigurationError, match="there is no SQLite file"):
        existing(f"sqlite:///{path}")
    assert not path.exists()


def test_a_damaged_file_is_reported(sqlite_url: str, tmp_path: Path) -> None:
    fill(sqlite_url, *(f"{number:05}" for number in range(200)))
    backup = tmp_path / "backup.db"
    back_up(sqlite_url, backup)
    content = bytearray(backup.read_bytes())
    content[8192:-4096] = b"\0" * (len(content) - 12288)
    backup.write_bytes(content)
    with closing(Database(f"sqlite:///{backup}")) as database, pytest.raises(StateError, match="damaged"):
        inspect_database(database)
