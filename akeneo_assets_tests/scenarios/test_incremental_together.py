"""Concurrent runs are safe: nothing is written twice, and the newer version wins."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.small_world import SIMPLE, VARIANTS
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load


def together(*works: Callable[[], object]) -> None:
    """Do these concurrently; the first error is raised."""
    errors: list[BaseException] = []

    def do(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def edit(world: World, text: str) -> None:
    for name in SIMPLE:
        world.edit.save_product(name, {"values": {"name": [value(text, locale="de_DE")]}})
    for name in VARIANTS:
        world.edit.save_product(name, {"values": {"stock_quantity": [value(len(text))]}})


def written(world: World) -> Counter[str]:
    return Counter(entry.external_id for entry in world.written() if entry.external_id is not None)


def test_concurrent_polls_write_each_record_once(synced: World) -> None:
    for text in ("first", "the second"):
        edit(synced, text)
        synced.written()
        engines = [synced.engine() for _ in range(3)]

        together(*(lambda engine=engine: poll(engine) for engine in engines))

        assert set(written(synced).values()) == {1}
    assert synced.content() == content_of_a_full_load(synced)
    assert synced.sandbox.ipaas_counters.no_op_writes() == 0


def test_a_plan_that_is_stored_after_another_run_sent_the_same_is_not_sent_again(synced: World) -> None:
    edit(synced, "first")
    engine = synced.engine()
    engine.read_products("family:accessories")
    engine.plan("products", "family:accessories")
    (rows,) = engine.store.plan.rows("products")
    engine.deliver("products", "family:accessories")
    assert written(synced)

    engine.store.plan.put(rows)  # as a run does that looked at the same state
    engine.deliver("products", "family:accessories")

    assert written(synced) == Counter()


def test_a_record_synced_during_a_poll_is_written_once(synced: World) -> None:
    edit(synced, "first")
    synced.written()
    by_hand, polling = synced.engine(), synced.engine()

    together(lambda: poll(polling), lambda: by_hand.sync_records("product", [synced.uuid("straw-hat")]))

    assert set(written(synced).values()) == {1}
    assert synced.product("straw-hat")["name"] == "first"
    # The run that read the record first may find it marked by the other one, and checks it once more.
    poll(synced.engine())
    assert written(synced) == Counter()
    assert poll(synced.engine()).found_nothing


def test_a_family_loaded_during_a_poll_is_written_once(synced: World) -> None:
    edit(synced, "first")
    synced.written()
    loading, polling = synced.engine(), synced.engine()

    def load() -> None:
        partition = "family:accessories"
        loading.read_products(partition)
        loading.plan("products", partition)
        loading.deliver("products", partition)

    together(lambda: poll(polling), load)

    assert set(written(synced).values()) == {1}
    assert synced.content() == content_of_a_full_load(synced)
