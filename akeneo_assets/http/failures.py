"""Why there was no response: the meaning of exceptions of requests and urllib3."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError


@dataclass(frozen=True)
class Failure:
    """The reason why a request got no response.

    Args:
        reason: What happened; follows the name of the API in messages.
        possibly_received: False if the request was certainly not sent.
        passing: False if a retry cannot help.
        timed_out: Whether the server accepted the request but did not respond in time.
    """

    reason: str
    possibly_received: bool = True
    passing: bool = True
    timed_out: bool = False


_BY_EXCEPTION: tuple[tuple[type[Exception], Failure], ...] = (
    (requests.ConnectTimeout, Failure("did not accept a connection in time", possibly_received=False)),
    (requests.ReadTimeout, Failure("did not respond in time", timed_out=True)),
    (ReadTimeoutError, Failure("did not respond in time", timed_out=True)),
    (requests.exceptions.ProxyError, Failure("cannot be reached through the proxy", possibly_received=False)),
    (
        ssl.SSLCertVerificationError,
        Failure("has an untrusted certificate", possibly_received=False, passing=False),
    ),
    (NameResolutionError, Failure("has a host name that cannot be resolved", possibly_received=False)),
    (NewConnectionError, Failure("refused the connection", possibly_received=False)),
    (requests.ConnectionError, Failure("closed the connection")),
    (requests.exceptions.ChunkedEncodingError, Failure("sent an incomplete response")),
    (requests.exceptions.ContentDecodingError, Failure("sent a response that cannot be decompressed")),
    (Exception, Failure("cannot be reached with these settings", possibly_received=False, passing=False)),
)


def failure_of(error: Exception) -> Failure:
    """Return the failure for an exception of ``requests``."""
    causes = _causes(error)
    return next(
        failure for exception, failure in _BY_EXCEPTION if any(isinstance(cause, exception) for cause in causes)
    )


def _causes(error: BaseException) -> list[BaseException]:
    """Return ``error`` and its causes: requests puts them in ``args``, urllib3 in ``args`` or ``reason``."""
    causes = [error]
    for cause in causes:
        wrapped = getattr(cause, "reason", None), *cause.args
        causes += [inner for inner in wrapped if isinstance(inner, HTTPError | OSError) and inner not in causes]
    return causes
