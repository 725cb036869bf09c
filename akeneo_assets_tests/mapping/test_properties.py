"""What is true for every record, whatever Akeneo sends."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.record.options import distinct_texts
from akeneo_assets_tests.mapping.catalogue import documents, mapping, model, product, structure, value

ATTRIBUTES = [code for code, _ in documents()["attribute"]]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["\x00", "\u202e", "é" * 3_000, "👩‍👩‍👧" * 50, "<b>" * 500, "9" * 400, " ", "\n", '{"a": [1e400, NaN]}']
    )
    | st.sampled_from(["blue", "red", "s", "12.5000", "1e99", "2026-03-13T00:00:00+01:00", "en_US", "shop", "SET"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "locale", "scope", "amount", "unit", "currency", "id", "code", "products", "uuid"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
VALUES = st.dictionaries(
    st.sampled_from([*ATTRIBUTES, "mystery"]),
    JSON
    | st.lists(st.builds(value, JSON, st.sampled_from([None, "en_US"]), st.sampled_from([None, "shop"])), max_size=2),
    max_size=6,
)
FIELDS = [
    *("uuid", "identifier", "code", "family", "family_variant", "parent", "enabled", "categories", "labels"),
    *("associations", "quantified_associations", "values"),
]
RECORDS = st.builds(
    lambda odd, values: {**odd, "values": values}, st.dictionaries(st.sampled_from(FIELDS), JSON), VALUES | JSON
).flatmap(lambda odd: st.sampled_from([odd, {**product(), **odd}, {**product(), "values": odd["values"]}]))


FORMULAS = [
    "label ~ ' ' ~ sku",
    "coalesce(name, description, mystery)|striptags|trim|upper",
    "price * 1.19 + pieces",
    "unit('weight', 'GRAM')|round(2)",
    "labels('materials')",
    "label('designer') ~ designer.country",
    r"first_match(description, '(\d+)', '\w+')",
    "regex_replace(text(name), '[^a-z]+', '-')|substring(0, 20)",
    "json(nutrition)",
    "from_json(description)",
    "value('name', 'de_DE') if washable else value('release')",
    "media|length > 1 and 'front' in media",
    "custom_field('Joined') ~ text(parent('name'))",
]


@pytest.fixture(scope="module")
def greedy(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    """A mapping that reads everything, in every way."""
    fields: Any = {f"F{number}": {"formula": formula} for number, formula in enumerate(FORMULAS)}
    fields |= {
        "Joined": {"field": "team", "collection": "numbered"},
        "Country": "team.country",
        "Link": {"field": "picture", "form": "link"},
        "Assets": {"field": "media", "form": "label", "collection": "json"},
        "Table": {"field": "nutrition", "form": "text"},
        "Heat": {"field": "heat", "unit": "KELVIN", "form": "json"},
        "Unit": {"field": "weight", "form": "label"},
        "French": {"field": "name", "locale": "fr_FR", "channel": "tv"},
        "Code": {"field": "color", "form": "code"},
    }
    all_fields = {"custom_fields": {"all": True, "fields": fields, "collection": "numbered"}}
    number = {"formula": "pieces + 1"}
    lines: Any = {
        "settings": {
            "price_attribute": "price",
            "missing_price": "zero",
            "units": {"Weight": "GRAM"},
            "locale_fallbacks": ["de_DE"],
        },
        "product": {**all_fields, "weight": "weight", "msrp": "description", "allow_discounts": "washable"},
        "product_model": {**all_fields, "depth": number},
        "variant": {**all_fields, "width": number},
        "category": {"description": {"formula": "coalesce(title, code)"}},
        "inventory": [{"location": {"static": "Main"}, "qty_on_hand": "pieces"}],
        "unit": [{"name": {"field": "weight", "form": "unit", "default": "Each"}, "conversion": "weight"}],
        "alternate_id": [{"alternate_id_type_id": {"static": "1"}, "alternate_id": "description"}],
        "filter": {"expression": "sku != 'never' and (pieces is none or true)"},
    }
    return Mapper(mapping(tmp_path_factory.mktemp("mapping"), **lines), structure(), "UUID")


def stored(mapped: MappedRecord) -> bytes:
    document = mapped.to_document()
    assert MappedRecord.from_document(document) == mapped
    return canonical_bytes(document)


@settings(max_examples=120, deadline=None)
@given(record=RECORDS, parts=st.lists(RECORDS, max_size=2))
def test_no_record_crashes_the_mapping(greedy: Mapper, record: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    attempts: list[Callable[[], MappedRecord]] = [
        lambda: greedy.product(record),
        lambda: greedy.category(record),
        lambda: greedy.tree({**model(), **record, "family_variant": "by_color_and_size"}, parts, [record, *parts]),
        lambda: greedy.tree(model(variant="by_weight"), parts, parts),
    ]
    for attempt in attempts:
        with contextlib.suppress(RecordError):
            mapped = attempt()
            stored(mapped)
            for warning in mapped.warnings:
                assert warning.field
                assert warning.reason
    greedy.is_bundle(record)
    for kind in ("category", "product", "variant", "product_model"):
        with contextlib.suppress(RecordError):
            greedy.explain(kind, record, parts)


def shuffled(document: Any, chance: random.Random, *, keep: bool = False) -> Any:
    """Return ``document`` in another order; lists below ``data`` keep theirs, because the user may have chosen it."""
    if isinstance(document, dict):
        items = chance.sample(list(document.items()), len(document))
        return {key: shuffled(each, chance, keep=keep or key == "data") for key, each in items}
    if isinstance(document, list) and not keep:
        return [shuffled(each, chance) for each in chance.sample(document, len(document))]
    return document


PLACES = [(None, None), ("en_US", None), (None, "shop"), ("en_US", "shop"), ("de_DE", "shop"), ("fr_FR", "tv")]
DATA: dict[str, Any] = {
    "name": "Shirt",
    "description": "soft",
    "washable": True,
    "pieces": "3.5000",
    "weight": {"amount": "1.50", "unit": "KILOGRAM"},
    "price": [{"amount": "5.00", "currency": "USD"}, {"amount": "4.00", "currency": "EUR"}],
    "release": "2026-03-13T00:00:00+01:00",
    "color": "red",
    "size": "m",
    "materials": ["wool", "silk"],
    "picture": "a/b.jpg",
    "designer": "eames",
    "team": ["rams", "eames"],
    "media": ["front", "back"],
    "fabrics": ["linen", "denim"],
    "nutrition": [{"part": "peel", "kcal": 1.5}],
    "successor": {"type": "product", "id": "u-9"},
}
ENTRIES = st.lists(st.sampled_from(PLACES), unique=True, max_size=3)


def entries(code: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    return ENTRIES.map(lambda places: [value(DATA[code], *place) for place in places])


GOOD_VALUES = st.fixed_dictionaries({code: entries(code) for code in DATA})
KEYS = st.sampled_from(["u-1", "u-2", "u-3", "a", "b"])
GOOD_ASSOCIATIONS = st.dictionaries(
    st.sampled_from(["X_SELL", "PACK"]),
    st.fixed_dictionaries({"products": st.lists(KEYS | st.none()), "product_models": st.lists(KEYS)}),
)
GOOD_SETS = st.dictionaries(
    st.sampled_from(["SET", "PALLET"]),
    st.fixed_dictionaries(
        {"products": st.lists(st.builds(lambda key, q: {"uuid": key, "quantity": q}, KEYS, st.integers(0, 9)))}
    ),
)
GOOD_PRODUCTS = st.builds(
    lambda key, categories, values, links, sets: product(
        key, categories=categories, values=values, associations=links, quantified_associations=sets
    ),
    KEYS,
    st.lists(KEYS),
    GOOD_VALUES,
    GOOD_ASSOCIATIONS,
    GOOD_SETS,
)


# Few of the random uuids differ.
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    st.lists(GOOD_PRODUCTS, min_size=1, max_size=3, unique_by=lambda each: each["uuid"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_source_does_not_matter(
    greedy: Mapper, records: list[dict[str, Any]], chance: random.Random
) -> None:
    for record in records:
        assert stored(greedy.product(shuffled(record, chance))) == stored(greedy.product(record))
    tree = greedy.tree(model(), [], records)
    again = greedy.tree(shuffled(model(), chance), [], shuffled(records, chance))
    assert stored(again) == stored(tree)
    assert (again.base_hash, again.related_hash) == (tree.base_hash, tree.related_hash)


CODES = st.text("ab1_", min_size=1, max_size=3)
LABELS = st.text("abAB ()1", max_size=6)


@given(st.dictionaries(CODES, LABELS | CODES, max_size=6))
def test_no_two_codes_share_a_text(labels: dict[str, str]) -> None:
    by_folded = {code.casefold(): label for code, label in labels.items()}
    texts = distinct_texts(by_folded)
    assert texts.keys() == by_folded.keys()
    assert len({text.casefold() for text in texts.values()}) == len(texts)
    assert all(text.startswith(by_folded[code]) for code, text in texts.items())
