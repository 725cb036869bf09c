from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.named_ids import without_skus
from akeneo_assets_tests.store.test_ledger import accepted


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'state.db'}")
    opened.mirror.merge(
        [SourceRecord("product", key, {}, "h", identifier=f"id-{key}") for key in ("a", "b", "c")],
        partition_key="x",
        read_at=1.0,
    )
    skus = {"a": "SKU-1", "b": "SHARED", "c": "id-a"}
    opened.ledger.accept([accepted(key, sku=sku) for key, sku in skus.items()])
    opened.ledger.accept([accepted("d", "variant", sku="SHARED")])
    yield opened
    opened.close()


def test_a_sku_names_its_record_unless_it_is_an_id(store: Store) -> None:
    assert without_skus(store, "product", ["a", "SKU-1", "id-a", "unknown"]) == ["a", "a", "id-a", "unknown"]


def test_a_sku_of_several_records_is_refused(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="SKU SHARED: b, d"):
        without_skus(store, "product", ["SHARED"])
