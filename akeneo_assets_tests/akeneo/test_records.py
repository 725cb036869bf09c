from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.akeneo.records import content_hash, main_identifier, parse, product_key
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import MalformedResponseError, RecordError


def product() -> dict[str, Any]:
    return {
        "_links": {"self": {"href": "http://pim/api/rest/v1/products-uuid/1"}},
        "uuid": "25566245-55c3-42ce-86d9-8610ac459fa8",
        "enabled": True,
        "family": "shoes",
        "categories": ["b", "a", "c"],
        "groups": ["y", "x"],
        "parent": None,
        "values": {
            "sku": [{"locale": None, "scope": None, "data": "A-1"}],
            "picture": [
                {"locale": None, "scope": None, "data": "a/b.jpg", "_links": {"download": {"href": "http://pim/x"}}}
            ],
            "size": [{"locale": None, "scope": None, "data": {"amount": "10.0000", "unit": "CENTIMETER"}}],
        },
        "created": "2018-01-11T14:49:20+01:00",
        "updated": "2018-01-11T14:49:20+01:00",
        "associations": {"PACK": {"products": ["p2", None, "p1"], "product_models": [], "groups": []}},
        "quantified_associations": {
            "SET": {
                "products": [{"uuid": "u2", "quantity": 1}, {"uuid": "u1", "quantity": 4}],
                "product_models": [{"identifier": "m", "quantity": 1}, {"code": "l", "quantity": 1}],
            }
        },
        "quality_scores": [{"scope": "ecommerce", "locale": "en_US", "data": "A"}],
        "completenesses": [{"scope": "ecommerce", "locale": "en_US", "data": 45}],
        "metadata": {"workflow_status": "working_copy"},
    }


def test_empty_lists_become_maps_and_missing_fields_appear() -> None:
    record = parse("product", {"uuid": "1", "values": [], "associations": {"PACK": []}, "quantified_associations": []})
    assert record == {
        "uuid": "1",
        "family": None,
        "parent": None,
        "categories": [],
        "groups": [],
        "enabled": True,
        "values": {},
        "associations": {"PACK": {}},
        "quantified_associations": {},
    }


def test_defaults_are_not_shared_between_records() -> None:
    parse("category", {"code": "a"})["labels"]["en_US"] = "A"
    assert parse("category", {"code": "b"})["labels"] == {}


def test_numeric_codes_become_strings() -> None:
    record = parse("product", {"uuid": "1", "family": 12, "parent": 0, "categories": [1, "b"], "identifier": 99})
    assert (record["family"], record["parent"], record["categories"], record["identifier"]) == (
        "12",
        "0",
        ["1", "b"],
        "99",
    )
    assert parse("family", {"code": 1, "attributes": [2]})["attributes"] == ["2"]


def test_nothing_else_is_changed() -> None:
    record = product()
    assert parse("product", copy.deepcopy(record)) == record


@given(st.randoms(use_true_random=False))
def test_the_order_of_sets_and_keys_does_not_count(source: random.Random) -> None:
    record = product()
    shuffled = {name: record[name] for name in source.sample(list(record), len(record))}
    for members in (
        shuffled["categories"],
        shuffled["groups"],
        shuffled["associations"]["PACK"]["products"],
        shuffled["quantified_associations"]["SET"]["products"],
        shuffled["quantified_associations"]["SET"]["product_models"],
    ):
        source.shuffle(members)
    assert content_hash("product", parse("product", shuffled)) == content_hash("product", parse("product", product()))


@pytest.mark.parametrize("name", ["_links", "updated", "created", "metadata", "quality_scores", "completenesses"])
def test_volatile_fields_do_not_count(name: str) -> None:
    record = product()
    del record[name]
    assert content_hash("product", record) == content_hash("product", product())


def test_links_inside_values_do_not_count() -> None:
    record = product()
    del record["values"]["picture"][0]["_links"]
    assert content_hash("product", record) == content_hash("product", product())


def shared(address: str) -> JsonObject:
    record = product()
    links = [{"attribute": "file", "scope": None, "locale": None, "_links": {"self": {"href": address}}}]
    pictures = {"locale": None, "scope": None, "data": ["front"], "linked_data": {"front": {"share_links": links}}}
    record["values"]["pictures"] = [pictures]
    return record


def test_share_links_count_except_for_their_signature() -> None:
    signed = shared("https://assets.example/pictures/file/front.jpg?signature=1&expires=2")
    again = shared("https://assets.example/pictures/file/front.jpg?signature=3&expires=4")
    other = shared("https://assets.example/pictures/file/front.png?signature=1&expires=2")
    assert content_hash("product", signed) == content_hash("product", again)
    assert content_hash("product", signed) != content_hash("product", other)
    assert "signature" in str(signed), "hashing leaves the record as it is"


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(enabled=False),
        lambda record: record.update(family="hats"),
        lambda record: record["categories"].append("d"),
        lambda record: record["values"]["size"][0]["data"].update(amount="10.0001"),
        lambda record: record["values"].pop("size"),
        lambda record: record["associations"]["PACK"]["products"].pop(),
        lambda record: record["quantified_associations"]["SET"]["products"][0].update(quantity=2),
        lambda record: record.update(future="field"),
    ],
)
def test_everything_else_counts(change: Any) -> None:
    record = product()
    change(record)
    assert content_hash("product", record) != content_hash("product", product())


def test_hashing_leaves_the_record_as_it_is() -> None:
    record = product()
    content_hash("product", record)
    assert record == product()


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (
            "family",
            {"code": "f", "attributes": ["a", "b"], "attribute_requirements": {"shop": ["a", "b"]}},
            {"code": "f", "attributes": ["b", "a"], "attribute_requirements": {"shop": ["b", "a"]}},
        ),
        (
            "family_variant",
            {"code": "v", "variant_attribute_sets": [{"level": 1, "axes": ["x"], "attributes": ["a", "b"]}]},
            {"code": "v", "variant_attribute_sets": [{"level": 1, "axes": ["x"], "attributes": ["b", "a"]}]},
        ),
        ("channel", {"code": "c", "locales": ["a", "b"]}, {"code": "c", "locales": ["b", "a"]}),
        ("category", {"code": "c", "values": {"t|1": {"data": 1}}}, {"code": "c", "values": {"t|1": {"data": 1}}}),
    ],
)
def test_sets_of_the_structure_have_no_order(kind: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content_hash(kind, parse(kind, one)) == content_hash(kind, parse(kind, other))


def test_the_order_of_axes_counts() -> None:
    one, other = (
        parse("family_variant", {"code": "v", "variant_attribute_sets": [{"level": 1, "axes": axes, "attributes": []}]})
        for axes in (["a", "b"], ["b", "a"])
    )
    assert content_hash("family_variant", one) != content_hash("family_variant", other)


def test_products_are_keyed_by_the_chosen_id() -> None:
    record = {"uuid": "u", "identifier": "i", "family": "shoes"}
    assert product_key(record, "UUID") == "u"
    assert product_key(record, "Identifier") == "i"
    with pytest.raises(RecordError, match="AKENEO_PRODUCT_ID_FORMAT") as caught:
        product_key({"uuid": "u", "identifier": None}, "Identifier")
    assert caught.value.code == "missing_key"


@pytest.mark.parametrize(
    ("record", "attribute", "identifier"),
    [
        ({"identifier": "i", "values": {}}, "sku", "i"),
        ({"values": {"sku": [{"data": "A-1"}]}}, "sku", "A-1"),
        ({"values": {"sku": [{"data": 12}]}}, "sku", "12"),
        ({"values": {}}, "sku", None),
        ({"values": {"sku": []}}, "sku", None),
        ({"values": {"sku": [{"data": "A-1"}]}}, None, None),
    ],
)
def test_the_main_identifier_is_a_field_or_a_value(
    record: dict[str, Any], attribute: str | None, identifier: str | None
) -> None:
    assert main_identifier(record, attribute) == identifier


@pytest.mark.parametrize(
    ("kind", "record", "field"),
    [
        ("product", {"uuid": "a", "values": []}, None),
        ("product", {"uuid": "a", "categories": [1, 2], "family": 7, "unknown": {"any": ["thing"]}}, None),
        ("product", {"uuid": "a", "values": "x"}, "values"),
        ("product", {"uuid": "a", "values": {"name": {"data": 1}}}, "values"),
        ("product", {"uuid": "a", "values": {"name": [1]}}, "values"),
        ("product", {"uuid": "a", "values": {"name": None}}, "values"),
        ("product", {"uuid": "a", "categories": "ab"}, "categories"),
        ("product", {"uuid": "a", "categories": {"a": 1}}, "categories"),
        ("product", {"uuid": "a", "categories": [{}]}, "categories.0"),
        ("product", {"uuid": "a", "family": ["x"]}, "family"),
        ("product", {"uuid": "a", "parent": 1.5}, "parent"),
        ("product", {"uuid": "a", "enabled": "yes"}, "enabled"),
        ("product", {"uuid": "a", "associations": "x"}, "associations"),
        ("product", {"uuid": "a", "associations": {"X_SELL": "x"}}, "associations.X_SELL"),
        ("product", {"uuid": "a", "associations": {"X_SELL": {"products": "x"}}}, "associations.X_SELL.products"),
        ("product_model", {"code": "a", "family_variant": {}}, "family_variant"),
        ("category", {"code": "a", "parent": {}}, "parent"),
        ("family", {"code": "a", "attribute_requirements": {"web": "x"}}, "attribute_requirements.web"),
        ("family_variant", {"code": "a", "variant_attribute_sets": ["x"]}, "variant_attribute_sets.0"),
        ("channel", {"code": "a", "locales": "en_US"}, "locales"),
        ("asset", {"code": "a", "values": {"media": 1}}, "values"),
    ],
)
def test_a_field_of_the_wrong_type_is_reported(kind: str, record: dict[str, Any], field: str | None) -> None:
    if field is None:
        content_hash(kind, parse(kind, record))
        return
    with pytest.raises(MalformedResponseError) as caught:
        parse(kind, record)
    assert caught.value.record == "a"
    assert caught.value.field.startswith(field)
