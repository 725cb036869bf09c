"""``akeneo-assets probe``: its report, its question, the proposed API profile, and what ``check`` says about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from akeneo_assets.sandbox.ipaas.spelling import Spelling
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.other_spelling import OTHER_PROFILE, OTHER_SPELLING
from akeneo_assets_tests.probe.test_ipaas_facts import READING, WRITING
from akeneo_assets_tests.shell import Shell, unused_port
from akeneo_assets_tests.state import put_empty_state


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """A sandbox that the shell's settings point to."""
    with Sandbox(catalogue="empty") as sandbox:
        shell.use(sandbox)
        put_empty_state(shell.folder / "state.db")
        shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
        yield sandbox


def test_without_write_nothing_is_written(shell: Shell, sandbox: Sandbox) -> None:
    probed = shell.call("probe", "--side", "ipaas")

    assert probed.code == 0
    assert f"{len(READING)} facts: " in probed.text
    assert sandbox.ipaas.journal == []
    assert sandbox.ipaas_counters.total < 60


def test_it_asks_before_it_writes(shell: Shell, sandbox: Sandbox) -> None:
    probed = shell.call("probe", "--side", "ipaas", "--write")

    assert probed.code == 2
    assert "Use a company for tests. Continue?" in probed.text
    assert "Nothing was probed. Confirm with --yes" in probed.text
    assert sandbox.ipaas_counters.total == 0


def test_a_report_as_json(shell: Shell, sandbox: Sandbox) -> None:
    probed = shell.call("probe", "--side", "ipaas", "--write", "--yes", "--json")

    assert probed.code == 0
    document = probed.document
    assert [fact["key"] for fact in document["facts"]] == [*READING, *WRITING]
    assert document["capabilities"]["put"] == "replaces"
    assert (document["profile"], document["not_cleaned_up"]) == (None, [])
    assert {each["status"] for each in sandbox.ipaas.products()} == {"Disabled"}


def test_the_proposed_profile_corrects_the_difference(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.ipaas.spelling = Spelling(
        paths={
            "GET /subscriptions/v2/CustomFields": "GET /products/v2/CustomFields",
            "PUT /products/v2/Catalog/Product/Reactivate/{id}": "POST /products/v2/Catalog/Product/{id}/Reactivate",
        }
    )
    file = shell.folder / "ipaas.yaml"

    printed = shell.call("probe", "--side", "ipaas")
    written = shell.call("probe", "--side", "ipaas", "--write", "--yes", "--profile", str(file))
    shell.set({"IPAAS_API_PROFILE": str(file)})
    again = shell.call("probe", "--side", "ipaas", "--write", "--yes")

    assert "custom_field.list: /products/v2/CustomFields" in printed.text
    assert (printed.code, written.code, again.code) == (1, 1, 0)
    assert f"The API profile {file} corrects differences" in written.text
    assert "Affected: custom fields." in written.text


def test_with_a_profile_for_another_spelling_nothing_is_different(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.ipaas.spelling = OTHER_SPELLING
    sandbox.ipaas.switches.publishes_swagger = True
    file = shell.folder / "ipaas.yaml"
    file.write_text(OTHER_PROFILE, encoding="utf-8")
    shell.set({"IPAAS_API_PROFILE": str(file)})

    probed = shell.call("probe", "--side", "ipaas", "--write", "--yes", "--json")

    assert probed.code == 0
    assert {fact["verdict"] for fact in probed.document["facts"]} == {"as assumed", "not testable"}
    assert probed.document["profile"] is None


def test_records_of_a_killed_probe_are_reported(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.ipaas_faults.add("reset_connection", after=60, times=None)
    killed = shell.call("probe", "--side", "ipaas", "--write", "--yes")
    sandbox.ipaas_faults.clear()

    reading = shell.call("probe", "--side", "ipaas")
    again = shell.call("probe", "--side", "ipaas", "--write", "--yes")

    assert killed.code == 3
    assert "records of an earlier probe are not cleaned up. Run: akeneo-assets probe --write" in reading.text
    assert (again.code, "not cleaned up" in again.text) == (0, False)


@pytest.mark.usefixtures("sandbox")
def test_wrong_credentials_are_one_difference(shell: Shell) -> None:
    shell.set({"IPAAS_PASSWORD": "wrong"})
    probed = shell.call("probe", "--side", "ipaas", "--json")
    assert probed.code == 1
    wrong = [fact["key"] for fact in probed.document["facts"] if fact["verdict"] == "not handled"]
    assert wrong == ["ipaas.log_in"]


def test_an_address_without_a_server(shell: Shell, sandbox: Sandbox) -> None:
    shell.set({"IPAAS_API_URL": f"http://127.0.0.1:{unused_port()}"})
    probed = shell.call("probe", "--side", "ipaas")
    assert probed.code == 3
    assert sandbox.ipaas_counters.total == 0


def test_check_says_when_the_last_probe_was(shell: Shell, sandbox: Sandbox) -> None:
    before = shell.call("check")
    shell.call("probe")
    after = shell.call("check")
    sandbox.akeneo.switches.version = "20261201000000"
    upgraded = shell.call("check")
    sandbox.akeneo.switches.version, sandbox.akeneo.switches.edition = "20260601000000", "GE"
    other_edition = shell.call("check")

    assert before.text.count("never probed") == 2
    assert after.text.count("last probed on 20") == 2
    warning = "Akeneo had version 20260601000000 Serenity when it was probed. Run: akeneo-assets probe"
    assert [warning in each.text for each in (after, upgraded, other_edition)] == [False, True, True]
    assert sandbox.ipaas.products() == []


def test_a_report_of_both_sides_can_be_shared(shell: Shell, sandbox: Sandbox) -> None:
    probed = shell.call("probe", "--anonymous", "--json")

    assert probed.code == 0
    assert {key.partition(".")[0] for key in probed.document["facts"]} == {"akeneo", "ipaas"}
    assert probed.document["versions"].items() >= {"version": "20260601000000", "edition": "Serenity"}.items()
    for secret in (*sandbox.environment().values(), "127.0.0.1"):
        assert not re.search(rf"(?<![\w-]){re.escape(secret)}\b", probed.output)
