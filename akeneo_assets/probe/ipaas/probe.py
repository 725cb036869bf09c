"""Runs all facts about iPaaS.com, and stores what the engine can rely on."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, cast

import yaml

from akeneo_assets.errors import AccessDeniedError, ConfigurationError
from akeneo_assets.ipaas.capabilities import FORMAT
from akeneo_assets.ipaas.client import IPAAS
from akeneo_assets.ipaas.profile import Profile
from akeneo_assets.probe.facts import Found, Result
from akeneo_assets.probe.ipaas import (
    changing,
    creating,
    deactivating,
    lookups,
    reading,
    sign_on,
    swagger,
    uniqueness,
)
from akeneo_assets.probe.ipaas.conversation import Conversation
from akeneo_assets.probe.ipaas.creating import Writing
from akeneo_assets.probe.ipaas.own_records import OwnRecords, without_those_of
from akeneo_assets.probe.progress import Progress, begun
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.not_stored import note_not_stored

if TYPE_CHECKING:
    from akeneo_assets.ipaas.client import IpaasClient

_READING: Final = (*reading.FACTS, *lookups.FACTS)
WRITING: Final = (*creating.FACTS, *uniqueness.FACTS, *changing.FACTS, *deactivating.FACTS)
READING: Final = (*sign_on.FACTS, *_READING, swagger.FACT)
_MAKERS: Final = {
    what: next(fact for fact in WRITING if fact.key == f"ipaas.write.{name}")
    for what, name in {
        "category": "category",
        "subcategory": "ids",
        "custom field": "definition",
        "product": "product",
        "model": "model",
        "variant": "model",
        "other variant": "model",
        "deactivated": "deactivated",
    }.items()
}
"""The facts whose tests make the records that other tests use."""


@dataclass
class IpaasProbe:
    """A probe of iPaaS.com.

    Args:
        engine: Its client, its settings, and its store, which keeps what is found out and the records that are made.

    Attributes:
        found: What the engine can rely on.
        profile: The differences that an API profile can correct: section → names.
        uncleaned: What could not be cleaned up, and why.
        since: When the interrupted probe began that was continued, in epoch seconds; None without one.
    """

    engine: Engine
    found: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    uncleaned: list[str] = field(default_factory=list)
    since: float | None = None

    def __post_init__(self) -> None:
        self._talk = Conversation(cast("IpaasClient", self.engine.ipaas).api)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return len(self._talk.answers)

    @property
    def left_over(self) -> int:
        """How many records a killed probe may have left."""
        store = self.engine.store
        return len(without_those_of(store.probe_records, store.probe_runs.living()))

    def run(self, *, write: bool, again: bool = False) -> Generator[Result, None, None]:
        """Yield a result for each fact, and store what was found out at the end.

        Args:
            write: Also make and change records. They are cleaned up in any case.
            again: Start from the beginning, even if a probe was interrupted.

        Raises:
            TransientError: iPaaS.com cannot be reached.
        """
        with begun(self.engine.store.probe_runs, IPAAS.name, *self._basis(), again=again) as progress:
            self.since = progress.since
            yield from self._run(progress, write=write)
            progress.finish((*READING, *(WRITING if write else ())))

    def _run(self, progress: Progress, *, write: bool) -> Iterator[Result]:
        settings, answers = self.engine.settings, self._talk.answers
        if not progress.knows(sign_on.FACTS):
            progress.forget(sign_on.FACTS)
        yield from self._noted(progress.examine(sign_on.FACTS, sign_on.SignOn(self._talk, settings), answers))
        others = (*READING[len(sign_on.FACTS) :], *(WRITING if write else ()))
        try:
            self.engine.ipaas.log_in()
        except (AccessDeniedError, ConfigurationError) as error:
            # Each of them would try to log in again.
            yield from (Result(fact, Found("not testable", str(error))) for fact in others)
            progress.forget((*READING, *WRITING))
            return
        yield from self._noted(progress.examine(_READING, reading.Reading(self._talk, settings), answers))
        yield from self._noted(progress.examine((swagger.FACT,), self._talk, answers))
        if write:
            yield from self._write(progress)
        known = self.engine.store.capabilities.of(IPAAS.name)
        # What could not be tested this time is kept.
        is_readable = known is not None and known.versions.get("format") == FORMAT
        document = {**(known.document if known is not None and is_readable else {}), **self.found}
        versions = {"akeneo_assets": version("akeneo_assets"), "format": FORMAT}
        self.engine.store.capabilities.save(IPAAS.name, document, versions)
        note_not_stored(self.engine.store)

    def _write(self, progress: Progress) -> Iterator[Result]:
        store, ids = self.engine.store, self.found.get("ids")
        subscription = self.engine.settings.ipaas_subscription_id
        system_id: str | int = int(subscription) if ids == "number" and subscription.isdecimal() else subscription
        own = OwnRecords(self._talk, store.probe_records, system_id, progress.token, store.probe_runs.living)
        self.uncleaned = own.clean_up()
        makers = {what: fact.test for what, fact in _MAKERS.items() if progress.knows((fact,))}
        context = Writing(self._talk, own, self.found, progress.notes.setdefault("refused", {}), makers)
        try:
            yield from self._noted(progress.examine(WRITING, context, self._talk.answers))
        finally:
            self.uncleaned = own.clean_up()

    def _basis(self) -> Iterator[object]:
        """Yield what the results depend on, without secrets."""
        settings = self.engine.settings
        yield from (version("akeneo_assets"), settings.ipaas_api_url, settings.ipaas_subscription_id)
        yield from (settings.ipaas_company_id, settings.ipaas_client_id, settings.ipaas_username)
        yield from (settings.ipaas_api_key is None, self._talk.api.profile.model_dump(mode="json"))

    def _noted(self, results: Iterable[Result]) -> Iterator[Result]:
        for result in results:
            self._note(result.found)
            yield result

    def _note(self, found: Found) -> None:
        for name, value in found.capabilities.items():
            # What one fact denies, no other one grants.
            if self.found.get(name) is not False:
                self.found[name] = value
        for section, names in found.profile.items():
            if isinstance(names, Mapping):
                self.profile.setdefault(section, {}).update(names)
            else:
                self.profile[section] = names

    def proposed_profile(self) -> str | None:
        """Return an API profile with the differences of the one in use and those that were found; None without any."""
        if not self.profile:
            return None
        given = self._talk.api.profile.model_dump(exclude_defaults=True)
        merged = {
            name: {**given.get(name, {}), **each} if isinstance(each := self.profile.get(name, {}), dict) else each
            for name in Profile.model_fields
            if name in given or name in self.profile
        }
        return yaml.safe_dump(merged, sort_keys=False, allow_unicode=True)
