"""Statements that run every minute use indexes, so their cost does not grow with the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import event

from akeneo_assets.objects import OBJECTS
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import metadata
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.lag import lag
from akeneo_assets.sync.inspect.open_now import fields_not_stored, open_records, waiting_links
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World

_GROWING: Final = ("mirror", "ledger", "links", "changelog", "plan")
"""The tables whose size follows that of the catalogue."""

_OF_FEW_ROWS: Final = frozenset(
    str(index.name)
    for name in _GROWING
    for index in metadata.tables[name].indexes
    if index.dialect_kwargs.get("sqlite_where") is not None
)
"""Indexes that contain only rows with something left to do. Reading all of them is what a poll is for."""

_ACCESS: Final = re.compile(
    rf"(SCAN|SEARCH) ({'|'.join(_GROWING)})\b(?: USING (?:COVERING )?INDEX (\w+))?(?: \((.*)\))?"
)
_SAMPLE: Final = re.compile(r"FROM mirror WHERE mirror.kind = \? AND mirror.gone IS NULL ORDER BY mirror.\"key\" LIMIT")
_SAMPLE_SIZE: Final = 20
"""The first records of a kind are read, to see how Akeneo writes dates."""
_LARGE_KINDS: Final = {"product", "product_model", "variant"}


def reads_a_whole_kind(step: str, parameters: Sequence[object]) -> bool:
    """Whether a step of a query plan looks at all records of a large kind."""
    found = _ACCESS.match(step)
    if found is None or found[3] in _OF_FEW_ROWS:
        return False
    # The lists of the structure and the categories are short, so they may be read as a whole.
    is_large = "category" not in parameters and not _LARGE_KINDS.isdisjoint(map(str, parameters))
    return found[1] == "SCAN" or (found[4] == "kind=?" and is_large)


@contextmanager
def statements_of(database: Database) -> Iterator[list[tuple[str, Sequence[Any]]]]:
    """Collect the statements of a database with one set of their parameters."""
    seen: list[tuple[str, Sequence[Any]]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        seen.append((statement, parameters[0] if many else parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def slow_statements(engine: Engine, work: Callable[[], object]) -> list[str]:
    """Return the statements of some work that read a whole table or kind, with the plan of each."""
    database = engine.store._database
    with statements_of(database) as seen:
        work()
    assert seen, "no statement was seen"
    slow = []
    with closing(database.engine.raw_connection()) as connection:
        for statement, parameters in seen:
            plan = connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            is_sample = _SAMPLE.search(" ".join(statement.split())) and parameters[-2] <= _SAMPLE_SIZE
            if not is_sample and any(reads_a_whole_kind(step[3], parameters) for step in plan):
                slow.append(f"{' '.join(statement.split())}\n{[step[3] for step in plan]}")
    return sorted(set(slow))


def _edit(world: World) -> None:
    """Change a product, a model and a category, and add one that is blocked."""
    world.edit.save_product("straw-hat", {"values": {"name": [value("Hat", locale="en_US")]}})
    world.edit.save_model("linen-shirt", {"values": {"name": [value("Shirt", locale="en_US")]}})
    world.edit.save_product("nameless", {"family": "hats"})


def _checks(engine: Engine) -> None:
    """Do what the checks of all assets do."""
    for name in OBJECTS:
        open_records(engine.store, name)
        waiting_links(engine.store, name, older_than=86_400.0)
        fields_not_stored(engine.store, name)


@pytest.mark.parametrize(
    "work",
    [poll, lambda engine: lag(engine.store), lambda engine: engine.store.work.waiting(), _checks],
    ids=["poll", "lag", "waiting", "checks"],
)
@pytest.mark.parametrize("edited", [False, True], ids=["nothing changed", "edits"])
def test_no_statement_reads_all_products(synced: World, work: Callable[[Engine], object], edited: bool) -> None:
    poll(synced.engine())
    if edited:
        _edit(synced)
    engine = synced.engine()
    engine.log_in()

    assert slow_statements(engine, lambda: work(engine)) == []
