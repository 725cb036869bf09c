"""Figures and checks, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """Something that was measured.

    Attributes:
        name: What it is.
        value: How much.
        unit: Of what.
        least: The lowest possible value.
        records: The number of records it was needed for.
    """

    name: str
    value: float
    unit: str = "records"
    least: int | None = None
    records: int | None = None

    def __str__(self) -> str:
        compared = f"   least possible: {self.least:,}" if self.least is not None else ""
        shared = f"   {self.value / self.records:.3f} a record" if self.records else ""
        return f"  {self.name:<68}{_number(self.value):>10} {self.unit}{compared}{shared}"


@dataclass(frozen=True)
class Check:
    """A figure and its budget: it must not exceed ``limit``; with ``at_least``, it must not fall below it."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the budget is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.met else "MISSED"
        return f"  {self.name:<68}{_number(self.value):>10} {self.unit}   {sign} {_number(self.limit)}   {verdict}"


@dataclass(frozen=True)
class Section:
    """What one benchmark found."""

    title: str
    figures: list[Figure]
    checks: list[Check]

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.figures), "  Budgets", *map(str, self.checks), ""])


def as_json(sections: Iterable[Section]) -> str:
    """Return all sections as one JSON document."""
    return json.dumps([_document(section) for section in sections], indent=2, ensure_ascii=False)


def _document(section: Section) -> dict[str, Any]:
    document = asdict(section)
    for check, written in zip(section.checks, document["checks"], strict=True):
        written["met"] = check.met
    return document


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"
