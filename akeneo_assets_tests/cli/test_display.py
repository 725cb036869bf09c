"""Text from a catalogue is shown unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from akeneo_assets.cli.display import BatchProgress, output, print_error, print_json, print_problems
from akeneo_assets.cli.tables import print_table
from akeneo_assets.errors import AkeneoAssetsError

STRANGE = "sku:key:7 [bold]A[/] \u2028 Größe, {x}"


def test_json_output_is_the_document_itself(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"message": STRANGE, "long": "x" * 500}

    print_json(document)

    assert json.loads(capsys.readouterr().out) == document


def test_errors_and_problems_are_not_parsed_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(STRANGE)
    print_problems([{"record": f"product {STRANGE}", "code": "VALD-1", "what to do": STRANGE}])

    shown = capsys.readouterr()
    assert STRANGE in shown.err
    assert shown.out.count(STRANGE) == 2


HOSTILE = "\x1b[2Ja\x1b]0;title\x07b\x1b]8;;http://evil\x1b\\c\x9b2Jd\re\x00f\u202eg\ud800"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


@pytest.mark.parametrize(
    "print_it",
    [
        print_error,
        lambda text: print_problems([{"record": text, "code": text, "what to do": text}]),
        lambda text: print_table([text], [(text,)]),
        lambda text: output.print(text, markup=False),
        lambda text: print_json({"label": text}),
        lambda text: BatchProgress(quiet=False).done(f"full_load family:{text}: done"),
        lambda text: print_error(str(AkeneoAssetsError(text))),
    ],
    ids=["error", "problems", "table", "anything", "json", "progress", "error of ours"],
)
def test_control_characters_are_shown_and_not_executed(
    capfd: pytest.CaptureFixture[str], print_it: Callable[[str], None]
) -> None:
    print_it(HOSTILE)

    shown = "".join(capfd.readouterr())
    assert not OBEYED.search(shown)
    assert "\\u001b[2J" in shown.replace("\\\\u001b", "\\u001b")


def test_a_line_feed_in_a_code_does_not_break_a_line_of_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    BatchProgress(quiet=False).done("full_load family:a\nError: b: done")

    assert capsys.readouterr().err == "full_load family:a\\nError: b: done\n"
