"""Tables show all of their content, in a narrow terminal and in a pipe."""

from __future__ import annotations

import re

import pytest

from akeneo_assets.cli.tables import print_table, shown

LONG = "".join(f"{number}:key:" for number in range(40))
ROWS = [("name", LONG, "[bold]A[/]"), ("status", "Active", "")]


def test_a_table_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "50")

    print_table(("field", "was", "is"), ROWS)

    text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(len, text.splitlines())) <= 50
    assert LONG in re.sub(r"\s|name|\[bold\]A\[/\]", "", text)
    assert "[bold]A[/]" in text


def test_a_table_in_a_pipe_is_as_wide_as_its_content(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")

    print_table(("field", "was", "is"), [("name", "a value that is longer than that", "b"), ("status", "Active", "")])

    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [re.split(r"  +", line) for line in (lines[0], *lines[2:])] == [
        ["field", "was", "is"],
        ["name", "a value that is longer than that", "b"],
        ["status", "Active"],
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("a", "a"), (0, "0"), (False, "false"), (["é"], '["é"]'), ({"a": 1}, '{"a": 1}')]
)
def test_a_value_is_shown_as_it_is(value: object, text: str) -> None:
    assert shown(value) == text
