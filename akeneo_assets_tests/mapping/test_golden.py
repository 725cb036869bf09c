"""The whole sample catalogue is mapped as in the golden files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.mapping.checks.check import check
from akeneo_assets.mapping.checks.samples import Samples, try_formulas
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.explain import Explained
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets_tests.mapping.golden import FOLDER, NAMES, OBJECTS, REGENERATE, Name, catalogue, mapped, stored


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_sample_catalogue_is_mapped_as_in_the_golden_files(name: Name, kind: str) -> None:
    expected, found = stored(name, kind), mapped(name)[kind]
    assert found.keys() == expected.keys()
    for key, record in found.items():
        assert record == expected[key], f"{kind} {key} is mapped differently. If that is intended: {REGENERATE}"


def test_the_rich_mapping_fits_the_catalogue() -> None:
    sample = catalogue()
    mapping = load_mapping(FOLDER / "rich.yaml")
    problems = check(mapping, sample.structure, categories=sample.category_parents)
    assert [each for each in problems if each.severity == "error"] == []
    models = [root for root, _, _ in sample.trees()]
    simple = [each for each in sample.products if each["parent"] is None]
    variants = [each for each in sample.products if each["parent"] is not None]
    samples: Samples = {"category": sample.categories, "product_model": models, "product": simple, "variant": variants}
    assert try_formulas(mapping, sample.structure, samples) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_field_that_is_sent_has_one_line_of_explanation(name: Name) -> None:
    sample = catalogue()
    mapper = sample.mapper(name)
    records = [(mapper.category(each), mapper.explain("category", each)) for each in sample.categories]
    for root, below, variants in sample.trees():
        models = [root, *below]
        tree = mapper.tree(root, below, variants)
        records.append((tree, mapper.explain("product_model", root, models, variants)))
        documents = {str(each["uuid"]): each for each in variants}
        records += [(each, mapper.explain("variant", documents[each.key], models)) for each in tree.variants]
    for product in sample.products:
        if product["parent"] is None and product["family"] != "gift_cards":
            records.append((mapper.product(product), mapper.explain("product", product)))
    kinds = Counter("bundle" if record.kit else record.kind for record, _ in records)
    assert min(kinds[kind] for kind in ("category", "product_model", "variant", "product", "bundle")) > 5
    for record, lines in records:
        assert sent(record) == explained(lines), f"{record.kind} {record.sku or record.key}"


def sent(record: MappedRecord) -> dict[str, str]:
    """Return every field of a mapped record that comes from a line of the mapping."""
    document = record.to_document()
    payload = dict(document["payload"])
    custom = payload.pop("custom_fields", ())
    found = {f"custom_fields.{each['custom_field_name']}": each["value"] for each in custom}
    links = {"components": document["components"], "related_products": document["related"]}
    found |= leaves("", {**payload, **links, "kit": document["kit"] or {}})
    return {field: canonical_bytes(value).decode() for field, value in found.items()}


def leaves(place: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        below = [leaves(f"{place}[{index}]", each) for index, each in enumerate(value)]
    elif isinstance(value, dict) and "by" not in value:
        below = [leaves(f"{place}.{name}".removeprefix("."), each) for name, each in value.items()]
    else:
        return {place: value["key"] if isinstance(value, dict) else value}
    return {field: leaf for each in below for field, leaf in each.items()}


def explained(lines: Sequence[Explained]) -> dict[str, str]:
    """Return the results of an explanation, with rows numbered as they are sent."""
    numbers: dict[str, list[str]] = {}
    found = {}
    for line in lines:
        field = line.destination
        if line.result is not None:
            if row := re.match(r"(inventory|units|alternate_ids)\[\d+\]", field):
                rows = numbers.setdefault(row[1], [])
                rows += [] if row[0] in rows else [row[0]]
                field = field.replace(row[0], f"{row[1]}[{rows.index(row[0])}]")
            assert field not in found, f"{field} is explained twice"
            found[field] = canonical_bytes(line.result).decode()
    assert len({line.destination for line in lines}) == len(lines)
    return found
