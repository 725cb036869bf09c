from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from akeneo_assets.documents import pack
from akeneo_assets.errors import ConfigurationError, StateError
from akeneo_assets.store.database import Database
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import Accepted, Attempt, Link, SourceRecord
from akeneo_assets.store.schema import HEAD, VERSION_TABLE, metadata
from akeneo_assets.store.store import Store
from akeneo_assets.store.upgrade import MIGRATIONS
from akeneo_assets_tests.state import waiting_links

IDENTITY = {
    "akeneo_url": "https://one.example.com",
    "ipaas_url": "https://ipaas.example.com",
    "subscription_id": "1001",
    "product_id_format": "UUID",
}


def test_migrated_tables_are_those_of_the_schema(store: Store) -> None:
    options = {"compare_type": True, "version_table": VERSION_TABLE}
    with store._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_newest_migration_is_the_one_that_the_schema_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_migration_cannot_be_reverted(store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store._database.write() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(RuntimeError, match="cannot be downgraded"):
            command.downgrade(config, "base")


def test_opening_again_finds_what_was_stored(database_url: str) -> None:
    record = SourceRecord("product", "a", {"x": 1}, "h")
    for read_at, created in ((1.0, 1), (2.0, 0)):
        store = Store.open(database_url)
        assert store.mirror.merge([record], partition_key="family:x", read_at=read_at).created == created
        store.close()


def test_several_processes_open_a_new_database_at_once(database_url: str) -> None:
    program = (
        "import sys\n"
        "from akeneo_assets.store.store import Store\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "store = Store.open(sys.argv[1])\n"
        "store.bind(subscription_id='1')\n"
        "store.close()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == [""] * 3
    assert [process.returncode for process in processes] == [0] * 3


def test_tables_of_other_programs_are_left_alone(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE mirror (glass TEXT)"))
    with pytest.raises(ConfigurationError, match="another program uses"):
        Store.open(database_url)
    with database.read() as connection:
        assert connection.execute(text("SELECT glass FROM mirror")).all() == []
    database.close()


def test_a_database_belongs_to_one_subscription(database_url: str) -> None:
    store = Store.open(database_url)
    store.bind(**IDENTITY)
    store.mirror.merge([SourceRecord("product", "a", {}, "h")], partition_key="family:x", read_at=1.0)
    store.bind(**IDENTITY)
    with pytest.raises(ConfigurationError) as raised:
        store.bind(**{**IDENTITY, "akeneo_url": "https://two.example.com", "product_id_format": "Identifier"})
    message = str(raised.value)
    assert "AKENEO_API_URL: the database has https://one.example.com, the setting is https://two.example.com" in message
    assert "AKENEO_PRODUCT_ID_FORMAT" in message
    assert "IPAAS_SUBSCRIPTION_ID" not in message
    assert "different AKENEO_ASSETS_DATABASE_URL" in message
    store.close()


def test_settings_can_be_corrected_until_a_record_was_read(store: Store) -> None:
    store.bind(**{**IDENTITY, "ipaas_url": "https://typo.example.com", "product_id_format": "Identifier"})
    store.mirror.merge([SourceRecord("attribute", "a", {}, "h")], partition_key="structure", read_at=1.0)
    store.bind(**IDENTITY)
    assert store.mirror.existing("attribute", ["a"]) == set()
    store.bind(**IDENTITY)


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "state.db"
    store = Store.open(f"sqlite:///{path}")
    store.bind(**IDENTITY)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes) == {"state.db", "state.db-wal", "state.db-shm"}
    assert set(modes.values()) == {0o600}
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("state.db", "not a database URL"),
        ("mysql://root@localhost/x", "mysql"),
        ("sqlite://", "must name a SQLite file"),
        ("sqlite:///:memory:", "must name a SQLite file"),
        ("postgresql://reader:hidden@127.0.0.1:1/state?connect_timeout=2", "cannot be opened"),
        ("postgresql://127.0.0.1:1/state?connect_timeout=2&user=a&password=hidden", "cannot be opened"),
        ("postgresql://127.0.0.1:1/state?connect_timeout=2&password=hidden&password=hidden", "cannot be opened"),
        ("postgresql://a@127.0.0.1:1/state?connect_timeout=2&sslpassword=hidden", "cannot be opened"),
        ("postgresql://reader:hidden@host:port/state", "not a database URL"),
        ("postgresql://reader:hidden@host:/state", "not a database URL"),
        ("postgresql://reader:hidden@[::1/state", "not a database URL"),
        ("postgresql://reader:hidden@a:1,b:2/state", "not a database URL"),
        ("postgresql+none://reader:hidden@host/state", "cannot be used"),
        ("sqlite:///state.db?timeout=long", "cannot be used"),
        ("sqlite:///a\0b.db", "not a database URL"),
        ("sqlite:///\ud800.db", "not a database URL"),
    ],
    ids=ascii,
)
def test_an_unusable_database_url_is_reported(
    url: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=message) as raised:
        Store.open(url)
    assert "AKENEO_ASSETS_DATABASE_URL" in str(raised.value)
    assert raised.value.settings == ("AKENEO_ASSETS_DATABASE_URL",)
    assert "hidden" not in str(raised.value) + raised.value.detail


def test_a_file_that_is_no_database_is_reported_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database" * 100)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "not a database" * 100


def test_a_file_of_another_program_is_reported_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (id INTEGER)")
    connection.close()
    with pytest.raises(ConfigurationError, match="runs"):
        Store.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=str(tmp_path)):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'state.db'}")


def test_an_open_database_does_not_load_alembic(sqlite_url: str) -> None:
    """Every run and every sensor tick opens the store; a migration happens only once."""
    Store.open(sqlite_url).close()
    program = (
        "import sys\n"
        "from akeneo_assets.store.store import Store\n"
        "Store.open(sys.argv[1]).close()\n"
        "sys.exit(any(name.split('.')[0] in {'alembic', 'pandas'} for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", program, sqlite_url], env=os.environ, check=False).returncode == 0


def test_an_accepted_record_and_its_missing_links_are_stored_together(store: Store) -> None:
    accepted = Accepted(
        kind="product",
        key="a",
        ipaas_id="1",
        parent_ipaas_id=None,
        sku="A",
        object="products",
        children={},
        payload_hash="p",
        related_hash="r",
        related_count=1,
        source=None,
        document={},
        attempt=Attempt("family:x", "run-1", looked_at=7.0),
    )
    link = Link("related", "product", "b")
    nothing: Any = None
    with pytest.raises(StateError):
        store.accept([accepted], {("product", "a"): [replace(link, target_key=nothing)]}, partition_key="family:x")
    assert store.ledger.entries("product", ["a"]) == {}
    store.accept([accepted], {("product", "a"): [link]}, partition_key="family:x")
    assert store.ledger.entries("product", ["a"])["a"].ipaas_id == "1"
    assert waiting_links(store) == [("a", "related", "b")]


def test_after_the_first_version_every_record_is_planned_once(database_url: str) -> None:
    """A run of that version may have ended between reading and planning."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = Database(database_url)
    mirrored = "INSERT INTO mirror (kind, key, parent, hash, document, partition_key, read_at, changed_at) VALUES "
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                mirrored + "('product', 'simple', NULL, 'h', '', 'x', 1, 1), ('product', 'leaf', 'root', 'h', '', 'x', "
                "1, 1), ('product_model', 'root', NULL, 'h', '', 'x', 1, 1), ('product_model', 'sub', 'root', 'h', '', "
                "'x', 1, 1), ('category', 'shoes', NULL, 'h', '', 'x', 1, 1), ('family', 'f', NULL, 'h', '', 'x', 1, 1)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO ledger (kind, key, children, state, attempts, ipaas_id) "
                "VALUES ('product', 'simple', '{}', 'sent', 0, '7')"
            )
        )
    database.close()

    store = Store.open(database_url)

    kinds = ("category", "product_model", "product", "variant")
    due = {kind: [key for keys in store.work.changed_keys(kind) for key in keys] for kind in kinds}
    assert due == {"category": ["shoes"], "product_model": ["root"], "product": ["simple"], "variant": ["leaf"]}
    assert store.ledger.states("product", ["simple"])["simple"].ipaas_id == "7"
    assert store.ledger.entries("variant", ["leaf"])["leaf"].children == {}
    store.close()


def test_invalid_ids_are_removed_from_the_ledger_and_their_records_are_due(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = Database(database_url)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        connection.execute(
            text(
                "INSERT INTO ledger (kind, key, children, state, attempts, ipaas_id, parent_ipaas_id, source_hash, "
                "sent_at, changed_at, looked_at) VALUES "
                "('product', 'good', '{}', 'sent', 0, '7', NULL, 's', 5, 1, 2), "
                "('product', 'none', '{}', 'sent', 0, 'None', NULL, 's', 5, 1, 2), "
                "('product', 'empty', '{}', 'sent', 0, ' ', NULL, 's', 5, 1, 2), "
                "('product_model', 'root', '{}', 'sent', 0, 'null', NULL, 's', 5, 1, 2), "
                "('variant', 'leaf', '{}', 'sent', 0, '8', 'null', 's', 5, 1, 2)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO budget (api, requests, seconds, connections, paused_until) VALUES ('akeneo', 9, 60, 4, 0)"
            )
        )
        connection.execute(
            text("INSERT INTO budget_slot (api, number, free_at, leased_until) VALUES ('akeneo', 1, 0, 0)")
        )
    database.close()

    store = Store.open(database_url)

    entries = {
        kind: store.ledger.entries(kind, keys)
        for kind, keys in {"product": ["good", "none", "empty"], "product_model": ["root"], "variant": ["leaf"]}.items()
    }
    assert entries["product"]["good"].ipaas_id == "7"
    for entry in (entries["product"]["none"], entries["product"]["empty"], entries["product_model"]["root"]):
        assert (entry.ipaas_id, entry.state, entry.source, entry.children) == (None, "failed", None, {})
    assert (entries["variant"]["leaf"].ipaas_id, entries["variant"]["leaf"].parent_ipaas_id) == ("8", None)
    due = {kind: {key for keys in store.work.due_keys(kind) for key in keys} for kind in entries}
    assert due == {"product": {"none", "empty"}, "product_model": {"root"}, "variant": {"leaf"}}
    store.close()


def test_text_fingerprints_are_split_into_columns(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = Database(database_url)
    written = {
        "settled": ("content.rules:structure", SourceFingerprint("content", "rules", "structure")),
        "pending": (
            "content~mapping changed.rules:structure",
            SourceFingerprint("content", "rules", "structure", "mapping changed"),
        ),
        "incomplete": (".rules:structure", SourceFingerprint("", "rules", "structure")),
        "old": ("content", SourceFingerprint("", "", "")),
        "empty": ("", None),
        "none": (None, None),
    }
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        for key, (source_hash, _) in written.items():
            connection.execute(
                text(
                    "INSERT INTO ledger (kind, key, children, state, attempts, source_hash) "
                    "VALUES ('category', :key, '{}', 'sent', 0, :source_hash)"
                ),
                {"key": key, "source_hash": source_hash},
            )
            connection.execute(
                text(
                    "INSERT INTO plan (object, kind, key, partition_key, action, reason, sequence, payload_hash, "
                    "source_hash, document, planned_at) "
                    "VALUES ('categories', 'category', :key, 'x', 'update', '', 0, 'p', :source_hash, :document, 0)"
                ),
                {"key": key, "source_hash": source_hash or "", "document": pack({})},
            )
    database.close()

    store = Store.open(database_url)

    expected = {key: source for key, (_, source) in written.items()}
    assert {key: entry.source for key, entry in store.ledger.entries("category", written).items()} == expected
    assert {row.key: row.source for rows in store.plan.rows("categories") for row in rows} == expected
    store.close()


def test_open_records_are_open_since_the_changelog_says_or_since_they_last_failed(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = Database(database_url)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
        connection.execute(
            text(
                "INSERT INTO ledger (kind, key, children, state, attempts, failed_at, sent_moment) VALUES "
                "('product', 'logged', '{}', 'failed', 2, 30, 5), ('product', 'older', '{}', 'blocked', 0, 20, 0), "
                "('product', 'unknown', '{}', 'failed', 1, NULL, 0), ('product', 'sent', '{}', 'sent', 0, NULL, 9)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO changelog (kind, key, moment, at, run_id, partition_key, status, reason, attempts) VALUES "
                "('product', 'logged', 4, 4, 'r', 'x', 'failed', '', 1), "
                "('product', 'logged', 5, 5, 'r', 'x', 'sent', '', 1), "
                "('product', 'logged', 6, 10, 'r', 'x', 'failed', '', 1), "
                "('product', 'logged', 7, 30, 'r', 'x', 'failed', '', 2)"
            )
        )
    database.close()

    store = Store.open(database_url)

    entries = store.ledger.entries("product", ["logged", "older", "unknown", "sent"])
    since = {key: entry.failed_since for key, entry in entries.items()}
    assert (since["logged"], since["older"], since["sent"]) == (10, 20, None)
    assert since["unknown"] is not None
    assert abs(since["unknown"] - time.time()) < 60
    store.close()
