"""The commands of ``akeneo-assets db``."""

from __future__ import annotations

from pathlib import Path

import click

from akeneo_assets.cli.options import FILE, json_option, with_exit_code


@click.group()
def db() -> None:
    """Upgrade, check, back up, restore and move the state database."""


@db.command("upgrade")
@click.option("--dry-run", is_flag=True, help="Show which migrations are pending, and change nothing.")
@json_option
@with_exit_code
def db_upgrade(*, dry_run: bool, as_json: bool) -> int:
    """Create or upgrade the tables. Other processes that open the database wait in the meantime.

    Every command and run does the same when it opens the database. Run this before a deployment, to see an error early.
    """
    from akeneo_assets.cli.databases import upgrade_tables

    return upgrade_tables(dry_run=dry_run, as_json=as_json)


@db.command("check")
@json_option
@with_exit_code
def db_check(*, as_json: bool) -> int:
    """Show the version, tables and size of the database; with SQLite, also check that the file is not damaged.

    Exit codes: 0 usable, 2 missing, damaged, or migrations are pending.
    """
    from akeneo_assets.cli.databases import check_database

    return check_database(as_json=as_json)


@db.command("backup")
@click.argument("file", type=FILE)
@with_exit_code
def db_backup(*, file: Path) -> int:
    """Write a consistent copy of a SQLite database to FILE, also while runs use it.

    For PostgreSQL, use pg_dump.
    """
    from akeneo_assets.cli.databases import back_up_database

    return back_up_database(file)


@db.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Overwrite a database that contains records.")
@with_exit_code
def db_restore(*, file: Path, replace: bool) -> int:
    """Restore FILE, which `akeneo-assets db backup` wrote. Stop the daemon first.

    For PostgreSQL, use pg_restore.
    """
    from akeneo_assets.cli.databases import restore_database

    return restore_database(file, replace=replace)


@db.command("move")
@click.option("--to", "target", required=True, metavar="URL", help="An empty database, e.g. postgresql://…")
@json_option
@with_exit_code
def db_move(*, target: str, as_json: bool) -> int:
    """Copy the state to another database, for example from SQLite to PostgreSQL. Stop the daemon first.

    The old database stays as it is.
    """
    from akeneo_assets.cli.databases import move_database

    return move_database(target, as_json=as_json)
