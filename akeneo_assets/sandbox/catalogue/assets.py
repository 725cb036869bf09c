"""The sample's assets: pictures of products, each a file, a link to another system, or both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import EPOCH_OF_CATALOGUE, Record, labels

FAMILY: Final = "product_pictures"

# code, type, per locale, details
_ATTRIBUTES: Final[tuple[tuple[str, str, bool, JsonObject], ...]] = (
    (
        "label",
        "text",
        True,
        {
            "max_characters": None,
            "is_textarea": False,
            "is_rich_text_editor": False,
            "validation_rule": "none",
            "validation_regexp": None,
        },
    ),
    ("file", "media_file", False, {"media_type": "image", "allowed_extensions": ["jpg"], "max_file_size": "10"}),
    (
        "link",
        "media_link",
        False,
        {"media_type": "image", "prefix": "https://pictures.example/", "suffix": "?width=1200"},
    ),
)

# code, labels, whether there is a file, name behind the link
_ASSETS: Final[tuple[tuple[str, dict[str, str], bool, str | None], ...]] = (
    ("canvas_tote_front", labels("Canvas tote, front", "Cabas en toile, devant"), True, None),
    ("canvas_tote_worn", labels("Canvas tote, worn"), True, "tote/worn.jpg"),
    ("fjord_sofa_room", labels("Fjord sofa in a room", "Canapé Fjord dans un salon"), False, "fjord/room.jpg"),
    ("fjord_sofa_sand", labels("Fjord sofa, sand"), True, None),
    ("linen_field", labels("A field of linen", "Un champ de lin"), True, None),
    ("linen_shirt_folded", {}, True, None),
)


def assets() -> Iterator[Record]:
    """Yield the asset family, its attributes and its assets."""
    yield Record(
        "asset_family",
        {
            "code": FAMILY,
            "labels": labels("Product pictures", "Photos de produits"),
            "attribute_as_main_media": "file",
            "naming_convention": {},
            "product_link_rules": [],
            "transformations": [],
        },
    )
    for code, type_name, per_locale, details in _ATTRIBUTES:
        yield Record(
            "asset_attribute",
            {
                "family": FAMILY,
                "code": code,
                "labels": labels(code.capitalize()),
                "type": type_name,
                "value_per_locale": per_locale,
                "value_per_channel": False,
                "is_required_for_completeness": False,
                "is_read_only": False,
                **details,
            },
        )
    for code, names, has_file, link in _ASSETS:
        values = {
            "label": [_entry(text, locale) for locale, text in names.items()],
            "file": [_entry(f"c/4/d/5/c4d5_{code}.jpg")] if has_file else [],
            "link": [_entry(link)] if link else [],
        }
        dates = {"created": EPOCH_OF_CATALOGUE, "updated": EPOCH_OF_CATALOGUE}
        filled = {attribute: entries for attribute, entries in values.items() if entries}
        yield Record("asset", {"family": FAMILY, "code": code, "values": filled, **dates})


def _entry(data: str, locale: str | None = None) -> JsonObject:
    return {"locale": locale, "channel": None, "data": data}
