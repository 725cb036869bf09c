from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.store.id_migration import Rewritten
from akeneo_assets.store.records import Link, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets_tests.state import waiting_links
from akeneo_assets_tests.store.test_ledger import RUN, accepted

IDENTITY = {"akeneo_url": "a", "ipaas_url": "i", "subscription_id": "1", "product_id_format": "UUID"}


def product(key: str, identifier: str | None, **fields: Any) -> SourceRecord:
    return SourceRecord("product", key, {"uuid": "u-" + key.removeprefix("u-")}, "h", identifier=identifier, **fields)


def read(store: Store, *records: SourceRecord) -> None:
    store.mirror.merge(records, partition_key="family:shoes", read_at=store.mirror.moment())


def test_the_keys_of_any_state_are_migrated(store: Store) -> None:
    store.bind(**IDENTITY)
    read(store, product("u-a", "a"), product("u-gone", "gone"), product("u-nameless", None))
    store.mirror.mark_gone("product", ["u-gone"], at=store.mirror.moment())
    looked_at = store.mirror.moment()
    rows = [
        accepted(key, kind, attempt=replace(RUN, looked_at=looked_at))
        for key, kind in (("u-a", "product"), ("u-a", "variant"), ("m", "product_model"))
    ]
    store.accept(rows, {("product", "u-a"): [Link("related", "product", "u-b")]}, partition_key="family:shoes")
    ids = store.id_migration
    assert not ids.begin("Identifier")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="migrate-ids --to Identifier"):
            store.bind(**IDENTITY)
        # Read in the new format, which makes it due.
        read(store, product("a", "a"), product("b", "b", parent="m"))
        ids.note([("u-a", "a"), ("u-b", "b")])
        for page in ids.unlisted():
            ids.rename_unlisted((each.key, each.identifier) for each in page if each.identifier is not None)
            ids.forget_mirrored({each.key for each in page if each.identifier is None})
        for kind, keys in ids.ledger_keys():
            new = ids.new_keys(keys)
            ids.rewrite([Rewritten(kind, key, new.get(key, key), {"now": key}, "p2", "r2", 1) for key in keys])
        ids.rewrite_links()
        assert ids.begin("Identifier")

    assert list(ids.never_sent()) == [[("u-b", "b", True)]]
    ids.mark_looked_up(["u-b"])
    assert list(ids.never_sent()) == []
    ids.finish("Identifier")
    store.bind(**{**IDENTITY, "product_id_format": "Identifier"})
    with pytest.raises(ConfigurationError, match="migrate-ids --to UUID"):
        store.bind(**IDENTITY)
    assert store.mirror.existing("product", ["a", "b", "u-a", "u-gone", "u-nameless"]) == {"a", "b"}
    assert [key for page in store.mirror.gone_keys("product") for key in page] == ["gone"]
    for kind in ("product", "variant"):
        entries = store.ledger.entries(kind, ["a", "u-a"])
        assert {key: entry.ipaas_id for key, entry in entries.items()} == {"a": "id-u-a"}
    assert store.ledger.entries("product", ["a"])["a"].payload_hash == "p2"
    # The other two were due before; Akeneo lists neither.
    due = [key for page in store.work.changed_keys("product") for key in page]
    assert due == ["a", "gone", "u-nameless"]
    assert waiting_links(store) == [("a", "related", "b")]


def test_a_migration_that_did_not_start_does_not_change_the_state(store: Store) -> None:
    store.bind(**IDENTITY)
    store.id_migration.begin("Identifier")
    store.id_migration.abandon()
    store.bind(**IDENTITY)
