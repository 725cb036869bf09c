"""The Dagster instance in ``DAGSTER_HOME``: with our settings, or with the user's."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import Engine, event

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.dagster_history import creation
from akeneo_assets.dagster_history.creation import one_at_a_time
from akeneo_assets.errors import StateError
from akeneo_assets_tests.shell import Shell


def test_a_dagster_home_without_settings_gets_the_default_ones(shell: Shell) -> None:
    home = shell.folder / "home"
    shell.set({"DAGSTER_HOME": str(home)})

    with open_instance() as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 86_400
        assert instance.storage_directory() == str(home / "storage")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700

    shown = shell.run("dagster", "instance", "info")
    assert shown.code == 0
    assert "No dagster instance configuration file" not in shown.errors
    assert re.search(r"telemetry:\s+enabled: false", shown.output), shown.output
    assert not (shell.folder / ".dagster").exists()


def test_the_settings_of_the_user_take_precedence(shell: Shell) -> None:
    home = shell.folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: true}\n", encoding="utf-8")
    shell.set({"DAGSTER_HOME": str(home)})

    with open_instance() as instance:
        assert instance.telemetry_enabled
        assert not instance.run_monitoring_enabled
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: true}\n"


@pytest.mark.parametrize("tables", [(), ("event_logs", "dynamic_partitions")])
@pytest.mark.parametrize("written_at", [0.0, time.time() + 86_400.0], ids=["long ago", "while the clock was ahead"])
def test_a_history_whose_creation_was_killed_is_created_again(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tables: tuple[str, ...], written_at: float
) -> None:
    """Dagster itself would then work without its tables, because it only checks whether the file exists."""
    index = shell.folder / ".dagster/storage/history/runs/index.db"
    index.parent.mkdir(parents=True)
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("VACUUM")  # creates the file
        for table in tables:
            connection.execute(f"CREATE TABLE {table} (id INTEGER)")
    os.utime(index, (written_at, written_at))
    monkeypatch.setattr(creation, "_ABANDONED_SECONDS", 0.3)

    with open_instance() as instance:
        instance.add_dynamic_partitions("parts", ["a"])
        assert instance.get_dynamic_partitions("parts") == ["a"]


def test_a_history_with_data_is_never_created_again(shell: Shell) -> None:
    index = shell.folder / ".dagster/storage/history/runs/index.db"
    with open_instance() as instance:
        instance.add_dynamic_partitions("parts", ["a"])
    with closing(sqlite3.connect(index)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
    os.utime(index, (0, 0))

    with open_instance() as instance:
        assert instance.get_dynamic_partitions("parts") == ["a"]


def test_the_history_is_opened_by_one_process_at_a_time(shell: Shell) -> None:
    def look() -> None:
        with open_instance() as instance:
            instance.get_dynamic_partitions("parts")

    folder = shell.folder / ".dagster/storage/history/runs"
    looking = threading.Thread(target=look)
    with one_at_a_time(folder):
        looking.start()
        looking.join(0.3)
        assert looking.is_alive()
        assert not (folder / "index.db").exists()
    looking.join()
    assert (folder / "index.db").exists()


@pytest.mark.usefixtures("shell")
def test_a_full_disk_is_reported_by_the_history_too() -> None:
    def limit(connection: sqlite3.Connection, _: object) -> None:
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {used + 8}")

    def fill() -> None:
        with open_instance() as instance:
            for number in range(100):
                instance.add_dynamic_partitions("parts", [f"{number}-{each}" for each in range(1_000)])

    with open_instance():
        pass
    event.listen(Engine, "connect", limit)
    try:
        with pytest.raises(StateError, match=r"^The disk is full: the run history in .*Free some space"):
            fill()
    finally:
        event.remove(Engine, "connect", limit)
