"""A probe that was killed loses its lease, and the next one continues it."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from akeneo_assets.store import probe_runs
from akeneo_assets.store.store import Store


def test_a_killed_probe_is_continued_when_its_lease_has_expired(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_runs, "LEASE_SECONDS", 0.6)
    with closing(Store.open(database_url)) as store:
        runs = store.probe_runs
        # A process that was killed does not leave the block.
        runs._begin("killed", "ipaas", "basis", again=False)
        runs.save("killed", {"facts": {"one": {}}})
        assert runs.living() == {"killed"}
        started = time.monotonic()

        with runs.held("next", "ipaas", "basis", again=False) as interrupted:
            assert time.monotonic() - started > 0.3
            assert interrupted is not None
            assert interrupted.results == {"facts": {"one": {}}}
            assert runs.living() == {"next"}
            runs.finish("next")
        assert runs.living() == set()


def test_a_probe_that_runs_is_not_continued(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_runs, "_RENEWAL_SECONDS", 0.2)
    with (
        closing(Store.open(database_url)) as store,
        store.probe_runs.held("first", "ipaas", "basis", again=False),
        store.probe_runs.held("second", "ipaas", "basis", again=False) as interrupted,
    ):
        assert interrupted is None
        assert store.probe_runs.living() == {"first", "second"}


@pytest.mark.parametrize(("side", "basis"), [("akeneo", "basis"), ("ipaas", "other")])
def test_only_a_probe_of_the_same_side_and_basis_is_continued(database_url: str, side: str, basis: str) -> None:
    with closing(Store.open(database_url)) as store:
        with store.probe_runs.held("first", "ipaas", "basis", again=False):
            pass
        with store.probe_runs.held("second", side, basis, again=False) as interrupted:
            assert interrupted is None
