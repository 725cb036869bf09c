"""Load an API profile from a YAML file; every error is reported with its file, line and fix."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.ipaas.endpoints import ENDPOINTS, PLACEHOLDER, Endpoint
from akeneo_assets.ipaas.enumerations import STATUS_OF_PREFIX, ErrorCode
from akeneo_assets.ipaas.names import FIELDS, HEADERS, PARAMETERS, VALUES
from akeneo_assets.ipaas.profile import STANDARD, Profile, method_and_path

SETTING: Final = "IPAAS_API_PROFILE"
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LARGEST: Final = 100_000
_CODES: Final = frozenset(code for name, code in vars(ErrorCode).items() if name.isupper() and isinstance(code, str))
_STATUSES: Final = range(400, 600)
_DEEPEST: Final = 2
_FIXES: Final = {
    "extra_forbidden": ("this section is unknown", f"Use one of {', '.join(Profile.model_fields)}."),
    "model_type": ("must contain sections", f"Start with one of {', '.join(Profile.model_fields)}."),
    "string_type": ("must be text", "Write text; put it in quotes if YAML could read it as something else."),
    "int_type": ("must be a number", "Write an HTTP status such as 404."),
    "dict_type": ("must contain `ours: theirs` lines", "Write them below it, indented."),
}
"""The message and the fix, by pydantic's error type."""

_Place = tuple[str, ...]
_Problem = tuple[_Place, str, str]
"""Where, what is wrong, and what to do."""


def load_profile(path: str | None) -> Profile:
    """Load a profile.

    Args:
        path: The file; None for the profile without differences.

    Raises:
        ConfigurationError: The file cannot be read or is invalid; all errors are reported at once.
    """
    if path is None:
        return STANDARD
    text = _text_of(path)
    try:
        node, content = yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f"line {mark.line + 1}: "
        raise _invalid(path, [f"{where}the file is not valid YAML. Correct its indentation and quotes."]) from error
    if content is None:
        return STANDARD
    problems = [*_repeated(node, ())]
    profile = STANDARD
    try:
        profile = Profile.model_validate(_filled(content))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            message, fix = _FIXES.get(found["type"], (found["msg"], "Correct it."))
            problems.append((tuple(map(str, found["loc"])), message, fix))
    problems += _problems(profile)
    if problems:
        lines = sorted((_line(node, place), place, f"{message}. {fix}") for place, message, fix in problems)
        raise _invalid(path, [f"line {line}, {'.'.join(place) or 'the file'}: {text}" for line, place, text in lines])
    return profile


def _filled(content: Any) -> Any:
    """Leave out the sections whose lines are all commented out."""
    return {name: each for name, each in content.items() if each is not None} if isinstance(content, dict) else content


def _invalid(path: str, lines: Collection[str]) -> ConfigurationError:
    heading = f"The API profile {path} ({SETTING}) is invalid:"
    return ConfigurationError("\n  ".join([heading, *lines]), settings=(SETTING,))


def _text_of(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise _invalid(path, [f"the file is larger than {_LARGEST:,} bytes. Choose an API profile."])
        return raw.decode("utf-8")
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror}). Correct {SETTING}."
        raise _invalid(path, [reason]) from error
    except UnicodeDecodeError as error:
        raise _invalid(path, ["the file is not UTF-8 text. Save it as UTF-8."]) from error


def _problems(profile: Profile) -> Iterator[_Problem]:
    """Yield the names that nothing uses, and the paths and codes that cannot work."""
    known: Mapping[str, Collection[str]] = {
        "paths": ENDPOINTS,
        "fields": FIELDS,
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "values": VALUES,
        "error_codes": _CODES,
        "statuses": STATUS_OF_PREFIX,
    }
    for section, names in known.items():
        yield from _unknown((section,), getattr(profile, section), names)
    for field, values in profile.values.items():
        yield from _unknown(("values", field), values, VALUES.get(field, values))
    for section in ("fields", "parameters", "headers", "error_codes"):
        yield from _shared((section,), getattr(profile, section))
    for action, written in profile.paths.items():
        if action in ENDPOINTS:
            yield from ((("paths", action), *problem) for problem in _wrong_path(ENDPOINTS[action], written))
    for prefix, status in profile.statuses.items():
        if status not in _STATUSES:
            yield ("statuses", prefix), f"{status} is not the HTTP status of an error", "Write one from 400 to 599."
    if not profile.deleted_prefix.strip():
        yield ("deleted_prefix",), "must not be empty", "Write the text before the id, such as DELETED:."


def _unknown(place: _Place, given: Collection[str], known: Collection[str]) -> Iterator[_Problem]:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)
            yield (*place, name), "this name is unknown", f"Use one of {', '.join(near)}."


def _shared(place: _Place, names: Mapping[str, str]) -> Iterator[_Problem]:
    """Yield names that are empty, or that stand for two of ours."""
    ours: dict[str, str] = {}
    for name, theirs in names.items():
        if not theirs.strip():
            yield (*place, name), "must not be empty", "Write the name that this iPaaS.com has."
        if theirs in ours:
            yield (*place, name), f"{theirs} is already the name of {ours[theirs]}", "Correct one of them."
        ours.setdefault(theirs, name)


def _wrong_path(endpoint: Endpoint, written: str) -> Iterator[tuple[str, str]]:
    method, path = method_and_path(written, endpoint.method)
    if method not in _METHODS:
        yield f"{method} is not an HTTP method", f"Write one of {', '.join(_METHODS)} before the path, or none."
    if not re.fullmatch(r"/[^\s?#]+", path) or "//" in path:
        yield "must be a path below IPAAS_API_URL", f"Write it like {endpoint.path}."
        return
    needed, given = set(endpoint.placeholders), PLACEHOLDER.findall(path)
    for name in sorted(needed.difference(given)):
        yield f"{{{name}}} is missing", f"Add it where the path has this value, as in {endpoint.path}."
    for name in sorted({*given} - needed):
        yield f"there is no value for {{{name}}}", f"Use {_listed(endpoint)}."
    if len(given) > len({*given}) or re.search(r"[{}]", PLACEHOLDER.sub("", path)):
        yield "each placeholder must be there once, in braces", f"Write it like {endpoint.path}."


def _listed(endpoint: Endpoint) -> str:
    return ", ".join(f"{{{name}}}" for name in endpoint.placeholders) or "no placeholder"


def _repeated(node: Any, place: _Place) -> Iterator[_Problem]:
    """Yield names that are written twice; YAML would use the last one without a word."""
    seen: set[str] = set()
    for key, value in _entries(node):
        if key in seen:
            yield (*place, key), "is written twice", "Keep one of them."
        seen.add(key)
        if len(place) < _DEEPEST:
            yield from _repeated(value, (*place, key))


def _line(node: Any, place: _Place) -> int:
    """Return the line of the deepest part of a place that the file contains."""
    line = 1
    for step in place:
        found = next(((key, value) for key, value in _keyed(node) if key.value == step), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def _keyed(node: Any) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return [(key, value) for key, value in pairs if isinstance(key, yaml.ScalarNode)]


def _entries(node: Any) -> list[tuple[str, yaml.Node]]:
    return [(key.value, value) for key, value in _keyed(node)]
