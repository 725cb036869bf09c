"""Figures and their goals, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

_HEADINGS: Final = ("figure", "measured", "goal", "met")


@dataclass(frozen=True)
class Figure:
    """Something that was measured.

    Attributes:
        name: What it is.
        value: How much.
        unit: Of what.
        at_most: The goal: it must not exceed this.
        at_least: The goal: it must not fall below this.
    """

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.at_most is None and self.at_least is None:
            return None
        return not (
            (self.at_most is not None and self.value > self.at_most)
            or (self.at_least is not None and self.value < self.at_least)
        )

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The cells of a table with the columns figure, measured, goal and met."""
        at_most = [] if self.at_most is None else [f"≤ {_number(self.at_most)}"]
        at_least = [] if self.at_least is None else [f"≥ {_number(self.at_least)}"]
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return self.name, f"{_number(self.value)} {self.unit}", " and ".join(at_most + at_least), met


@dataclass(frozen=True)
class Section:
    """What one benchmark found."""

    title: str
    figures: Sequence[Figure]

    def __str__(self) -> str:
        rows = [_HEADINGS, *(figure.row for figure in self.figures)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
        lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
        return "\n".join([self.title, "", *lines, ""])

    @property
    def met(self) -> bool:
        """Whether all goals are met."""
        return all(figure.met is not False for figure in self.figures)


def as_json(sections: Iterable[Section]) -> str:
    """Return all sections as one JSON document."""
    return json.dumps([_document(section) for section in sections], indent=2, ensure_ascii=False)


def _document(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "figures": [{**asdict(figure), "met": figure.met} for figure in section.figures],
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"
