"""Conflicts about a SKU or external id are resolved as the table says, whether a PUT replaces or merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from akeneo_assets.sandbox.catalogue.records import product_uuid, value
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT
from akeneo_assets.sandbox.ipaas.state import SUBSCRIPTION_ID
from akeneo_assets.sync.deliver import conflicts
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load

_NEW: Final = "00000000-0000-4000-8000-000000000000"


def _with_sku(world: World, key: str, sku: str) -> None:
    world.edit.save_product(key, {"family": "accessories", "values": {"sku": [value(sku)]}})


def _unlink(world: World, name: str) -> None:
    """Unlink a record of iPaaS.com from its record in Akeneo."""
    world.ipaas.links.unlink(PRODUCT, str(world.product(name)["id"]), SUBSCRIPTION_ID)


def _state_lost(world: World) -> None:
    world.forget()


def _moved_to_another_model(world: World) -> None:
    world.forget()
    world.edit.save_model("sofa-new", {"family": "sofas", "family_variant": "sofas_color"})
    world.edit.save_product("fjord-sofa-sand", {"parent": "sofa-new"})


def _other_id_format(world: World) -> None:
    world.forget()
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"


def _other_id_format_and_moved(world: World) -> None:
    _moved_to_another_model(world)
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"


def _created_anew(world: World) -> None:
    world.edit.delete_product("straw-hat")
    _with_sku(world, _NEW, "straw-hat")


def _deleted_and_given_away(world: World) -> None:
    world.edit.delete_product("straw-hat")
    _with_sku(world, product_uuid("mug-white"), "straw-hat")


def _given_to_a_new_record(world: World) -> None:
    _with_sku(world, product_uuid("straw-hat"), "sun-hat")
    _with_sku(world, _NEW, "straw-hat")


def _exchanged(world: World) -> None:
    for name, sku in (("straw-hat", "mug-white"), ("mug-white", "straw-hat")):
        _with_sku(world, product_uuid(name), sku)


def _twice_in_akeneo(world: World) -> None:
    _with_sku(world, _NEW, "straw-hat")


def _renamed_to_one_that_stays(world: World) -> None:
    _with_sku(world, product_uuid("mug-white"), "straw-hat")


def _there_without_external_id(world: World) -> None:
    _unlink(world, "straw-hat")
    world.edit.delete_product("straw-hat")
    _with_sku(world, _NEW, "straw-hat")


def _renamed_to_one_without_external_id(world: World) -> None:
    _unlink(world, "straw-hat")
    world.edit.delete_product("straw-hat")
    _with_sku(world, product_uuid("mug-white"), "straw-hat")


_EXAMPLES: Final[Mapping[tuple[conflicts.Owner, bool], Callable[[World], None]]] = {
    ("itself", True): _state_lost,
    ("itself", False): _moved_to_another_model,
    ("former id", True): _other_id_format,
    ("former id", False): _other_id_format_and_moved,
    ("gone", True): _created_anew,
    ("gone", False): _deleted_and_given_away,
    ("leaving", True): _given_to_a_new_record,
    ("leaving", False): _exchanged,
    ("staying", True): _twice_in_akeneo,
    ("staying", False): _renamed_to_one_that_stays,
    ("none", True): _there_without_external_id,
    ("none", False): _renamed_to_one_without_external_id,
}


class _Watched(dict[tuple[conflicts.Owner, bool], conflicts.Resolution]):
    """The table; it records which rows were used."""

    def __init__(self) -> None:
        super().__init__(conflicts.RESOLUTIONS)
        self.used: set[tuple[conflicts.Owner, bool]] = set()

    def __getitem__(self, row: tuple[conflicts.Owner, bool]) -> conflicts.Resolution:
        self.used.add(row)
        return super().__getitem__(row)


def _untracked(world: World) -> int:
    """How many requests about records carried no GUID."""
    requests: dict[str, int] = world.sandbox.ipaas_counters.snapshot()["requests"]
    others = ("auth", "custom_field", "location")
    about_records = sum(count for action, count in requests.items() if action.partition(".")[0] not in others)
    return about_records - world.ipaas.tracking_guids.total()


def test_every_row_of_the_table_has_an_example() -> None:
    assert _EXAMPLES.keys() == conflicts.RESOLUTIONS.keys()


@pytest.mark.parametrize(
    ("row", "merges"),
    [
        pytest.param(
            (owner, fits),
            merges,
            # Each row is tried under one reading of a PUT, and exhaustively under the other one.
            marks=[pytest.mark.exhaustive] if merges == fits else [],
            id=f"{owner}-{'fits' if fits else 'elsewhere'}-{'merges' if merges else 'replaces'}",
        )
        for owner, fits in _EXAMPLES
        for merges in (False, True)
    ],
)
def test_a_conflict_is_resolved_as_the_table_says(
    synced: World, monkeypatch: pytest.MonkeyPatch, row: tuple[conflicts.Owner, bool], merges: bool
) -> None:
    table = _Watched()
    monkeypatch.setattr(conflicts, "RESOLUTIONS", table)
    synced.ipaas.put_merges = merges
    # One after the other, so that the first one conflicts with the other one's SKU.
    synced.variables["IPAAS_CONCURRENT_CONNECTIONS"] = "1"
    before: dict[str, Any] = {product["sku"]: product["id"] for product in synced.ipaas.products()}
    active = {each["id"] for each in (*synced.ipaas.products(), *synced.ipaas.variants())}
    untracked = _untracked(synced)
    _EXAMPLES[row](synced)
    if not synced.engine().store.ledger.states("product", [product_uuid("straw-hat")]):
        full_load(synced.engine())
    for _ in range(2):
        poll(synced.engine())
    assert row in table.used
    assert _untracked(synced) == untracked, "the vendor's log shows every request about a record"
    failures = synced.engine().store.reports.failures().to_dict("records")
    assert active <= {each["id"] for each in (*synced.ipaas.products(), *synced.ipaas.variants())}, "nothing is deleted"
    resolution = conflicts.RESOLUTIONS[row]
    if resolution == "conflict":
        (failure,) = failures
        assert "straw-hat" in failure["message"]
        assert str(before["straw-hat"]) in failure["message"]
        assert {product["sku"]: product["id"] for product in synced.ipaas.products()} == before
        return
    assert failures == []
    # If a PUT merges, values that others wrote stay in the record.
    assert (row[0] == "none" and merges) or is_as_a_full_load(synced)
    if resolution == "adopt":
        assert {product["sku"]: product["id"] for product in synced.ipaas.products()} == before


def test_a_variant_that_could_not_be_released_is_not_deleted_by_the_next_write_of_its_model(
    synced: World,
) -> None:
    variant = synced.variant("linen-shirt-white-s")
    above = {"family": "clothing", "family_variant": "clothing_color_size"}
    synced.edit.save_model("shirt-new", above)
    synced.edit.save_model("shirt-new-white", {**above, "parent": "shirt-new", "values": {"color": [value("white")]}})
    synced.edit.save_product("linen-shirt-white-s", {"parent": "shirt-new-white"})
    refusal = synced.sandbox.ipaas_faults.add("server_error", status=404, times=None, action="variant.save")
    poll(synced.engine())
    assert refusal.fired

    synced.edit.save_model("linen-shirt", {"values": {"name": [value("Alpha", locale="de_DE")]}})
    poll(synced.engine())

    assert variant["id"] in {each["id"] for each in synced.ipaas.variants()}
