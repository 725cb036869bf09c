"""After edits, syncs, kills, faults and clock changes in any order, both catalogues agree.

``make test-exhaustive`` runs one short schedule. ``make campaign`` runs many long ones, and with ``SEED=…`` the same
ones again.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.sandbox.faults import Fault
from akeneo_assets_tests.campaign.process import REFUSED
from akeneo_assets_tests.scenarios.polling import Clock, poll, remap
from akeneo_assets_tests.scenarios.random_edits import AN_EDIT, make
from akeneo_assets_tests.scenarios.small_world import SIMPLE, SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load
from akeneo_assets_tests.shell import environment_without, processes_below

_SCHEDULES: Final = int(os.environ.get("CAMPAIGN_SCHEDULES", "0"))
_IS_LONG: Final = _SCHEDULES > 0
_STEPS: Final = 12 if _IS_LONG else 4

_LEASE_SECONDS: Final = 2.0
_LIMIT: Final = 60
_JITTER_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 120.0
_ORPHAN_SECONDS: Final = 20.0
_POLLS_TO_REST: Final = 6
_PROJECT: Final = Path(__file__).parents[2]

pytestmark = [pytest.mark.end_to_end, pytest.mark.exhaustive]

FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "throttled": {"kind": "throttle", "retry_after": 1.0},
    "error": {"kind": "server_error", "status": 503},
    "proxy": {"kind": "html_error"},
    "cut off": {"kind": "truncate_body"},
    "reset": {"kind": "reset_connection"},
    "slow": {"kind": "slow", "seconds": 0.3},
    "lost response": {"kind": "lose_response", "status": 504},
    "lost connection": {"kind": "lose_response"},
    "expired": {"kind": "expire_tokens"},
    "refused refresh": {"kind": "refuse_refresh"},
    "wrong date": {"kind": "wrong_date", "date": "Fri, 31 Dec 2060 23:59:59 GMT"},
    "no date": {"kind": "wrong_date"},
    "forbidden": {"kind": "forbid"},
}


@dataclass(frozen=True)
class Process:
    """One process of a schedule.

    Attributes:
        work: Its work, see ``process.py``.
        wrong_by: How many seconds its clock is ahead.
        pages: How many pages the database may grow by; None for any number.
        killed_after: The number of requests before it gets the signal; None for no signal.
        signal: The signal.
    """

    work: tuple[str, ...]
    wrong_by: float
    pages: int | None
    killed_after: int | None
    signal: signal.Signals


_WORKS: Final = (
    ("poll",),
    ("poll",),
    ("remap",),
    ("full",),
    ("record", "product", SIMPLE[0]),
    ("cli", "sync", "changes"),
    ("cli", "retry"),
)
_PROCESS: Final = st.builds(
    Process,
    st.sampled_from(_WORKS),
    st.sampled_from((0.0, 0.0, 0.0, -600.0, 600.0)),
    st.sampled_from((None, None, None, None, 0, 8)),
    st.none() | st.integers(1, 60),
    st.sampled_from((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)),
)
_EDITS: Final = st.tuples(st.just("edits"), st.lists(AN_EDIT, min_size=1, max_size=5))
_RUNS: Final = st.tuples(
    st.just("processes"),
    st.tuples(st.lists(_PROCESS, min_size=1, max_size=2), st.sampled_from((None, None, 0.5, 3.0))),
)
_FAULT: Final = st.tuples(
    st.just("fault"),
    st.tuples(
        st.sampled_from(("akeneo", "ipaas")), st.sampled_from(sorted(FAULTS)), st.integers(0, 20), st.integers(1, 3)
    ),
)
_TIME: Final = st.tuples(st.just("time passes"), st.sampled_from((30.0, 700.0, 4000.0)))
_STEP: Final[st.SearchStrategy[tuple[str, Any]]] = st.sampled_from(
    (_EDITS, _EDITS, _RUNS, _RUNS, _RUNS, _FAULT, _FAULT, _TIME)
).flatmap(lambda strategy: strategy)

_played: Counter[str] = Counter()


@dataclass
class _Running:
    """A started process, and the number of requests before it."""

    process: Process
    started: subprocess.Popen[str]
    requests: int
    _is_signalled: bool = False

    def signal_if_it_is_time(self, requests: int) -> None:
        after = self.process.killed_after
        if after is None or self._is_signalled or requests < self.requests + after or self.started.poll() is not None:
            return
        self.started.send_signal(self.process.signal)
        self._is_signalled = True
        _played[f"killed by {self.process.signal.name}"] += 1


class Campaign:
    """One schedule, run with a small catalogue that was loaded before."""

    def __init__(self, cleanup: ExitStack) -> None:
        self.clock = Clock()
        self.clock.pass_time(3600.0)
        self.folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        shutil.copytree(loaded_state(), self.folder, dirs_exist_ok=True)
        self.world: World = cleanup.enter_context(SmallWorld(self.folder, self.clock))
        for api in ("AKENEO", "IPAAS"):
            self.world.variables |= {f"{api}_API_THROTTLE_LIMIT": str(_LIMIT), f"{api}_API_THROTTLE_SECONDS": "1"}
        self.world.variables |= {"CONCURRENT_BATCH_EXECUTIONS": "1", "DAGSTER_HOME": str(self.folder / "dagster")}
        (self.folder / "dagster").mkdir()
        self._lock: sqlite3.Connection | None = None
        self._unlock_at = 0.0
        self._numbers = itertools.count()
        self._outputs: dict[int, Path] = {}

    def play(self, step: tuple[str, Any]) -> None:
        kind, arguments = step
        note(f"{kind}: {arguments}")
        match kind:
            case "edits":
                for edit in arguments:
                    make(self.world, edit)
            case "fault":
                api, name, after, times = arguments
                fault = Fault.model_validate({**FAULTS[name], "after": after, "times": times})
                getattr(self.world.sandbox, f"{api}_faults").arm(fault)
                _played[f"fault: {name}"] += 1
            case "processes":
                processes, locked_seconds = arguments
                if locked_seconds is not None:
                    self._lock_for(locked_seconds)
                self._run(processes)
            case "time passes":
                self.clock.pass_time(arguments)

    def _lock_for(self, seconds: float) -> None:
        self._lock = sqlite3.connect(self._database, isolation_level=None, timeout=30.0)
        self._lock.execute("BEGIN IMMEDIATE")
        self._unlock_at = time.monotonic() + seconds
        _played["database locked"] += 1

    @property
    def _database(self) -> str:
        return self.world.database_url.removeprefix("sqlite:///")

    def _run(self, processes: Sequence[Process]) -> None:
        both = (self.world.sandbox.akeneo_counters, self.world.sandbox.ipaas_counters)
        before = [counters.total for counters in both]
        running = [_Running(each, self._start(each), self._requests) for each in processes]
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while any(each.started.poll() is None for each in running):
            assert time.monotonic() < deadline, f"a process does not end: {running}"
            for each in running:
                each.signal_if_it_is_time(self._requests)
            self._unlock()
            time.sleep(0.002)
        self._unlock(at_once=True)
        for each in running:
            self._check(each.process, each.started)
        if len({each.wrong_by for each in processes}) == 1:
            for counters, start in zip(both, before, strict=True):
                assert _most_in_a_second(counters.arrivals[start:]) <= _LIMIT
        # Reservations of a killed process have expired.
        self.clock.pass_time(_LEASE_SECONDS + 1.0)

    def _unlock(self, *, at_once: bool = False) -> None:
        if self._lock is not None and (at_once or time.monotonic() >= self._unlock_at):
            self._lock.close()
            self._lock = None

    @property
    def _requests(self) -> int:
        return self.world.sandbox.akeneo_counters.total + self.world.sandbox.ipaas_counters.total

    def _start(self, process: Process) -> subprocess.Popen[str]:
        pages = [] if process.pages is None else ["--pages", str(process.pages)]
        clock = f"--clock={self.clock.ahead + process.wrong_by}"
        _played[f"process: {' '.join(process.work[:3])}"] += 1
        output = self.folder / f"output-{next(self._numbers)}.txt"
        with output.open("w", encoding="utf-8") as written:
            started = subprocess.Popen(
                [
                    *(sys.executable, "-m", "akeneo_assets_tests.campaign.process"),
                    *(f"--lease={_LEASE_SECONDS}", clock, *pages, *process.work),
                ],
                cwd=_PROJECT,
                env={**environment_without("COLUMNS"), **self.world.environment()},
                stdin=subprocess.DEVNULL,
                # Not a pipe: a process that outlives its parent would keep it open.
                stdout=written,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self._outputs[started.pid] = output
        return started

    def _check(self, process: Process, started: subprocess.Popen[str]) -> None:
        output, code = self._outputs.pop(started.pid).read_text(encoding="utf-8"), started.returncode
        note(f"{process} ended with {code}\n{output}")
        _played[f"ended with {code}"] += 1
        allowed = {0, 1, 2, 3} if process.work[0] == "cli" else {0, REFUSED}
        if process.killed_after is not None:
            allowed |= {-process.signal, 128 + process.signal}
        assert code in allowed
        if code >= 0:
            assert "Traceback" not in output
        for secret in _secrets():
            assert secret not in output
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while _is_there(started.pid):
            assert time.monotonic() < deadline, "it left a process behind"
            time.sleep(0.05)

    def comes_to_rest(self) -> None:
        """Without faults, a limited number of polls brings iPaaS.com to the same state as a full load."""
        self._unlock(at_once=True)
        for faults in (self.world.sandbox.akeneo_faults, self.world.sandbox.ipaas_faults):
            faults.clear()
        self.clock.pass_time(4000.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time", self.clock)
            for _ in range(_POLLS_TO_REST):
                poll(self.world.engine())
                # Longer than the wait of any failure.
                self.clock.pass_time(20_000.0)
            remap(self.world.engine())
            poll(self.world.engine())

            assert is_as_a_full_load(self.world)
            self.world.written()
            assert full_load(self.world.engine()).delivered_count("failed", "blocked") == 0
            assert self.world.written() == []
        assert processes_below(os.getpid()) == []
        self._shows_no_secret()

    def _shows_no_secret(self) -> None:
        for file in self.folder.rglob("*"):
            if file.is_file() and file.name != "akeneo.db":
                content = file.read_bytes()
                assert [secret for secret in _secrets() if secret.encode() in content] == []


def _most_in_a_second(arrivals: Sequence[float]) -> int:
    """Return the maximum number of requests in a second; for the server, a second of the client can be shorter."""
    first = most = 0
    for last, arrival in enumerate(arrivals):
        while arrival - arrivals[first] > 1.0 - _JITTER_SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most


def _is_there(session: int) -> bool:
    """Return whether a process with its own session, or any process that it started, is running."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def _secrets() -> tuple[str, ...]:
    return tuple(
        text
        for credentials in (AKENEO_CREDENTIALS, IPAAS_CREDENTIALS)
        for name, text in credentials.items()
        if name.endswith(("SECRET", "PASSWORD"))
    )


@settings(
    deadline=None,
    max_examples=_SCHEDULES or 1,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    derandomize=not _IS_LONG,
    print_blob=True,
)
@given(schedule=st.lists(_STEP, min_size=_STEPS, max_size=_STEPS))
@pytest.mark.timeout(0 if _IS_LONG else 120)
def test_both_catalogues_agree_after_any_failures(schedule: list[tuple[str, Any]]) -> None:
    with ExitStack() as cleanup:
        campaign = Campaign(cleanup)
        for step in schedule:
            campaign.play(step)
        _played["schedules"] += 1
        campaign.comes_to_rest()
        _played["converged"] += 1


@pytest.fixture(scope="module", autouse=True)
def _figures() -> Any:
    yield
    if _IS_LONG:
        sys.stdout.write("\n" + "\n".join(f"{name}: {count}" for name, count in sorted(_played.items())) + "\n")
