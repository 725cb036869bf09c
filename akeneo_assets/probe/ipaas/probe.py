"""Runs all facts about iPaaS.com, and stores what the engine can rely on."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, cast

import yaml

from akeneo_assets.errors import AccessDeniedError, ConfigurationError
from akeneo_assets.ipaas.capabilities import FORMAT
from akeneo_assets.ipaas.client import IPAAS
from akeneo_assets.ipaas.profile import Profile
from akeneo_assets.probe.facts import Found, Result, examine
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
from akeneo_assets.probe.ipaas.own_records import OwnRecords
from akeneo_assets.sync.engine import Engine

if TYPE_CHECKING:
    from akeneo_assets.ipaas.client import IpaasClient

_READING: Final = (*reading.FACTS, *lookups.FACTS)
WRITING: Final = (*creating.FACTS, *uniqueness.FACTS, *changing.FACTS, *deactivating.FACTS)
READING: Final = (*sign_on.FACTS, *_READING, swagger.FACT)


@dataclass
class IpaasProbe:
    """A probe of iPaaS.com.

    Args:
        engine: Its client, its settings, and its store, which keeps what is found out and the records that are made.

    Attributes:
        found: What the engine can rely on.
        profile: The differences that an API profile can correct: section → names.
        uncleaned: What could not be cleaned up, and why.
    """

    engine: Engine
    found: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    uncleaned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._talk = Conversation(cast("IpaasClient", self.engine.ipaas).api)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._talk.asked

    @property
    def left_over(self) -> int:
        """How many records a killed probe may have left."""
        return len(self.engine.store.probe_records.left())

    def run(self, *, write: bool) -> Iterator[Result]:
        """Yield a result for each fact, and store what was found out at the end.

        Args:
            write: Also make and change records. They are cleaned up in any case.

        Raises:
            TransientError: iPaaS.com cannot be reached.
        """
        yield from self._noted(examine(sign_on.FACTS, sign_on.SignOn(self._talk, self.engine.settings)))
        others = (*READING[len(sign_on.FACTS) :], *(WRITING if write else ()))
        try:
            self.engine.ipaas.log_in()
        except (AccessDeniedError, ConfigurationError) as error:
            # Each of them would try to log in again.
            yield from (Result(fact, Found("not testable", str(error))) for fact in others)
            return
        yield from self._noted(examine(_READING, reading.Reading(self._talk, self.engine.settings)))
        yield from self._noted(examine((swagger.FACT,), self._talk))
        if write:
            yield from self._write()
        known = self.engine.store.capabilities.of(IPAAS.name)
        # What could not be tested this time is kept.
        is_readable = known is not None and known.versions.get("format") == FORMAT
        document = {**(known.document if known is not None and is_readable else {}), **self.found}
        versions = {"akeneo_assets": version("akeneo_assets"), "format": FORMAT}
        self.engine.store.capabilities.save(IPAAS.name, document, versions)

    def _write(self) -> Iterator[Result]:
        ids = self.found.get("ids")
        subscription = self.engine.settings.ipaas_subscription_id
        system_id: str | int = int(subscription) if ids == "number" and subscription.isdecimal() else subscription
        own = OwnRecords(self._talk, self.engine.store.probe_records, system_id, secrets.token_hex(4))
        self.uncleaned = own.clean_up()
        context = Writing(self._talk, own, ids)
        try:
            yield from self._noted(examine(WRITING, context))
        finally:
            self.uncleaned = own.clean_up()

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
