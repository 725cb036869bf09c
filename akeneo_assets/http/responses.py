"""Responses: what to do about each status, and the types of usable and error responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any

import orjson
from urllib3 import Retry
from urllib3.exceptions import InvalidHeader

from akeneo_assets.errors import AkeneoAssetsError, ConfigurationError, RecordError
from akeneo_assets.http.calls import Attempt, BearerRejectedError
from akeneo_assets.http.redaction import beginning, redact

QUOTED_CHARACTERS = 500
_WORDS_CHARACTERS = 2_000
_ORJSON_DEEPEST = 254
_DEEPEST = 64
"""Maximum nesting depth of a document. Records have a depth of about ten; beyond a few hundred levels, recursive code
and serialization would fail."""


class Action(Enum):
    """What to do about a status."""

    USE = "use the document"
    REPEAT = "send the request again"
    PAUSE = "pause all requests, then send the request again"
    RENEW = "renew the token and send the request once more"
    MOVED = "stop: the URL is wrong"
    REFUSE = "report the error to the caller"


_BY_STATUS = {401: Action.RENEW, 408: Action.REPEAT, 429: Action.PAUSE, 503: Action.PAUSE}
_BY_CLASS = {2: Action.USE, 3: Action.MOVED, 4: Action.REFUSE, 5: Action.REPEAT}


def action_of(status: int) -> Action:
    """Return what to do about ``status``."""
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, Action.REFUSE)


@dataclass(frozen=True)
class RawResponse:
    """A raw response.

    Args:
        status_code: The HTTP status.
        reason: The reason phrase of the status.
        headers: The headers, with case-insensitive names.
        content: The decompressed body.
    """

    status_code: int
    reason: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class ApiResponse:
    """A usable response.

    Args:
        status: The status, as interpreted by the API's client.
        headers: The headers, with case-insensitive names.
        document: The body as JSON, or as text if it is not JSON; None if it is empty.
        http_status: The HTTP status itself.
    """

    status: int
    headers: Mapping[str, str]
    document: Any
    http_status: int


class ApiError(RecordError):
    """An API refused a request, and would refuse it again.

    Args:
        message: What was refused, and the API's own message.
        code: The API's own error code, or else the status.
        status: The HTTP status.
        document: The body as JSON, or as text if it is not JSON.
        detail: The status and the beginning of the body.
    """

    def __init__(self, message: str, *, code: str, status: int, document: Any, detail: str = "") -> None:
        super().__init__(message, code=code, status=status, detail=detail)
        self.status: int = status
        self.document = document


def refusal(
    attempt: Attempt,
    action: Action,
    response: RawResponse,
    status: int,
    document: Any,
    *,
    authenticated: bool,
) -> AkeneoAssetsError:
    """Return the error for a response that a retry would not change.

    Args:
        attempt: The attempt.
        action: The meaning of the status: RENEW, MOVED or REFUSE.
        response: The response.
        status: Its status, as interpreted by the API's client.
        document: Its body as JSON, or as text if it is not JSON.
        authenticated: Whether a token was sent.
    """
    api = attempt.api
    words = message_in(document) or f"{response.status_code} {response.reason}".strip()
    if action is Action.RENEW and authenticated:
        return BearerRejectedError(
            f"{api.title} does not accept the token it just issued ({words}). "
            f"Check {' and '.join(api.credential_settings)}.",
            settings=api.credential_settings,
            detail=quoted(response),
        )
    if action is Action.MOVED:
        return ConfigurationError(
            f"{api.title} responded to {attempt.call} with a redirect to "
            f"{redact(response.headers.get('Location', 'nowhere'))}. "
            f"Set {' and '.join(api.url_settings)} to the URL of the API itself.",
            settings=api.url_settings,
            detail=quoted(response),
        )
    return ApiError(
        f"{api.title} refused {attempt.call}: {words.rstrip('.')}.",
        code=str(document.get("code", status) if isinstance(document, dict) else status),
        status=status,
        document=document,
        detail=quoted(response),
    )


def json_or_text(body: bytes, *, lenient: bool = False) -> tuple[Any, bool]:
    """Return the JSON of ``body`` and True, or its text and False if it is not JSON.

    Args:
        body: The body.
        lenient: Also accept JSON with invalid characters; U+FFFD and lone surrogates mark their positions.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode(errors="replace")
        if not lenient:
            return text, False
        try:
            document = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return text, False
    if _is_too_deep(document):
        return "", False
    return document, True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not valid JSON")


def _is_too_deep(document: Any) -> bool:
    # orjson serializes a limited number of levels; add levels so that exactly the allowed depth remains.
    for _ in range(_ORJSON_DEEPEST - _DEEPEST):
        document = [document]
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError:
        return True
    return False


def quoted(response: RawResponse) -> str:
    """Return the status and the beginning of the body for the log, without secrets."""
    return f"HTTP {response.status_code}: {beginning(response.content, QUOTED_CHARACTERS)}"


def shown(document: Any) -> str:
    """Return a short description of a document for the log, without secrets."""
    if isinstance(document, dict):
        return beginning(f"an object of {', '.join(map(str, islice(document, 20)))}", 200)
    if isinstance(document, list):
        return f"a list of {len(document)}"
    return beginning(repr(document), 200)


def message_in(document: Any) -> str:
    """Return the message of an error's document; empty if it has none."""
    message = document.get("message") if isinstance(document, dict) else None
    return beginning(message, _WORDS_CHARACTERS) if isinstance(message, str) else ""


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait according to ``Retry-After`` (a number or a date); None if missing or invalid."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        return float(Retry().parse_retry_after(value))
    except (InvalidHeader, ValueError, OverflowError):
        # Some numbers and dates are too large for Python.
        return None
