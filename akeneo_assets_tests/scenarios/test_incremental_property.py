"""After any edits, polls and kills, iPaaS.com is as a full load would create it.

The suite runs a fixed number of examples; ``HYPOTHESIS_PROFILE=long`` (``make property``) runs many more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.scenarios.polling import (
    LONGER_THAN_A_LEASE,
    Calls,
    Clock,
    Killed,
    Polled,
    poll,
    poll_steps,
    remap,
    remap_steps,
)
from akeneo_assets_tests.scenarios.random_edits import AN_EDIT, Edit, make
from akeneo_assets_tests.scenarios.small_world import (
    SmallWorld,
    loaded_state,
)
from akeneo_assets_tests.scenarios.sold_twice import watch_what_is_for_sale
from akeneo_assets_tests.scenarios.world import is_as_a_full_load

_UNHURRIED: Final = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
settings.register_profile(
    "suite",
    _UNHURRIED,
    max_examples=3,
    stateful_step_count=12,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("long", _UNHURRIED, max_examples=400, stateful_step_count=30)
_PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "suite")

_POLLS_TO_REST: Final = 4
_LONGEST_LAG: Final = 240.0
_STEPS_OF_A_POLL: Final = 40
_CLOCK_ERRORS: Final = (-3600.0, -600.0, 0.0, 600.0, 3600.0)


class Incremental(RuleBasedStateMachine):
    """Edits, polls, kills and passing time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._cleanup = ExitStack()
        self.clock = Clock()
        self._cleanup.enter_context(pytest.MonkeyPatch.context()).setattr(time, "time", self.clock)
        folder = Path(self._cleanup.enter_context(tempfile.TemporaryDirectory()))
        shutil.copytree(loaded_state(), folder, dirs_exist_ok=True)
        self.world = self._cleanup.enter_context(SmallWorld(folder, self.clock))
        self._sold_twice = watch_what_is_for_sale(self.world.ipaas)

    @initialize(put_merges=st.booleans())
    def some_time_later(self, put_merges: bool) -> None:
        self.world.ipaas.put_merges = put_merges
        self.clock.pass_time(3600.0)

    @invariant()
    def nothing_was_for_sale_twice(self) -> None:
        assert self._sold_twice == []

    @rule(edit=AN_EDIT)
    def edit(self, edit: Edit) -> None:
        self._edit(edit)

    @rule(edits=st.lists(AN_EDIT, min_size=2, max_size=4))
    def several_edits(self, edits: list[Edit]) -> None:
        for each in edits:
            self._edit(each)

    @rule(seconds=st.sampled_from((0.0, 20.0, _LONGEST_LAG)))
    def index_lags(self, seconds: float) -> None:
        self.world.sandbox.akeneo.switches.index_lag_seconds = seconds

    @rule(seconds=st.sampled_from((1.0, 30.0, 400.0, 4000.0)))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_time(seconds)

    @rule(seconds=st.sampled_from(_CLOCK_ERRORS))
    def our_clock_jumps(self, seconds: float) -> None:
        self.clock.wrong_by = seconds

    @rule()
    def poll(self) -> None:
        poll(self._engine())

    @rule()
    def read_the_structure(self) -> None:
        remap(self._engine())

    @rule(at=st.integers(1, 40), edit=AN_EDIT, structure=st.booleans())
    def poll_while_an_edit_is_made(self, at: int, edit: Edit, structure: bool) -> None:
        engine = self._engine()
        calls = Calls()
        calls.act(at, lambda: self._edit(edit))
        with calls.watching(engine, database=False):
            self._run(engine, structure=structure)
        if calls.count < at:
            self._edit(edit)

    @rule(at=st.integers(1, 120), structure=st.booleans())
    def poll_that_is_killed(self, at: int, structure: bool) -> None:
        engine = self._engine()
        calls = Calls()
        calls.kill(at)
        with calls.watching(engine), suppress(Killed):
            self._run(engine, structure=structure)
        event(f"killed: {calls.count >= at}")
        self.clock.pass_time(LONGER_THAN_A_LEASE)

    @rule(after=st.integers(1, 12), structure=st.booleans())
    def poll_that_ends_between_two_steps(self, after: int, structure: bool) -> None:
        steps = (remap_steps if structure else poll_steps)(self._engine(), Polled())
        for _ in range(after):
            next(steps, None)

    @rule()
    def two_polls_at_the_same_time(self) -> None:
        errors: list[BaseException] = []

        def work() -> None:
            try:
                poll(engines.pop())
            except BaseException as error:  # noqa: BLE001 - it is raised below
                errors.append(error)

        engines = [self._engine(), self._engine()]
        threads = [threading.Thread(target=work) for _ in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in errors:
            raise error

    @rule(turns=st.lists(st.sampled_from((0, 1)), max_size=24), apart=st.sampled_from((-600.0, 600.0)))
    def two_processes_take_turns(self, turns: list[int], apart: float) -> None:
        first = self.clock.wrong_by
        processes = [(poll_steps(self._engine(), Polled()), first + error) for error in (0.0, apart)]
        for turn in (*turns, *[0] * _STEPS_OF_A_POLL, *[1] * _STEPS_OF_A_POLL):
            steps, self.clock.wrong_by = processes[turn]
            next(steps, None)
        self.clock.wrong_by = first

    def teardown(self) -> None:
        with self._cleanup:
            if self.clock.ahead:
                self._comes_to_rest()

    def _comes_to_rest(self) -> None:
        self.clock.wrong_by = 0.0
        self.clock.pass_time(_LONGEST_LAG + 1)
        for _ in range(_POLLS_TO_REST):
            poll(self._engine())
            # Longer than the wait of any temporary failure.
            self.clock.pass_time(60.0)
        remap(self._engine())
        poll(self._engine())
        assert is_as_a_full_load(self.world)
        assert self._sold_twice == []
        self.world.written()
        assert poll(self._engine()).found_nothing
        assert remap(self._engine()).found_nothing
        assert self.world.written() == []

    def _edit(self, edit: Edit) -> None:
        make(self.world, edit)

    def _run(self, engine: Engine, *, structure: bool) -> None:
        note(f"{'remap' if structure else 'poll'}")
        (remap if structure else poll)(engine)

    def _engine(self) -> Engine:
        return self.world.engine()


TestIncremental = Incremental.TestCase
TestIncremental.settings = settings.get_profile(_PROFILE)
