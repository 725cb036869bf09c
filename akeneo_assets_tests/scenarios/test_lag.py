"""The state shows without any request how many records wait, for how long, and how long the last edit took."""

from __future__ import annotations

from akeneo_assets.sync.inspect.lag import lag
from akeneo_assets_tests.scenarios.polling import Clock, poll, remap
from akeneo_assets_tests.scenarios.world import World, dry_run
from akeneo_assets_tests.shell import Shell


def test_an_edit_counts_as_waiting_until_it_is_delivered_and_its_lag_is_shown(
    synced: World, clock: Clock, shell: Shell
) -> None:
    shell.set(synced.environment())
    quiet = lag(synced.engine().store)
    assert (quiet.due, quiet.oldest_edit_seconds, quiet.last_edit_seconds) == (0, None, None)
    synced.edit.save_product(synced.uuid("mug-white"), {"enabled": False})
    clock.pass_time(300)
    synced.engine().sync_records("product", [synced.uuid("mug-white")], dry_run=True)

    waiting = lag(synced.engine().store)

    assert waiting.due == 1
    assert waiting.oldest_edit_seconds is not None
    assert 300 <= waiting.oldest_edit_seconds < 330
    assert "1 records due, oldest edit waiting 30" in shell.call("status").text
    clock.pass_time(60)
    poll(synced.engine())
    done = shell.call("status", "--json").document["lag"]
    assert (done["due"], done["oldest_edit_seconds"]) == (0, None)
    assert 360 <= done["last_edit_seconds"] < 390
    assert 0 <= done["throttles"]["ipaas"]["requests"] <= done["throttles"]["ipaas"]["limit"] == 1000


def test_records_of_a_full_load_are_no_edits_if_they_are_delivered_later(fresh: World) -> None:
    dry_run(fresh.engine())
    poll(fresh.engine())

    assert fresh.written()
    assert lag(fresh.engine().store).last_edit_seconds is None


def test_a_record_that_is_sent_for_a_renamed_option_is_no_edit(synced: World) -> None:
    synced.edit.save_option("color", "sage", {"labels": {"de_DE": "Salbeigrün"}})
    remap(synced.engine())

    assert synced.written()
    assert lag(synced.engine().store).last_edit_seconds is None
