"""Records are read back from iPaaS.com; only those that differ are reported and sent again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sync.deliver.released_records import writable
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.drift import drift
from akeneo_assets.sync.inspect.verify import ReadBack, Verifier
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell


def read_back(engine: Engine, *, repair: bool = False) -> ReadBack:
    """Read everything back."""
    verifier = Verifier(engine.store, engine.ipaas, engine.settings.ipaas_subscription_id)
    found = ReadBack()

    def add(page: ReadBack, _: tuple[str, str]) -> None:
        found.records += page.records
        found.skipped += page.skipped
        found.differ += page.differ

    verifier.read_back(chain.from_iterable(engine.store.ledger.comparable()), add)
    if repair:
        verifier.repair(found.differ)
    return found


def edit(world: World, sku: str, change: Callable[[JsonObject], Any]) -> None:
    """Change a product in iPaaS.com through the API, as another client would."""
    ipaas = world.engine().ipaas
    body = writable(ipaas.get_product(str(world.product(sku)["id"])))
    change(body)
    ipaas.replace_product(str(body["id"]), body)


def set_price_of_a_variant(product: JsonObject) -> None:
    (variant,) = (each for each in product["variants"] if each["sku"] == "linen-shirt-white-s")
    variant["default_price"] = 0.99


def leave_out_a_custom_field(product: JsonObject) -> None:
    product["custom_fields"] = [each for each in product["custom_fields"] if each["custom_field_name"] != "Family"]


EDITS: dict[str, Callable[[JsonObject], Any]] = {
    "mug-white": lambda body: body.update(default_price=1.5),
    "straw-hat": lambda body: body.update(categories=[]),
    "dinner-plate-white": leave_out_a_custom_field,
    "tableware-for-two": lambda body: body["kit"]["components"][0].update(quantity=70),
    "linen-shirt": set_price_of_a_variant,
    "fjord-sofa": lambda body: body.update(name="Sofa"),
}
FIELDS = {
    "mug-white": "default_price",
    "straw-hat": "categories[",
    "dinner-plate-white": "custom_fields.Family",
    "tableware-for-two": "kit.components[",
    "linen-shirt-white-s": "default_price",
    "fjord-sofa": "name",
}


@pytest.mark.parametrize("merges", [False, True])
def test_delivered_records_are_equal(synced: World, *, merges: bool) -> None:
    synced.ipaas.put_merges = merges
    synced.edit.save_product(synced.uuid("straw-hat"), {"categories": ["mugs"]})
    synced.edit.save_product(synced.uuid("mug-white"), {"categories": [], "enabled": False})
    poll(synced.engine())
    # Another subscription adds fields and entries, which our writes do not remove if a PUT merges.
    edit(synced, "mug-white", lambda body: body.update(tax_class="9", barcode="4006381333931"))

    found = read_back(synced.engine())

    assert (found.differ, found.skipped) == ([], 0)
    assert found.records > 20


def test_fields_changed_by_hand_are_found_and_only_their_records_are_sent_again(synced: World) -> None:
    for sku, change in EDITS.items():
        edit(synced, sku, change)
    synced.written()

    found = read_back(synced.engine(), repair=True)

    named = {str(each.sku): list(each.fields) for each in found.differ}
    assert named.keys() == FIELDS.keys()
    for sku, fields in named.items():
        assert [field for field in fields if not field.startswith(FIELDS[sku])] == []
    assert synced.written() == []
    poll(synced.engine())
    assert sorted(str(entry.external_id) for entry in synced.written()) == sorted(each.key for each in found.differ)
    assert read_back(synced.engine()).differ == []


def test_a_record_that_was_deleted_is_found_and_recreated(synced: World) -> None:
    for sku in ("mug-white", "linen-shirt"):
        synced.ipaas.deactivate(synced.product(sku)["id"])

    found = read_back(synced.engine(), repair=True)

    assert {"record"} == set().union(*(each.fields for each in found.differ))
    assert {"mug-white", "linen-shirt"} < {each.sku for each in found.differ}
    poll(synced.engine())
    assert read_back(synced.engine()).differ == []
    assert {"mug-white", "linen-shirt-white-s"} < set(synced.skus())


def test_the_command_reports_drift_and_repairs_it_with_one_request_per_record(synced: World, shell: Shell) -> None:
    shell.set(synced.environment())
    clean = shell.call("verify", "--all", "--json")
    assert (clean.code, clean.document["differ"], clean.document["skipped"]) == (0, 0, 0)
    edit(synced, "mug-white", EDITS["mug-white"])
    akeneo, ipaas = synced.sandbox.akeneo_counters, synced.sandbox.ipaas_counters
    before = (akeneo.total, ipaas.total)

    found = shell.call("verify", "--all", "--repair")

    assert found.code == 1
    assert "product mug-white differs in iPaaS.com" in found.text
    assert "default_price: sent" in found.text
    records = clean.document["read_back"]
    assert f"{records} read back, 1 differ; no edit is waiting." in found.text
    # A count for each kind; two for each table of external ids, and the definitions of the custom fields.
    assert (akeneo.total - before[0], ipaas.total - before[1]) == (3, records + 5)
    linked = len(synced.ipaas.categories()), len(synced.ipaas.products())
    assert [(each["ledger"], each["ipaas"]) for each in clean.document["links"]] == [(count, count) for count in linked]
    poll(synced.engine())
    alone = shell.call("verify", "--after", "product_model zzz")
    assert alone.code == 2
    assert "Use it together with --all." in alone.text
    rest = shell.call("verify", "--all", "--after", "product_model zzz", "--json")
    assert (rest.code, rest.document["differ"]) == (0, 0)
    assert 0 < rest.document["read_back"] < records
    assert shell.call("verify", "--sample", "3", "--json").document["read_back"] == 3


def test_a_count_that_differs_is_reported(synced: World, shell: Shell) -> None:
    shell.set(synced.environment())
    synced.edit.save_product("new-mug", {"family": "tableware"})

    found = shell.call("verify", "--sample", "0")

    assert found.code == 1
    assert "product: Akeneo lists" in found.text
    assert "akeneo-assets sync changes" in found.text


def test_without_counts_the_mirror_is_compared(synced: World, shell: Shell) -> None:
    shell.set(synced.environment())
    synced.sandbox.akeneo.switches.ignored_parameters = frozenset({"with_count"})

    clean = shell.call("verify", "--sample", "0")
    document = shell.call("verify", "--sample", "0", "--json").document
    synced.sandbox.ipaas_faults.add("server_error", status=422, action="product.replace", times=None)
    synced.edit.save_product("mug-white", {"values": {"name": [value("Krug", locale="de_DE")]}})
    poll(synced.engine())
    failed = shell.call("verify", "--sample", "0")

    assert (clean.code, failed.code) == (0, 1)
    assert "agree, as far as is known: Akeneo does not tell how many records it has" in clean.text
    assert {each["akeneo"] for each in document["counts"]} == {None}
    assert "product: Akeneo does not tell how many it has, the mirror has" in failed.text


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ({"default_price": 12.5}, {"default_price": "12.50"}),
        ({"weight": None, "options": []}, {}),
        (
            {"custom_fields": [{"custom_field_name": "New", "value": True}]},
            {"custom_fields": [{"custom_field_name": "New", "value": "True", "id": "7"}]},
        ),
        (
            {"categories": [{"id": "3"}]},
            {"categories": [{"id": "91", "category_id": "3"}, {"id": "92", "category_id": "4"}]},
        ),
        (
            {"units": [{"name": "box"}, {"name": "bag"}]},
            {"units": [{"name": "bag", "id": "1"}, {"name": "box", "id": "2"}]},
        ),
    ],
)
def test_equal_values_in_another_notation_are_no_drift(accepted: JsonObject, found: JsonObject) -> None:
    assert drift(accepted, found) == {}
