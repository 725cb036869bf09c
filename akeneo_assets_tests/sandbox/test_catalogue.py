"""The catalogues: the features of the sample, and that a generated one is valid and reproducible."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.sandbox.catalogue import catalogue_records
from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice, Generated

CHOICES: tuple[CatalogueChoice, ...] = ("sample", Generated(500), Generated(77, seed=5, linked=0.5))


def by_kind(choice: CatalogueChoice) -> dict[str, list[JsonObject]]:
    records: defaultdict[str, list[JsonObject]] = defaultdict(list)
    for kind, document in catalogue_records(choice):
        records[kind].append(document)
    return records


def depth(category: JsonObject, parents: dict[str, str | None]) -> int:
    return 1 + (depth({"parent": parents[category["parent"]]}, parents) if category["parent"] else 0)


def axes_of(records: dict[str, list[JsonObject]]) -> dict[str, list[str]]:
    return {
        variant["code"]: [axis for level in variant["variant_attribute_sets"] for axis in level["axes"]]
        for variant in records["family_variant"]
    }


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_every_reference_has_a_target(choice: CatalogueChoice) -> None:
    records = by_kind(choice)
    codes = {kind: {document.get("code") for document in documents} for kind, documents in records.items()}
    uuids = {product["uuid"] for product in records["product"]}
    options = {(option["attribute"], option["code"]) for option in records["attribute_option"]}
    selects = {
        attribute["code"] for attribute in records["attribute"] if attribute["type"] == "pim_catalog_simpleselect"
    }
    families = {family["code"]: set(family["attributes"]) for family in records["family"]}
    assert len(uuids) == len(records["product"])
    for document in (*records["product"], *records["product_model"]):
        assert set(document["categories"]) <= codes["category"]
        assert document["parent"] is None or document["parent"] in codes["product_model"]
        if document["family"] is not None:
            assert document["values"].keys() <= families[document["family"]], document
        for attribute in document["values"].keys() & selects:
            assert (attribute, document["values"][attribute][0]["data"].lower()) in options
        for members in document["associations"].values():
            assert set(members["products"]) <= uuids
            assert set(members["product_models"]) <= codes["product_model"]
        for members in document["quantified_associations"].values():
            assert {member["uuid"] for member in members["products"]} <= uuids
            assert {member["identifier"] for member in members["product_models"]} <= codes["product_model"]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_every_variant_has_unique_axis_values_on_its_own_or_a_higher_level(
    choice: CatalogueChoice,
) -> None:
    records = by_kind(choice)
    models = {model["code"]: model for model in records["product_model"]}
    axes = axes_of(records)
    seen: Counter[tuple[str, str]] = Counter()
    for product in records["product"]:
        if product["parent"] is None:
            continue
        model = models[product["parent"]]
        root = models[model["parent"] or model["code"]]
        values = {**root["values"], **model["values"], **product["values"]}
        own_axes = axes[root["family_variant"]]
        assert set(own_axes) <= values.keys()
        seen[root["code"], fingerprint([values[axis] for axis in own_axes])] += 1
    assert set(seen.values()) == {1}


@pytest.mark.parametrize("number", [0, 1, 11, 12, 333])
def test_a_generated_catalogue_has_the_requested_size(number: int) -> None:
    assert len(by_kind(Generated(number))["product"]) == number


@pytest.mark.parametrize("families", [1, 7])
def test_generated_families_share_simple_products_evenly(families: int) -> None:
    records = by_kind(Generated(70, families=families))
    sizes = Counter(product["family"] for product in records["product"])
    assert sizes == {f"family_{number}": 70 / families for number in range(1, families + 1)}
    assert sizes.keys() <= {family["code"] for family in records["family"]}
    assert records["product_model"] == []


def test_links_lead_to_products_before_and_after() -> None:
    products = by_kind(Generated(200, linked=0.5))["product"]
    places = {product["uuid"]: place for place, product in enumerate(products)}
    linked = {
        place: [places[key] for key in product["associations"]["substitution"]["products"]]
        for place, product in enumerate(products)
        if "substitution" in product["associations"]
    }
    assert 70 < len(linked) < 130
    assert any(max(targets) > place for place, targets in linked.items())
    assert any(min(targets) < place for place, targets in linked.items())


def test_a_generated_catalogue_is_the_same_for_the_same_arguments() -> None:
    assert list(catalogue_records(Generated(300))) == list(catalogue_records(Generated(300)))
    assert list(catalogue_records(Generated(300))) != list(catalogue_records(Generated(300, seed=2)))


@pytest.mark.parametrize("choice", ["sample", Generated(3_000)], ids=str)
def test_catalogues_have_every_feature(choice: CatalogueChoice) -> None:
    records = by_kind(choice)
    products, models = records["product"], records["product_model"]
    parents = {category["code"]: category["parent"] for category in records["category"]}
    depths: defaultdict[str, int] = defaultdict(int)
    for category in records["category"]:
        root, above = category["code"], category["parent"]
        while above is not None:
            root, above = above, parents[above]
        depths[root] = max(depths[root], depth(category, parents))
    assert depths == {"master": 5, "collections": 5}
    axis_types = {
        attribute["type"]
        for attribute in records["attribute"]
        for axes in axes_of(records).values()
        if attribute["code"] in axes
    }
    assert axis_types == {
        "pim_catalog_simpleselect",
        "pim_catalog_boolean",
        "pim_catalog_metric",
        "akeneo_reference_entity",
    }
    assert any(model["parent"] for model in models)
    assert any("sku" not in product["values"] for product in products)
    assert any(product["family"] is None for product in products)
    assert any(not product["enabled"] for product in products)
    assert any(product["quantified_associations"] for product in products)
    assert any(product["associations"] for product in products)


def test_the_sample_has_models_without_variants_and_mutual_substitutions() -> None:
    records = by_kind("sample")
    models = {model["code"]: model for model in records["product_model"]}
    parents = {document["parent"] for document in (*records["product"], *records["product_model"])}
    assert models.keys() - parents == {"autumn-poncho", "linen-dress-sand"}
    documents = {
        document.get("uuid", document.get("code")): document for document in (*records["product"], *models.values())
    }
    for key, document in documents.items():
        substitutes = document["associations"].get("substitution", {"products": [], "product_models": []})
        for other in (*substitutes["products"], *substitutes["product_models"]):
            back = documents[other]["associations"]["substitution"]
            assert key in (*back["products"], *back["product_models"])
