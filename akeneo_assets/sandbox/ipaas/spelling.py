"""Another spelling of the API: an iPaaS.com whose paths and names differ from those that are assumed.

Requests and responses are translated around the app, so that only the other spelling works.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from akeneo_assets.sandbox.control import PREFIX

_NOWHERE = "/no-such-path"


@dataclass(frozen=True)
class Spelling:
    """What is spelled in another way: the name in the app → the name outside.

    Args:
        paths: ``METHOD /path`` of the app, with placeholders like ``{id}`` → the other one.
        fields: Fields of JSON bodies, at any depth.
        parameters: Parameters of queries.
        headers: Headers of responses.
        values: Field or parameter → its values. Those of ``table_name`` are also replaced in paths.
        texts: Parts of any text in a response, such as error codes.
        statuses: HTTP statuses of errors.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[int, int] = field(default_factory=dict)


class Respelled:
    """Translates requests and responses around an app.

    Args:
        app: The app.
        spelling: Returns the spelling; None to translate nothing.
    """

    def __init__(self, app: ASGIApp, spelling: Callable[[], Spelling | None]) -> None:
        self._app = app
        self._spelling = spelling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        spelling = self._spelling()
        if scope["type"] != "http" or scope["path"].startswith(PREFIX) or spelling is None:
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        given = await _body_of(receive)
        called = False

        async def translated() -> Message:
            nonlocal called
            if called:
                return await receive()
            called = True
            return {"type": "http.request", "body": _respelled_body(given, _Inwards(spelling)), "more_body": False}

        await self._app(_inner_scope(scope, spelling), translated, keep)
        await _respond(messages, spelling, send)


async def _body_of(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


def _inner_scope(scope: Scope, spelling: Spelling) -> Scope:
    method, path = _inner_request(scope["method"], scope["path"], spelling)
    parameters, values = _inverse(spelling.parameters), _inverted(spelling.values)
    query = [
        (parameters.get(name, f"_{name}" if name in spelling.parameters else name), value)
        for name, value in parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    ]
    query = [(name, values.get(name, {}).get(value, value)) for name, value in query]
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
    return {
        **scope, "method": method, "path": path, "raw_path": path.encode(), "query_string": urlencode(query).encode(),
        "headers": headers,
    }  # fmt: skip


def _inner_request(method: str, path: str, spelling: Spelling) -> tuple[str, str]:
    for inner, outer in spelling.paths.items():
        if found := re.fullmatch(_pattern(outer), f"{method} {path}"):
            target, _, place = inner.partition(" ")
            return target, place.format(**found.groupdict())
    if any(re.fullmatch(_pattern(inner), f"{method} {path}") for inner in spelling.paths):
        return method, _NOWHERE
    for table, other in spelling.values.get("table_name", {}).items():
        if path.endswith(f"/{table}"):
            return method, _NOWHERE
        if path.endswith(f"/{other}"):
            return method, path.removesuffix(other) + table
    return method, path


def _pattern(line: str) -> str:
    parts = re.split(r"\{(\w+)\}", line)
    return "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))


@dataclass(frozen=True)
class _Outwards:
    """Translates what the app writes."""

    spelling: Spelling

    def name(self, name: str) -> str:
        return self.spelling.fields.get(name, name)

    def value(self, field_name: str, value: str) -> str:
        value = self.spelling.values.get(field_name, {}).get(value, value)
        for text, other in self.spelling.texts.items():
            value = value.replace(text, other)
        return value

    def own(self, name: str) -> str:
        """Return the app's name of a field."""
        return name


@dataclass(frozen=True)
class _Inwards:
    """Translates what a client writes; a name of the app is unknown here."""

    spelling: Spelling

    def name(self, name: str) -> str:
        known = _inverse(self.spelling.fields)
        return known.get(name, f"unknown_{name}" if name in self.spelling.fields else name)

    def value(self, field_name: str, value: str) -> str:
        values = self.spelling.values.get(field_name, {})
        return _inverse(values).get(value, f"unknown {value}" if value in values else value)

    def own(self, name: str) -> str:
        """Return the app's name of a field."""
        return self.name(name)


def _respelled_body(body: bytes, direction: _Outwards | _Inwards) -> bytes:
    try:
        return orjson.dumps(_respelled(orjson.loads(body), "", direction))
    except orjson.JSONDecodeError:
        return body


def _respelled(document: Any, field_name: str, direction: _Outwards | _Inwards) -> Any:
    if isinstance(document, dict):
        return {
            direction.name(name): _respelled(value, direction.own(name), direction) for name, value in document.items()
        }
    if isinstance(document, list):
        return [_respelled(item, field_name, direction) for item in document]
    return direction.value(field_name, document) if isinstance(document, str) else document


async def _respond(messages: list[Message], spelling: Spelling, send: Send) -> None:
    if not messages:
        return
    start, *rest = messages
    outwards = _Outwards(spelling)
    body = _respelled_body(b"".join(message.get("body", b"") for message in rest), outwards)
    names = {name.lower(): other.lower() for name, other in spelling.headers.items()}
    headers = [
        (
            names.get(name.decode(), name.decode()).encode(),
            _respelled_body(value, outwards) if name.decode() in names else value,
        )
        for name, value in start["headers"]
        if name != b"content-length"
    ]
    status = spelling.statuses.get(start["status"], start["status"])
    await send({**start, "status": status, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {other: name for name, other in names.items()}


def _inverted(values: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: _inverse(known) for name, known in values.items()}
