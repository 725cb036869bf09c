"""Tables that are never truncated, in a terminal of any width and in a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.measure import Measurement
from rich.table import Table

from akeneo_assets.cli.terminal import console, escape

_WIDEST: Final = 60
"""Longest line of a cell in a pipe, in characters. Longer values are wrapped."""


def shown(value: Any) -> str:
    """Return a value as text: strings as they are, None as an empty string, everything else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table as wide as the terminal, or as wide as needed if the output is not a terminal."""
    drawing = console()
    widest = None if drawing.is_terminal else _WIDEST
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", max_width=widest)
    for row in rows:
        table.add_row(*map(escape, row))
    if drawing.is_terminal:
        drawing.print(table)
        return
    unlimited = drawing.options.update(width=(_WIDEST + 2) * len(columns))
    drawing.width = Measurement.get(drawing, unlimited, table).maximum
    with drawing.capture() as drawn:
        drawing.print(table)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    drawing.print("\n".join(lines), markup=False, soft_wrap=True)


def print_differences(differs: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the differences field by field."""
    rows = [(field, shown(change["from"]), shown(change["to"])) for field, change in differs.items()]
    print_table(("field", "was", "is"), rows)
