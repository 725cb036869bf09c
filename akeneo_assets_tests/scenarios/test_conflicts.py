"""iPaaS.com refuses a SKU or an external id that another record has: each row of the table, under both readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import product_uuid, value
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT
from akeneo_assets.sandbox.ipaas.state import SUBSCRIPTION_ID
from akeneo_assets.sync import conflicts
from akeneo_assets.sync.conflicts import RESOLUTIONS, Owner, Resolution
from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT as BODY
from akeneo_assets_tests.sandbox.ipaas_client import Client
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World

Row = tuple[Owner, bool]

_NEW: Final = "22222222-2222-4222-8222-222222222222"


@dataclass
class _Told(Mapping[Row, Resolution]):
    """The table, which remembers the rows that were asked for."""

    rows: list[Row] = field(default_factory=list)

    def __getitem__(self, row: Row) -> Resolution:
        self.rows.append(row)
        return RESOLUTIONS[row]

    def __iter__(self) -> Iterator[Row]:
        return iter(RESOLUTIONS)

    def __len__(self) -> int:
        return len(RESOLUTIONS)


@dataclass(frozen=True)
class _Example:
    """A case of a row.

    Attributes:
        arrange: Makes the case; returns the id of the record of iPaaS.com that is in the way.
        act: Sends the record that is refused.
        sku: The SKU that is claimed.
    """

    arrange: Callable[[World, Client], int]
    act: Callable[[World], object]
    sku: str


def _give(world: World, name: str, sku: str) -> None:
    world.edit.save_product(product_uuid(name), {"values": {"sku": [value(sku)]}})


def _polled(world: World) -> object:
    poll(world.engine())
    return poll(world.engine())


def _sent(kind: str, *ids: str, **settings: str) -> Callable[[World], object]:
    def send(world: World) -> object:
        if "akeneo_product_id_format" in settings:
            world.forget()
        engine = world.engine(**settings)
        engine.log_in()
        engine.read_structure()
        return engine.sync_records(kind, ids)

    return send


def _id(world: World, sku: str) -> int:
    return int(next(each for each in _all(world) if each["sku"] == sku)["id"])


def _all(world: World) -> list[JsonObject]:
    return [*world.ipaas.products(), *world.ipaas.variants()]


def _the_state_is_lost(world: World, _: Client) -> int:
    world.forget()
    return _id(world, "straw-hat")


def _it_became_a_variant(world: World, _: Client) -> int:
    sofa = {"family": "sofas", "parent": "fjord-sofa", "values": {"color": [value("navy")]}}
    world.edit.save_product(product_uuid("mug-white"), sofa)
    return _id(world, "mug-white")


def _its_id_was_given_to_another_one(world: World, portal: Client) -> int:
    made = portal.accepted("POST", "Product", {**BODY, "sku": "sun-hat"})
    world.ipaas.links.unlink(PRODUCT, str(_id(world, "straw-hat")), SUBSCRIPTION_ID)
    external_id = {"system_id": SUBSCRIPTION_ID, "external_id": product_uuid("straw-hat")}
    world.ipaas.links.link(PRODUCT, str(made["id"]), [external_id])
    world.edit.save_product("straw-hat", {"enabled": False})
    return int(made["id"])


def _nothing(sku: str) -> Callable[[World, Client], int]:
    return lambda world, _: _id(world, sku)


def _created_anew(world: World, _: Client) -> int:
    world.edit.delete_product("straw-hat")
    world.edit.save_product(_NEW, {"family": "accessories", "values": {"sku": [value("straw-hat")]}})
    return _id(world, "straw-hat")


def _deleted_and_a_variant_gets_its_sku(world: World, _: Client) -> int:
    world.edit.delete_product("straw-hat")
    _give(world, "fjord-sofa-sand", "straw-hat")
    return _id(world, "straw-hat")


def _a_new_one_gets_its_sku(world: World, _: Client) -> int:
    _give(world, "straw-hat", "sun-hat")
    world.edit.save_product(_NEW, {"family": "accessories", "values": {"sku": [value("straw-hat")]}})
    return _id(world, "straw-hat")


def _they_exchange(world: World, _: Client) -> int:
    _give(world, "straw-hat", "mug-white")
    _give(world, "mug-white", "straw-hat")
    return _id(world, "straw-hat")


def _a_new_one_has_its_sku_too(world: World, _: Client) -> int:
    world.edit.save_product(_NEW, {"family": "accessories", "values": {"sku": [value("straw-hat")]}})
    return _id(world, "straw-hat")


def _another_one_takes_its_sku(world: World, _: Client) -> int:
    _give(world, "mug-white", "straw-hat")
    return _id(world, "straw-hat")


def _somebody_made_it_there(world: World, portal: Client) -> int:
    made = portal.accepted("POST", "Product", {**BODY, "sku": "sun-hat"})
    world.edit.save_product(_NEW, {"family": "accessories", "values": {"sku": [value("sun-hat")]}})
    return int(made["id"])


def _renamed_to_what_somebody_made(world: World, portal: Client) -> int:
    made = portal.accepted("POST", "Product", {**BODY, "sku": "sun-hat"})
    _give(world, "straw-hat", "sun-hat")
    return int(made["id"])


_BY_IDENTIFIER: Final = {"akeneo_product_id_format": "Identifier"}

_EXAMPLES: Final[Mapping[Row, _Example]] = {
    ("itself", True): _Example(_the_state_is_lost, _sent("product", "straw-hat"), "straw-hat"),
    ("itself", False): _Example(_its_id_was_given_to_another_one, _polled, "straw-hat"),
    ("former id", True): _Example(_nothing("straw-hat"), _sent("product", "straw-hat", **_BY_IDENTIFIER), "straw-hat"),
    ("former id", False): _Example(
        _it_became_a_variant, _sent("product_model", "fjord-sofa", **_BY_IDENTIFIER), "mug-white"
    ),
    ("gone", True): _Example(_created_anew, _polled, "straw-hat"),
    ("gone", False): _Example(_deleted_and_a_variant_gets_its_sku, _polled, "straw-hat"),
    ("leaving", True): _Example(_a_new_one_gets_its_sku, _sent("product", _NEW), "straw-hat"),
    ("leaving", False): _Example(_they_exchange, _polled, "straw-hat"),
    ("staying", True): _Example(_a_new_one_has_its_sku_too, _polled, "straw-hat"),
    ("staying", False): _Example(_another_one_takes_its_sku, _polled, "straw-hat"),
    ("nobody", True): _Example(_somebody_made_it_there, _polled, "sun-hat"),
    ("nobody", False): _Example(_renamed_to_what_somebody_made, _polled, "sun-hat"),
}


def test_every_row_has_an_example() -> None:
    assert set(_EXAMPLES) == set(RESOLUTIONS)


@pytest.mark.parametrize("merges", [False, True], ids=["replaces", "merges"])
@pytest.mark.parametrize("row", _EXAMPLES, ids=lambda row: f"{row[0]}, {'fits' if row[1] else 'does not fit'}")
def test_a_conflict_is_resolved_as_its_row_says(
    synced: World, monkeypatch: pytest.MonkeyPatch, row: Row, *, merges: bool
) -> None:
    told, example = _Told(), _EXAMPLES[row]
    monkeypatch.setattr(conflicts, "RESOLUTIONS", told)
    synced.ipaas.put_merges = merges
    portal = Client(synced.sandbox)
    in_the_way = example.arrange(synced, portal)
    example.act(synced)
    portal.session.close()

    assert row in told.rows
    records = {int(each["id"]): each for each in _all(synced)}
    held = {each["sku"]: int(each["id"]) for each in _all(synced)}
    assert len(held) == len(records), "no SKU is there twice"
    match RESOLUTIONS[row]:
        case "adopt":
            assert held[example.sku] == in_the_way
            assert len(records[in_the_way]["external_ids"]) == 1
        case "release":
            assert held[example.sku] != in_the_way
            left = records[in_the_way]
            assert (left["status"], left["external_ids"]) == ("Disabled", [])
        case "give up SKU":
            assert held[example.sku] != in_the_way
            assert records[in_the_way]["external_ids"]
        case "conflict":
            assert held[example.sku] == in_the_way
            (failure,) = _failures(synced)
            assert failure["code"] in {"sku_taken", "ambiguous_destination"}
            assert str(in_the_way) in failure["message"]


def _failures(world: World) -> list[Mapping[Any, Any]]:
    return [*world.engine().store.reports.failures().to_dict("records")]
