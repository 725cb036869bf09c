"""Worker processes: each does one task at a time, and none outlives the command that started it.

The command and each worker are connected by a pipe. If one of them ends for any reason, the other sees that the pipe
is closed.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from queue import SimpleQueue
from typing import Any, Final, Generic, TypeAlias, TypeVar

from akeneo_assets.http.stopping import ask_to_stop, release_all
from akeneo_assets.sync.garbage import rarely_searched

STOP_SECONDS: Final = 4.0
"""How long a worker may take to finish its current records. Docker kills after ten seconds; busy machines are slow."""

_KILL_SECONDS: Final = STOP_SECONDS + 1.0

IMPORTED_ONCE: Final = ["dagster", "dagster._core.storage.sqlite_storage", "akeneo_assets.build"]
"""The shared modules: what every worker needs for the definitions and for Dagster's databases on SQLite."""

Event: TypeAlias = "tuple[str, str, int]"
"""Progress: the step, the kind or object, and how many records were just done."""

_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")
_Work: TypeAlias = "Callable[[Iterator[tuple[Any, str]], Callable[[Any], None]], None]"


class Worker(Generic[_Task, _Outcome]):
    """A process that does one task at a time.

    Args:
        work: The module-level function to run. It gets the tasks with their run ids, and a function that reports
            progress and outcomes to the command.

    Attributes:
        connection: Ready when the worker has sent something or has died.
        task: The current task; None if the worker is idle.
        run_id: The run of the current task.
    """

    def __init__(self, work: _Work) -> None:
        context = _context()
        self.task: _Task | None = None
        self.run_id = ""
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(work, theirs, {**os.environ}), name="worker", daemon=True)
        with _interrupts_blocked():
            self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def start(self, task: _Task, run_id: str) -> None:
        """Give a task to an idle worker."""
        self.task, self.run_id = task, run_id
        # If the worker has died in the meantime, the next `receive` reports it.
        with contextlib.suppress(OSError):
            self.connection.send((task, run_id))

    def receive(self) -> _Outcome | Event:
        """Wait for the worker's next message and return it. A message is either progress or the outcome of the task.

        Raises:
            EOFError: The process is gone.
        """
        try:
            message: _Outcome | Event = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        if not isinstance(message, tuple):
            self.task = None
        return message

    def death_message(self) -> str:
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

    def request_stop(self) -> None:
        """Ask the worker to finish its current records and end."""
        self.connection.close()

    def end(self, seconds: float) -> None:
        """Wait at most ``seconds`` for the worker to end, then kill it."""
        self._process.join(max(0.0, seconds))
        self.kill()

    def kill(self) -> None:
        """Kill the worker if it is still running."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def prepare_workers() -> None:
    """Start to import the shared modules, which takes seconds, while the command does something else."""
    if isinstance(_context(), ForkServerContext):
        with _interrupts_blocked():
            forkserver.ensure_running()


def end_all(workers: Sequence[Worker[Any, Any]]) -> None:
    """End workers: they finish their current records, and are killed if that takes too long."""
    deadline = time.monotonic() + _KILL_SECONDS
    try:
        for worker in workers:
            worker.request_stop()
        for worker in workers:
            worker.end(deadline - time.monotonic())
    finally:
        # Also if the user presses Ctrl-C again.
        for worker in workers:
            worker.kill()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which is sent to the whole process group: only the command decides then."""
    # The resource tracker unblocks the signal when it starts, so it has to be running already.
    resource_tracker.ensure_running()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _context() -> SpawnContext | ForkServerContext:
    """Return how workers are started.

    On Linux, each worker is a fork of a server process that has imported the shared modules and done nothing else,
    because Dagster's databases and threads do not survive a fork. On macOS, system libraries do not survive one
    either, and Windows has no fork, so there each worker is a new interpreter.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED_ONCE)
    return context


# In the worker


class _TerminatedError(BaseException):
    """This worker received SIGTERM."""


def _serve(work: _Work, connection: Connection, environment: dict[str, str]) -> None:
    """Work in a thread, while the main thread watches the command."""
    # The fork server still has the environment of the first worker.
    os.environ.clear()
    os.environ.update(environment)
    gc.freeze()  # the modules, which are hundreds of thousands of objects
    tasks: SimpleQueue[Any] = SimpleQueue()
    lock = threading.Lock()

    def report(message: Any) -> None:
        # Sending fails if the command is gone, which the main thread notices by itself.
        with lock, contextlib.suppress(OSError):
            connection.send(message)

    def serve() -> None:
        with rarely_searched():
            work(iter(tasks.get, None), report)

    thread = threading.Thread(target=serve, name="work", daemon=True)
    thread.start()
    try:
        signal.signal(signal.SIGTERM, _raise)
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError, _TerminatedError):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ask_to_stop()
    tasks.put(None)
    thread.join(STOP_SECONDS)
    release_all()
    # Exit at once: shutting down an interpreter that has loaded Dagster is slow, and the command waits for it.
    os._exit(int(thread.is_alive()))


def _raise(*_: object) -> None:
    raise _TerminatedError
