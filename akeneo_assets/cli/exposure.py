"""Finds state that other users of this machine can read."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MAY_ENTER: Final = stat.S_IXGRP | stat.S_IXOTH


def exposed_state(database: Path | None, history: Path) -> Iterator[str]:
    """Yield what other users can read, with the fix. These are older files: new ones are readable by their owner only.

    Args:
        database: The file of the state database; None if it is not a file.
        history: The folder of Dagster's state.
    """
    if os.name != "posix":
        return
    if database is not None and _mode(database) & _OTHERS and _mode(database.resolve().parent) & _MAY_ENTER:
        yield _exposed(database, "tokens and the catalogue", f"chmod go-rwx {shlex.quote(str(database))}*")
    if _mode(history) & _OTHERS:
        yield _exposed(history, "the history of runs", f"chmod -R go-rwx {shlex.quote(str(history))}")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else 0


def _exposed(path: Path, content: str, fix: str) -> str:
    return f"{path} contains {content} and can be read by other users of this machine. Run: {fix}"
