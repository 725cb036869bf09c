from __future__ import annotations

import ssl

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, ReadTimeoutError, SSLError

from akeneo_assets.http.failures import failure_of

POOL = HTTPConnectionPool("shop.example")


def test_an_untrusted_certificate_is_not_retried() -> None:
    wrapped = SSLError(ssl.SSLCertVerificationError(1, "self-signed certificate"))
    failure = failure_of(requests.exceptions.SSLError(MaxRetryError(POOL, "/", wrapped)))
    assert not failure.passing
    assert not failure.possibly_received


@pytest.mark.parametrize(
    ("error", "reason", "possibly_received"),
    [
        (requests.ConnectTimeout(), "did not accept a connection in time", False),
        (requests.ReadTimeout(), "did not respond in time", True),
        (
            requests.ConnectionError(ReadTimeoutError(POOL, "/", "half a body")),
            "did not respond in time",
            True,
        ),
        (requests.exceptions.SSLError(SSLError("unexpected end")), "closed the connection", True),
        (requests.exceptions.ChunkedEncodingError(), "sent an incomplete response", True),
    ],
)
def test_failures_show_whether_the_request_may_have_arrived(
    error: requests.RequestException, reason: str, possibly_received: bool
) -> None:
    failure = failure_of(error)
    assert failure.passing
    assert (failure.reason, failure.possibly_received) == (reason, possibly_received)
