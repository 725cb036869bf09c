"""``akeneo-assets health``: whether the sync works, as last seen, without a request to Akeneo or iPaaS.com."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from rich.markup import escape

from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.cli.subscriptions import chosen_settings
from akeneo_assets.store.contacts import CHANGES, Seen
from akeneo_assets.store.inspection import existing
from akeneo_assets.store.store import Store

_APIS = {"akeneo": "Akeneo", "ipaas": "iPaaS.com"}


@dataclass(frozen=True)
class Health:
    """What was seen last.

    Attributes:
        seen: The last contacts: both APIs, and the last look for changes.
        runs: How many runs are working now.
        now: The current time, in epoch seconds.
        maximum_age: After how many seconds without a look for changes the sync counts as stopped.
    """

    seen: dict[str, Seen]
    runs: int
    now: float
    maximum_age: float

    @property
    def is_stopped(self) -> bool:
        """Whether no run is working, and nothing looked for changes in time."""
        looked = self.seen.get(CHANGES)
        return not self.runs and (looked is None or looked.at < self.now - self.maximum_age)

    @property
    def problems(self) -> list[str]:
        """Why the last request to an API failed."""
        return [seen.problem for name, seen in self.seen.items() if name in _APIS and seen.problem is not None]

    @property
    def exit_code(self) -> ExitCode:
        """An outage first: it is also a reason why nothing looked for changes."""
        if self.problems:
            return ExitCode.UNREACHABLE
        return ExitCode.RECORDS if self.is_stopped else ExitCode.DONE


def check_health(*, maximum_age: float, as_json: bool) -> int:
    """Print what was seen last, and return an exit code for probes.

    Raises:
        ConfigurationError: The database does not exist or cannot be used.
        StateError: The database failed.
    """
    url = chosen_settings().database_url
    existing(url).close()
    with closing(Store.open(url)) as store:
        health = Health(store.contacts.seen(), len(store.run_leases.current()), time.time(), maximum_age)
    if as_json:
        print_json(_document(health))
        return health.exit_code
    output.print("The state database is usable.")
    for name, title in {**_APIS, CHANGES: "Look for changes"}.items():
        output.print(f"{title}: {escape(_described(health.seen.get(name), health.now))}")
    output.print(f"{health.runs} runs are working.")
    if health.is_stopped:
        output.print(
            f"[yellow]Nothing looked for changes in the last {maximum_age:g} s.[/] Check that the daemon runs."
        )
    return health.exit_code


def _described(seen: Seen | None, now: float) -> str:
    if seen is None:
        return "never"
    last = "never" if seen.succeeded_at is None else f"{_age(seen.succeeded_at, now)} s ago"
    if seen.problem is None:
        return last
    return f"failed {_age(seen.at, now)} s ago, last success {last}: {seen.problem}"


def _age(at: float, now: float) -> int:
    return max(0, round(now - at))


def _document(health: Health) -> dict[str, Any]:
    return {
        "healthy": health.exit_code == ExitCode.DONE,
        "stopped": health.is_stopped,
        "runs": health.runs,
        **{
            name: {"seconds_ago": _age(seen.at, health.now), "succeeded_at": seen.succeeded_at, "problem": seen.problem}
            for name, seen in health.seen.items()
        },
    }
