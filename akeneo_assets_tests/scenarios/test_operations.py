from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from akeneo_assets.errors import AuthenticationError, TransientError
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS
from akeneo_assets.store.copies import back_up, restore
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import HEAD
from akeneo_assets.store.store import Store
from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.scenarios.world import World, adopt_state, full_load
from akeneo_assets_tests.shell import unused_port
from akeneo_assets_tests.store.test_rolling_upgrades import expand


def test_this_release_syncs_with_the_tables_of_the_next_one(synced: World) -> None:
    with closing(Database(synced.database_url)) as database:
        expand(database, oldest_compatible=HEAD)
    uuid = synced.uuid("straw-hat")
    synced.edit.save_product(uuid, {"enabled": False})

    full_load(synced.engine())

    assert [(entry.action, entry.external_id) for entry in synced.written()] == [("product.replace", uuid)]


def test_a_restored_backup_sends_nothing_twice(synced: World, tmp_path: Path) -> None:
    """One edit was sent after the backup, the other is new."""
    hat, towel = synced.uuid("straw-hat"), synced.uuid("tea-towel-white")
    back_up(synced.database_url, tmp_path / "backup.db")
    synced.edit.save_product("new-mug", {"family": "tableware"})
    full_load(synced.engine())
    synced.edit.save_product(towel, {"enabled": False})
    before = len(synced.skus())
    synced.written()

    synced.forget()
    restore(tmp_path / "backup.db", synced.database_url, replace=False)
    full_load(synced.engine())

    assert hat not in {entry.external_id for entry in synced.written()}
    assert len(synced.skus()) == before
    full_load(synced.engine())
    assert synced.written() == []


def test_an_outage_is_seen_in_the_state_without_a_request(synced: World) -> None:
    def seen(engine: Engine) -> dict[str, bool]:
        engine.close()
        with closing(Store.open(synced.database_url)) as store:
            return {name: contact.problem is None for name, contact in store.contacts.seen().items()}

    working = synced.engine()
    working.find_work()
    assert seen(working) == {"akeneo": True, "changes": True, "ipaas": True}

    nowhere = f"http://127.0.0.1:{unused_port()}"
    path = Path(synced.database_url.removeprefix("sqlite:///"))
    adopt_state(path, akeneo_url=nowhere, ipaas_url=synced.sandbox.ipaas_url)
    cut_off = synced.engine(akeneo_api_url=nowhere)
    with pytest.raises(TransientError):
        cut_off.find_work()
    assert seen(cut_off) == {"akeneo": False, "changes": True, "ipaas": True}


def test_a_lost_database_is_rebuilt_without_creating_a_record(synced: World) -> None:
    """By a full sync with an empty database: it finds all records by their external ids."""
    content = synced.content()
    synced.written()
    counters = synced.sandbox.ipaas_counters
    before = sum(counters.snapshot()["requests"].values())

    synced.forget()
    full_load(synced.engine())

    written = synced.written()
    assert {entry.action.rpartition(".")[2] for entry in written} == {"replace"}
    assert synced.content() == content
    assert sum(counters.snapshot()["requests"].values()) - before <= 5 * len(written), "as docs/rebuild.md says"
    full_load(synced.engine())
    assert synced.written() == []


def test_no_edit_is_lost_when_a_password_is_rotated_during_a_run(
    synced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = synced.uuid("straw-hat")
    synced.edit.save_product(uuid, {"enabled": False})
    with_old_password = synced.engine()
    with_old_password.log_in()
    monkeypatch.setitem(AKENEO_CREDENTIALS, "AKENEO_PASSWORD", "rotated")
    synced.sandbox.akeneo.tokens.expire()
    synced.sandbox.akeneo_faults.add("refuse_refresh", times=None)

    with pytest.raises(AuthenticationError, match="AKENEO_PASSWORD"):
        full_load(with_old_password)
    full_load(synced.engine())

    assert [entry.external_id for entry in synced.written()] == [uuid]
