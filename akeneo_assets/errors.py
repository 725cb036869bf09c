"""The error hierarchy.

::

    AkeneoAssetsError
    ├── ConfigurationError      a setting, the mapping file or the setup is wrong; not retried
    │   ├── AuthenticationError the credentials were refused; not retried
    │   └── MappingFileError    the mapping file cannot be loaded; defined in the mapping package
    ├── AccessDeniedError       the credentials are valid, but a permission is missing; not retried
    ├── StateError              the state database failed: full, locked, read-only, unreachable or damaged
    ├── AlertError              a channel did not accept an alert, which is sent again; defined in the alerts package
    ├── UnexpectedError         an unexpected error, probably a bug; ``detail`` contains the traceback
    ├── TransientError          a retry may help: outage, throttling, lost response
    │   └── MalformedResponseError a response does not have the format of the API
    └── RecordError             one record cannot be sent; it is reported, and all others continue

Every error has two texts. ``str(error)`` is for the user: what happened, where, and what to do next. ``detail`` is for
the log. Neither ever contains secrets or control characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from akeneo_assets.visible import visible

ErrorKind = Literal["set-up", "outage", "unexpected", "other"]
"""Whether a retry can help. A wrong setup fails again, and an outage affects every request."""

ERROR_KIND: Final = "kind of error"
"""The metadata of a failed step that holds the kind."""

StateProblem = Literal["full", "locked", "read_only", "unreachable", "damaged", "other"]


class AkeneoAssetsError(Exception):
    """Base of all errors of this package.

    Args:
        message: What happened and what to do about it, for the user.
        detail: Details for the log, e.g. the status and the beginning of a response.

    Attributes:
        kind: Decides the exit code of a command, and whether it continues with other batches.
        request: The write that failed, for the changelog; None if the error has another cause.
    """

    kind: ClassVar[ErrorKind] = "other"
    request: dict[str, Any] | None = None

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(visible(message))
        self.detail = visible(detail)


class ConfigurationError(AkeneoAssetsError):
    """A setting, the mapping file or the setup is wrong.

    Args:
        message: What is wrong, and how to fix it.
        settings: Names of the settings to check, e.g. ``("AKENEO_API_URL",)``.
        detail: More for the log.
    """

    kind = "set-up"

    def __init__(self, message: str, *, settings: Sequence[str] = (), detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.settings = tuple(settings)


class AuthenticationError(ConfigurationError):
    """An API refused the credentials; ``settings`` lists the settings to check."""


class AccessDeniedError(AkeneoAssetsError):
    """The credentials are valid, but a permission is missing; the message names it."""

    kind = "set-up"


class StateError(AkeneoAssetsError):
    """The state database could not be read or written; the current transaction was rolled back.

    Args:
        message: What happened and what to do about it.
        reason: The kind of failure.
        detail: Details for the log, without any data that was to be written.
    """

    kind = "set-up"

    def __init__(self, message: str, *, reason: StateProblem, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.reason = reason


class UnexpectedError(AkeneoAssetsError):
    """An unexpected error, probably a bug in this package; ``detail`` contains the traceback."""

    kind = "unexpected"


class TransientError(AkeneoAssetsError):
    """The request may succeed later: outage, throttling, broken connection, or a response that is not JSON.

    Args:
        message: What happened and what to do about it.
        possibly_stored: True if the server may have processed a write although there was no response.
        detail: More for the log.

    Attributes:
        timed_out: Whether the server accepted the request but did not respond in time; a longer timeout may help.
    """

    kind = "outage"
    timed_out = False

    def __init__(self, message: str, *, possibly_stored: bool = False, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.possibly_stored = possibly_stored


class MalformedResponseError(TransientError):
    """A response is JSON, but does not have the format of the API.

    Args:
        side: The API, e.g. ``Akeneo``.
        endpoint: The requested endpoint, e.g. ``families``.
        problem: What is wrong.
        record: The invalid record, if known.
        field: The path of the invalid field, e.g. ``labels.en_US``.
        possibly_stored: True for the response to a write.
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
        message: What is wrong with the record, and how to fix it.
        code: The API's error code (``VALD-1011``), or our own (``missing_parent``).
        status: The HTTP status, if an API refused the record.
        detail: More for the log.
    """

    def __init__(self, message: str, *, code: str, status: int | None = None, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.code = code
        self.status = status
