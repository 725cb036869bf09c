"""Load a mapping file; every error is reported with its file, line and fix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import ValidationError

from akeneo_assets.mapping.file.finding import SETTING, Finding, MappingFileError
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.file.place import Place, place_text
from akeneo_assets.mapping.file.sources import SOURCE_KEYS, TAG, LookupSource
from akeneo_assets.mapping.invalid_value import InvalidValueError
from akeneo_assets.mapping.numbers import as_decimal

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_LINES = ("must contain `name: value` lines", "Write them below it, indented.")
_EMPTY = ("must not be empty", "Fill or remove it.")
_TRUTH = ("must be true or false", "Write true or false.")
_MESSAGES: Final[dict[str, tuple[str | None, str]]] = {
    "extra_forbidden": ("this name is unknown here", "Correct or remove it."),
    "invalid_key": ("a name must be text", "Put it in quotes, or remove it."),
    "missing": ("is required", "Add it."),
    "tuple_type": ("must be a list", "Write it as [first, second]."),
    "dict_type": _LINES,
    "model_type": _LINES,
    "string_type": ("must be text", "Write text; put it in quotes if YAML could read it as something else."),
    "string_pattern_mismatch": (
        "must be an attribute code (letters, digits and _) or a $property",
        "Correct the code, or write {static: …} for a fixed text.",
    ),
    "too_short": _EMPTY,
    "string_too_short": _EMPTY,
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "literal_error": (None, "Choose one of these."),
    "source": (None, "Use one of these."),
}
"""The message (None for pydantic's own message) and the fix, by pydantic's error type."""
MAX_FILE: Final = 1_000_000
"""Maximum size of a mapping file in bytes: a file of this size takes a few seconds to read."""
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_FORMULA_FIX: Final = "Correct the formula; the end of the default mapping file lists syntax and functions."
_QUOTES: Final = "Correct it; put text with YAML's special characters, such as : # { } [ ] and @, in quotes."


def load_mapping(path: str | Path | None = None) -> MappingFile:
    """Load the mapping.

    Args:
        path: A file whose lines override the default mapping; None for the default mapping itself.

    Raises:
        MappingFileError: The file cannot be read or is invalid; all errors are reported at once.
    """
    default = _shipped()
    if path is None:
        return MappingFile.model_validate(default)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        message, fix = (
            f"the file cannot be read ({error.strerror}).",
            f"Choose another file, or correct {SETTING}.",
        )
        raise MappingFileError(path, [Finding(None, message, fix)]) from error
    if len(raw) > MAX_FILE:
        message = f"the file is larger than {MAX_FILE:,} bytes."
        raise MappingFileError(path, [Finding(None, message, "Choose a mapping file, or shorten this one.")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        finding = Finding(None, "the file is not UTF-8 text.", "Save it as UTF-8.", line=line)
        raise MappingFileError(path, [finding]) from error
    node, content = _parse(path, text)
    try:
        mapping = MappingFile.model_validate(_merged(default, content))
    except ValidationError as error:
        findings = [_finding(node, found) for found in error.errors(include_url=False, include_input=False)]
        raise MappingFileError(path, findings) from None
    if findings := [*_unknown_properties(mapping, node), *_wrong_constants(mapping, node)]:
        raise MappingFileError(path, findings)
    return mapping


@cache
def _shipped() -> Any:
    """Return the content of the default mapping file; callers must not change it."""
    return yaml.safe_load(files("akeneo_assets.mapping").joinpath("default.yaml").read_text(encoding="utf-8"))


def _parse(path: str | Path, text: str) -> tuple[yaml.Node | None, object]:
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        if strange := list(_strange_keys(node, (), set())):
            raise MappingFileError(path, strange)
        content: object = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = (error.problem or error.context or "").removeprefix("but ")
        line = 1 if mark is None else mark.line + 1
        finding = Finding(None, f"invalid YAML: {problem}.", _QUOTES, line=line)
        raise MappingFileError(path, [finding]) from error
    except yaml.reader.ReaderError as error:
        message = f"invalid YAML: {error.reason}."
        finding = Finding(None, message, "Remove it.", line=text.count("\n", 0, error.position) + 1)
        raise MappingFileError(path, [finding]) from error
    except (ValueError, OverflowError) as error:
        # An escape such as \U00110000.
        finding = Finding(None, f"invalid YAML: {error}.", _QUOTES, line=loader.line + 1)
        raise MappingFileError(path, [finding]) from error
    except RecursionError as error:
        finding = Finding(None, "the file is nested too deeply.", "Correct its indentation and brackets.", line=1)
        raise MappingFileError(path, [finding]) from error
    if not isinstance(content, dict):
        message = "must contain `settings:` or an object such as `product:`."
        line = node.start_mark.line + 1
        raise MappingFileError(path, [Finding(None, message, "Start with one of these.", line=line)])
    return node, content


class _Loader(yaml.SafeLoader):
    """Loads YAML 1.2 style scalars, and reports the line of invalid ones.

    YAML 1.1 would read codes such as 0010, 12:30, no and on as 8, 750, false and true. Editors read them as text.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            found: object = super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:
            # PyYAML does not validate the value after a tag such as !!bool or !!timestamp.
            wrong = f"{node.value!r:.40} is not a valid {node.tag.rpartition(':')[2]}"
            message = str(error) if isinstance(error, ValueError) else wrong
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark) from error
        if isinstance(found, str) and any("\ud800" <= each <= "\udfff" for each in found):
            message = "an incomplete character such as \\ud800 is not valid text"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
        return found


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", None),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ].*)?", list("0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first or list("-+.0123456789")
    )


def _strange_keys(node: yaml.Node, place: Place, seen: set[int]) -> Iterator[Finding]:
    """Yield duplicate keys, of which YAML would silently use the last, and merge keys.

    Nested merge keys multiply: a few lines could fill the memory.
    """
    if id(node) in seen:  # an alias may refer to its own parent
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _strange_keys(value, (*place, index), seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if name and name in lines:
            message = f"`{name}` is a duplicate; it is first used in line {lines[name]}."
            yield Finding(place_text((*place, name)), message, "Keep one of them.", line=line)
        if key.tag == _MERGE_TAG:
            message = "merge keys are not supported."
            yield Finding(place_text((*place, name)), message, "Write the lines out.", line=line)
        lines.setdefault(name, line)
        yield from _strange_keys(value, (*place, name), seen)


def _merged(default: Any, own: Any) -> Any:
    """Override the default lines with the user's; a source is replaced as a whole."""
    if not isinstance(default, dict) or default.keys() & set(SOURCE_KEYS):
        return own
    if own is None:  # a section whose lines are all commented out
        return default
    if not isinstance(own, dict):
        return own
    return default | {key: _merged(default[key], value) if key in default else value for key, value in own.items()}


def _unknown_properties(mapping: MappingFile, node: yaml.Node | None) -> Iterator[Finding]:
    for named in mapping.names():
        if named.name.startswith("$") and named.name[1:] not in named.rules.properties:
            known = ", ".join(f"${known}" for known in sorted(named.rules.properties))
            yield _located(node, named.place, f"there is no property {named.name} here", f"Choose one of {known}.")


def _wrong_constants(mapping: MappingFile, node: yaml.Node | None) -> Iterator[Finding]:
    """Yield constants of the wrong type: static values, defaults and lookup results."""
    for place, _, source, value_type in mapping.sources():
        constants: dict[Place, object] = {(key,): getattr(source, key, None) for key in ("static", "default")}
        if isinstance(source, LookupSource):
            constants |= {("table", code): value for code, value in source.table.items()}
        for below, value in constants.items():
            if value is None:
                continue
            if value_type == "number" and as_decimal(value) is None:
                yield _located(node, (*place, *below), "must be a number", "Write a number, or remove it.")
            elif value_type == "boolean" and not isinstance(value, bool):
                yield _located(node, (*place, *below), *_TRUTH)


def _finding(node: yaml.Node | None, found: ErrorDetails) -> Finding:
    """Return the finding for an error of pydantic."""
    message, fix = _MESSAGES.get(found["type"], (None, "Correct it."))
    error = found.get("ctx", {}).get("error")
    if isinstance(error, InvalidValueError):
        message, fix = str(error), error.fix or _FORMULA_FIX
    message = message or found["msg"].replace("Input should be", "must be")
    return _located(node, _without_tags(found["loc"]), message, fix, found["type"])


def _located(node: yaml.Node | None, place: Place, message: str, fix: str, kind: str = "") -> Finding:
    """Return a finding with its line: the line of the deepest part of ``place`` that the file contains."""
    line, written = 1, []
    for step in place:
        if node and (found := _child(node, step)):
            line, node = found
            written.append(step)
    if kind == "missing":
        written.append(place[-1])
    return Finding(place_text(tuple(written)) or None, f"{message}.", fix, line=line)


def _without_tags(place: Place) -> Place:
    """Remove the steps that pydantic adds to name the chosen alternative."""
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
