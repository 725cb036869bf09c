from __future__ import annotations

from contextlib import closing

import pytest

from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.cli.health import Health
from akeneo_assets.http.statistics import Contact
from akeneo_assets.store.contacts import CHANGES, Seen
from akeneo_assets.store.store import Store
from akeneo_assets_tests.shell import Shell

_RECENT = Seen(at=990.0, succeeded_at=990.0, problem=None)
_OLD = Seen(at=10.0, succeeded_at=10.0, problem=None)
_DOWN = Seen(at=990.0, succeeded_at=10.0, problem="Akeneo cannot be reached.")


@pytest.mark.parametrize(
    ("seen", "runs", "code"),
    [
        ({CHANGES: _RECENT, "akeneo": _RECENT}, 0, ExitCode.DONE),
        ({CHANGES: _OLD, "akeneo": _OLD}, 0, ExitCode.RECORDS),
        ({CHANGES: _OLD, "akeneo": _RECENT}, 1, ExitCode.DONE),
        ({}, 0, ExitCode.RECORDS),
        ({CHANGES: _OLD, "akeneo": _DOWN}, 0, ExitCode.UNREACHABLE),
        ({CHANGES: _RECENT, "ipaas": _DOWN}, 1, ExitCode.UNREACHABLE),
    ],
    ids=["recent", "stopped", "a long run", "never started", "Akeneo is down", "iPaaS.com is down"],
)
def test_the_exit_code_tells_what_is_wrong(seen: dict[str, Seen], runs: int, code: ExitCode) -> None:
    assert Health(seen, runs, now=1000.0, maximum_age=600.0).exit_code == code


def test_an_outage_is_reported_until_the_next_success(shell: Shell) -> None:
    url = f"sqlite:///{shell.folder / 'state.db'}"
    shell.set({"AKENEO_ASSETS_DATABASE_URL": url})
    assert shell.call("health").code == 2
    shell.call("db", "upgrade")
    with closing(Store.open(url)) as store:
        store.contacts.save({"akeneo": Contact(1.0, None)})
        store.contacts.save({"akeneo": Contact(2.0, "Akeneo responded 503.")})
    down = shell.call("health")
    assert (down.code, "Akeneo responded 503." in down.text) == (3, True)
    document = shell.call("health", "--json").document
    assert (document["akeneo"]["succeeded_at"], document["akeneo"]["problem"]) == (1.0, "Akeneo responded 503.")
    with closing(Store.open(url)) as store:
        store.contacts.save({"akeneo": Contact(3.0, None)})
    assert shell.call("health").code == 1
