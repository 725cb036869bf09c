"""Runs all facts about Akeneo, and stores what was found out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final

from akeneo_assets.akeneo.capabilities import FORMAT
from akeneo_assets.akeneo.client import AKENEO
from akeneo_assets.errors import AccessDeniedError, RecordError
from akeneo_assets.probe.akeneo import access, dates, forms, lists, load, options, order, paging, searches
from akeneo_assets.probe.akeneo.capabilities import capabilities_of
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.facts import Result
from akeneo_assets.probe.progress import begun
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
        since: When the interrupted probe began that was continued, in epoch seconds; None without one.
    """

    engine: Engine
    found: dict[str, Any] = field(default_factory=dict)
    requests: int = 0
    since: float | None = None

    def run(self, *, again: bool = False) -> Generator[Result, None, None]:
        """Yield a result for each fact, and store what was found out at the end.

        Args:
            again: Start from the beginning, even if a probe was interrupted.

        Raises:
            AuthenticationError: Akeneo refuses the credentials.
            TransientError: Akeneo cannot be reached.
        """
        with self.engine.measured() as usage:
            self.engine.akeneo.log_in()
            with begun(self.engine.store.probe_runs, AKENEO.name, *self._basis(), again=again) as progress:
                self.since = progress.since
                context = Reading(self.engine.akeneo, self.engine.settings, lambda: usage().requests.retries)
                results: list[Result] = []
                for result in progress.examine(FACTS, context, context.answers, failures=1):
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
                progress.finish(FACTS)

    def _basis(self) -> Iterator[object]:
        """Yield what the results depend on."""
        settings = self.engine.settings
        yield from (version("akeneo_assets"), settings.akeneo_api_url, settings.akeneo_product_id_format)
        yield from (settings.akeneo_client_id, settings.akeneo_username)
        try:
            yield self.engine.akeneo.system_information()
        except (AccessDeniedError, RecordError):
            yield None
