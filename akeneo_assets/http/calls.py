"""A request as the client carries it around, and the errors that end one attempt to send it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from akeneo_assets.errors import AuthenticationError, TransientError


@dataclass(frozen=True)
class Api:
    """What counts and messages call an API.

    Args:
        name: In the throttle and the statistics, e.g. ``akeneo``.
        title: In messages, e.g. ``Akeneo``.
        url_settings: Names of the settings that hold its address.
        credential_settings: Names of the settings that hold its credentials.
    """

    name: str
    title: str
    url_settings: tuple[str, ...]
    credential_settings: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One request, however often it is sent; see :meth:`akeneo_assets.http.client.ApiClient.request`."""

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
        """Whether the request asks for something and changes nothing."""
        return self.method == "GET"


class RepeatableError(TransientError):
    """One attempt failed and another may follow, ``wait_seconds`` later."""

    def __init__(self, message: str, *, reason: str, wait_seconds: float, possibly_stored: bool, detail: str) -> None:
        super().__init__(message, possibly_stored=possibly_stored, detail=detail)
        self.reason = reason
        self.wait_seconds = wait_seconds


class UnusableAnswerError(TransientError):
    """The server answered, but with an error of its own or without JSON: a record of the answer may be damaged."""

    def __init__(self, message: str, *, reason: str, detail: str) -> None:
        super().__init__(message, detail=detail)
        self.reason = reason


class BearerRejectedError(AuthenticationError):
    """The bearer was refused: the first time a reason to renew it."""


@dataclass(frozen=True)
class Attempt:
    """Which attempt of a call is under way.

    Args:
        api: Where the call goes.
        call: What is sent.
        number: From 1.
    """

    api: Api
    call: Call
    number: int

    def failed(
        self, reason: str, *, cure: str, wait_seconds: float, possibly_received: bool, detail: str, final: bool = False
    ) -> TransientError:
        """Return the error of an attempt that brought no usable answer.

        Args:
            reason: What the API did, in words.
            cure: What the user may do.
            wait_seconds: The wait before another attempt.
            possibly_received: False when the API certainly did not carry the request out.
            detail: More for the log.
            final: Whether no other attempt may follow.
        """
        attempts = "" if self.number == 1 else f" ({self.number} attempts)"
        message = f"{self.api.title} {reason}: {self.call}{attempts}. {cure}"
        if final or (possibly_received and not self.call.replayable):
            return TransientError(message, possibly_stored=possibly_received and not self.call.reads, detail=detail)
        return RepeatableError(
            message,
            reason=reason,
            wait_seconds=wait_seconds,
            possibly_stored=possibly_received and not self.call.reads,
            detail=detail,
        )
