"""``akeneo-assets sandbox -- COMMAND`` switches the automation on for its command."""

from __future__ import annotations

import sys

import pytest

from akeneo_assets_tests.shell import Shell, unused_port

_PRINT = "import os; print('automation:', os.environ['AKENEO_ASSETS_AUTOMATION'])"


@pytest.mark.parametrize(("set_by_the_user", "expected"), [(None, "1"), ("0", "0")])
def test_the_automation_is_on_unless_the_user_says_otherwise(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, set_by_the_user: str | None, expected: str
) -> None:
    monkeypatch.delenv("AKENEO_ASSETS_AUTOMATION", raising=False)
    if set_by_the_user is not None:
        shell.set({"AKENEO_ASSETS_AUTOMATION": set_by_the_user})
    ports = ("--akeneo-port", str(unused_port()), "--ipaas-port", str(unused_port()))
    called = shell.run("akeneo-assets", "sandbox", *ports, "--", sys.executable, "-c", _PRINT)

    assert called.code == 0, called.text
    assert f"automation: {expected}" in called.output
