from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akeneo_assets.mapping.record.mapped_record import Component, Reference, RelatedLink
from akeneo_assets_tests.mapping.catalogue import mapper, model, product, value

if TYPE_CHECKING:
    from pathlib import Path

SETS: Any = {
    "SET": {
        "products": [{"uuid": "u-9", "quantity": 2}, {"uuid": "u-3", "quantity": 1}],
        "product_models": [{"identifier": "shirt", "quantity": 1}, {"code": "shoe", "quantity": 5}],
    },
    "PALLET": {"products": [{"uuid": "u-9", "quantity": "10"}], "product_models": []},
}
LINKS: Any = {
    "X_SELL": {"products": ["u-9", None, "u-3"], "product_models": ["shirt"], "groups": ["winter"]},
    "PACK": {"products": ["u-3"], "product_models": [], "groups": []},
    "EMPTY": {"products": [], "product_models": [], "groups": []},
}


def test_a_bundle_adds_up_the_quantities_of_its_types() -> None:
    mapped = mapper().product(product(quantified_associations=SETS))
    assert mapped.components == (
        Component(Reference("product", "u-3"), 1),
        Component(Reference("product", "u-9"), 12),
        Component(Reference("product_model", "shirt"), 1),
        Component(Reference("product_model", "shoe"), 5),
    )
    assert mapped.kit == {"sku": "hat-1", "type": "Basic"}
    assert mapped.warnings == ()


def test_only_named_types_count_and_a_simple_type_counts_once(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, settings={"bundle_association_types": ["PALLET", "PACK"]})
    mapped = chosen.product(product(quantified_associations=SETS, associations=LINKS))
    assert mapped.components == (
        Component(Reference("product", "u-3"), 1),
        Component(Reference("product", "u-9"), 10),
    )
    assert {link.related_type for link in mapped.related} == {"X_SELL"}


def test_which_products_are_bundles(tmp_path: Path) -> None:
    bundle, link = product(quantified_associations=SETS), product(associations=LINKS)
    itself = product(quantified_associations={"SET": {"products": [{"uuid": "u-1", "quantity": 1}]}})
    assert [mapper().is_bundle(each) for each in (bundle, link, itself, product())] == [True, False, False, False]
    none = mapper(tmp_path, settings={"bundle_association_types": []})
    assert not none.is_bundle(bundle)
    for each in (bundle, link, itself):
        assert (mapper().product(each).kit is not None) is mapper().is_bundle(each)


def test_a_bundle_without_a_key_is_recognised() -> None:
    nameless = product(
        identifier=None, quantified_associations={"SET": {"products": [{"identifier": "a", "quantity": 1}]}}
    )
    assert mapper(product_id_format="Identifier").is_bundle(nameless)


def test_a_bundle_cannot_contain_itself() -> None:
    members = [
        {"uuid": "u-1", "quantity": 1},
        {"identifier": "hat-1", "quantity": 1},
        {"uuid": "u-2", "quantity": 1},
    ]
    mapped = mapper().product(product(quantified_associations={"SET": {"products": members}}))
    assert mapped.components == (Component(Reference("product", "u-2"), 1),)
    assert [(warning.field, warning.reason) for warning in mapped.warnings] == [
        ("kit", "SET contains the bundle itself; left out")
    ]


def test_members_without_an_id_or_quantity_are_reported() -> None:
    members = [{"quantity": 1}, {"uuid": "u-2"}, {"uuid": "u-3", "quantity": 0}, {"uuid": "u-4", "quantity": 1.5}]
    members += [{"uuid": "u-5", "quantity": "9e99"}]
    mapped = mapper().product(product(quantified_associations={"SET": {"products": [*members, None]}}))
    assert mapped.kit is None
    assert [warning.reason for warning in mapped.warnings] == [
        "SET has a member without a quantity; left out",
        "SET has a member without an id; left out",
    ]


def test_null_products_and_groups_are_not_related_products() -> None:
    mapped = mapper().product(product(associations=LINKS))
    assert mapped.related == (
        RelatedLink(Reference("product", "u-3"), "PACK"),
        RelatedLink(Reference("product", "u-3"), "X_SELL"),
        RelatedLink(Reference("product", "u-9"), "X_SELL"),
        RelatedLink(Reference("product_model", "shirt"), "X_SELL"),
    )
    assert mapped.warnings == ()


def test_related_types_can_be_chosen_and_renamed(tmp_path: Path) -> None:
    chosen = mapper(
        tmp_path,
        settings={"related_association_types": ["X_SELL", "PALLET"]},
        related_product={"related_type": "$label"},
    )
    mapped = chosen.product(product(associations=LINKS, quantified_associations=SETS))
    assert {link.related_type for link in mapped.related} == {"Goes with", "PALLET"}


def test_a_product_related_to_itself_is_left_out_and_reported() -> None:
    mapped = mapper().product(product(associations={"X_SELL": {"products": ["u-1"]}}))
    assert mapped.related == ()
    assert [warning.reason for warning in mapped.warnings] == ["X_SELL contains the record itself; left out"]


def test_models_refer_to_products_by_identifier() -> None:
    links = {"X_SELL": {"products": ["hat-1"], "product_models": ["shirt", "shoe"]}}
    in_uuids = mapper().tree(model(associations=links), [], [])
    assert in_uuids.related == (
        RelatedLink(Reference("product", "hat-1", "identifier"), "X_SELL"),
        RelatedLink(Reference("product_model", "shoe"), "X_SELL"),
    )
    in_identifiers = mapper(product_id_format="Identifier").tree(model(associations=links), [], [])
    assert in_identifiers.related[0].target == Reference("product", "hat-1")


def test_in_identifier_mode_members_are_identifiers() -> None:
    document = product(
        identifier="hat-1",
        associations={"X_SELL": {"products": ["hat-2", "hat-1"]}},
        quantified_associations={
            "SET": {
                "products": [
                    {"identifier": "hat-3", "quantity": 1},
                    {"uuid": "u-4", "identifier": None, "quantity": 1},
                ]
            }
        },
    )
    mapped = mapper(product_id_format="Identifier").product(document)
    assert mapped.key == "hat-1"
    assert mapped.related == (RelatedLink(Reference("product", "hat-2"), "X_SELL"),)
    assert mapped.components == (Component(Reference("product", "hat-3"), 1),)
    assert {warning.reason for warning in mapped.warnings} == {
        "SET has a member without an id; left out",
        "X_SELL contains the record itself; left out",
    }


def test_variants_get_inherited_kits_but_models_do_not() -> None:
    values = {"weight": [value({"amount": "1", "unit": "GRAM"})], "washable": [value(data=True)]}
    variant = product("u-5", parent="shirt", values=values, quantified_associations=SETS)
    tree = mapper().tree(model(variant="by_weight", quantified_associations=SETS), [], [variant])
    assert tree.kit is None
    assert tree.variants[0].kit == {"sku": "hat-1", "type": "Basic"}
    assert len(tree.variants[0].components) == 4


def test_empty_lists_for_maps() -> None:
    empties: list[Any] = [[], {}, None, {"SET": []}, {"SET": {"products": {}}}]
    for empty in empties:
        mapped = mapper().product(product(associations=empty, quantified_associations=empty))
        assert (mapped.kit, mapped.related, mapped.warnings) == (None, (), ())
