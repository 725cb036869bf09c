"""Patterns in formulas match as in Python, in a time that is limited by text and pattern."""

from __future__ import annotations

import contextlib
import re
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_assets.mapping.formulas.limits import FormulaError, Steps
from akeneo_assets.mapping.formulas.patterns import compile_pattern

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", r"\b", "^", "$", r"\."])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
        | st.tuples(inner, st.sampled_from(["?", "{1,2}", "{2}", "??", "{,2}", "{}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
        | st.tuples(ATOMS.filter(lambda each: each not in {"^", "$", r"\b"}), st.sampled_from(["*", "+", "*?"])).map(
            "".join
        )
        | inner.map(lambda each: f"({each})")
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text("ab1.\n ", max_size=8))
def test_patterns_match_as_in_python(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)
    for start in range(len(text) + 1):
        expected, found = re.compile(pattern).search(text, start), compiled.search(text, Steps(), start)
        assert (found and (found.start, found.end)) == (expected and expected.span())
    all_found = [(found.start, found.end) for found in compiled.finditer(text, Steps())]
    assert all_found == [each.span() for each in re.finditer(pattern, text)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"(\d+)\s*x\s*(\d+)", "size 20 x 30 cm", "20"),
        (r"(?i)(led)", "Lamp, LED", "LED"),
        (r"no (.*?),", "no a, no b,", "a"),
        (r"^(\w+)", "Größe 7", "Größe"),
        (r"[\]a-c-]+(x)", "-b]x", "x"),
        (r"(a|b)?c", "c", None),
    ],
)
def test_the_first_group(pattern: str, text: str, expected: str | None) -> None:
    found = compile_pattern(pattern).search(text, Steps())
    assert found is not None
    assert found.group == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("(", "invalid pattern"),
        ("a**", "invalid pattern"),
        (r"(a)\1", r"\1 is not supported"),
        ("(?=a)", "only the groups"),
        ("(?P<n>a)", "only the groups"),
        ("a{1,500}", "at most 100 repetitions"),
        ("a{1000}", "at most 100 repetitions"),
        ("(?:a|b)++", "is not supported" if sys.version_info >= (3, 11) else "invalid pattern"),
        ("[[a]", "invalid pattern"),
        ("(((a{50}){50}){50}){50}", "too many repetitions"),
        ("a" * 201, "at most 200 are allowed"),
    ],
)
def test_unsupported_patterns_are_reported(pattern: str, expected: str) -> None:
    with pytest.raises(FormulaError, match=re.escape(expected)):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "(.*.*.*)*=x", "(a|aa)+$", "([a-z]+)*[0-9]"])
@pytest.mark.parametrize("size", [30, 5_000, 100_000])
def test_no_pattern_hangs(pattern: str, size: int) -> None:
    started = time.process_time()
    with contextlib.suppress(FormulaError):
        compile_pattern(pattern).search("a" * size + "!", Steps())
    assert time.process_time() - started < 2
