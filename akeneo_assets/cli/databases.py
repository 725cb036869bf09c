"""``akeneo-assets db``: upgrade, check, back up, restore and move the state database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from rich.markup import escape
from rich.table import Table

from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.cli.subscriptions import chosen_settings, command
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import NamedSettings, Settings
from akeneo_assets.store.copies import back_up, move, restore
from akeneo_assets.store.database import Database
from akeneo_assets.store.inspection import existing, inspect_database, pending_of
from akeneo_assets.store.store import Store

_MEGABYTE: Final = 1024 * 1024


def upgrade_tables(*, dry_run: bool, as_json: bool) -> int:
    """Create or upgrade the tables, and print which migrations were executed."""
    settings = chosen_settings()
    pending = pending_of(settings.database_url)
    if not dry_run:
        Store.open(settings.database_url, throttle_url=settings.throttle_database_url).close()
    if as_json:
        print_json({"dry_run": dry_run, "migrations": pending})
        return ExitCode.DONE
    for version, meaning in pending.items():
        output.print(f"{version}  {escape(meaning)}")
    done = "would be executed. Nothing was changed." if dry_run else "were executed."
    output.print(f"{len(pending)} migrations {done}" if pending else "The tables are up to date.")
    return ExitCode.DONE


def check_database(*, as_json: bool) -> int:
    """Print the version, tables and size of the database.

    Returns:
        2 when the tables are missing or have to be upgraded, else 0.
    """
    with closing(existing(chosen_settings().database_url)) as database:
        found, address = inspect_database(database), database.address
    if as_json:
        print_json({"database": address, **asdict(found)})
    else:
        table = Table("table", title=escape(address), title_justify="left")
        table.add_column("rows", justify="right")
        for name, rows in found.rows.items():
            table.add_row(name, str(rows))
        output.print(table)
        output.print(
            f"Tables of version {found.version or 'none'}, this program uses {found.newest}. "
            f"Size: {found.size_bytes / _MEGABYTE:.1f} MB."
        )
        if found.pending:
            output.print(f"{len(found.pending)} migrations are pending. Run: {command('db upgrade')}")
    return ExitCode.WRONG_SETUP if found.pending else ExitCode.DONE


def back_up_database(file: Path) -> int:
    """Write a copy of the SQLite database, and print its size."""
    size = back_up(chosen_settings().database_url, file)
    output.print(
        f"The backup is in {escape(str(file))} ({size / _MEGABYTE:.1f} MB). It contains tokens; keep it private."
    )
    return ExitCode.DONE


def restore_database(file: Path, *, replace: bool) -> int:
    """Restore a copy of the SQLite database."""
    restore(file, chosen_settings().database_url, replace=replace)
    output.print(f"The backup was restored. Next: {command('sync full')}, which reads what changed since the backup.")
    return ExitCode.DONE


def move_database(target: str, *, as_json: bool) -> int:
    """Copy the state to another database, and print how many rows were copied."""
    settings = chosen_settings()
    target = _target(settings, target)
    copied = move(settings.database_url, target)
    if as_json:
        print_json(copied)
    else:
        with closing(Database(target)) as database:
            output.print(f"{sum(copied.values())} rows were copied to {escape(database.address)}.")
        setting = f"state of {settings.name}" if isinstance(settings, NamedSettings) else "AKENEO_ASSETS_DATABASE_URL"
        given = "the URL of this command" if isinstance(settings, NamedSettings) else "it"
        output.print(f"Next: set {setting} to {given}, and restart the code server and the daemon.")
    return ExitCode.DONE


def _target(settings: Settings, url: str) -> str:
    """Return the database that a subscription uses if its state is ``url``: on PostgreSQL, its own schema.

    Raises:
        ConfigurationError: The URL of a named subscription chooses a schema.
    """
    if isinstance(settings, NamedSettings) and "search_path" in url:
        raise ConfigurationError(
            f"The subscription {settings.name} uses its own schema, akeneo_assets_{settings.name}. "
            "Leave out search_path, in --to and in state."
        )
    return settings.model_copy(update={"akeneo_assets_database_url": SecretStr(url)}).database_url
