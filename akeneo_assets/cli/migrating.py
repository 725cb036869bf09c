"""``akeneo-assets migrate-ids``: migrates existing state to the other AKENEO_PRODUCT_ID_FORMAT."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Final

from rich.markup import escape

from akeneo_assets.automation.dead_runs import end_dead_runs
from akeneo_assets.automation.own_runs import AD_HOC, ENGINE_JOBS, OwnRuns
from akeneo_assets.automation.runs import is_in_progress
from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.instance import open_instance
from akeneo_assets.cli.subscriptions import chosen, chosen_settings, command, project_of
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.id_migration import IdMigrator, MigratedIds

_SHOWN: Final = 10


def migrate_ids(to: ProductIdFormat, *, dry_run: bool, as_json: bool) -> int:
    """Migrate the ids of products, and print what was done.

    Args:
        to: The new format.
        dry_run: Only count.
        as_json: Print JSON instead of text.

    Returns:
        1 when iPaaS.com refused to link records, else 0.

    Raises:
        ConfigurationError: Runs are queued or executing.
    """
    settings = chosen_settings()
    in_new_format = settings.model_copy(update={"akeneo_product_id_format": to})
    with closing(connect(in_new_format, run_id="migrate-ids", any_id_format=True)) as engine:
        engine.log_in()
        if dry_run:
            result = IdMigrator(engine).preview()
        else:
            _reserve(engine, to)
            result = IdMigrator(engine).migrate()
    if as_json:
        print_json({"to": to, "dry_run": dry_run, **asdict(result)})
    else:
        _print(result, to, is_set=settings.akeneo_product_id_format == to, dry_run=dry_run)
    return int(bool(result.refused))


def _reserve(engine: Engine, to: ProductIdFormat) -> None:
    """Reserve the state before checking for runs, so that none can start between the check and the migration."""
    went_on = engine.store.id_migration.begin(to)
    with open_instance() as instance:
        runs = OwnRuns(instance, project_of(chosen().name).names)
        end_dead_runs(runs, engine.store.run_leases)
        busy = is_in_progress(runs, {*ENGINE_JOBS, AD_HOC})
    if busy:
        if not went_on:
            engine.store.id_migration.abandon()
        raise ConfigurationError(
            "Runs are queued or executing, so nothing was migrated. Turn off the sensors and schedules (dagster dev), "
            "wait for the runs to end or cancel them in the Dagster UI, then run this command again."
        )


def _print(result: MigratedIds, to: ProductIdFormat, *, is_set: bool, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    output.print(
        f"{result.products} products have an id in the format {to}. {result.renamed} records in the state database "
        f"{would}renamed, {result.linked} records in iPaaS.com {would}linked by their new external id."
    )
    if result.found:
        output.print(f"{result.found} of them were not in the state database.")
    if result.without_identifier:
        output.print(
            f"[yellow]{len(result.without_identifier)} products have no identifier.[/] They stay in iPaaS.com "
            f"unchanged and are not synced in this format: {escape(_listed(result.without_identifier))}"
        )
    for key, refusal in list(result.refused.items())[:_SHOWN]:
        output.print(f"[bold red]Not linked[/] {escape(key)}: {escape(refusal)}")
    if dry_run:
        output.print(f"Nothing was changed. Next: {command('migrate-ids')} --to {to}")
    elif is_set:
        output.print(f"Next: {command('sync full')}")
    else:
        output.print(f"Next: set AKENEO_PRODUCT_ID_FORMAT={to}, then {command('sync full')}")


def _listed(keys: list[str]) -> str:
    return ", ".join(keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")
