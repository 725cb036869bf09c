"""Runs all facts about Akeneo, and stores what was found out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final

from akeneo_assets.akeneo.client import AKENEO
from akeneo_assets.probe.akeneo import access, filters, load, paging
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.facts import Result, examine
from akeneo_assets.sync.engine import Engine

FACTS: Final = (*access.FACTS, *paging.FACTS, *filters.FACTS, *load.FACTS)


@dataclass
class AkeneoProbe:
    """A probe of Akeneo. It only reads.

    Args:
        engine: Its client, its settings, and its store.

    Attributes:
        found: What was found out that the check or the engine use.
    """

    engine: Engine
    found: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        usage = ExitStack().enter_context(self.engine.measured())
        self._reading = Reading(self.engine.akeneo, self.engine.settings, lambda: usage().requests.retries)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._reading.asked

    def run(self) -> Iterator[Result]:
        """Yield a result for each fact, and store what was found out at the end.

        Raises:
            AuthenticationError: Akeneo refuses the credentials.
            TransientError: Akeneo cannot be reached.
        """
        self.engine.akeneo.log_in()
        for result in examine(FACTS, self._reading, failures=1):
            self.found.update(result.found.capabilities)
            yield result
        versions = {"akeneo_assets": version("akeneo_assets"), "akeneo": self.found.get("version", "")}
        self.engine.store.capabilities.save(AKENEO.name, self.found, versions)
