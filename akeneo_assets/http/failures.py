"""Why no answer came: what the exceptions of requests and urllib3 mean."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError


@dataclass(frozen=True)
class Failure:
    """A request that got no answer.

    Args:
        reason: In words, to follow the name of the API.
        possibly_received: False when the request certainly never left.
        passing: False when another attempt cannot go better.
        timed_out: Whether the server took the request and did not answer in time.
    """

    reason: str
    possibly_received: bool = True
    passing: bool = True
    timed_out: bool = False


_BY_EXCEPTION: tuple[tuple[type[Exception], Failure], ...] = (
    (requests.ConnectTimeout, Failure("did not accept a connection in time", possibly_received=False)),
    (requests.ReadTimeout, Failure("did not answer in time", timed_out=True)),
    (ReadTimeoutError, Failure("did not answer in time", timed_out=True)),
    (requests.exceptions.ProxyError, Failure("cannot be reached through the proxy", possibly_received=False)),
    (
        ssl.SSLCertVerificationError,
        Failure("shows a certificate that is not trusted", possibly_received=False, passing=False),
    ),
    (NameResolutionError, Failure("has an address that cannot be resolved", possibly_received=False)),
    (NewConnectionError, Failure("refused the connection", possibly_received=False)),
    (requests.ConnectionError, Failure("broke the connection")),
    (requests.exceptions.ChunkedEncodingError, Failure("sent an answer that is cut off")),
    (requests.exceptions.ContentDecodingError, Failure("sent an answer that cannot be decompressed")),
    (Exception, Failure("cannot be asked like this", possibly_received=False, passing=False)),
)


def failure_of(error: Exception) -> Failure:
    """Return what an exception of ``requests`` means."""
    causes = _causes(error)
    return next(
        failure for exception, failure in _BY_EXCEPTION if any(isinstance(cause, exception) for cause in causes)
    )


def _causes(error: BaseException) -> list[BaseException]:
    """Return ``error`` and what it wraps: requests puts the cause in ``args``, urllib3 in ``args`` or ``reason``."""
    causes = [error]
    for cause in causes:
        wrapped = getattr(cause, "reason", None), *cause.args
        causes += [inner for inner in wrapped if isinstance(inner, HTTPError | OSError) and inner not in causes]
    return causes
