"""The Dagster instance in ``DAGSTER_HOME``: with our settings, or with the user's."""

from __future__ import annotations

import re
import sqlite3
import stat

import pytest
from sqlalchemy import Engine, event

from akeneo_assets.cli.instance import open_instance
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


@pytest.mark.usefixtures("shell")
def test_a_full_disk_is_named_by_the_history_too() -> None:
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
