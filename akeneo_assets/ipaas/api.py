"""Sends requests to iPaaS.com with the paths and names of an API profile."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import replace

from typing_extensions import Unpack

from akeneo_assets.http.addresses import QueryValue
from akeneo_assets.http.calls import Api
from akeneo_assets.http.client import ApiClient, ClientOptions
from akeneo_assets.http.governor import Governor
from akeneo_assets.http.responses import ApiError, ApiResponse
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.tokens import AccessTokens
from akeneo_assets.ipaas.endpoints import Endpoint
from akeneo_assets.ipaas.errors import effective_status
from akeneo_assets.ipaas.names import CLIENT_ID
from akeneo_assets.ipaas.profile import Profile


class IpaasApi:
    """The API of one iPaaS.com; thread-safe. Requests and responses have our names.

    Args:
        api: The API, as named in messages and statistics.
        url: Its root URL, without a trailing slash.
        profile: Where it differs from what this project knows.
        client_id: Sent as ``X-Client-Id`` if given.
        governor: The throttle.
        statistics: Counts the requests.
        options: See :class:`akeneo_assets.http.client.ClientOptions`.
    """

    def __init__(
        self,
        api: Api,
        url: str,
        profile: Profile,
        *,
        client_id: str | None,
        governor: Governor,
        statistics: RequestStatistics,
        **options: Unpack[ClientOptions],
    ) -> None:
        self.name = api.name
        self.profile = profile
        self._client = ApiClient(
            api,
            url,
            governor,
            None,
            statistics,
            headers={profile.headers.get(CLIENT_ID, CLIENT_ID): client_id} if client_id else {},
            status_of=lambda status, document: effective_status(status, profile.read(document), profile),
            **options,
        )

    @property
    def tokens(self) -> AccessTokens | None:
        """The source of tokens; None before it is set."""
        return self._client.tokens

    @tokens.setter
    def tokens(self, tokens: AccessTokens) -> None:
        self._client.tokens = tokens

    def log_in(self) -> None:
        """Make sure that there is a token, see :meth:`ApiClient.log_in`."""
        self._client.log_in()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def spelled(self, profile: Profile) -> IpaasApi:
        """Return the same API with another profile; it shares the connections."""
        other = copy.copy(self)
        other.profile = profile
        return other

    def request(
        self,
        endpoint: Endpoint,
        *parts: str,
        params: Mapping[str, QueryValue] | None = None,
        document: object = None,
        headers: Mapping[str, str] | None = None,
        authenticated: bool = True,
        repeatable: bool = True,
        accept_status: Collection[int] = (),
    ) -> ApiResponse:
        """Send a request, and return its response; see :meth:`ApiClient.request`.

        Args:
            endpoint: What is requested.
            parts: The values of the placeholders in its path.
            params: The query.
            document: The body.
            headers: Additional headers.
            authenticated: Whether to send the token.
            repeatable: False if sending the request twice creates two records.
            accept_status: Statuses of 400 or more to return as a response instead of an error.
        """
        method, path = self.profile.request_line(endpoint, *parts)
        try:
            response = self._client.request(
                method,
                path,
                action=endpoint.action,
                params=self.profile.query(params or {}),
                json=self.profile.written(document),
                headers=headers,
                authenticated=authenticated,
                replayable=endpoint.repeatable and repeatable,
                accept_status=accept_status,
            )
        except ApiError as error:
            error.document = self.profile.read(error.document)
            raise
        return replace(
            response,
            headers=self.profile.response_headers(response.headers),
            document=self.profile.read(response.document),
        )
