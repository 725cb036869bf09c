"""Exit codes of the commands, and how a command ends on SIGTERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, for callers such as cron."""

    DONE = 0
    """Everything due is in iPaaS.com."""
    RECORDS = 1
    """Records failed or are blocked."""
    WRONG_SETUP = 2
    """The setup is wrong and has to be corrected."""
    UNREACHABLE = 3
    """Akeneo or iPaaS.com cannot be reached. Nothing is lost, and the next sync continues."""
    UNEXPECTED = 70
    """An unexpected error; the same as ``EX_SOFTWARE`` of sysexits.h."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C, with the code that shells use."""
    TERMINATED = 143
    """Stopped by SIGTERM, with the code that shells use."""


class TerminatedError(BaseException):
    """This process received SIGTERM. It is to SIGTERM what KeyboardInterrupt is to Ctrl-C."""


@contextmanager
def raise_on_sigterm() -> Iterator[None]:
    """Raise :class:`TerminatedError` on SIGTERM in this block, so that it cleans up just as on Ctrl-C."""
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
