"""``akeneo-assets check`` finds every mistake in a setup, names the setting and the fix, and sends nothing."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator

import pytest

from akeneo_assets.cli.instance import open_instance
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
from akeneo_assets_tests.shell import Shell, unused_port, writes
from akeneo_assets_tests.state import put_empty_state


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
    _sandbox.ipaas_faults.clear()


@pytest.mark.parametrize("setup", [*VALUES, *INSTANCES, *CREDENTIALS, *UNREACHABLE, *PERMISSIONS, *MAPPINGS], ids=str)
def test_a_mistake_is_reported_with_its_fix(setup: WrongSetup, shell: Shell, sandbox: Sandbox) -> None:
    shell.set(setup.arrange(sandbox, shell.folder))

    started = time.monotonic()
    checked = shell.call("check", "--json")

    assert time.monotonic() - started < 15
    assert checked.code == 2
    document = checked.document
    assert not document["passed"]
    wrong = [step["message"] for step in document["steps"] if not step["passed"]]
    assert any(all(part in message for part in setup.message_parts) for message in wrong), wrong
    assert writes(sandbox) == {}


@pytest.mark.parametrize(
    ("routes", "missing", "perhaps"),
    [
        pytest.param(
            ("products-uuid.list", "categories.list", "channels.list", "measurement-families.list", "assets.list"),
            ("List products", "List categories", "List channels", "List measurement families"),
            (),
            id="not those that the mapping does not need",
        ),
        pytest.param(
            ("attribute-options.list", "records.list", "measurement-families.list"),
            ("List measurement families", "List attribute options", "List reference entity records"),
            (),
            id="lists of other records",
        ),
        pytest.param(
            ("attributes.list", "families.list", "family-variants.list", "attribute-options.list", "assets.list"),
            ("List families", "List attributes", "List family variants"),
            ("List attribute options", "List assets"),
            id="those that cannot be determined yet",
        ),
    ],
)
def test_all_missing_permissions_are_reported_at_once(
    shell: Shell, sandbox: Sandbox, routes: tuple[str, ...], missing: tuple[str, ...], perhaps: tuple[str, ...]
) -> None:
    for route in routes:
        sandbox.akeneo_faults.forbid(route)

    steps = shell.call("check", "--json").document["steps"]

    (wrong,) = (step for step in steps if not step["passed"])
    assert wrong["step"] == "Akeneo's permissions"
    certain, _, possible = wrong["message"].partition("The mapping file may also need")
    for named, expected in ((certain, missing), (possible, perhaps)):
        names = re.findall(r'"(List [^"]+)"', named)
        assert sorted(names) == sorted(expected)


@pytest.mark.usefixtures("sandbox")
def test_a_mistake_on_one_side_does_not_hide_one_on_the_other(shell: Shell) -> None:
    shell.set({"AKENEO_PASSWORD": "wrong", "IPAAS_PASSWORD": "wrong"})

    checked = shell.call("check")

    assert checked.code == 2
    assert "wrong Akeneo: " in checked.output
    assert "wrong iPaaS.com: " in checked.output
    assert "Everything is ready" not in checked.output


def test_all_wrong_values_are_reported_at_once(shell: Shell) -> None:
    shell.set({"AKENEO_PRODUCT_ID_FORMAT": "SKU", "IPAAS_API_URL": "ipaas", "IPAAS_CONCURRENT_CONNECTIONS": "many"})

    checked = shell.call("check")

    assert checked.code == 2
    for name in ("AKENEO_PRODUCT_ID_FORMAT", "IPAAS_API_URL", "IPAAS_CONCURRENT_CONNECTIONS"):
        assert name in checked.output


def test_a_permission_that_ipaas_refuses_is_reported(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.ipaas_faults.forbid("product.list")

    checked = shell.call("check")

    assert checked.code == 2
    assert "The permission for product.list is missing. Grant it to the user in IPAAS_USERNAME" in checked.text


def test_a_corrected_setting_is_used(shell: Shell, sandbox: Sandbox) -> None:
    # One database for both calls: the first must not bind it to a wrong setting.
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
    right = sandbox.environment()
    for mistake in ({"IPAAS_API_URL": sandbox.akeneo_url}, {"AKENEO_API_URL": sandbox.ipaas_url}):
        shell.set(mistake)
        assert shell.call("check").code == 2
        shell.set(right)
        assert shell.call("check").code == 0


def test_a_list_of_companies_to_choose_from(shell: Shell, sandbox: Sandbox) -> None:
    companies = sandbox.ipaas.tokens.companies
    companies["c-2"] = "Second Company"
    try:
        checked = shell.call("check")
        shell.set({"IPAAS_COMPANY_ID": "c-2"})
        chosen = shell.call("check")
    finally:
        del companies["c-2"]

    assert checked.code == 2
    assert "Set IPAAS_COMPANY_ID to one of" in checked.text
    assert "c-2 Second Company" in checked.text
    assert chosen.code == 0


def test_correct_settings_are_reported(shell: Shell, sandbox: Sandbox) -> None:
    checked = shell.call("check")

    assert checked.code == 0
    assert "Everything is ready" in checked.output
    assert f"{sandbox.akeneo_url} responds, version 20260601000000 Serenity" in checked.output
    assert "186 products-uuid" in checked.output
    assert "channel ecommerce (by default), locale de_DE (by default), currency EUR (by default)" in checked.text
    # Although none was read yet.
    assert "settings.price_attribute is not set: all 186 products are sent with price 0." in checked.text
    assert "Akeneo's clock: agrees with this machine's clock; it writes dates in UTC" in checked.text, checked.text
    assert checked.errors == ""


@pytest.mark.parametrize(
    ("ahead", "difference"),
    [(4000.0, "is 1:06:40 ahead of this machine's"), (-600.0, "is 0:10:00 behind this machine's")],
)
def test_a_clock_that_differs_and_the_time_zone_are_reported(
    ahead: float, difference: str, shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half a second more, so that rounding to whole seconds does not matter.
    monkeypatch.setattr(sandbox.akeneo, "clock", lambda: time.time() + ahead + 0.5)
    monkeypatch.setattr(sandbox.akeneo.switches, "time_zone", "Asia/Tokyo")

    checked = shell.call("check")

    assert checked.code == 0
    assert f"Akeneo's clock: {difference}; it writes dates in UTC+09:00" in checked.text
    assert "Correct the wrong clock" in checked.text


@pytest.mark.parametrize("setting", [{"IPAAS_API_KEY": "sandbox-api-key"}, {"AKENEO_PRODUCT_ID_FORMAT": "Identifier"}])
def test_the_other_setups_are_valid_too(setting: dict[str, str], shell: Shell, sandbox: Sandbox) -> None:
    shell.set(setting)

    assert shell.call("check", "--json").document["passed"]
    assert writes(sandbox) == {}


def test_a_version_without_a_number_is_valid_too(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.akeneo.switches, "version", "5.0.100")
    shell.set({"AKENEO_PRODUCT_ID_FORMAT": "Identifier"})
    shell.call("probe", "--side", "akeneo")

    checked = shell.call("check")

    assert checked.code == 0, checked.text
    assert f"{sandbox.akeneo_url} responds, version unknown, last probed on 20" in checked.text
    assert "when it was probed" not in checked.text


def test_lists_without_a_count_are_valid_too(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.akeneo.switches, "ignored_parameters", frozenset({"with_count"}))

    checked = shell.call("check")

    assert checked.code == 0, checked.text
    assert "products-uuid (not counted)" in checked.text
    assert "a first load: no forecast, because Akeneo does not tell how many records it has" in checked.text
    assert "settings.price_attribute is not set: all products are sent" in checked.text


@pytest.mark.parametrize("command", [("check",), ("sync", "changes")], ids=" ".join)
def test_a_remote_address_without_encryption_is_reported(
    command: tuple[str, ...], shell: Shell, sandbox: Sandbox
) -> None:
    assert "unencrypted" not in shell.call(*command).text, "the sandbox is on this machine"
    # No server listens there: the warning is shown anyway, before anything is sent.
    shell.set({"AKENEO_API_URL": f"http://pim.invalid:{unused_port()}"})

    called = shell.call(*command)

    assert "AKENEO_API_URL: http://pim.invalid" in called.text
    assert "sends credentials and tokens unencrypted" in called.text
    assert writes(sandbox) == {}


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_state_that_other_users_can_read_is_reported(shell: Shell, sandbox: Sandbox) -> None:
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
    shell.folder.chmod(0o755)
    with open_instance():
        pass
    history = shell.folder / ".dagster"
    assert stat.S_IMODE(history.stat().st_mode) == 0o700
    assert "can be read by other users" not in shell.call("check").text

    (shell.folder / "state.db").chmod(0o666)
    history.chmod(0o755)
    checked = shell.call("check")

    assert checked.code == 0
    assert (
        f"{shell.folder / 'state.db'} contains tokens and the catalogue and can be read by other users" in checked.text
    )
    assert f"{history} contains the history of runs and can be read by other users" in checked.text
    assert f"chmod -R go-rwx {history}" in checked.text
    assert writes(sandbox) == {}
