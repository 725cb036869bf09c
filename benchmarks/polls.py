"""What a poll costs in a large state: one that finds nothing, and one that finds ten edits.

A state of any size is made from a loaded one by copying its records in the database, each under another key. The local
Akeneo does not have the copies, but a poll only asks it for changes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, event, func, insert, literal, select
from sqlalchemy import Engine as SqlEngine

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.catalogue_choice import Generated
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import DATABASE_SETTING, Settings
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import changelog, ledger, links, mirror
from akeneo_assets.sync import programme
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.partition_keys import changes_key
from akeneo_assets_tests.batches import EnginePartitions, steps_of
from akeneo_assets_tests.store.postgres import running_server
from benchmarks.loading import full_load
from benchmarks.processes import UNTHROTTLED, in_fresh_process, scratch_folder
from benchmarks.reporting import Figure, Section

EDITS: Final = 10
LARGEST_RATIO: Final = 1.5

_REPEATS: Final = 5
_RECORDS: Final = ("product_model", "product", "variant")
_COPIED: Final = {
    mirror: ("key", "parent", "identifier"),
    ledger: ("key", "ipaas_id", "parent_ipaas_id", "sku"),
    links: ("key", "target_key"),
    changelog: ("key", "ipaas_id", "sku"),
}
"""Table → the columns in which a copy differs from its original."""


@dataclass(frozen=True)
class Cost:
    """What one poll cost.

    Attributes:
        seconds: Processor time of the process; a PostgreSQL server works in others.
        elapsed: Seconds on the clock.
        statements: Statements sent to the database through SQLAlchemy.
    """

    seconds: float
    elapsed: float
    statements: int


@dataclass(frozen=True)
class Measured:
    """A state and its polls.

    Attributes:
        records: Records of products and models in the mirror.
        bytes: Size of the database.
        empty: Median of the polls that found nothing.
        edits: Median of the polls that found ten edits.
    """

    records: int
    bytes: int
    empty: Cost
    edits: Cost


def measure(products: int, copies: int, *, postgres: bool = False) -> list[Section]:
    """Poll a state of ``products``, then the same state with so many copies of each record.

    Args:
        products: Size of the generated catalogue.
        copies: How many copies of each of its records are added.
        postgres: Use a PostgreSQL server of its own instead of SQLite.
    """
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(catalogue=Generated(products)))
        folder = stack.enter_context(scratch_folder())
        url = stack.enter_context(running_server()) if postgres else f"sqlite:///{folder}/state.db"
        environment = {**sandbox.environment(), DATABASE_SETTING: url, **UNTHROTTLED}
        in_fresh_process(environment, folder, full_load)
        small = _measured(sandbox, environment, folder, url)
        _multiply(url, copies)
        large = _measured(sandbox, environment, folder, url)
    return [_section("PostgreSQL" if postgres else "SQLite", small, large)]


def _measured(sandbox: Sandbox, environment: dict[str, str], folder: str, url: str) -> Measured:
    named = [each["uuid"] for each in sandbox.akeneo.database.all("product") if "name" in each["values"]]
    in_fresh_process(environment, folder, poll)  # the edits of the load
    empty = [in_fresh_process(environment, folder, poll) for _ in range(_REPEATS)]
    edits = []
    for repeat in range(_REPEATS):
        for uuid in named[repeat * EDITS : (repeat + 1) * EDITS]:
            name = value(f"Edited at {time.time_ns()}", locale="en_US")
            sandbox.akeneo.edit.save_product(uuid, {"values": {"name": [name]}})
        written = len(sandbox.ipaas.journal)
        edits.append(in_fresh_process(environment, folder, poll))
        if len(sandbox.ipaas.journal) - written != EDITS:
            raise AssertionError(f"{EDITS} edits were made, {len(sandbox.ipaas.journal) - written} were sent")
    with closing(Database(url)) as database, database.read() as connection:
        records = connection.execute(select(func.count()).select_from(mirror).where(mirror.c.kind.in_(_RECORDS)))
        return Measured(records.scalar_one(), _size(database, connection), _median(empty), _median(edits))


def poll() -> Cost:
    """Do what all sensors together start, and return its cost without that of opening the connections."""
    with closing(connect(Settings.from_environment(), run_id=f"poll-{time.time_ns()}")) as engine:
        engine.log_in()
        with _counted() as statements:
            started, began = time.process_time(), time.monotonic()
            phases = programme.due(
                engine.find_work(),
                engine.store,
                engine.mapping,
                engine.rules_fingerprint,
                hour=changes_key(datetime.now(timezone.utc)),
                partitions=EnginePartitions(engine),
            )
            for phase in phases:
                for batch in phase.batches:
                    for step in steps_of(engine, batch):
                        step()
            return Cost(time.process_time() - started, time.monotonic() - began, len(statements))


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Collect the statements of all databases of this process."""
    statements: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(SqlEngine, "before_cursor_execute", count)
    yield statements
    event.remove(SqlEngine, "before_cursor_execute", count)


def _multiply(url: str, copies: int) -> None:
    """Copy each record, its delivery, its links and its history, so many times."""
    with closing(Database(url)) as database:
        for number in range(copies):
            with database.write() as connection:
                for table, differing in _COPIED.items():
                    _copy(connection, table, differing, f"~{number}")
        if not database.is_sqlite:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")


def _copy(connection: Connection, table: Table, differing: tuple[str, ...], suffix: str) -> None:
    columns = [column + literal(suffix) if column.name in differing else column for column in table.columns]
    originals = select(*columns).where(table.c.kind.in_(_RECORDS), ~table.c.key.contains("~"))
    connection.execute(insert(table).from_select([column.name for column in table.columns], originals))


def _size(database: Database, connection: Connection) -> int:
    if database.file is not None:
        return sum(
            Path(f"{database.file}{suffix}").stat().st_size
            for suffix in ("", "-wal")
            if Path(f"{database.file}{suffix}").exists()
        )
    size: int = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
    return size


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(each.seconds for each in costs),
        statistics.median(each.elapsed for each in costs),
        int(statistics.median(each.statements for each in costs)),
    )


def _section(backend: str, small: Measured, large: Measured) -> Section:
    polls: dict[str, Callable[[Measured], Cost]] = {
        "that finds nothing": lambda state: state.empty,
        f"with {EDITS} edits": lambda state: state.edits,
    }
    figures: list[Figure] = []
    for state in (small, large):
        size = f"{state.records:,} records"
        figures.append(Figure(f"{size}: size of the database", state.bytes / state.records, "bytes a record"))
        for what, cost_of in polls.items():
            cost = cost_of(state)
            figures += [
                Figure(f"{size}: a poll {what}", 1000 * cost.seconds, "ms processor time"),
                Figure(f"{size}: a poll {what}", 1000 * cost.elapsed, "ms on the clock"),
                Figure(f"{size}: a poll {what}", cost.statements, "statements"),
            ]
    for what, cost_of in polls.items():
        before, after = cost_of(small), cost_of(large)
        figures += [
            Figure(f"{name} of a poll {what}, large to small", ratio, "times", at_most=LARGEST_RATIO)
            for name, ratio in (
                ("processor time", after.seconds / before.seconds),
                ("time", after.elapsed / before.elapsed),
            )
        ]
    return Section(f"Polls in a small and a large state ({backend})", figures)
