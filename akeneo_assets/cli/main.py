"""The commands of ``akeneo-assets``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from akeneo_assets.cli.database_commands import db
from akeneo_assets.cli.options import FILE, json_option, with_exit_code
from akeneo_assets.objects import NAMED_KINDS

_KIND = click.Choice(tuple(NAMED_KINDS))
_PORT = click.IntRange(1, 65535)
_akeneo_port = click.option("--akeneo-port", default=8461, show_default=True, type=_PORT)
_ipaas_port = click.option("--ipaas-port", default=8462, show_default=True, type=_PORT)
_dry_run = click.option("--dry-run", is_flag=True, help="Read and plan, show what would be sent, and send nothing.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="akeneo_assets")
@click.option(
    "--subscription",
    default="default",
    metavar="NAME",
    envvar="AKENEO_ASSETS_SUBSCRIPTION",
    help="A subscription of the Dagster project in this folder; default: the one in the environment.",
)
def main(*, subscription: str) -> None:
    """Sync an Akeneo catalogue to iPaaS.com.

    Settings are read from environment variables or a .env file; the defaults point to the local sandbox.
    Each sync executes Dagster jobs, and their runs appear in the Dagster UI.

    Exit codes: 0 everything that was due is in iPaaS.com, 1 some records failed or are blocked (also by earlier runs),
    2 the setup is wrong, 3 Akeneo or iPaaS.com cannot be reached (nothing is lost), 70 unexpected error (its details
    are in a file), 130 stopped by Ctrl-C, 143 stopped by SIGTERM.
    """


@main.command()
@json_option
@with_exit_code
def check(*, as_json: bool) -> int:
    """Test the setup: addresses, credentials, permissions, versions and mapping."""
    from akeneo_assets.cli.checking import check_setup

    return check_setup(as_json=as_json)


@main.command()
@click.option("--side", type=click.Choice(("akeneo", "ipaas")), help="Test only this side; default: both.")
@click.option("--write", is_flag=True, help="Also make and change records in iPaaS.com, in a company for tests.")
@click.option("--yes", is_flag=True, help="Do not ask before --write.")
@click.option("--profile", type=FILE, help="Write the proposed API profile to this file, if there is one.")
@click.option("--anonymous", is_flag=True, help="Print no codes, names and addresses, to share the report.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the report as Markdown.")
@click.option("--again", is_flag=True, help="Start from the beginning, even if a probe was interrupted.")
@json_option
@with_exit_code
def probe(*, as_markdown: bool, as_json: bool, **options: Any) -> int:
    """Test what this project assumes about Akeneo and iPaaS.com on yours, and store what it finds.

    Without --write, it only reads, with less than 200 requests. Continues a probe that was interrupted in the last 24
    hours.

    \b
    ✔ as assumed   ≠ different, and handled   ✘ different, and not handled   ? not testable here

    Exit codes: 0 everything is as assumed or handled, 1 a difference is not handled.
    """  # noqa: D301 - click reads the character backspace, which keeps the line breaks
    from akeneo_assets.cli.probing import probe as run

    return run(form="json" if as_json else "markdown" if as_markdown else "text", **options)


@main.group()
def sync() -> None:
    """Sync the catalogue, or a part of it, to iPaaS.com."""


@sync.command()
@_dry_run
@json_option
@with_exit_code
def full(*, dry_run: bool, as_json: bool) -> int:
    """Sync everything: structure, categories, then all families. Unchanged records are not sent."""
    return _synced(lambda syncing: syncing.full(), dry_run=dry_run, as_json=as_json)


@sync.command()
@click.option("--tree", metavar="CODE", help="Sync only the tree with this root category.")
@_dry_run
@json_option
@with_exit_code
def categories(*, tree: str | None, dry_run: bool, as_json: bool) -> int:
    """Sync the category trees, parents before children."""
    return _synced(lambda syncing: syncing.categories(tree), dry_run=dry_run, as_json=as_json)


@sync.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@_dry_run
@json_option
@with_exit_code
def family(*, codes: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Sync whole families. CODE is the code of a family, or ~none for the products without one."""
    return _synced(lambda syncing: syncing.families(codes), dry_run=dry_run, as_json=as_json)


@sync.command()
@_dry_run
@json_option
@with_exit_code
def changes(*, dry_run: bool, as_json: bool) -> int:
    """Sync changes since the last complete read, and retry records that are due for retry."""
    return _synced(lambda syncing: syncing.changes(), dry_run=dry_run, as_json=as_json, may_be_nothing=True)


@sync.command()
@click.argument("kind", type=_KIND)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--force", is_flag=True, help="Send the records even if nothing changed.")
@_dry_run
@json_option
@with_exit_code
def record(*, kind: str, ids: tuple[str, ...], force: bool, dry_run: bool, as_json: bool) -> int:
    """Sync single records with everything they need.

    IDs are codes, SKUs, or uuids or identifiers of products.
    """
    return _synced(
        lambda syncing: syncing.records(NAMED_KINDS[kind], ids, force=force), dry_run=dry_run, as_json=as_json
    )


@main.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@json_option
@with_exit_code
def retry(*, ids: tuple[str, ...], as_json: bool) -> int:
    """Retry failed and blocked records now: all of them, or those with these ids or SKUs."""
    return _synced(lambda syncing: syncing.retry(ids), dry_run=False, as_json=as_json, may_be_nothing=True)


@main.command()
@click.option("--limit", default=20, show_default=True, help="How many problems to show.")
@json_option
@with_exit_code
def status(*, limit: int, as_json: bool) -> int:
    """Show what was delivered, what is pending, and why."""
    from akeneo_assets.cli.reporting import report_status

    return report_status(limit=limit, as_json=as_json)


@main.command()
@click.option(
    "--max-age",
    default=2700,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="How long ago the last look for changes may be.",
)
@json_option
@with_exit_code
def health(*, max_age: int, as_json: bool) -> int:
    """Report whether the sync works, as last seen. Sends no requests.

    Exit codes: 0 healthy, 1 nothing looked for changes in time and no run is working, 2 the database cannot be used,
    3 the last request to Akeneo or iPaaS.com failed.
    """
    from akeneo_assets.cli.health import check_health

    return check_health(maximum_age=max_age, as_json=as_json)


@main.command()
@click.argument("kind", type=_KIND)
@click.argument("record_id", metavar="ID")
@json_option
@with_exit_code
def explain(*, kind: str, record_id: str, as_json: bool) -> int:
    """Show where each field of a record comes from, its state, how it differs from what was sent, and its history.

    ID is a code, a SKU, or the uuid or identifier of a product. Makes no requests.
    """
    from akeneo_assets.cli.explaining import explain_record

    return explain_record(kind, record_id, as_json=as_json)


@main.command()
@click.option(
    "--sample", default=200, show_default=True, type=click.IntRange(min=0), help="How many random records to read back."
)
@click.option("--all", "everything", is_flag=True, help="Read all records back, one request for each.")
@click.option("--after", metavar="RECORD", help="With --all, continue after this record, e.g. 'product 1234'.")
@click.option("--repair", is_flag=True, help="Send the records that differ again with the next sync.")
@json_option
@with_exit_code
def verify(*, sample: int, everything: bool, after: str | None, repair: bool, as_json: bool) -> int:
    """Compare both catalogues: reconcile their counts, and read records back from iPaaS.com.

    Fields and list entries that only iPaaS.com has are not compared. The sample changes every day.

    Exit codes: 0 everything agrees, 1 counts or records differ (also if --repair made them due).
    """
    from akeneo_assets.cli.verifying import verify

    return verify(sample=sample, everything=everything, after=after, repair=repair, as_json=as_json)


@main.command("migrate-ids")
@click.option("--to", required=True, type=click.Choice(["UUID", "Identifier"]), help="The new format.")
@click.option("--dry-run", is_flag=True, help="Show what would be renamed and linked, and change nothing.")
@json_option
@with_exit_code
def migrate_ids(*, to: Any, dry_run: bool, as_json: bool) -> int:
    """Migrate products in the state database and in iPaaS.com to another AKENEO_PRODUCT_ID_FORMAT.

    Turn off sensors and schedules first. If the command is interrupted, run it again. With a new database, it links
    the records that a previous database left in iPaaS.com.
    """
    from akeneo_assets.cli.migrating import migrate_ids

    return migrate_ids(to, dry_run=dry_run, as_json=as_json)


main.add_command(db)


@main.group()
def mapping() -> None:
    """Write, check and compare mapping files. Uses the mirror only and sends nothing."""


@mapping.command("check")
@click.argument("file", required=False, type=FILE)
@json_option
@with_exit_code
def mapping_check(*, file: Path | None, as_json: bool) -> int:
    """Check a mapping file, by default the one in use: its syntax, its fit to the catalogue, and its formulas.

    Exit codes: 0 no errors, 2 errors.
    """
    from akeneo_assets.cli.mapping_files import check_file

    return check_file(file, as_json=as_json)


@mapping.command("init")
@click.argument("file", default="mapping.yaml", type=FILE)
@with_exit_code
def mapping_init(*, file: Path) -> int:
    """Write a commented mapping file to start from, by default mapping.yaml."""
    from akeneo_assets.cli.mapping_files import write_starter

    return write_starter(file)


@mapping.command("diff")
@click.argument("file", type=FILE)
@click.option(
    "--limit", default=2, show_default=True, type=click.IntRange(min=0), help="How many records of each object to show."
)
@json_option
@with_exit_code
def mapping_diff(*, file: Path, limit: int, as_json: bool) -> int:
    """Show which records would change with FILE instead of the mapping in use, and how."""
    from akeneo_assets.cli.mapping_diff import print_diff

    return print_diff(file, limit=limit, as_json=as_json)


class _SandboxGroup(click.Group):
    """Runs the sandbox, unless the first argument names a command of the group."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``run`` first where no command is named."""
        names = {*self.commands, *self.get_help_option_names(ctx)}
        return super().parse_args(ctx, args if args and args[0] in names else ["run", *args])


@main.group(cls=_SandboxGroup)
def sandbox() -> None:
    """Run a local Akeneo and a local iPaaS.com, or edit records in the local Akeneo.

    `akeneo-assets sandbox [-- COMMAND]` is short for `akeneo-assets sandbox run [-- COMMAND]`.
    """


@sandbox.command()
@click.argument("kind", type=click.Choice(("product", "product_model", "category", "option")))
@click.argument("record_id", metavar="ID")
@click.argument("field")
@click.argument("value")
@click.option("--locale", help="Locale of the value; default: the first one of the first channel.")
@click.option("--channel", help="Channel of the value; default: the first one.")
@click.option("--currency", help="Currency of a price; default: the first one of the first channel.")
@_akeneo_port
@with_exit_code
def edit(*, kind: str, record_id: str, field: str, value: str, akeneo_port: int, **places: str | None) -> int:
    """Change one field of a record in the local Akeneo, as a user of Akeneo would.

    ID is the identifier of a product, a code, or attribute/code for an option. FIELD is the code of an attribute, such
    as name or price, or sku, enabled, categories (codes with commas), parent, or label (of categories and options).
    An empty VALUE removes the value.

    \b
    For example:
      akeneo-assets sandbox edit product straw-hat price 12.50
      akeneo-assets sandbox edit product straw-hat name "Sun hat"
      akeneo-assets sandbox edit option color/sage label Sage
    """  # noqa: D301 - click reads the character backspace, which keeps the line breaks
    from akeneo_assets.cli.sandbox_edits import edit_record

    return edit_record(kind, record_id, field, value, port=akeneo_port, places=places)


@sandbox.command("run", context_settings={"ignore_unknown_options": True})
@_akeneo_port
@_ipaas_port
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the sandbox's state; default: in memory.",
)
@click.option("--products", type=click.IntRange(min=1), help="Generate a catalogue with this many products.")
@click.option("--seed", default=1, show_default=True, help="Random seed of the generated catalogue.")
@click.option("--families", type=click.IntRange(min=1), help="Generate this many equal families of simple products.")
@click.option("--linked", type=click.FloatRange(0, 1), help="Share of generated products with links to any others.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@with_exit_code
def sandbox_run(
    *,
    akeneo_port: int,
    ipaas_port: int,
    folder: Path | None,
    products: int | None,
    seed: int,
    families: int | None,
    linked: float | None,
    command: tuple[str, ...],
) -> int:
    """Run a local Akeneo and a local iPaaS.com until Ctrl-C, or while COMMAND runs.

    COMMAND gets the sandbox's addresses as environment variables: akeneo-assets sandbox -- dagster dev
    """
    from akeneo_assets.cli.local import run_sandbox
    from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice, Generated

    if products is None and (families or linked):
        raise click.UsageError("--families and --linked generate a catalogue. Add its size with --products.")
    catalogue: CatalogueChoice = "sample"
    if products is not None:
        catalogue = Generated(products, seed, families or 0, linked or 0.0)
    return run_sandbox(akeneo_port, ipaas_port, folder=folder, catalogue=catalogue, command=command)


@main.command()
@_akeneo_port
@_ipaas_port
@click.option("--keep", is_flag=True, help="Keep the data of an earlier demo instead of starting over.")
@with_exit_code
def demo(*, akeneo_port: int, ipaas_port: int, keep: bool) -> int:
    """Start the sandbox, sync its whole catalogue to iPaaS.com through Dagster, and show the results."""
    from akeneo_assets.cli.demo import run_demo

    return run_demo(akeneo_port, ipaas_port, keep=keep)


def _synced(run: Callable[[Any], Any], *, dry_run: bool, as_json: bool, may_be_nothing: bool = False) -> int:
    from akeneo_assets.cli.display import print_error, print_json, print_totals
    from akeneo_assets.cli.subscriptions import chosen, chosen_settings
    from akeneo_assets.cli.syncing import Sync, log_in
    from akeneo_assets.cli.workers import prepare_workers

    settings = chosen_settings()
    if not may_be_nothing:
        prepare_workers()
    log_in(settings)
    with Sync(settings, chosen(), dry_run=dry_run, quiet=as_json) as syncing:
        totals = run(syncing)
    if as_json:
        print_json(totals.document())
    else:
        print_totals(totals, settings)
    for message in dict.fromkeys(failure.message for failure in totals.failures):
        print_error(message)
    return int(totals.exit_code)
