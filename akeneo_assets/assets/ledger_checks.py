"""The checks of the assets. They read the ledger, so they show what is open now and not what the last run touched."""

from __future__ import annotations

import functools
import operator
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import dagster as dg

from akeneo_assets.assets.problem_table import field_rows, problem_rows, time_of
from akeneo_assets.assets.reporting import MetadataValue, table_of
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.settings import Settings
from akeneo_assets.store.open_problems import Waiting
from akeneo_assets.store.store import Store
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.open_now import (
    Open,
    fields_not_stored,
    open_records,
    undelivered_records,
    waiting_links,
)
from akeneo_assets.sync.partition_keys import is_changes
from akeneo_assets.sync.results import StepResult

_LINK_SECONDS: Final = 86_400
_SECONDS_AN_HOUR: Final = 3_600
_NOUNS: Final = {
    "links": "links waiting",
    "fields": "fields not stored",
    "held": "held until the records that they refer to are sent",
}


@dataclass(frozen=True)
class LedgerCheck:
    """A check of the partitions of an asset.

    Attributes:
        name: Its name.
        layer: The layer of its assets.
        description: What it says in the UI.
        find: Returns what is open of an object, by partition.
        counted: What it counts of records that were delivered, if it looks at these.
        states: The states of records that fail it; none if it looks at records that were delivered.
        of_links: Whether it also checks the object that only sends links.
    """

    name: str
    layer: Layer
    description: str
    find: Callable[[Store, ObjectName], Mapping[str, Open]]
    states: tuple[str, ...] = ()
    counted: Waiting = "links"
    of_links: bool = False


def _blocked(store: Store, object_name: ObjectName) -> Mapping[str, Open]:
    return {key: each for key, each in open_records(store, object_name).items() if each.blocked}


def _links(store: Store, object_name: ObjectName) -> Mapping[str, Open]:
    return waiting_links(store, object_name, older_than=_LINK_SECONDS)


CHECKS: Final = (
    LedgerCheck(
        "nothing_blocked",
        "catalog",
        "No record of the partition is blocked because of its data in Akeneo. The table *problems* says what to fix.",
        _blocked,
        ("blocked",),
    ),
    LedgerCheck(
        "all_delivered",
        "ipaas",
        "iPaaS.com has every record of the partition as it is in Akeneo: none is failed or blocked, whichever run "
        "caused it, or held by a full load until the records that it refers to are sent. A warning at first, an error "
        "after CHECK_ERROR_ATTEMPTS attempts or CHECK_ERROR_HOURS hours.",
        undelivered_records,
        ("failed", "blocked"),
    ),
    LedgerCheck(
        "links_complete",
        "ipaas",
        "No link of a delivered record has waited for its target for more than a day. It is sent when the target is in "
        "iPaaS.com.",
        _links,
        of_links=True,
    ),
    LedgerCheck(
        "all_stored",
        "ipaas",
        "iPaaS.com stores and empties all fields of the delivered records of the partition, as far as the last "
        "`akeneo-assets probe --write` found out. What it does not is sent when a later one finds that it does.",
        fields_not_stored,
        counted="fields",
        of_links=True,
    ),
)


def checks_of(layer: str, object_name: ObjectName) -> list[LedgerCheck]:
    """Return the checks of an asset."""
    sends_records = OBJECTS[object_name].kind is not None
    return [check for check in CHECKS if check.layer == layer and (sends_records or check.of_links)]


def check_specs(layer: str, object_name: ObjectName, spec: dg.AssetSpec) -> list[dg.AssetCheckSpec]:
    """Return the specs of the checks of an asset."""
    with warnings.catch_warnings():
        # Checks with partitions are a preview in Dagster 1.13. Users need not see that with every command.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                check.name, asset=spec.key, description=check.description, partitions_def=spec.partitions_def
            )
            for check in checks_of(layer, object_name)
        ]


@dataclass(frozen=True)
class Verdict:
    """The result of a check for a partition.

    Attributes:
        check: The check.
        here: What is open; None if nothing is.
        total: What is open in all partitions of the object; None if nothing is.
        is_error: Whether it is more than a warning.
    """

    check: LedgerCheck
    here: Open | None
    total: Open | None
    is_error: bool

    @property
    def passed(self) -> bool:
        """Whether nothing is open."""
        return self.here is None

    @property
    def severity(self) -> dg.AssetCheckSeverity:
        """How bad it is."""
        return dg.AssetCheckSeverity.ERROR if self.is_error else dg.AssetCheckSeverity.WARN

    @property
    def description(self) -> str:
        """What is open, as a sentence."""
        here = self._counted(self.here)
        said = f"{here}; the oldest since {time_of(self.here.since)}." if self.here else "Nothing is open."
        total = self._counted(self.total)
        return said if total in {"", here} else f"{said} In all partitions: {total}."

    @property
    def counts(self) -> dict[str, int]:
        """What the metadata counts."""
        return self._counts(self.here or Open(0.0))

    def metadata(self, engine: Engine, object_name: ObjectName, partition_key: str) -> dict[str, MetadataValue]:
        """Return the metadata: counts, the oldest, and the table of problems."""
        shown: dict[str, MetadataValue] = {name: dg.MetadataValue.int(count) for name, count in self.counts.items()}
        if self.here is None:
            return shown
        shown["oldest"] = dg.MetadataValue.timestamp(self.here.since)
        if self.here.attempts:
            shown["attempts"] = dg.MetadataValue.int(self.here.attempts)
        # Held records are no problems.
        rows = (
            field_rows(engine, object_name, partition_key)
            if self.check.counted == "fields"
            else problem_rows(engine, object_name, partition_key, states=self.check.states)
        )
        if rows:
            shown["problems"] = table_of(rows)
        return shown

    def _counts(self, some: Open) -> dict[str, int]:
        of_state = {"failed": some.failed, "blocked": some.blocked}
        of_delivered = {"links": some.links, "fields": some.fields}
        counted = self.check.counted
        counts = {state: of_state[state] for state in self.check.states} or {counted: of_delivered[counted]}
        return {**counts, "held": some.held} if some.held else counts

    def _counted(self, some: Open | None) -> str:
        numbers = {} if some is None else self._counts(some)
        return ", ".join(f"{number:,} {_NOUNS.get(name, name)}" for name, number in numbers.items() if number)


def total_of(found: Mapping[str, Open]) -> Open | None:
    """Return what is open in all partitions; None if nothing is. Hours of changes have records of the families."""
    partitions = [some for key, some in found.items() if not is_changes(key)]
    return functools.reduce(operator.add, partitions) if partitions else None


def is_error(check: LedgerCheck, here: Open | None, settings: Settings) -> bool:
    """Whether what is open in a partition is more than a warning, because it is old or was often tried."""
    if here is None or not check.states:
        return False
    hours = (time.time() - here.since) / _SECONDS_AN_HOUR
    return here.attempts >= settings.check_error_attempts or hours >= settings.check_error_hours


def problems_now(
    engine: Engine, layer: str, object_name: ObjectName, partition_key: str, result: StepResult, *, is_open: bool
) -> dict[str, MetadataValue]:
    """Return the table of what is open now in a partition, and of what its step noted; empty if there is nothing."""
    states = [state for check in checks_of(layer, object_name) for state in check.states] if is_open else []
    rows = problem_rows(engine, object_name, partition_key, states=states, noted=result.problems)
    return {"problems": table_of(rows)} if rows else {}
