from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from akeneo_assets.akeneo.search import Search, date_text

EAST = timezone(timedelta(hours=2))
MOMENT = datetime(2024, 3, 1, 0, 30, 15, 999_999, tzinfo=EAST)


def test_criteria_on_one_property_and_on_several_are_joined() -> None:
    search = (
        Search()
        .where("family", "IN", ["shoes"])
        .where("name", "CONTAINS", "é", locale="fr_FR", scope="ecommerce")
        .where("price", ">", 10)
        .where("price", "<", 20)
        .where("enabled", "=", False)
        .where("parent", "EMPTY")
    )
    assert json.loads(str(search)) == {
        "family": [{"operator": "IN", "value": ["shoes"]}],
        "name": [{"operator": "CONTAINS", "value": "é", "locale": "fr_FR", "scope": "ecommerce"}],
        "price": [{"operator": ">", "value": 10}, {"operator": "<", "value": 20}],
        "enabled": [{"operator": "=", "value": False}],
        "parent": [{"operator": "EMPTY"}],
    }


def test_a_search_is_not_changed_by_adding_to_it() -> None:
    search = Search().where("parent", "EMPTY")
    search.where("family", "EMPTY")
    assert str(search) == '{"parent":[{"operator":"EMPTY"}]}'


@pytest.mark.parametrize(
    ("endpoint", "zone", "text"),
    [
        ("products-uuid", timezone.utc, "2024-02-29 22:30:15"),
        ("products", EAST, "2024-03-01 00:30:15"),
        ("product-models", timezone.utc, "2024-02-29 22:30:15"),
        ("categories", EAST, "2024-02-29T22:30:15Z"),
        ("reference-entities/{}/records", EAST, "2024-02-29T22:30:15Z"),
    ],
)
def test_each_list_gets_dates_in_its_own_format(endpoint: str, zone: timezone, text: str) -> None:
    assert date_text(endpoint, MOMENT, zone) == text
    assert json.loads(str(Search().updated_after(endpoint, MOMENT, zone))) == {
        "updated": [{"operator": ">", "value": text}]
    }


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        date_text("categories", MOMENT.replace(tzinfo=None))
