"""A client for one HTTP API, with throttling, retries, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypedDict

import orjson
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from akeneo_assets.errors import AkeneoAssetsError, ConfigurationError, TransientError
from akeneo_assets.http.addresses import QueryValue, path_of, query_of
from akeneo_assets.http.backoff import DEFAULT_BACKOFF, Backoff
from akeneo_assets.http.calls import Api, Attempt, BearerRejectedError, Call, RepeatableError, UnusableResponseError
from akeneo_assets.http.failures import failure_of
from akeneo_assets.http.governor import Governor
from akeneo_assets.http.redaction import redact
from akeneo_assets.http.responses import (
    Action,
    ApiResponse,
    RawResponse,
    action_of,
    json_or_text,
    quoted,
    refusal,
    retry_after_seconds,
)
from akeneo_assets.http.statistics import Outcome, RequestStatistics, RetryEvent
from akeneo_assets.http.stopping import sleep
from akeneo_assets.http.tokens import AccessTokens
from akeneo_assets.http.transport import DeadlineAdapter, deadline_in

LARGEST_RESPONSE = 64 * 1024 * 1024
_CHUNK = 65_536


class ClientOptions(TypedDict, total=False):
    """The options of :class:`ApiClient` that each API's own client passes on.

    Attributes:
        backoff: When to retry a request.
        timeout: Timeouts in seconds: for the connection, and for the whole request including its response.
        largest_response: Maximum size of a response in bytes, after decompression.
    """

    backoff: Backoff | None
    timeout: tuple[float, float]
    largest_response: int


class ApiClient:
    """A client for one HTTP API; thread-safe.

    Args:
        api: The API, as named in messages and statistics.
        base_url: Its URL, without a trailing slash. Tokens are sent only there.
        governor: Its throttle.
        tokens: The source of tokens; None if no request is authenticated.
        statistics: Counts the requests.
        headers: Additional headers for every request.
        backoff: See :class:`ClientOptions`.
        timeout: See :class:`ClientOptions`.
        largest_response: See :class:`ClientOptions`.
        status_of: Returns the effective status, given the HTTP status and the document.
    """

    def __init__(
        self,
        api: Api,
        base_url: str,
        governor: Governor,
        tokens: AccessTokens | None,
        statistics: RequestStatistics,
        *,
        headers: Mapping[str, str] | None = None,
        backoff: Backoff | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        largest_response: int = LARGEST_RESPONSE,
        status_of: Callable[[int, Any], int] = lambda status, _: status,
    ) -> None:
        self.tokens = tokens
        self._api = api
        self._base_url = base_url
        self._governor = governor
        self._statistics = statistics
        self._backoff = backoff or DEFAULT_BACKOFF
        self._timeout = timeout
        self._largest_response = largest_response
        self._status_of = status_of
        self._has_responded = False
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "akeneo_assets", **(headers or {})})
        # Reject cookies: a load balancer could otherwise bind all threads to one server.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            adapter = DeadlineAdapter(pool_connections=1, pool_maxsize=governor.limits.connections)
            self._session.mount(scheme, adapter)
        # Look up proxies and certificates in the environment once, instead of for each request.
        self._environment = self._session.merge_environment_settings(base_url, {}, True, None, None)

    def log_in(self) -> None:
        """Make sure that there is a token; sends a request only if none is stored.

        Raises:
            AuthenticationError: The API refuses the credentials.
        """
        if self.tokens is not None:
            self.tokens.current()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        action: str,
        params: Mapping[str, QueryValue] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        authenticated: bool = True,
        replayable: bool = True,
        accept_status: Collection[int] = (),
        doubtful_after: int | None = None,
        lenient: bool = False,
    ) -> ApiResponse:
        """Send a request, retry it if necessary, and return its response.

        Args:
            method: The HTTP method.
            path: Path below the base URL, starting with a slash, not URL-encoded.
            action: Name of the request in the statistics.
            params: The query.
            json: The body.
            headers: Additional headers.
            authenticated: Whether to send the token.
            replayable: False for a request that must not be processed twice. It is retried only if it was certainly
                not processed.
            accept_status: Statuses of 400 or more to return as a response instead of an error.
            doubtful_after: How many unusable responses to accept before giving up, for a caller that can request less.
            lenient: Accept JSON with invalid characters, see :func:`akeneo_assets.http.responses.json_or_text`.

        Raises:
            ApiError: The API refuses the request.
            UnusableResponseError: ``doubtful_after`` responses were server errors or not JSON.
            AuthenticationError: The API refuses the token, even after renewing it.
            ConfigurationError: There is no such API at this URL.
            RecordError: ``path`` cannot be part of a URL.
            TransientError: There was no usable response. ``possibly_stored`` is set if a write may have succeeded.
        """
        query = query_of(params or {})
        call = Call(
            method=method,
            path=path,
            url=f"{self._base_url}{path_of(path)}{'?' if query else ''}{query}",
            action=action,
            body=None if json is None else orjson.dumps(json),
            headers=headers or {},
            replayable=replayable,
            accept_status=accept_status,
            doubtful_after=doubtful_after,
            lenient=lenient,
        )
        retrying = Retrying(
            stop=stop_after_attempt(self._backoff.attempts),
            retry=retry_if_exception_type(RepeatableError),
            wait=lambda state: _error_of(state).wait_seconds,
            before_sleep=lambda state: self._announce(call, state),
            sleep=sleep,
            reraise=True,
        )
        tokens = self.tokens if authenticated else None
        for attempt in retrying:
            with attempt:
                return self._attempt(Attempt(self._api, call, attempt.retry_state.attempt_number), tokens)
        raise AssertionError("tenacity ended without a response and without an error")

    def _announce(self, call: Call, state: RetryCallState) -> None:
        error = _error_of(state)
        self._statistics.retrying(
            RetryEvent(self._api.name, call.action, state.attempt_number, error.reason, error.wait_seconds)
        )

    def _attempt(self, attempt: Attempt, tokens: AccessTokens | None) -> ApiResponse:
        if tokens is None:
            return self._exchange(attempt, None)
        # Get the token before the slot: renewing it needs a slot of its own, and there may be only one.
        bearer = _opened(tokens.current)
        try:
            return self._exchange(attempt, bearer)
        except BearerRejectedError:
            return self._exchange(attempt, _opened(lambda: tokens.renew(bearer)))

    def _exchange(self, attempt: Attempt, bearer: str | None) -> ApiResponse:
        outcome: Outcome = "completed"
        problem: str | None = None
        try:
            return self._judge(attempt, self._send(attempt, bearer), authenticated=bearer is not None)
        except AkeneoAssetsError as error:
            repeatable = isinstance(error, RepeatableError) and attempt.number < self._backoff.attempts
            outcome = "repeated" if repeatable or isinstance(error, BearerRejectedError) else "failed"
            problem = str(error) if isinstance(error, TransientError) else None
            raise
        finally:
            self._statistics.count(self._api.name, attempt.call.action, outcome, problem)

    def _send(self, attempt: Attempt, bearer: str | None) -> RawResponse:
        def authorize(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
            if bearer is not None:
                prepared.headers["Authorization"] = f"Bearer {bearer}"
            return prepared

        call = attempt.call
        content_type = {} if call.body is None else {"Content-Type": "application/json"}
        headers = {**self._session.headers, **content_type, **call.headers}
        prepared = requests.PreparedRequest()
        try:
            # Without the session: it would look for credentials in a .netrc file, and merge what never changes.
            prepared.prepare(call.method, call.url, headers, data=call.body, auth=authorize)
            with self._governor.slot(), deadline_in(self._timeout[1]):
                response = self._received(prepared, attempt)
        # http.client raises ValueError for a header that cannot be sent, e.g. a credential with a line break.
        except (requests.RequestException, ValueError) as error:
            failure = failure_of(error)
            fix = f"Check {' and '.join(self._api.url_settings)} ({self._base_url}), the network and the proxy."
            if not failure.passing:
                raise ConfigurationError(
                    f"{self._api.title} {failure.reason}: {redact(str(error))} {fix}",
                    settings=self._api.url_settings,
                ) from None
            first_contact = not self._has_responded and not failure.possibly_received
            failed = attempt.failed(
                failure.reason,
                fix=fix,
                wait_seconds=self._backoff.seconds(attempt.number),
                possibly_received=failure.possibly_received,
                detail=redact(repr(error)),
                final=first_contact and attempt.number >= self._backoff.contact_attempts,
            )
            failed.timed_out = failure.timed_out
            raise failed from error
        self._has_responded = True
        return response

    def _received(self, prepared: requests.PreparedRequest, attempt: Attempt) -> RawResponse:
        with self._session.send(
            prepared, timeout=self._timeout, allow_redirects=False, **self._environment
        ) as response:
            content = bytearray()
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > self._largest_response:
                    raise attempt.failed(
                        f"sent a response of more than {self._largest_response / 1024**2:g} MB",
                        fix="Raise AKENEO_ASSETS_LARGEST_RESPONSE_MB if responses of this size are expected.",
                        wait_seconds=0.0,
                        possibly_received=True,
                        detail=f"HTTP {response.status_code}",
                        final=True,
                    )
            return RawResponse(response.status_code, response.reason or "", response.headers, bytes(content))

    def _judge(self, attempt: Attempt, response: RawResponse, *, authenticated: bool) -> ApiResponse:
        document, is_json = json_or_text(response.content, lenient=attempt.call.lenient)
        status = self._status_of(response.status_code, document)
        action = action_of(status)
        if status in attempt.call.accept_status or (action is Action.USE and is_json):
            return ApiResponse(status, response.headers, document if response.content else None, response.status_code)
        # A write may have an empty response; for a read, an empty response is an error.
        if action is Action.USE and not response.content and not attempt.call.reads:
            return ApiResponse(status, response.headers, None, response.status_code)
        if action not in {Action.USE, Action.REPEAT, Action.PAUSE}:
            raise refusal(attempt, action, response, status, document, authenticated=authenticated)
        retry_after = retry_after_seconds(response.headers) if action is Action.PAUSE else None
        wait_seconds = self._backoff.seconds(attempt.number, retry_after)
        if action is Action.PAUSE:
            self._governor.pause(wait_seconds)
        said, fix = f"{response.status_code} {response.reason}".strip(), "Try again later."
        if action is Action.USE:
            said = "something other than JSON"
            fix = f"Try again later, or check {' and '.join(self._api.url_settings)} ({self._base_url})."
        enough = attempt.call.doubtful_after
        if enough and action is not Action.PAUSE and attempt.number >= min(enough, self._backoff.attempts):
            raise UnusableResponseError(
                f"{self._api.title} responded with {said}: {attempt.call}. {fix}",
                reason=f"responded with {said}",
                detail=quoted(response),
            )
        raise attempt.failed(
            f"responded with {said}",
            fix=fix,
            wait_seconds=wait_seconds,
            # A throttled request was certainly not processed; others may have failed halfway.
            possibly_received=status != requests.codes.too_many_requests,
            detail=quoted(response),
        )


def _opened(bearer: Callable[[], str]) -> str:
    """Return the token.

    Raises:
        TransientError: There is no token, after all retries. The request itself was not sent.
    """
    try:
        return bearer()
    except TransientError as error:
        raise TransientError(str(error), detail=error.detail) from error


def _error_of(state: RetryCallState) -> RepeatableError:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RepeatableError):
        return error
    raise AssertionError("only repeatable errors are retried")
