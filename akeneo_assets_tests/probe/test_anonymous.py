"""An anonymous report tells what differs, and nothing of the catalogue, the servers or the settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.probe.akeneo.probe import FACTS as AKENEO
from akeneo_assets.probe.facts import Found, Result
from akeneo_assets.probe.ipaas.probe import READING, WRITING
from akeneo_assets.probe.report import anonymous, markdown, versions
from akeneo_assets.sandbox.ipaas.spelling import Spelling
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.probe.marked import MARK, NUMBER, marked_sandbox
from akeneo_assets_tests.shell import Shell
from akeneo_assets_tests.state import put_empty_state

_FORMS: Final[tuple[tuple[str, ...], ...]] = ((), ("--json",), ("--markdown",))
_WORD: Final = re.compile(r"\w+")


@given(fact=st.sampled_from((*AKENEO, *READING, *WRITING)), text=st.text(), value=st.text(min_size=1))
def test_no_text_or_value_that_was_found_is_in_it(fact: object, text: str, value: str) -> None:
    def report(text: str, value: str) -> tuple[Result, str]:
        profile = {"paths": {"product.list": value}, "deleted_prefix": value}
        found = Found("not handled", text, {"put": value}, profile)
        shared = anonymous(Result(fact, found, ("404 NFND-1005",)))  # type: ignore[arg-type]
        return shared, markdown([shared])

    assert report(text, value) == report("", "x")
    assert "404 NFND-1005" in report(text, value)[1]
    assert "paths product.list" in report(text, value)[1]


@pytest.mark.parametrize(
    ("version", "edition", "told"),
    [
        ("7.0.21", "EE", {"version": "7.0.21", "edition": "EE"}),
        ("20260601000000", "Serenity", {"version": "20260601000000", "edition": "Serenity"}),
        ("7.0.21-of-a-company", "of-a-company", {"version": "7.0.21"}),
        ("", "", {}),
    ],
)
def test_versions_are_told(version: str, edition: str, told: dict[str, str]) -> None:
    assert versions({"version": version, "edition": edition}) == told


def reports(shell: Shell, catalogue: Literal["empty", "sample"]) -> Iterator[tuple[str, Sandbox]]:
    """Yield the report of both sides in each form."""
    with Sandbox(catalogue=catalogue) as sandbox:
        shell.use(sandbox)
        # Refusals with a code and a text of a company.
        sandbox.ipaas.spelling = Spelling(texts={"NFND-1005": "ACME-4711"})
        sandbox.akeneo_faults.add("forbid", action="families.list", times=None)
        for form in _FORMS:
            state = shell.folder / f"{catalogue}{''.join(form)}.db"
            put_empty_state(state)
            shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{state}"})
            yield shell.call("probe", "--anonymous", "--write", "--yes", "--again", *form).output, sandbox


def test_nothing_of_a_catalogue_or_the_servers_is_in_any_form(shell: Shell) -> None:
    facts = (f"{each.assumed} {each.otherwise} {each.used_by} {each.key}" for each in (*AKENEO, *READING, *WRITING))
    static = set(_WORD.findall(" ".join((*facts, *(text for text, _ in reports(shell, "empty"))))))
    for text, sandbox in reports(shell, "sample"):
        assert "403" in text
        assert "ACME" not in text
        assert "20260601000000" in text
        # Two letters of a locale and the number of a company would be new words.
        assert {word for word in set(_WORD.findall(text)) - static if not word.isdecimal()} == set()
        for secret in (*sandbox.environment().values(), "127.0.0.1"):
            assert not re.search(rf"(?<![\w-]){re.escape(secret)}\b", text.replace("\n", "")), secret


@pytest.mark.parametrize("form", _FORMS, ids=lambda form: "".join(form) or "text")
def test_no_code_name_value_or_host_is_in_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    with marked_sandbox(monkeypatch) as (sandbox, settings):
        shell.use(sandbox)
        shell.set(settings)
        put_empty_state(shell.folder / "state.db")
        shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
        plain = shell.call("probe", "--write", "--yes", *form).output
        shared = shell.call("probe", "--write", "--yes", "--again", "--anonymous", *form).output

    assert plain.count(MARK) > 3
    assert "7.0.21" in shared
    for mark in (MARK, NUMBER):
        assert mark not in shared.lower()


def test_the_json_has_each_fact_and_its_outcome(shell: Shell) -> None:
    with Sandbox(catalogue="empty") as sandbox:
        shell.use(sandbox)
        document = json.loads(shell.call("probe", "--anonymous", "--json").output)
    assert list(document["facts"]) == [fact.key for fact in (*AKENEO, *READING)]
    assert {each["verdict"] for each in document["facts"].values()} <= {"as assumed", "handled", "not testable"}
    assert document["requests"] > len(READING)
