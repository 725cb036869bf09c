from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sync.deliver.child_ids import ids_of, with_ids

RESPONSE: JsonObject = {
    "id": "1",
    "sku": "shirt",
    "options": [
        {"id": "2", "option_name": "Color", "values": [{"id": "3", "value": "Red"}, {"id": "4", "value": "Blue"}]}
    ],
    "variants": [
        {
            "id": "5",
            "sku": "shirt-red",
            "options": [{"option_name": "Color", "value": "Red"}],
            "related_products": [{"id": "6", "related_sku": "belt", "related_type": "accessories"}],
        }
    ],
    "kit": {"id": "7", "sku": "shirt", "components": [{"id": "8", "sku": "button", "quantity": 4}]},
    "inventory": [{"id": "9", "location_id": "1", "qty_on_hand": 3}],
}


def _without_ids(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_ids(content) for name, content in value.items() if name != "id"}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


def test_every_child_keeps_the_id_that_ipaas_gave_it() -> None:
    bare = _without_ids(RESPONSE)
    assert isinstance(bare, dict)
    assert {"id": "1", **with_ids(bare, ids_of(RESPONSE))} == RESPONSE


def test_a_child_is_recognised_when_it_changes_or_moves() -> None:
    payload = {
        "inventory": [{"location_id": "2"}, {"location_id": "1", "qty_on_hand": 0}],
        "kit": {"sku": "shirt", "components": [{"sku": "zip"}, {"sku": "button", "quantity": 5}]},
    }
    assert with_ids(payload, ids_of(RESPONSE)) == {
        "inventory": [{"location_id": "2"}, {"id": "9", "location_id": "1", "qty_on_hand": 0}],
        "kit": {"id": "7", "sku": "shirt", "components": [{"sku": "zip"}, {"id": "8", "sku": "button", "quantity": 5}]},
    }


def test_one_target_related_in_two_ways_is_two_children() -> None:
    response = {
        "related_products": [
            {"id": "1", "related_sku": "belt", "related_type": "accessories"},
            {"id": "2", "related_sku": "belt", "related_type": "substitution"},
        ]
    }
    payload = {"related_products": [{"related_sku": "belt", "related_type": "substitution"}]}
    assert with_ids(payload, ids_of(response))["related_products"][0]["id"] == "2"


def test_without_known_children_the_payload_is_unchanged() -> None:
    payload = {"sku": "shirt", "variants": [{"sku": "shirt-red"}], "tags": ["new"], "kit": None}
    assert with_ids(payload, {}) == payload
    assert ids_of(payload) == {"variants": {"shirt-red": {}}}
