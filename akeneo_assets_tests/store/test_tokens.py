from __future__ import annotations

import threading

import pytest
from sqlalchemy import update

from akeneo_assets.http.tokens import Token
from akeneo_assets.store.schema import renewals
from akeneo_assets.store.store import Store


def test_a_token_is_stored_replaced_and_removed_for_all_processes(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    assert store.tokens.load("akeneo") is None
    store.tokens.save("akeneo", Token("a1", "r1", 100.5))
    assert other.tokens.load("akeneo") == Token("a1", "r1", 100.5)
    other.tokens.save("akeneo", Token("a2", None, 200.0))
    assert store.tokens.load("akeneo") == Token("a2", None, 200.0)
    assert store.tokens.load("ipaas") is None
    store.tokens.forget("akeneo")
    assert other.tokens.load("akeneo") is None
    other.close()


def test_only_one_thread_of_all_stores_renews_at_a_time(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    inside: list[int] = []
    most: list[int] = []
    guard = threading.Lock()

    def renew(opened: Store) -> None:
        for _ in range(3):
            with opened.tokens.renewing("akeneo"):
                with guard:
                    inside.append(1)
                    most.append(len(inside))
                with guard:
                    inside.pop()

    threads = [threading.Thread(target=renew, args=(opened,)) for opened in (store, other, store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert most == [1] * 12


def test_a_failed_renewal_does_not_block_the_next_one(store: Store) -> None:
    with pytest.raises(RuntimeError, match="refused"), store.tokens.renewing("akeneo"):
        raise RuntimeError("refused")
    with store.tokens.renewing("akeneo"):
        pass


def test_a_process_that_died_during_a_renewal_does_not_block_others_for_long(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    with other.tokens.renewing("akeneo"):
        with store._database.write() as connection:  # as after the lease
            connection.execute(update(renewals).values(held_until=0.0))
        with store.tokens.renewing("akeneo"):
            pass
    other.close()
