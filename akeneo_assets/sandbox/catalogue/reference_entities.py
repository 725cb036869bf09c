"""The sample's reference entities: designers, with their country and their styles."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import EPOCH_OF_CATALOGUE, Record, labels

_COUNTRIES = (
    ("finland", ("Finland", "Finlande", "Finnland")),
    ("france", ("France", "France", "Frankreich")),
    ("italy", ("Italy", "Italie", "Italien")),
    ("sweden", ("Sweden", "Suède", "Schweden")),
)
_STYLES = (
    ("minimal", ("Minimal", "Minimal", "Minimalistisch")),
    ("organic", ("Organic", "Organique", "Organisch")),
    ("industrial", ("Industrial", "Industriel", "Industriell")),
)
_DESIGNERS = (
    ("aino_lund", "Aino Lund", "Bends birch until it gives in.", "finland", ["organic", "minimal"], "1961"),
    ("bruno_castelli", "Bruno Castelli", "Steel tubes and stubbornness.", "italy", ["industrial"], "1948"),
    ("maison_verre", "Maison Verre", "A glass studio from Nancy.", "france", ["organic"], None),
    ("tomas_ek", "Tomas Ek", "Makes everything twice, keeps the simpler one.", "sweden", ["minimal"], "1975"),
    ("no_label", None, None, None, None, None),
)


def reference_entities() -> Iterator[Record]:
    """Yield the reference entities with their attributes, options and records."""
    yield Record("reference_entity", {"code": "countries", "labels": labels("Countries", "Pays"), "image": None})
    yield Record("reference_entity", {"code": "designers", "labels": labels("Designers", "Designers"), "image": None})
    yield _attribute("countries", "label", "text", per_locale=True)
    yield _attribute("designers", "label", "text", per_locale=True)
    yield _attribute("designers", "biography", "text", per_locale=True)
    yield _attribute("designers", "country", "text")
    yield _attribute("designers", "born", "number", decimals_allowed=False)
    yield _attribute("designers", "nationality", "reference_entity_single_link", reference_entity_code="countries")
    yield _attribute("designers", "styles", "multiple_options")
    for code, texts in _STYLES:
        option = {"entity": "designers", "attribute": "styles", "code": code, "labels": labels(*texts)}
        yield Record("reference_entity_attribute_option", option)
    for code, texts in _COUNTRIES:
        names = [{"locale": locale, "channel": None, "data": text} for locale, text in sorted(labels(*texts).items())]
        yield _record("countries", code, {"label": names})
    for code, name, biography, country, styles, born in _DESIGNERS:
        texts_in_english = {"label": name, "biography": biography}
        everywhere = {"country": country, "nationality": country, "styles": styles, "born": born}
        values = {
            **{attribute: [_entry(data, "en_US")] for attribute, data in texts_in_english.items() if data},
            **{attribute: [_entry(data)] for attribute, data in everywhere.items() if data},
        }
        yield _record("designers", code, values)


def _attribute(entity: str, code: str, type_name: str, *, per_locale: bool = False, **more: object) -> Record:
    document: JsonObject = {
        "entity": entity,
        "code": code,
        "labels": labels(code.capitalize()),
        "type": type_name,
        "value_per_locale": per_locale,
        "value_per_channel": False,
        "is_required_for_completeness": False,
        **more,
    }
    if type_name == "text":
        document |= {
            "max_characters": None,
            "is_textarea": code == "biography",
            "is_rich_text_editor": False,
            "validation_rule": "none",
            "validation_regexp": None,
        }
    return Record("reference_entity_attribute", document)


def _record(entity: str, code: str, values: JsonObject) -> Record:
    dates = {"created": EPOCH_OF_CATALOGUE, "updated": EPOCH_OF_CATALOGUE}
    return Record("reference_entity_record", {"entity": entity, "code": code, "values": values, **dates})


def _entry(data: object, locale: str | None = None) -> JsonObject:
    return {"locale": locale, "channel": None, "data": data}
