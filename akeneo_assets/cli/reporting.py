"""``akeneo-assets status``: what was delivered and what is pending, as tables or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rich.table import Table

from akeneo_assets.cli.display import output, print_json, print_problems
from akeneo_assets.cli.subscriptions import chosen_settings, command
from akeneo_assets.store.store import Store
from akeneo_assets.sync.inspect.lag import Lag, lag

_STATES = ("sent", "failed", "blocked", "pending")


def report_status(*, limit: int, as_json: bool) -> int:
    """Print what was delivered, what is pending, and why.

    Args:
        limit: How many problems to show.
        as_json: Print JSON instead of tables.

    Returns:
        0 if no record needs attention, else 1.
    """
    store = Store.open(chosen_settings().database_url)
    try:
        summary = store.reports.summary()
        failures = store.reports.failures(limit)
        waiting = bool(store.work.waiting())
        behind = lag(store)
    finally:
        store.close()
    problems = [
        {"record": f"{row['kind']} {row['key']}", "what to do": row["message"], **row}
        for row in json.loads(failures.to_json(orient="records", date_format="iso"))
    ]
    if as_json:
        print_json({**summary, "lag": asdict(behind), "problems": problems})
    else:
        _print(summary)
        _print_lag(behind)
        print_problems(problems)
        if waiting:
            output.print(f"\nFix the cause, then run: {command('sync record KIND ID')}, or wait for the next sync.")
    return 1 if waiting else 0


def _print_lag(behind: Lag) -> None:
    waiting = behind.oldest_edit_seconds
    facts = [f"{behind.due:,} records due" + ("" if waiting is None else f", oldest edit waiting {waiting:,.0f} s")]
    if behind.last_edit_seconds is not None:
        facts.append(f"the last edit took {behind.last_edit_seconds:,.0f} s to arrive")
    output.print(f"{'; '.join(facts)}.")
    for api, left in behind.throttles.items():
        if left is not None:
            paused = "; paused because the API asked for it" if left.paused else ""
            output.print(f"Throttle of {api}: {left.requests:,} of {left.limit:,} requests left{paused}.")


def _print(summary: dict[str, Any]) -> None:
    if not summary["records"]:
        output.print(f"Nothing has been delivered yet. Next: {command('check')}, then {command('sync full')}")
        return
    table = Table()
    table.add_column("record")
    for state in _STATES:
        table.add_column(state, justify="right")
    for kind, counts in sorted(summary["records"].items()):
        table.add_row(kind.replace("_", " "), *(str(counts[state]) if counts.get(state) else "·" for state in _STATES))
    output.print(table)
    planned = {name: sum(actions.values()) for name, actions in summary["planned"].items()}
    if planned:
        output.print("Planned but not sent yet: " + ", ".join(f"{count} {name}" for name, count in planned.items()))
    if summary["waiting_links"]:
        waiting_links = ", ".join(f"{count} {relation} links" for relation, count in summary["waiting_links"].items())
        output.print(f"Kept until their targets are in iPaaS.com: {waiting_links}")
    for field, count in summary["not_stored"].items():
        output.print(f"Not stored or not emptied by iPaaS.com, as the last probe found out: {field} of {count} records")
