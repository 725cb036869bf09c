"""Requests to iPaaS.com whose refusals are answers, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.responses import ApiResponse, shown
from akeneo_assets.ipaas.api import IpaasApi
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.enumerations import STATUS_OF_PREFIX, ErrorCode
from akeneo_assets.ipaas.errors import code_of, message_of
from akeneo_assets.probe.facts import NotTestableError

REFUSALS: Final = (400, 403, 404, 405, 406, 409, 410, 415, 422)
_UNAUTHORIZED: Final = 401
_KNOWN_CODE: Final = re.compile(rf"(?:{'|'.join(STATUS_OF_PREFIX)})-\d{{4}}")
_GOOD: Final = range(200, 300)


@dataclass(frozen=True)
class Answer:
    """A response, with our names.

    Attributes:
        response: The response.
        code: Our code of an error; None if there is none.
    """

    response: ApiResponse
    code: str | None

    @property
    def is_good(self) -> bool:
        """Whether the request was accepted."""
        return self.response.http_status in _GOOD and self.response.status in _GOOD

    @property
    def is_missing(self) -> bool:
        """Whether the record of the request does not exist, as the API itself says."""
        return self.code == ErrorCode.NOT_FOUND

    @property
    def has_no_endpoint(self) -> bool:
        """Whether the server does not seem to have this path."""
        return self.response.http_status in {404, 405} and not self.is_missing

    @property
    def document(self) -> Any:
        """The body."""
        return self.response.document

    @property
    def record(self) -> JsonObject:
        """The record in the body.

        Raises:
            NotTestableError: The request was refused, or the body is not a record.
        """
        if self.is_good and isinstance(self.document, dict):
            return self.document
        raise NotTestableError(f"The response was {self}.")

    @property
    def records(self) -> list[JsonObject]:
        """The records in the body.

        Raises:
            NotTestableError: The request was refused, or the body is not a list of records.
        """
        if self.is_good and isinstance(self.document, list) and all(isinstance(each, dict) for each in self.document):
            return self.document
        raise NotTestableError(f"The response was {self}.")

    def __str__(self) -> str:
        status = str(self.response.http_status)
        if self.is_good:
            return f"{status} with {shown(self.document)}"
        message = message_of(self.document)
        return " ".join(part for part in (status, self.code, f"({message[:200]})" if message else "") if part)


class Conversation:
    """Sends requests, and counts them.

    Args:
        api: The API.

    Attributes:
        answers: The HTTP status and the known error code of each response.
    """

    def __init__(self, api: IpaasApi) -> None:
        self.api = api
        self.answers: list[str] = []

    def spelled(self, endpoint: Endpoint, line: str) -> Conversation:
        """Return the same conversation with another path for one endpoint."""
        profile = self.api.profile
        other = profile.model_copy(update={"paths": {**profile.paths, endpoint.action: line}})
        conversation = Conversation(self.api.spelled(other))
        conversation.answers = self.answers
        return conversation

    def ask(
        self,
        endpoint: Endpoint,
        *parts: object,
        params: Mapping[str, QueryValue] | None = None,
        document: object = None,
        bearer: str | None = None,
    ) -> Answer:
        """Send a request.

        Args:
            endpoint: What is requested.
            parts: The values of the placeholders in its path.
            params: The query.
            document: The body, which is sent as it is.
            bearer: Send this token, or none if it is empty, instead of the client's.
        """
        response = self.api.request(
            endpoint,
            *map(str, parts),
            params=params,
            document=document,
            headers={"Authorization": f"Bearer {bearer}"} if bearer else None,
            authenticated=bearer is None,
            # With the client's own token, a 401 renews it.
            accept_status=REFUSALS if bearer is None else (*REFUSALS, _UNAUTHORIZED),
        )
        code = code_of(response.document, self.api.profile) if response.status >= REFUSALS[0] else None
        known = code if code is not None and _KNOWN_CODE.fullmatch(code) else ""
        self.answers.append(f"{response.http_status} {known}".rstrip())
        return Answer(response, code)
