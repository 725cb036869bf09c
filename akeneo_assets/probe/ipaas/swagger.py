"""Compares the endpoints with the vendor's Swagger, and proposes the paths that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final

from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.endpoints import ENDPOINTS, PLACEHOLDER, Endpoint
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, not_handled
from akeneo_assets.probe.ipaas.conversation import Conversation

PARTS: Final = ("sso", "products", "subscriptions")
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
_JOINED: Final = re.compile(r"\{\}(?:\|\{\})+")
_ALIKE: Final = 0.75
_CLEARLY: Final = 0.05
_NEVER: Final = frozenset({endpoints.SWAGGER.action})

Line = tuple[str, str]
"""A method and a path."""


def lines_of(part: str, document: Any) -> Iterator[Line]:
    """Yield the methods and paths that a Swagger document describes.

    Args:
        part: The part of the API, which may be in its base path.
        document: The document, in version 2 or 3.
    """
    paths = document.get("paths") if isinstance(document, Mapping) else None
    for path, methods in paths.items() if isinstance(paths, Mapping) else ():
        for method in methods if isinstance(methods, Mapping) else ():
            if method.lower() in _METHODS:
                yield method.upper(), path if path.startswith(f"/{part}/") else f"/{part}{path}"


def differences(described: set[Line], known: Mapping[str, Endpoint]) -> tuple[list[str], dict[str, str]]:
    """Compare endpoints with what a Swagger describes.

    Returns:
        The endpoints that it does not describe, and for some of them the path that it describes instead.
    """
    shapes = {_shape(line): line for line in described}
    taken = {_shape((endpoint.method, endpoint.path)) for endpoint in known.values()}
    missing = [action for action, each in known.items() if _shape((each.method, each.path)) not in shapes]
    free = {shape: line for shape, line in shapes.items() if shape not in taken}
    proposed = {action: line for action in missing if (line := _most_alike(known[action], free)) is not None}
    return missing, proposed


def _shape(line: Line) -> Line:
    # Two ids in one segment may be described as one.
    return line[0], _JOINED.sub("{}", PLACEHOLDER.sub("{}", line[1])).casefold().rstrip("/")


def _most_alike(endpoint: Endpoint, free: Mapping[Line, Line]) -> str | None:
    """Return the one path that clearly resembles an endpoint's, with our placeholders; None if there is none."""
    wanted = (endpoint.method, endpoint.path)
    ranked = sorted(
        (
            (_likeness(wanted, line), line)
            for line in free.values()
            if len(PLACEHOLDER.findall(line[1])) == len(endpoint.placeholders)
        ),
        reverse=True,
    )
    if not ranked or ranked[0][0] < _ALIKE or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _CLEARLY):
        return None
    method, path = ranked[0][1]
    names = iter(endpoint.placeholders)
    path = re.sub(PLACEHOLDER, lambda _: f"{{{next(names)}}}", path)
    return path if method == endpoint.method else f"{method} {path}"


def _likeness(one: Line, other: Line) -> float:
    alike = SequenceMatcher(None, _words(one[1]), _words(other[1])).ratio()
    return alike if one[0] == other[0] else alike - 2 * _CLEARLY


def _words(path: str) -> list[str]:
    """Return the words of a path, in the singular."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|\{", PLACEHOLDER.sub("{", path))
    return [re.sub(r"ies$", "y", word.casefold()).removesuffix("s") for word in words]


def _compare(talk: Conversation) -> Found:
    known: dict[str, Endpoint] = {}
    described: set[Line] = set()
    for part in PARTS:
        answer = talk.ask(endpoints.SWAGGER, part)
        if answer.is_good and (lines := set(lines_of(part, answer.document))):
            described |= lines
            known |= {
                action: each
                for action, each in _in_profile(talk).items()
                if each.path.startswith(f"/{part}/") and action not in _NEVER
            }
    if not described:
        raise NotTestableError("There is no Swagger at the documented address.")
    missing, proposed = differences(described, known)
    if not missing:
        return as_assumed(f"It describes all {len(known)} endpoints of {len(described)}.")
    text = f"It does not describe {', '.join(missing)}"
    if proposed:
        text += f"; it has {', '.join(f'{line} for {action}' for action, line in proposed.items())}"
    return not_handled(f"{text}.", {"paths": proposed})


def _in_profile(talk: Conversation) -> dict[str, Endpoint]:
    """Return the endpoints with the paths of the profile in use."""
    profile = talk.api.profile
    found = {}
    for action, each in ENDPOINTS.items():
        method, path = profile.request_line(each, *(f"{{{name}}}" for name in each.placeholders))
        found[action] = Endpoint(action, method, path, each.source)
    return found


FACT: Final = Fact(
    "ipaas.swagger",
    "The vendor's Swagger describes the endpoints",
    "confirmed",
    "every request",
    "requests to these endpoints fail; correct their paths in an API profile",
    _compare,
)
