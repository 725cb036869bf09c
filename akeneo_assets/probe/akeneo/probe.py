"""Runs all facts about Akeneo, and stores what was found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final

from akeneo_assets.akeneo.capabilities import FORMAT
from akeneo_assets.akeneo.client import AKENEO
from akeneo_assets.probe.akeneo import access, dates, forms, lists, load, options, order, paging, searches
from akeneo_assets.probe.akeneo.capabilities import capabilities_of
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.facts import Result, examine
from akeneo_assets.sync.engine import Engine

FACTS: Final = tuple(
    fact for each in (access, lists, paging, order, searches, dates, options, forms, load) for fact in each.FACTS
)


@dataclass
class AkeneoProbe:
    """A probe of Akeneo. It only reads.

    Args:
        engine: Its client, its settings, and its store.

    Attributes:
        found: What was found out that the check or the engine use.
        requests: How many requests were sent.
    """

    engine: Engine
    found: dict[str, Any] = field(default_factory=dict)
    requests: int = 0

    @property
    def versions(self) -> dict[str, str]:
        """The version and edition of Akeneo, as far as they are known."""
        return {name: str(self.found[name]) for name in ("version", "edition") if name in self.found}

    def run(self) -> Iterator[Result]:
        """Yield a result for each fact, and store what was found out at the end.

        Raises:
            AuthenticationError: Akeneo refuses the credentials.
            TransientError: Akeneo cannot be reached.
        """
        with self.engine.measured() as usage:
            self.engine.akeneo.log_in()
            context = Reading(self.engine.akeneo, self.engine.settings, lambda: usage().requests.retries)
            results: list[Result] = []
            for result in examine(FACTS, context, failures=1):
                results.append(result)
                self.found = capabilities_of(results)
                self.requests = usage().requests.total(AKENEO.name)
                yield result
        versions = {
            "akeneo_assets": version("akeneo_assets"),
            "akeneo": self.found.get("version", ""),
            "edition": self.found.get("edition", ""),
            "format": FORMAT,
        }
        self.engine.store.capabilities.save(AKENEO.name, self.found, versions)
