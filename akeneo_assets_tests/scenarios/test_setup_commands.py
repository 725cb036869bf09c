"""Every sync from the command line reports what is wrong with the setup and how to fix it, and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.wrong_setups import (
    CREDENTIALS,
    INSTANCES,
    MAPPINGS,
    PERMISSIONS,
    UNREACHABLE,
    VALUES,
    WrongSetup,
)
from akeneo_assets_tests.shell import Called, Shell, writes
from akeneo_assets_tests.state import put_empty_state

FULL = ("sync", "full")
CATEGORIES = ("sync", "categories")
RECORD = ("sync", "record", "product", "straw-hat")

_WITHOUT_PERMISSION = {setup.forbidden: setup for setup in PERMISSIONS}


@pytest.fixture(scope="module")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: Sandbox, shell: Shell) -> Iterator[Sandbox]:
    """A sandbox that the shell's settings point to, without any requests so far."""
    shell.use(_sandbox)
    put_empty_state(shell.folder / "prepared.db")
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'prepared.db'}"})
    yield _sandbox
    _sandbox.akeneo_faults.clear()
    _sandbox.akeneo.switches.loses_authorization = False
    assert writes(_sandbox) == {}


def assert_reported(called: Called, setup: WrongSetup, code: int = 2) -> None:
    assert called.code == code
    text = " ".join(called.errors.split())
    assert "Error: " in text
    for part in setup.message_parts:
        assert part in text


@pytest.mark.parametrize("setup", [*VALUES, *INSTANCES, *CREDENTIALS], ids=str)
def test_every_sync_reports_a_mistake_at_once(setup: WrongSetup, shell: Shell, sandbox: Sandbox) -> None:
    shell.set(setup.arrange(sandbox, shell.folder))

    for command in (FULL, CATEGORIES, RECORD):
        assert_reported(shell.call(*command), setup)


@pytest.mark.parametrize("setup", UNREACHABLE[:1], ids=str)
def test_an_unreachable_host_is_reported(setup: WrongSetup, shell: Shell, sandbox: Sandbox) -> None:
    shell.set(setup.arrange(sandbox, shell.folder))

    assert_reported(shell.call(*FULL), setup, code=3)


@pytest.mark.parametrize(
    ("setup", "command"),
    [
        pytest.param(_WITHOUT_PERMISSION["families.list"], FULL, marks=pytest.mark.exhaustive),
        pytest.param(_WITHOUT_PERMISSION["product-models.list"], CATEGORIES, marks=pytest.mark.exhaustive),
        (MAPPINGS[1], RECORD),
    ],
    ids=str,
)
def test_a_run_that_finds_a_mistake_is_reported(
    setup: WrongSetup, command: tuple[str, ...], shell: Shell, sandbox: Sandbox
) -> None:
    shell.set(setup.arrange(sandbox, shell.folder))

    called = shell.call(*command, "--json")

    assert_reported(called, setup)
    document = called.document
    assert document["exit_code"] == 2
    assert len(document["runs"]) == 1
    (error,) = document["errors"]
    assert error.startswith(("Akeneo refused", "The mapping file"))


@pytest.mark.usefixtures("sandbox")
def test_an_unknown_tree_is_reported_with_the_existing_ones(shell: Shell) -> None:
    called = shell.call(*CATEGORIES, "--tree", "winter")

    assert called.code == 2
    assert "Akeneo has no category tree winter. Choose one of collections, master." in called.errors
