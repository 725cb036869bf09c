"""Read a mapping file: every mistake is named with file, line and cure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.collections import Mapping, Place, place_text
from akeneo_assets.mapping.sources import SOURCE_KEYS, TAG

_SETTING = "AKENEO_ASSETS_MAPPING"
_MESSAGES = {
    "extra_forbidden": "this name is not known here. Correct or remove it.",
    "missing": "is required. Add it.",
    "tuple_type": "must be a list, e.g. [first, second].",
    "dict_type": "must hold lines `name: value`.",
    "model_type": "must hold lines `name: value`.",
    "string_type": "must be one text.",
    "string_pattern_mismatch": "must be a code of letters, digits and _, or a $property.",
    "too_short": "must not be empty.",
    "bool_parsing": "must be true or false.",
}


def load_mapping(path: str | Path | None = None) -> Mapping:
    """Load the mapping.

    Args:
        path: A file whose lines replace those of the shipped mapping; None for the shipped one alone.

    Raises:
        ConfigurationError: The file cannot be read or holds a mistake; all mistakes are named at once.
    """
    default = _shipped()
    if path is None:
        return Mapping.model_validate(default)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise _error(path, [f"the file cannot be read ({error.strerror}). Correct {_SETTING} or unset it."]) from error
    except UnicodeDecodeError as error:
        raise _error(path, ["the file is not UTF-8 text. Save it as UTF-8."]) from error
    node, content = _parse(path, text)
    try:
        mapping = Mapping.model_validate(_merged(default, content))
    except ValidationError as error:
        problems = [
            _located(
                node,
                _without_tags(problem["loc"]),
                _message(problem["type"], problem["msg"]),
                problem["type"],
            )
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise _error(path, problems) from None
    if problems := list(_unknown_properties(mapping, node)):
        raise _error(path, problems)
    return mapping


@cache
def _shipped() -> Any:
    """Return the content of the shipped file, which nobody changes."""
    return yaml.safe_load(files(__package__).joinpath("default.yaml").read_text(encoding="utf-8"))


def _parse(path: str | Path, text: str) -> tuple[yaml.Node | None, object]:
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        duplicates = list(_duplicates(node, set()))
        content: object = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise _error(path, [f"{line}no valid YAML: {error.problem or error.context}."]) from error
    except yaml.YAMLError as error:
        raise _error(path, [f"no valid YAML: {error}."]) from error
    if duplicates:
        raise _error(path, duplicates)
    if not isinstance(content, dict):
        raise _error(path, ["line 1: must hold `settings:` or the name of an object, such as `product:`."])
    return node, content


def _duplicates(node: yaml.Node, seen: set[int]) -> Iterator[str]:
    """Yield the keys that stand twice in one mapping: YAML would silently take the last."""
    if id(node) in seen:  # an alias may lead back to where we are
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _duplicates(value, seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode):
            if key.value in lines:
                yield (
                    f"line {line}: `{key.value}` stands here again, first in line {lines[key.value]}. Keep one of them."
                )
            lines.setdefault(key.value, line)
        yield from _duplicates(value, seen)


def _merged(default: Any, own: Any) -> Any:
    """Lay the user's lines over the shipped ones; a source is replaced as a whole."""
    if not isinstance(default, dict) or default.keys() & set(SOURCE_KEYS):
        return own
    if own is None:  # a section whose lines are all commented out
        return default
    if not isinstance(own, dict):
        return own
    return default | {key: _merged(default[key], value) if key in default else value for key, value in own.items()}


def _unknown_properties(mapping: Mapping, node: yaml.Node | None) -> Iterator[str]:
    for named in mapping.names():
        if named.name.startswith("$") and named.name[1:] not in named.collection.properties:
            known = ", ".join(f"${known}" for known in sorted(named.collection.properties))
            yield _located(node, named.place, f"there is no property {named.name} here. Choose one of {known}.")


def _located(node: yaml.Node | None, place: Place, message: str, kind: str = "") -> str:
    """Write a problem with its line: that of the deepest part of ``place`` that stands in the file."""
    line, written = 1, []
    for step in place:
        if node and (found := _child(node, step)):
            line, node = found
            written.append(step)
    if kind == "missing":
        written.append(place[-1])
    return f"line {line}: {place_text(tuple(written)) or 'the file'}: {message}"


def _message(kind: str, message: str) -> str:
    if kind == "literal_error":
        return f"must be {message.removeprefix('Input should be ')}."
    return _MESSAGES.get(kind, message.removeprefix("Value error, "))


def _without_tags(place: Place) -> Place:
    """Drop the steps that pydantic adds to name the alternative it took."""
    return tuple(step for step in place if not str(step).startswith(TAG))


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        value = node.value[step]
        return value.start_mark.line + 1, value
    return None


def _error(path: str | Path, problems: list[str]) -> ConfigurationError:
    return ConfigurationError(
        f"The mapping file {path} is wrong:\n  " + "\n  ".join(problems),
        settings=(_SETTING,),
    )
