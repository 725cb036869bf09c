from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets_tests.mapping.catalogue import mapper

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject


def test_a_category_with_the_default_mapping() -> None:
    document = {"code": "hats", "parent": "clothing", "labels": {"en_US": "Hats", "de_DE": "Hüte"}}
    mapped = mapper().category(document)
    assert (mapped.kind, mapped.key, mapped.sku) == ("category", "hats", None)
    assert mapped.payload == {"name": "Hats", "description": "hats"}
    assert mapped.parent == Reference("category", "clothing")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"de_DE": "Hüte", "fi_FI": "Hatut"}, "Hüte"),
        ({"en_US": None, "fi_FI": "Hatut"}, "Hatut"),
        ({}, "hats"),
        ([], "hats"),
        (None, "hats"),
    ],
)
def test_the_name_of_a_category_without_a_label_in_the_locale(labels: object, expected: str) -> None:
    assert mapper().category({"code": "hats", "labels": labels}).payload["name"] == expected


def test_a_root_and_a_numeric_code() -> None:
    mapped = mapper().category({"code": 7, "parent": None, "labels": []})
    assert (mapped.key, mapped.parent, mapped.payload["name"]) == ("7", None, "7")


def test_a_category_without_code() -> None:
    with pytest.raises(RecordError, match="no code"):
        mapper().category({"labels": {}})


def entry(code: str, data: object, channel: str | None = None, locale: str | None = None) -> JsonObject:
    return {"data": data, "type": "text", "channel": channel, "locale": locale, "attribute_code": f"{code}|8587cda6"}


def test_category_attributes_become_custom_fields(tmp_path: Path) -> None:
    values = {
        "title|8587cda6|shop|en_US": entry("title", "All hats", "shop", "en_US"),
        "title|8587cda6|tv|en_US": entry("title", "Hats on TV", "tv", "en_US"),
        "title|8587cda6|shop|de_DE": entry("title", "Alle Hüte", "shop", "de_DE"),
        "photo|8587cda6": entry("photo", {"file_path": "8/shoes.jpg", "size": 1}),
        "seo|8587cda6": entry("seo", ""),
    }
    document = {"code": "hats", "labels": {}, "values": values}
    mapped = mapper().category(document)
    assert mapped.payload["custom_fields"] == [
        {"custom_field_name": "photo", "value": "8/shoes.jpg"},
        {"custom_field_name": "title", "value": "All hats"},
    ]
    assert mapped.warnings == ()
    titled = mapper(tmp_path, category={"name": "title"}).category(document)
    assert titled.payload["name"] == "All hats"
    assert [field["custom_field_name"] for field in titled.payload["custom_fields"]] == ["photo"]


def test_category_values_in_an_unknown_format_are_reported() -> None:
    document = {"code": "hats", "labels": {}, "values": {"seo|1": entry("seo", {"title": "Hats"})}}
    mapped = mapper().category(document)
    assert "custom_fields" not in mapped.payload
    assert [(warning.attribute, warning.reason) for warning in mapped.warnings] == [("seo", "seo is not text")]


def test_two_attributes_with_one_code_give_the_same_result_in_any_order() -> None:
    values = {f"seo|{uuid}": {**entry("seo", uuid), "attribute_code": f"seo|{uuid}"} for uuid in ("b", "a")}
    found = [
        mapper().category({"code": "hats", "labels": {}, "values": dict(items)}).payload
        for items in (values.items(), reversed(values.items()))
    ]
    assert found[0] == found[1]
