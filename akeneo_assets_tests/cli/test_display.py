"""Texts of a catalogue reach the user as they are."""

from __future__ import annotations

import json

import pytest

from akeneo_assets.cli.display import print_error, print_json, print_problems

STRANGE = "sku:key:7 [bold]A[/] \u2028 Größe, {x}"


def test_json_is_the_document_itself(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"message": STRANGE, "long": "x" * 500}

    print_json(document)

    assert json.loads(capsys.readouterr().out) == document


def test_errors_and_problems_are_not_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(STRANGE)
    print_problems([{"record": f"product {STRANGE}", "code": "VALD-1", "what to do": STRANGE}])

    shown = capsys.readouterr()
    assert STRANGE in shown.err
    assert shown.out.count(STRANGE) == 2
