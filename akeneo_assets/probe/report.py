"""The report of a probe: a summary, Markdown, and a form without anything of the catalogue or the servers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Final

from akeneo_assets.probe.facts import MARKS, Found, Result, Verdict

_ORDER: Final[tuple[Verdict, ...]] = ("not handled", "handled", "not testable", "as assumed")
_VERSION: Final = re.compile(r"\d{1,14}(?:\.\d{1,5}){0,3}")
_EDITIONS: Final = frozenset({"CE", "EE", "GE", "Serenity"})


def summary(results: Sequence[Result]) -> str:
    """Return how many facts have each verdict."""
    counts = Counter(each.found.verdict for each in results)
    verdicts = ", ".join(f"{counts[verdict]} {MARKS[verdict]} {verdict}" for verdict in MARKS if counts[verdict])
    return f"{len(results)} facts: {verdicts}"


def continued(results: Sequence[Result], since: float | None) -> str | None:
    """Return how many facts are those of an interrupted probe; None without any.

    Args:
        results: The results.
        since: When the interrupted probe began, in epoch seconds.
    """
    earlier = sum(each.is_earlier for each in results)
    if since is None or not earlier:
        return None
    began = f"{datetime.fromtimestamp(since, timezone.utc):%Y-%m-%d %H:%M} UTC"
    return f"{earlier} facts, marked as earlier, were found out by the interrupted probe of {began}"


def text_of(result: Result) -> str:
    """Return what was found out about a fact, and whether an interrupted probe found it."""
    return f"{result.found.text} (earlier)" if result.is_earlier else result.found.text


def markdown(results: Sequence[Result], *notes: str | None) -> str:
    """Return the report as Markdown, the differences first.

    Args:
        results: The results.
        notes: What else to tell.
    """
    header = "| | what is assumed | what was found | if it is different |"
    sentences = " ".join(f"{each}." for each in (summary(results), *notes) if each)
    lines = [sentences, "", header, "|---|---|---|---|"]
    for each in sorted(results, key=lambda result: _ORDER.index(result.found.verdict)):
        differs = each.found.verdict in {"handled", "not handled"}
        cells = (each.fact.assumed, text_of(each), each.fact.otherwise if differs else "")
        lines.append(f"| {MARKS[each.found.verdict]} | {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


def anonymous(result: Result) -> Result:
    """Return a result that contains nothing of the catalogue, the servers or the settings.

    What was found is told by the statuses and known error codes of the responses, because a text could contain any
    value. Of a profile, only our own names are kept.
    """
    found = result.found
    text = f"Responses: {', '.join(result.answers)}." if result.answers else "No details."
    profile = {section: sorted(names) if isinstance(names, Mapping) else [] for section, names in found.profile.items()}
    if profile:
        corrected = ", ".join(" ".join([section, *names]) for section, names in profile.items())
        text = f"{text} A profile can correct: {corrected}."
    return replace(result, found=Found(found.verdict, text))


def versions(found: Mapping[str, Any]) -> dict[str, str]:
    """Return Akeneo's version and edition. Anything else that a server calls so is left out.

    Args:
        found: What was found out about Akeneo.
    """
    number = _VERSION.match(str(found.get("version", "")))
    edition = str(found.get("edition", ""))
    return {
        **({} if number is None else {"version": number[0]}),
        **({"edition": edition} if edition in _EDITIONS else {}),
    }


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
