"""Worker processes: each does one task at a time, and none outlives the command that started it.

A pipe ties both together. When the command ends, however that happens, the worker finds the pipe closed. When the
worker is killed, the command does.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from queue import SimpleQueue
from typing import Any, Final, Generic, TypeAlias, TypeVar

from akeneo_assets.http.stopping import ask_to_stop, release_all

STOP_SECONDS: Final = 4.0
"""How long a worker may take to finish what is in hand. Docker kills after ten seconds, and a busy machine is slow."""

_KILL_SECONDS: Final = STOP_SECONDS + 1.0

Event: TypeAlias = "tuple[str, str, int]"
"""Progress: what is done, the kind or object, and how many records were just done."""

_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")
_Work: TypeAlias = "Callable[[Iterator[tuple[Any, str]], Callable[[Any], None]], None]"


class Worker(Generic[_Task, _Outcome]):
    """A process that does one task at a time.

    Args:
        work: What it does; a function of a module. It gets the tasks with their run ids, and a function that tells
            the command of progress and outcomes.

    Attributes:
        connection: Ready when the worker has something to say, or is dead.
        task: What it is at.
        run_id: The run of that.
    """

    def __init__(self, work: _Work) -> None:
        context = _context()
        self.task: _Task | None = None
        self.run_id = ""
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(work, theirs, {**os.environ}), name="worker", daemon=True)
        # Ctrl-C reaches the whole group of processes. The command alone decides what follows, so a worker is born
        # with it blocked. The tracker, which unblocks it when it starts, has to be there before.
        resource_tracker.ensure_running()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def begin(self, task: _Task, run_id: str) -> None:
        """Hand a task over to an idle worker."""
        self.task, self.run_id = task, run_id
        # That it died meanwhile is found by the next look at what it says.
        with contextlib.suppress(OSError):
            self.connection.send((task, run_id))

    def receive(self) -> _Outcome | Event:
        """Return what it says, waiting for that. Whatever is not progress is the outcome of its task.

        Raises:
            EOFError: The process is gone.
        """
        try:
            said: _Outcome | Event = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        if not isinstance(said, tuple):
            self.task = None
        return said

    def died(self) -> str:
        """Return why the process is gone, and what to do."""
        self._process.join(1.0)
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return (
                "its process was killed, most likely because the machine ran out of memory. Nothing is lost: what is "
                "left is still pending. Lower CONCURRENT_BATCH_EXECUTIONS or add memory, then run the command again."
            )
        how = f"by signal {-code}" if code is not None and code < 0 else f"with code {code}"
        return (
            f"its process ended {how} before its work was done. Nothing is lost: what is left is still pending. Run "
            "the command again."
        )

    def ask_to_end(self) -> None:
        """Let it finish what is in hand, and end."""
        self.connection.close()

    def end(self, seconds: float) -> None:
        """Wait so long for its end, then kill it."""
        self._process.join(max(0.0, seconds))
        self.kill()

    def kill(self) -> None:
        """End it at once, if it still runs."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def end_all(workers: Sequence[Worker[Any, Any]]) -> None:
    """End workers: they finish what is in hand, and are killed when that takes too long."""
    deadline = time.monotonic() + _KILL_SECONDS
    try:
        for worker in workers:
            worker.ask_to_end()
        for worker in workers:
            worker.end(deadline - time.monotonic())
    finally:
        # Also when the user is impatient, and interrupts this.
        for worker in workers:
            worker.kill()


def _context() -> SpawnContext | ForkServerContext:
    """Return how workers are started.

    Each is a fork of a server that has imported what all of them need, and nothing else: Dagster's databases and
    threads do not survive a fork. Where libraries of the system do not survive one either (macOS), and where there is
    no fork (Windows), each is a fresh interpreter.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dagster", "akeneo_assets.sync.connecting"])
    return context


# In the worker


class _ToldToEndError(BaseException):
    """Somebody sent SIGTERM to this worker."""


def _serve(work: _Work, connection: Connection, environment: dict[str, str]) -> None:
    """Work in a thread, while the main thread watches the command."""
    # The server of forks kept that of the first worker.
    os.environ.clear()
    os.environ.update(environment)
    tasks: SimpleQueue[Any] = SimpleQueue()
    lock = threading.Lock()

    def say(what: Any) -> None:
        # Nobody listens any more when the command is gone, which the main thread sees by itself.
        with lock, contextlib.suppress(OSError):
            connection.send(what)

    thread = threading.Thread(target=work, args=(iter(tasks.get, None), say), name="work", daemon=True)
    thread.start()
    try:
        signal.signal(signal.SIGTERM, _raise)
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError, _ToldToEndError):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ask_to_stop()
    tasks.put(None)
    thread.join(STOP_SECONDS)
    release_all()
    # At once: to take an interpreter down that has loaded Dagster takes long, and the command waits for it.
    os._exit(int(thread.is_alive()))


def _raise(*_: object) -> None:
    raise _ToldToEndError
