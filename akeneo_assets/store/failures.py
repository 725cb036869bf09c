"""Translate database errors to state errors, without the data that was to be written: it may be a token."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from akeneo_assets.errors import StateError, StateProblem
from akeneo_assets.http.redaction import beginning

SETTING = "AKENEO_ASSETS_DATABASE_URL"
BUSY_SECONDS = 60
_DETAIL_CHARACTERS: Final = 300

_BY_WORDS: Final[tuple[tuple[str, StateProblem], ...]] = (
    ("is full", "full"),
    ("locked", "locked"),
    ("readonly", "read_only"),
    ("unable to open", "unreachable"),
    ("malformed", "damaged"),
    ("not a database", "damaged"),
    ("disk i/o error", "damaged"),
)
"""Kinds of failure by a part of SQLite's message; Python 3.10 does not expose its error codes."""

_BY_STATE: Final[tuple[tuple[str, StateProblem], ...]] = (
    ("53100", "full"),
    ("55P03", "locked"),
    ("57014", "locked"),
    ("40P01", "locked"),
    ("25006", "read_only"),
    ("08", "unreachable"),
    ("57P", "unreachable"),
    ("53300", "unreachable"),
    ("XX", "damaged"),
)
"""Kinds of failure by PostgreSQL's error code, or its beginning."""

_MESSAGES: Final[dict[StateProblem, str]] = {
    "full": "The disk of the state database is full. Free some space, then run the command again.",
    "locked": f"The state database was locked for more than {BUSY_SECONDS} seconds. Check what else uses it, "
    "such as a backup or a database tool, and try again.",
    "read_only": f"The state database is read-only. Make the file in {SETTING} and its folder writable for this user.",
    "unreachable": f"The state database cannot be reached. Check the file or server in {SETTING}, and try again.",
    "damaged": "The state database is damaged, or its disk is failing. Check the disk, then restore a backup.",
    "other": "The state database refused a statement. If this happens again, report it with the details in the log.",
}


@contextmanager
def as_state_errors() -> Iterator[None]:
    """Turn database errors in this block into :class:`~akeneo_assets.errors.StateError`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        # Not chained, because the driver's message may quote a row.
        raise state_error(error) from None


@contextmanager
def history_as_state_errors(folder: Path) -> Iterator[None]:
    """Turn temporary errors of Dagster's storage in this block into :class:`~akeneo_assets.errors.StateError`.

    A damaged database and unexpected errors are raised unchanged, with their traceback.

    Args:
        folder: The folder of the Dagster instance.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        problem = _problem_of(error)
        if problem in {"damaged", "other"}:
            raise
        what = "The disk is full" if problem == "full" else f"Dagster's storage failed ({words_of(error)})"
        fix = "Free some space" if problem == "full" else "Check that folder and the storage in dagster.yaml"
        message = f"{what}: the run history in {folder} could not be used. {fix}, then run the command again."
        raise StateError(message, reason=problem, detail=words_of(error)) from None


def state_error(error: Exception) -> StateError:
    """Return the state error for a database error."""
    problem = _problem_of(error)
    message = f"{_MESSAGES[problem]} The current write was rolled back; nothing else is lost."
    return StateError(message, reason=problem, detail=words_of(error))


def words_of(error: Exception) -> str:
    """Return the driver's message for an error, without parts that may quote a row."""
    driver = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    # SQLAlchemy's own errors and PostgreSQL's data errors quote the invalid value.
    if not isinstance(error, DBAPIError | sqlite3.Error) or (getattr(driver, "pgcode", None) or "").startswith("22"):
        return type(driver).__name__
    # PostgreSQL may quote rows after the first line.
    first_line = next(iter(str(driver).splitlines()), "")
    return f"{type(driver).__name__}: {beginning(first_line, _DETAIL_CHARACTERS)}"


def _problem_of(error: Exception) -> StateProblem:
    driver = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(driver, "pgcode", None) or ""
    for beginning_of_state, problem in _BY_STATE:
        if state.startswith(beginning_of_state):
            return problem
    words = str(driver).casefold()
    if isinstance(driver, sqlite3.Error):
        return next((problem for part, problem in _BY_WORDS if part in words), "other")
    if isinstance(error, DBAPIError) and (error.connection_invalidated or not state):
        # psycopg2 has no code for a connection that was lost or refused.
        is_connection = "connection" in words or "server closed" in words
        return "unreachable" if error.connection_invalidated or is_connection else "other"
    return "other"
