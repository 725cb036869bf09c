"""The content of alerts: one digest of new and solved problems. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_LISTED: Final = 10
LONGEST_WAIT_SECONDS: Final = 300.0
"""How long a digest waits for a run to end, so that a burst of failures gives one message."""


@dataclass(frozen=True)
class Problem:
    """A failed run, or a record that failed or is blocked.

    Attributes:
        subject: Identifies it, e.g. ``product/straw-hat``; it is announced once until it is solved.
        title: What a user calls it.
        message: What happened, and what to do.
        link: Where to look; None if no URL is known.
    """

    subject: str
    title: str
    message: str
    link: str | None = None


@dataclass(frozen=True)
class Digest:
    """One message to a channel.

    Attributes:
        new: Problems that were not announced yet.
        recovered: Announced problems that are solved: title by subject.
        still_open: How many announced problems remain open.
        subscription: The subscription that they belong to; empty for the one in the environment.
    """

    new: tuple[Problem, ...]
    recovered: Mapping[str, str]
    still_open: int
    subscription: str = ""

    @property
    def subject(self) -> str:
        """One line that says it all."""
        sync = f"Akeneo to iPaaS.com ({self.subscription})" if self.subscription else "Akeneo to iPaaS.com"
        if not self.new:
            rest = f", {self.still_open} still open" if self.still_open else ""
            return f"{sync} recovered: {_count(len(self.recovered))} solved{rest}"
        solved = f", {len(self.recovered)} solved" if self.recovered else ""
        return f"{sync}: {_count(len(self.new))} new{solved}"

    @property
    def text(self) -> str:
        """The whole message; it lists the first ten problems of each part."""
        links = [f"- {each.title}: {each.message}" + (f"\n  {each.link}" if each.link else "") for each in self.new]
        lines = [self.subject, *self._first(links), *(["Solved:"] if self.recovered and self.new else [])]
        return "\n".join([*lines, *self._first([f"- {title}" for title in self.recovered.values()])])

    def _first(self, lines: Sequence[str]) -> list[str]:
        rest = len(lines) - _LISTED
        chosen = f" --subscription {self.subscription}" if self.subscription else ""
        return [*lines[:_LISTED], *([f"- and {rest} more: see akeneo-assets{chosen} status"] if rest > 0 else [])]


def digest(problems: Sequence[Problem], announced: Mapping[str, str], subscription: str = "") -> Digest | None:
    """Compare the open problems with those announced to a channel.

    Args:
        problems: The open problems.
        announced: Title by subject of the problems announced to the channel.
        subscription: The subscription; empty for the one in the environment.

    Returns:
        The digest; None if there is nothing new.
    """
    open_now = {problem.subject for problem in problems}
    new = tuple(problem for problem in problems if problem.subject not in announced)
    recovered = {subject: title for subject, title in announced.items() if subject not in open_now}
    return Digest(new, recovered, len(open_now) - len(new), subscription) if new or recovered else None


def _count(number: int) -> str:
    return "1 problem" if number == 1 else f"{number} problems"
