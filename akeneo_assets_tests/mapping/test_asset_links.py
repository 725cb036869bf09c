"""What is sent for an asset that is shown as a link."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.selection import Selection
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.record.values import ValueReader

SHARED = "https://assets.example/photos/file/front.jpg"
ATTRIBUTES: list[tuple[str, JsonObject]] = [
    ("photos/file", {"code": "file", "type": "media_file"}),
    ("photos/film", {"code": "film", "type": "media_link", "prefix": None, "suffix": None}),
    ("photos/link", {"code": "link", "type": "media_link", "prefix": "https://dam.example/", "suffix": "?w=9"}),
    ("manuals/link", {"code": "link", "type": "media_link", "prefix": "https://other.example/", "suffix": None}),
]


def entry(data: str, **more: Any) -> JsonObject:
    return {"locale": None, "channel": None, "data": data, **more}


def link(asset: JsonObject, shared: list[str]) -> tuple[Any, list[str]]:
    """Return what is sent for an asset with these values and share links, and the warnings."""
    structure = Structure.from_documents(
        {
            "attribute": [
                ("media", {"code": "media", "type": "pim_catalog_asset_collection", "reference_data_name": "photos"})
            ],
            "asset": [("photos/front", {"code": "front", "values": asset})],
            "asset_attribute": ATTRIBUTES,
        }
    )
    places = {
        "tv.jpg": ("tv", None),
        "en.jpg": ("shop", "en_US"),
        "de.jpg": ("shop", "de_DE"),
        "fr.jpg": (None, "fr_FR"),
    }
    links = [
        {"attribute": "file", "scope": scope, "locale": locale, "_links": {"self": {"href": each}}}
        for each in shared
        for scope, locale in [places.get(each, (None, None))]
    ]
    value = {"locale": None, "scope": None, "data": ["front"], "linked_data": {"front": {"share_links": links}}}
    warnings: list[str] = []
    reader = ValueReader(structure, Selection("shop", ("de_DE", "en_US"), None))
    return reader.plain(Reading("media", form="link"), value, warnings.append), warnings


FILM = entry("dQw", linked_data={"full_url": "https://films.example/watch?v=dQw", "prefix": None, "suffix": None})


@pytest.mark.parametrize(
    ("asset", "shared", "expected"),
    [
        ({"link": [entry("a.jpg")]}, [SHARED, "https://assets.example/second.jpg"], SHARED),
        ({"link": [entry("a.jpg")]}, [], "https://dam.example/a.jpg?w=9"),
        ({"film": [entry("https://films.example/1")]}, [], "https://films.example/1"),
        ({"film": [FILM]}, [], "https://films.example/watch?v=dQw"),
        ({"film": [FILM], "link": [entry("a.jpg")]}, [], "https://films.example/watch?v=dQw"),
        (
            {"link": [entry("en.jpg") | {"locale": "en_US"}, entry("de.jpg") | {"locale": "de_DE"}]},
            [],
            "https://dam.example/de.jpg?w=9",
        ),
    ],
)
def test_the_share_link_of_a_file_takes_precedence_over_a_stored_link(
    asset: JsonObject, shared: list[str], expected: str
) -> None:
    assert link(asset, shared) == (expected, [])


def test_without_any_link_the_code_is_sent() -> None:
    file = {"file": [entry("a/b/front.jpg")], "link": [entry("tv.jpg") | {"channel": "tv"}]}
    assert link(file, []) == ("front", ["has no link; its code is sent instead"])


@pytest.mark.parametrize("shared", [["tv.jpg", "fr.jpg", "en.jpg", "de.jpg"], ["de.jpg", "en.jpg", "fr.jpg", "tv.jpg"]])
def test_share_links_have_the_channel_and_locale_of_their_files(shared: list[str]) -> None:
    assert link({}, shared) == ("de.jpg", [])
    assert link({}, [each for each in shared if each != "de.jpg"]) == ("en.jpg", [])
    assert link({}, ["tv.jpg", "fr.jpg"]) == ("front", ["has no link; its code is sent instead"])
