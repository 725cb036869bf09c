"""How a command ends: its exit code, and the end that a signal asks for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class ExitCode(IntEnum):
    """What a caller such as cron learns."""

    DONE = 0
    """Everything due is in iPaaS.com."""
    RECORDS = 1
    """Records failed or are blocked."""
    WRONG_SETUP = 2
    """The setup is wrong and has to be corrected."""
    UNREACHABLE = 3
    """A side cannot be reached; nothing is lost, and the next call goes on."""
    UNEXPECTED = 70
    """An unexpected error; the same as ``EX_SOFTWARE`` of sysexits.h."""
    INTERRUPTED = 130
    """Ctrl-C, the code that shells use."""
    TERMINATED = 143
    """SIGTERM, the code that shells use."""


class TerminatedError(BaseException):
    """SIGTERM asked this process to end; what Ctrl-C is as a KeyboardInterrupt."""


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM raise :class:`TerminatedError` in this block, so that it ends as orderly as with Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise TerminatedError

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
