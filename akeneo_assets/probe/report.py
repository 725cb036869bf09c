"""The report of a probe: a summary, Markdown, and a form without anything of the catalogue or the servers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from akeneo_assets.probe.facts import MARKS, Result, Verdict

_ORDER: Final[tuple[Verdict, ...]] = ("not handled", "handled", "not testable", "as assumed")


def summary(results: Sequence[Result]) -> str:
    """Return how many facts have each verdict."""
    counts = Counter(each.found.verdict for each in results)
    verdicts = ", ".join(f"{counts[verdict]} {MARKS[verdict]} {verdict}" for verdict in MARKS if counts[verdict])
    return f"{len(results)} facts: {verdicts}"


def markdown(results: Sequence[Result]) -> str:
    """Return the report as Markdown, the differences first."""
    header = "| | what is assumed | what was found | if it is different |"
    lines = [f"{summary(results)}.", "", header, "|---|---|---|---|"]
    for each in sorted(results, key=lambda result: _ORDER.index(result.found.verdict)):
        differs = each.found.verdict in {"handled", "not handled"}
        cells = (each.fact.assumed, each.found.text, each.fact.otherwise if differs else "")
        lines.append(f"| {MARKS[each.found.verdict]} | {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


def anonymous_report(results: Sequence[Result]) -> dict[str, Any]:
    """Return the verdicts as JSON. They contain no code, name, address or id."""
    return {"facts": {each.fact.key: each.found.verdict for each in results}}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
