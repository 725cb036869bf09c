"""``akeneo-assets sandbox -- COMMAND`` enables the automation for its command."""

from __future__ import annotations

import pytest

from akeneo_assets_tests.shell import Shell, unused_port


@pytest.mark.parametrize(("set_by_the_user", "expected"), [(None, "1"), ("0", "0")])
def test_the_automation_is_on_unless_the_user_turns_it_off(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, set_by_the_user: str | None, expected: str
) -> None:
    monkeypatch.delenv("AKENEO_ASSETS_AUTOMATION", raising=False)
    if set_by_the_user is not None:
        shell.set({"AKENEO_ASSETS_AUTOMATION": set_by_the_user})
    ports = ("--akeneo-port", str(unused_port()), "--ipaas-port", str(unused_port()))
    called = shell.call("sandbox", *ports, "--", "sh", "-c", "printf $AKENEO_ASSETS_AUTOMATION > automation")

    assert called.code == 0, called.text
    assert (shell.folder / "automation").read_text() == expected
