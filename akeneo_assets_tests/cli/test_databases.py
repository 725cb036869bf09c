from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from akeneo_assets.store.schema import HEAD
from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell_with_database(shell: Shell) -> Shell:
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
    return shell


def test_a_database_is_created_explicitly(shell_with_database: Shell) -> None:
    shell = shell_with_database
    missing = shell.call("db", "check")
    assert (missing.code, "akeneo-assets db upgrade" in missing.errors) == (2, True)

    preview = shell.call("db", "upgrade", "--dry-run")
    assert "Nothing was changed" in preview.output
    assert not (shell.folder / "state.db").exists()

    assert f"{HEAD} " in shell.call("db", "upgrade").output
    assert shell.call("db", "upgrade").output == "The tables are up to date.\n"
    checked = shell.call("db", "check", "--json")
    assert (checked.code, checked.document["version"], checked.document["pending"]) == (0, HEAD, {})


def test_an_old_database_has_to_be_upgraded(shell_with_database: Shell) -> None:
    shell = shell_with_database
    shell.call("db", "upgrade")
    engine = create_engine(f"sqlite:///{shell.folder / 'state.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE akeneo_assets_version SET version_num = '0012'"))
    engine.dispose()
    checked = shell.call("db", "check")
    assert (checked.code, "migrations are pending. Run: akeneo-assets db upgrade" in checked.text) == (2, True)


def test_a_database_is_backed_up_restored_and_moved(shell_with_database: Shell) -> None:
    shell = shell_with_database
    shell.call("db", "upgrade")
    assert shell.call("db", "backup", "backup.db").code == 0
    assert "exists already" in shell.call("db", "backup", "backup.db").text
    assert shell.call("db", "restore", "backup.db").code == 0
    moved = shell.call("db", "move", "--to", f"sqlite:///{shell.folder / 'moved.db'}")
    assert (moved.code, "restart the code server" in moved.text) == (0, True)
