"""Prints results to standard output, and progress and errors to standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from akeneo_assets.cli.subscriptions import command
from akeneo_assets.cli.terminal import console, escape
from akeneo_assets.cli.totals import COLUMNS, Totals
from akeneo_assets.objects import OBJECTS
from akeneo_assets.settings import Settings
from akeneo_assets.visible import visible

output = console(soft_wrap=True)
errors = console(stderr=True, soft_wrap=True)


def print_json(document: Any) -> None:
    """Print a document as JSON."""
    output.print(visible(json.dumps(document, indent=2, ensure_ascii=False, default=str)), markup=False)


def print_error(message: str) -> None:
    """Print an error: what went wrong and what to do."""
    errors.print(f"[bold red]Error:[/] {escape(message)}")


def print_warning(message: str) -> None:
    """Print a warning about something that is allowed but probably unintended."""
    errors.print(f"[yellow]Warning:[/] {escape(message)}")


def print_totals(totals: Totals, settings: Settings | None = None) -> None:
    """Print a table of the six objects, and the records that need attention.

    Args:
        totals: The totals.
        settings: The settings, whose throttle tells how long a sync would take after a dry run.
    """
    table = Table(title="What would be sent" if totals.dry_run else None, title_justify="left")
    table.add_column("object")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for name, spec in OBJECTS.items():
        counts = [totals.counts[name][column] for column in COLUMNS]
        style = "red" if totals.counts[name]["failed"] or totals.counts[name]["blocked"] else None
        table.add_row(spec.title, *(str(count) if count else "·" for count in counts), style=style)
    output.print(table)
    requests = ", ".join(f"{count} to {api}" for api, count in totals.requests.items()) or "none"
    throttled = f"; waited {totals.throttled_seconds:.1f} s for the throttle" if totals.throttled_seconds >= 1 else ""
    output.print(f"{totals.read} records read. Requests: {requests}{throttled}.")
    if totals.dry_run and totals.forecast is not None and settings is not None:
        output.print(f"A sync would send: {totals.forecast.sentence(settings)}.")
    elif totals.sent and totals.forecast is not None:
        output.print(f"The plan forecast about {totals.forecast.ipaas:,} requests to iPaaS.com.")
    if totals.filtered:
        output.print(f"{totals.filtered} records are left out by the filter in the mapping file.")
    if totals.zero_price:
        output.print(
            f"[yellow]{totals.zero_price} records are sent with a price of 0.[/] To avoid this, set price_attribute "
            "and missing_price: block in the settings of the mapping file."
        )
    if totals.repaired:
        output.print(
            f"{totals.repaired} records were sent again, because the targets of their links are now in iPaaS.com."
        )
    for what, count in totals.left_out.most_common(10):
        output.print(f"[yellow]Left out or changed[/] in {count} records: {escape(what)}")
    print_problems(totals.problems)
    if totals.waiting and not totals.dry_run:
        waiting = " and ".join(f"{totals.waiting[state]} {state}" for state in sorted(totals.waiting))
        output.print(f"\nNot in iPaaS.com, from this and earlier runs: {waiting}. {command('status')} lists them.")


def print_problems(problems: Sequence[Mapping[str, Any]]) -> None:
    """Print records that need attention, with what to do."""
    if not problems:
        return
    output.print("\n[bold]Needs attention[/]")
    for problem in problems:
        output.print(
            f"  [bold]{escape(str(problem['record']))}[/] [dim]{escape(str(problem['code']))}[/]\n"
            f"    {escape(str(problem['what to do']))}"
        )


class BatchProgress:
    """Progress: a line that is redrawn in a terminal, or one line per batch elsewhere.

    Args:
        quiet: Show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._records: dict[str, int] = {}
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[records]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=errors,
            disable=quiet or not errors.is_terminal,
            transient=True,
        )
        self._quiet = quiet

    def records(self, step: str, subject: str, count: int) -> None:
        """Count records that are done."""
        what = f"{step} {subject.replace('_', ' ')}"
        self._records[what] = self._records.get(what, 0) + count
        for task in self._progress.tasks:
            if not task.finished:
                self._progress.update(task.id, records=f"{what}: {self._records[what]}")

    def done(self, text: str) -> None:
        """Print that a run is done, unless a progress line is redrawn instead."""
        if not self._quiet and not errors.is_terminal:
            errors.print(visible(text, line=True), markup=False)

    @contextmanager
    def phase(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show a phase of ``total`` partitions. Call the yielded function with the number of those that are done."""
        task = self._progress.add_task(title, total=total, records="")
        with self._progress:
            yield lambda count: self._progress.advance(task, count)
        self._progress.remove_task(task)
