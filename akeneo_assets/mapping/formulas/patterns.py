"""Patterns that cannot hang: a subset of regular expressions, matched in O(pattern * text) steps.

Python's own matcher takes exponential time on patterns such as ``(a+)+b``. This matcher never visits the same pair of
instruction and position twice, which rules out back references and look-around. Otherwise, patterns match the same
text as in Python.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from akeneo_assets.mapping.formulas.limits import FormulaError, Steps

MAX_PATTERN: Final = 200
_MAX_PROGRAM: Final = 1_000
_MAX_REPEAT: Final = 100
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(?!\})(\d*)(,?)(\d*)\})(\??)")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_CLASS_ESCAPES: Final = frozenset("dDwWsS")
_CONTROL_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}

Test: TypeAlias = Callable[[str], bool]


class Instruction(NamedTuple):
    """One step of a program: match a character, fork (``first`` has priority), save a group, check a place, or end."""

    kind: Literal["character", "fork", "save", "place", "end"]
    test: Test | None = None
    first: int = 0
    second: int = 0
    place: str = ""


class Match(NamedTuple):
    """The range that a pattern matched, and the text of its first group."""

    start: int
    end: int
    group: str | None


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern."""

    program: tuple[Instruction, ...]
    has_group: bool

    def search(self, text: str, steps: Steps, start: int = 0, *, may_be_empty: bool = True) -> Match | None:
        """Return the first match at or after ``start``; an empty match at ``start`` only if ``may_be_empty``.

        Raises:
            FormulaError: It takes more steps than remain.
        """
        seen: set[tuple[int, int]] = set()
        for begin in range(start, len(text) + 1):
            empty = may_be_empty or begin > start
            if (found := self._match(text, begin, seen, steps, may_be_empty=empty)) is not None:
                return found
        return None

    def finditer(self, text: str, steps: Steps) -> Iterator[Match]:
        """Yield all matches, without overlaps."""
        start, may_be_empty = 0, True
        while (found := self.search(text, steps, start, may_be_empty=may_be_empty)) is not None:
            yield found
            start, may_be_empty = found.end, found.end != found.start

    def _match(
        self, text: str, begin: int, seen: set[tuple[int, int]], steps: Steps, *, may_be_empty: bool
    ) -> Match | None:
        # instruction, position, where the first group begins and ends
        pending: list[tuple[int, int, int, int]] = [(0, begin, -1, -1)]
        while pending:
            at, position, opened, closed = pending.pop()
            while (at, position) not in seen:
                seen.add((at, position))
                steps.spend(1)
                step = self.program[at]
                if step.kind == "end":
                    if position == begin and not may_be_empty:
                        break
                    return Match(begin, position, text[opened:closed] if closed >= 0 else None)
                if step.kind == "character":
                    if position == len(text) or not (step.test and step.test(text[position])):
                        break
                    at, position = at + 1, position + 1
                elif step.kind == "fork":
                    pending.append((step.second, position, opened, closed))
                    at = step.first
                elif step.kind == "save":
                    opened, closed = (position, closed) if step.place == "open" else (opened, position)
                    at += 1
                elif _is_at(step.place, text, position):
                    at += 1
                else:
                    break
        return None


@lru_cache(maxsize=500)
def compile_pattern(source: str) -> Pattern:
    """Compile a pattern; a leading ``(?i)`` ignores case.

    Raises:
        FormulaError: It is not a valid regular expression, or uses unsupported syntax.
    """
    if len(source) > MAX_PATTERN:
        raise FormulaError(f"has a pattern of {len(source)} characters; at most {MAX_PATTERN} are allowed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # syntax that may change in later Python versions, such as [[a-z]
            re.compile(source)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise FormulaError(f"has an invalid pattern {source!r}: {error}") from error
    parser = _Parser(source)
    return Pattern((*parser.program(), Instruction("end")), parser.has_group)


def _is_at(place: str, text: str, position: int) -> bool:
    if place in {"^", "A"}:
        return position == 0
    if place in {"$", "Z"}:
        return position == len(text) or (place == "$" and position == len(text) - 1 and text[-1] == "\n")
    before = position > 0 and _is_word(text[position - 1])
    after = position < len(text) and _is_word(text[position])
    return (before != after) == (place == "b")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class _Parser:
    """Compiles a pattern to a program; addresses are relative to the part of the program that they are in."""

    def __init__(self, source: str) -> None:
        self._flags = re.IGNORECASE if source.startswith("(?i)") else re.RegexFlag(0)
        self._source = source.removeprefix("(?i)")
        self._at = 0
        self.has_group = False

    def program(self) -> list[Instruction]:
        program = self._alternatives()
        if self._at < len(self._source):
            raise FormulaError(f"has a pattern with an unmatched parenthesis: {self._source!r}")
        return program

    def _alternatives(self) -> list[Instruction]:
        branch = self._sequence()
        if self._next() != "|":
            return branch
        self._at += 1
        rest = self._alternatives()
        skip = len(branch) + 2
        return [
            Instruction("fork", first=1, second=skip),
            *_moved(branch, 1),
            _jump(skip + len(rest)),
            *_moved(rest, skip),
        ]

    def _sequence(self) -> list[Instruction]:
        program: list[Instruction] = []
        while self._next() not in {"", "|", ")"}:
            item = self._quantified(self._item())
            program += _moved(item, len(program))
            if len(program) > _MAX_PROGRAM:
                raise FormulaError(f"has a pattern with too many repetitions: {self._source!r}")
        return program

    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _item(self) -> list[Instruction]:
        if self._next() == "(":
            return self._group()
        if found := _CLASS.match(self._source, self._at):
            self._at = found.end()
            return [self._character(found.group())]
        character = self._next()
        self._at += 1
        if character in {"^", "$"}:
            return [Instruction("place", place=character)]
        if character == ".":
            return [Instruction("character", lambda each: each != "\n")]
        return [self._escape()] if character == "\\" else [self._literal(character)]

    def _group(self) -> list[Instruction]:
        self._at += 1
        captures = self._next() != "?"
        if not captures:
            if self._source[self._at : self._at + 2] != "?:":
                raise FormulaError(f"has the pattern {self._source!r}; only the groups (…) and (?:…) are supported")
            self._at += 2
        is_first = captures and not self.has_group
        self.has_group |= captures
        inner = self._alternatives()
        self._at += 1
        if not is_first:
            return inner
        return [Instruction("save", place="open"), *_moved(inner, 1), Instruction("save", place="close")]

    def _escape(self) -> Instruction:
        character = self._next()
        self._at += 1
        if character in _CLASS_ESCAPES:
            return self._character(f"\\{character}")
        if character in "bBAZ":
            return Instruction("place", place=character)
        if character in _CONTROL_ESCAPES:
            return self._literal(_CONTROL_ESCAPES[character])
        if character.isalnum():
            raise FormulaError(f"has the pattern {self._source!r}; \\{character} is not supported")
        return self._literal(character)

    def _literal(self, character: str) -> Instruction:
        return self._character(re.escape(character))

    def _character(self, source: str) -> Instruction:
        matches = re.compile(source, self._flags).fullmatch
        return Instruction("character", lru_cache(maxsize=1_000)(lambda each: matches(each) is not None))

    def _quantified(self, item: list[Instruction]) -> list[Instruction]:
        found = _QUANTIFIER.match(self._source, self._at)
        if found is None:
            return item
        self._at = found.end()
        if self._next() == "+":
            raise FormulaError(f"has the pattern {self._source!r}; {found.group()}+ is not supported")
        least, most = _bounds(found)
        if max(least, most or 0) > _MAX_REPEAT:
            raise FormulaError(f"has the pattern {self._source!r}; at most {_MAX_REPEAT} repetitions are supported")
        lazy = bool(found.group(4))
        program: list[Instruction] = []
        for _ in range(least):
            program += _moved(item, len(program))
            if len(program) > _MAX_PROGRAM:
                raise FormulaError(f"has a pattern with too many repetitions: {self._source!r}")
        if most is None:
            start = len(program)
            program += [_fork(start + 1, start + len(item) + 2, lazy=lazy), *_moved(item, start + 1), _jump(start)]
            return program
        end = len(program) + (most - least) * (len(item) + 1)
        for _ in range(most - least):
            start = len(program)
            program += [_fork(start + 1, end, lazy=lazy), *_moved(item, start + 1)]
        return program


def _bounds(quantifier: re.Match[str]) -> tuple[int, int | None]:
    sign = quantifier.group()[0]
    if sign != "{":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
    least = int(quantifier.group(1) or 0)
    if not quantifier.group(2):
        return least, least
    return least, int(quantifier.group(3)) if quantifier.group(3) else None


def _moved(program: list[Instruction], by: int) -> list[Instruction]:
    return [
        step._replace(first=step.first + by, second=step.second + by) if step.kind == "fork" else step
        for step in program
    ]


def _fork(first: int, second: int, *, lazy: bool) -> Instruction:
    return Instruction("fork", first=second if lazy else first, second=first if lazy else second)


def _jump(to: int) -> Instruction:
    return Instruction("fork", first=to, second=to)
