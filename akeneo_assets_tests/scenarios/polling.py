"""What the sensors start, called on the engine directly; a clock that tests move; and interrupted runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Final

import pytest

from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.sync import programme
from akeneo_assets.sync.batches import STRUCTURE, Batch
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import changes_key
from akeneo_assets_tests.batches import EnginePartitions, steps_of
from akeneo_assets_tests.scenarios.world import Loaded

LONGER_THAN_A_LEASE: Final = 61.0
"""After so many seconds, a killed run no longer holds any reservation."""

_system_time: Final = time.time


class Clock:
    """The time of this machine and of the sandbox, which a test can move forward.

    Attributes:
        wrong_by: How many seconds the clock of this machine is ahead.
    """

    def __init__(self) -> None:
        self.ahead = 0.0
        self.wrong_by = 0.0

    def __call__(self) -> float:
        return self.true_time() + self.wrong_by

    def true_time(self) -> float:
        """Return the time of the sandbox."""
        return _system_time() + self.ahead

    def pass_time(self, seconds: float) -> None:
        self.ahead += seconds

    def set(self, moment: datetime) -> None:
        """Set the time; it must be later than all before, or the state would be from the future."""
        self.ahead = moment.timestamp() - _system_time()


def poll_steps(engine: Engine, polled: Polled) -> Iterator[None]:
    """Do what all sensors together start, step by step."""
    work = engine.find_work()
    yield
    hour = changes_key(datetime.fromtimestamp(time.time(), timezone.utc))
    phases = programme.due(
        work, engine.store, engine.mapping, engine.rules_fingerprint, hour=hour, partitions=EnginePartitions(engine)
    )
    for phase in phases:
        for batch in phase.batches:
            polled.batches.append(batch)
            for step in steps_of(engine, batch):
                polled.loaded.add(step)
                yield


def remap_steps(engine: Engine, polled: Polled) -> Iterator[None]:
    """Do what the schedule of the structure starts, then all sensors, step by step."""
    for step in steps_of(engine, STRUCTURE):
        step()
        yield
    yield from poll_steps(engine, polled)


class Polled:
    """What a poll found and did.

    Attributes:
        batches: The batches that the programme requested.
        loaded: The results of the records.
    """

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.loaded = Loaded()

    @property
    def found_nothing(self) -> bool:
        return not self.batches


def poll(engine: Engine) -> Polled:
    """Do what all sensors together start."""
    polled = Polled()
    for _ in poll_steps(engine, polled):
        pass
    return polled


def remap(engine: Engine) -> Polled:
    """Do what the schedule of the structure starts, and then all sensors."""
    polled = Polled()
    for _ in remap_steps(engine, polled):
        pass
    return polled


class Killed(BaseException):
    """An exception that no step may catch."""


class Calls:
    """Counts the calls of an engine to its database and both APIs, and can act before or after one of them."""

    def __init__(self) -> None:
        self.count = 0
        self._actions: dict[int, Callable[[], object]] = {}
        self._dead = False
        self._is_over: Callable[[], bool] = bool
        self._lock = threading.Lock()

    def kill(self, at: int) -> None:
        """Let the engine die at this call: nothing it does afterwards has any effect."""
        self._actions[at] = self._die

    def kill_when(self, reached: Callable[[], bool]) -> None:
        """Let the engine die at the first call at which this is true."""
        self._is_over = reached

    def act(self, at: int, action: Callable[[], object]) -> None:
        """Let something happen at this call."""
        self._actions[at] = action

    def _die(self) -> None:
        self._dead = True

    def arrive(self) -> None:
        """Count one call."""
        with self._lock:
            self.count += 1
            action = self._actions.get(self.count)
        if action is not None:
            action()
        if self._dead or self._is_over():
            self._dead = True
            raise Killed

    @contextmanager
    def watching(self, engine: Engine, *, database: bool = True) -> Iterator[Calls]:
        """Watch an engine while the context is open; an API call counts twice: request and response."""
        with pytest.MonkeyPatch.context() as patch:
            assert isinstance(engine.ipaas, IpaasClient)
            for client in (engine.akeneo._client, engine.ipaas._api):
                patch.setattr(client, "request", self._around(client.request))
            if database:
                opened = engine.store._database
                patch.setattr(opened, "write", self._before(opened.write))
            yield self

    def _before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.arrive()
            return call(*args, **options)

        return counted

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.arrive()
            result = call(*args, **options)
            self.arrive()
            return result

        return counted
