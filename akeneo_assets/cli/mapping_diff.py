"""``akeneo-assets mapping diff``: what would change with another mapping file."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.subscriptions import chosen_settings
from akeneo_assets.cli.tables import print_differences, print_table
from akeneo_assets.cli.terminal import escape
from akeneo_assets.objects import OBJECTS
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.inspect.check_mapping import unread
from akeneo_assets.sync.inspect.compare import Comparison, compare


def print_diff(path: Path, *, limit: int, as_json: bool) -> int:
    """Print which records would change with another mapping file.

    Args:
        path: The file.
        limit: How many records of each object to show.
        as_json: Print JSON instead of tables.

    Returns:
        Always 0, even if records would change.
    """
    settings = chosen_settings()
    other = settings.model_copy(update={"akeneo_assets_mapping": str(path)})
    with (
        closing(connect(other, run_id="mapping-diff")) as after,
        closing(connect(settings, run_id="mapping-diff")) as before,
    ):
        notes = unread(after.mapping, after.store, after.structure)
        found = compare(after.store, before.mapper, after.mapper, limit=limit)
    if as_json:
        first = [asdict(each) for each in found.first]
        counts = {"compared": dict(found.compared), "different": dict(found.different)}
        print_json({**counts, "first": first, "unchecked": notes})
    else:
        _print(found, notes)
    return 0


def _print(found: Comparison, notes: list[str]) -> None:
    total = found.different.total()
    if total:
        rows = [
            (spec.title, str(found.different[name]), str(found.compared[name]))
            for name, spec in OBJECTS.items()
            if found.compared[name]
        ]
        print_table(("object", "would change", "of"), rows)
    else:
        output.print(f"None of the {found.compared.total()} records in the mirror would change.")
    for each in found.first:
        output.print(f"[bold]{each.kind.replace('_', ' ')} {escape(each.name)}[/]")
        print_differences(each.fields)
    if found.first and total > len(found.first):
        output.print(f"{total - len(found.first)} more records would change; use --limit to show more.")
    for note in notes:
        output.print(f"[yellow]not checked[/] {escape(note)}")
