"""The whole sample catalogue becomes what the golden files say."""

from __future__ import annotations

import pytest

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.mapping import check, load_mapping, try_out
from akeneo_assets.mapping.trying import Samples
from akeneo_assets_tests.mapping.golden import FOLDER, NAMES, OBJECTS, REGENERATE, Name, catalogue, mapped, stored


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_sample_catalogue(name: Name, kind: str) -> None:
    expected, found = stored(name, kind), mapped(name)[kind]
    assert found.keys() == expected.keys()
    for key, record in found.items():
        assert record == expected[key], f"{kind} {key} is mapped otherwise. If that is right: {REGENERATE}"


def test_the_rich_mapping_fits_the_catalogue() -> None:
    sample = catalogue()
    mapping = load_mapping(FOLDER / "rich.yaml")
    problems = check(mapping, sample.structure, categories=sample.category_parents)
    assert [each for each in problems if each.severity == "error"] == []
    models = [root for root, _, _ in sample.trees()]
    simple = [each for each in sample.products if each["parent"] is None]
    variants = [each for each in sample.products if each["parent"] is not None]
    samples: Samples = {"category": sample.categories, "product_model": models, "product": simple, "variant": variants}
    assert try_out(mapping, sample.structure, samples) == []


def test_explanations_say_what_is_sent() -> None:
    sample = catalogue()
    mapper = sample.mapper("default")
    for product in sample.products[::20]:
        if product["parent"] is None:
            results = {each.destination: each.result for each in mapper.explain("product", product)}
            payload = mapper.product(product).payload
            plain = {field: value for field, value in payload.items() if field in results}
            assert canonical_bytes(plain) == canonical_bytes({field: results[field] for field in plain})
            assert len(plain) == len(payload) - ("custom_fields" in payload)
