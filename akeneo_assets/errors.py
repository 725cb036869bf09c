"""Everything that can go wrong, as one tree.

::

    AkeneoAssetsError
    ├── ConfigurationError      a setting, the mapping file or the setup is wrong: nothing is retried
    │   ├── AuthenticationError credentials were refused: nothing is retried
    │   └── MappingFileError    the mapping file cannot be loaded; defined beside the mapping
    ├── AccessDeniedError       credentials are fine, a permission is missing: nothing is retried
    ├── StateError              the database failed: full, locked, read-only, out of reach
    ├── UnexpectedError         something that nobody foresaw; ``detail`` has the traceback
    ├── TransientError          a retry may help: outage, throttling, an answer that was lost
    │   └── MalformedAnswerError an answer is not what the API promises
    └── RecordError             one record cannot go: it is reported, all others go on

Every error has two texts. ``str(error)`` is written for the user: what happened, where, and what to do next.
``detail`` is for the log of an engineer. Neither ever holds a secret, or a control character of a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from akeneo_assets.visible import visible

ErrorKind = Literal["set-up", "outage", "unexpected", "other"]
"""What an error says about what comes next. The same setup fails again and an outage goes on, whatever is tried."""

ERROR_KIND: Final = "kind of error"
"""The metadata of a failed step that holds the kind."""

StateProblem = Literal["full", "locked", "read_only", "unreachable", "damaged", "other"]


class AkeneoAssetsError(Exception):
    """Base of all errors of this package.

    Args:
        message: What happened and what to do about it, for the user.
        detail: More for the log, e.g. the status and the beginning of an answer.

    Attributes:
        kind: Decides on the exit code of a command, and whether anything else is begun.
    """

    kind: ClassVar[ErrorKind] = "other"

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(visible(message))
        self.detail = visible(detail)


class ConfigurationError(AkeneoAssetsError):
    """A setting, the mapping file or the setup is wrong.

    Args:
        message: What is wrong and the cure.
        settings: Names of the settings to look at, e.g. ``("AKENEO_API_URL",)``.
        detail: More for the log.
    """

    kind = "set-up"

    def __init__(self, message: str, *, settings: Sequence[str] = (), detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.settings = tuple(settings)


class AuthenticationError(ConfigurationError):
    """An API refused the credentials; ``settings`` names those to look at."""


class AccessDeniedError(AkeneoAssetsError):
    """The credentials are fine, but a permission is missing; the message names it."""

    kind = "set-up"


class StateError(AkeneoAssetsError):
    """The database could not be read or written; what was under way is as if it had not begun.

    Args:
        message: What happened and what to do about it.
        reason: Which of the known cases it is.
        detail: More for the log, without anything that was to be written.
    """

    kind = "set-up"

    def __init__(self, message: str, *, reason: StateProblem, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.reason = reason


class UnexpectedError(AkeneoAssetsError):
    """An unexpected error, most likely a bug in this package; ``detail`` holds the traceback."""

    kind = "unexpected"


class TransientError(AkeneoAssetsError):
    """The request may succeed later: outage, throttling, a broken connection, an answer that was not JSON.

    Args:
        message: What happened and what to do about it.
        possibly_stored: True when the server may have carried the request out although no answer came.
        detail: More for the log.

    Attributes:
        timed_out: Whether the server took the request and did not answer in time: with more time it may.
    """

    kind = "outage"
    timed_out = False

    def __init__(self, message: str, *, possibly_stored: bool = False, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.possibly_stored = possibly_stored


class MalformedAnswerError(TransientError):
    """An answer is JSON, but not what the API promises.

    Args:
        side: Who answered, e.g. ``Akeneo``.
        endpoint: What was asked for, e.g. ``families``.
        problem: What is wrong.
        record: Which record of the answer, as far as that is known.
        field: Which field, with a dot before each level, e.g. ``labels.en_US``.
        possibly_stored: True when it answers a write.
        detail: More for the log.
    """

    def __init__(
        self,
        side: str,
        endpoint: str,
        problem: str,
        *,
        record: str | None = None,
        field: str = "",
        possibly_stored: bool = False,
        detail: str = "",
    ) -> None:
        where = "".join(
            (f', record "{record}"' if record else "", f', field "{field}"' if field else ""),
        )
        message = f"{side} sent an invalid response ({endpoint}{where}): {problem.rstrip('.')}."
        super().__init__(
            f"{message} Try again later. If the problem persists, check the record in {side} and any proxy in between.",
            possibly_stored=possibly_stored,
            detail=detail,
        )
        self.endpoint = endpoint
        self.record = record
        self.field = field


class RecordError(AkeneoAssetsError):
    """One record cannot be read, mapped or sent.

    Args:
        message: What is wrong with the record and the cure.
        code: The API's own code of the error (``VALD-1011``) or a short name of ours (``missing_parent``).
        status: The HTTP status, where an API refused the record.
        detail: More for the log.
    """

    def __init__(self, message: str, *, code: str, status: int | None = None, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.code = code
        self.status = status
