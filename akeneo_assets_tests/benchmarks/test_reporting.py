"""A benchmark prints each figure with its goal, and whether it is met."""

from __future__ import annotations

import json

import pytest

from benchmarks.reporting import Figure, Section, as_json

SECTION = Section(
    "Reading 1,000 products",
    [
        Figure("pages", 1020, "requests"),
        Figure("pages, compared with the least", 1.02, "times", at_most=1.03),
        Figure("requests at a time", 3.25, "requests", at_least=3.5),
    ],
)


@pytest.mark.parametrize(
    ("at_most", "at_least", "met"),
    [(None, None, None), (2.0, None, True), (1.9, None, False), (None, 2.0, True), (None, 2.1, False), (2, 2.1, False)],
)
def test_a_goal_includes_its_limit(at_most: float | None, at_least: float | None, met: bool | None) -> None:
    assert Figure("pages", 2.0, "requests", at_most, at_least).met is met


def test_a_section_is_a_table() -> None:
    assert str(SECTION) == (
        "Reading 1,000 products\n"
        "\n"
        "| figure                         | measured       | goal    | met |\n"
        "| ------------------------------ | -------------- | ------- | --- |\n"
        "| pages                          | 1,020 requests |         |     |\n"
        "| pages, compared with the least | 1.020 times    | ≤ 1.030 | yes |\n"
        "| requests at a time             | 3.250 requests | ≥ 3.500 | NO  |\n"
    )
    assert not SECTION.met


def test_all_sections_are_one_json_document() -> None:
    (section,) = json.loads(as_json([SECTION]))
    assert section["title"] == "Reading 1,000 products"
    assert [figure["met"] for figure in section["figures"]] == [None, True, False]
