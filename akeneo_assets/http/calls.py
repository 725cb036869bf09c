"""A request, its attempts, and the errors that end an attempt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from akeneo_assets.errors import AuthenticationError, TransientError


@dataclass(frozen=True)
class Api:
    """The names of an API in statistics and messages.

    Args:
        name: In the throttle and the statistics, e.g. ``akeneo``.
        title: In messages, e.g. ``Akeneo``.
        url_settings: Names of the settings with its URL.
        credential_settings: Names of the settings with its credentials.
    """

    name: str
    title: str
    url_settings: tuple[str, ...]
    credential_settings: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One request with all its attempts; see :meth:`akeneo_assets.http.client.ApiClient.request`."""

    method: str
    path: str
    url: str
    action: str
    body: bytes | None
    headers: Mapping[str, str]
    replayable: bool
    accept_status: Collection[int]
    doubtful_after: int | None = None
    lenient: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def reads(self) -> bool:
        """Whether the request only reads."""
        return self.method == "GET"


class RepeatableError(TransientError):
    """An attempt failed, and the request may be retried after ``wait_seconds``."""

    def __init__(self, message: str, *, reason: str, wait_seconds: float, possibly_stored: bool, detail: str) -> None:
        super().__init__(message, possibly_stored=possibly_stored, detail=detail)
        self.reason = reason
        self.wait_seconds = wait_seconds


class UnusableResponseError(TransientError):
    """The response is a server error or not JSON, perhaps because a record in it is damaged."""

    def __init__(self, message: str, *, reason: str, detail: str) -> None:
        super().__init__(message, detail=detail)
        self.reason = reason


class BearerRejectedError(AuthenticationError):
    """The API refused the token; the first time, the token is renewed."""


@dataclass(frozen=True)
class Attempt:
    """One attempt of a request.

    Args:
        api: The API.
        call: The request.
        number: The number of the attempt, from 1.
    """

    api: Api
    call: Call
    number: int

    def failed(
        self, reason: str, *, fix: str, wait_seconds: float, possibly_received: bool, detail: str, final: bool = False
    ) -> TransientError:
        """Return the error for an attempt without a usable response.

        Args:
            reason: What the API did, e.g. ``did not respond in time``.
            fix: What the user can do.
            wait_seconds: The wait before the next attempt.
            possibly_received: False if the API certainly did not process the request.
            detail: Details for the log.
            final: Whether the request must not be retried.
        """
        attempts = "" if self.number == 1 else f" ({self.number} attempts)"
        message = f"{self.api.title} {reason}: {self.call}{attempts}. {fix}"
        if final or (possibly_received and not self.call.replayable):
            return TransientError(message, possibly_stored=possibly_received and not self.call.reads, detail=detail)
        return RepeatableError(
            message,
            reason=reason,
            wait_seconds=wait_seconds,
            possibly_stored=possibly_received and not self.call.reads,
            detail=detail,
        )
