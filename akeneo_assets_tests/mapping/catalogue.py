"""A small catalogue for the tests of the mapping, in the JSON that Akeneo sends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import yaml

from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.mapper import Mapper

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.settings import ProductIdFormat

Documents = dict[str, list[tuple[str, "JsonObject"]]]


def attribute(code: str, kind: str, **more: Any) -> tuple[str, JsonObject]:
    return code, {"code": code, "type": kind, "labels": {}, **more}


def option(attribute_code: str, code: str, sort_order: int = 0, **labels: str | None) -> tuple[str, JsonObject]:
    body = {"attribute": attribute_code, "code": code, "sort_order": sort_order, "labels": labels}
    return f"{attribute_code}/{code}", body


def family_variant(key: str, *levels: list[str]) -> tuple[str, JsonObject]:
    sets = [{"level": level, "axes": axes, "attributes": axes} for level, axes in enumerate(levels, start=1)]
    return key, {"code": key.partition("/")[2], "labels": {}, "variant_attribute_sets": sets}


def documents() -> Documents:
    return {
        "attribute": [
            attribute("sku", "pim_catalog_identifier"),
            attribute("name", "pim_catalog_text", localizable=True, scopable=True),
            attribute("description", "pim_catalog_textarea"),
            attribute("washable", "pim_catalog_boolean"),
            attribute("pieces", "pim_catalog_number"),
            attribute("weight", "pim_catalog_metric", metric_family="Weight"),
            attribute("heat", "pim_catalog_metric", metric_family="Temperature"),
            attribute("price", "pim_catalog_price_collection"),
            attribute("release", "pim_catalog_date"),
            attribute("color", "pim_catalog_simpleselect", labels={"en_US": "Color", "de_DE": "Farbe"}),
            attribute("size", "pim_catalog_simpleselect", labels={"en_US": "Size"}),
            attribute("materials", "pim_catalog_multiselect"),
            attribute("manual", "pim_catalog_file"),
            attribute("picture", "pim_catalog_image"),
            attribute("designer", "akeneo_reference_entity", reference_data_name="designers"),
            attribute("team", "akeneo_reference_entity_collection", reference_data_name="designers"),
            attribute("media", "pim_catalog_asset_collection", reference_data_name="photos"),
            attribute("fabric", "pim_reference_data_simpleselect"),
            attribute("fabrics", "pim_reference_data_multiselect"),
            attribute("nutrition", "pim_catalog_table", table_configuration=[{"code": "part"}, {"code": "kcal"}]),
            attribute("care_wash", "pim_catalog_text", group="care", labels={"en_US": "Washing"}),
            attribute("care_iron", "pim_catalog_text", group="care", labels={"en_US": "Ironing"}),
            attribute("successor", "pim_catalog_product_link"),
            attribute("hologram", "pim_catalog_hologram"),
        ],
        "attribute_option": [
            option("color", "blue", 2, en_US="Blue", de_DE="Blau"),
            option("color", "red", 1, en_US="Red", de_DE="Rot"),
            option("color", "navy", 3, en_US="blue"),
            option("color", "plain", 4),
            option("size", "s", 1, en_US="S"),
            option("size", "m", 2, en_US="M"),
            option("size", "l", 3, en_US="L"),
            option("materials", "wool", 2, en_US="Wool"),
            option("materials", "silk", 1, en_US="Silk"),
        ],
        "family": [
            (
                "clothing",
                {
                    "code": "clothing",
                    "attribute_as_label": "name",
                    "labels": {},
                    "attributes": ["sku", "name", "description"],
                },
            ),
            ("parts", {"code": "parts", "attribute_as_label": "sku", "labels": {}, "attributes": ["sku", "name"]}),
        ],
        "family_variant": [
            family_variant("clothing/by_color_and_size", ["color"], ["size"]),
            family_variant("clothing/by_weight", ["weight", "washable"]),
            family_variant("clothing/by_designer", ["designer"]),
        ],
        "association_type": [
            ("SET", {"code": "SET", "labels": {}, "is_quantified": True}),
            ("PALLET", {"code": "PALLET", "labels": {}, "is_quantified": True}),
            ("X_SELL", {"code": "X_SELL", "labels": {"en_US": "Goes with"}, "is_quantified": False}),
            ("PACK", {"code": "PACK", "labels": {}, "is_quantified": False}),
        ],
        "channel": [
            ("shop", {"code": "shop", "locales": ["en_US", "de_DE"], "currencies": ["USD", "EUR"]}),
            ("tv", {"code": "tv", "locales": ["fr_FR"], "currencies": ["EUR"]}),
        ],
        "reference_entity_record": [
            (
                "designers/eames",
                record(
                    "eames", {"country": "us", "born": "1912", "styles": ["a", "b"]}, en_US="Ray Eames", de_DE="Eames"
                ),
            ),
            ("designers/rams", record("rams")),
        ],
        "asset": [("photos/front", record("front", en_US="Front view"))],
        "measurement_family": [
            measures("Weight", "KILOGRAM", {"KILOGRAM": [("mul", "1")], "GRAM": [("mul", "0.001")]}),
            measures(
                "Temperature",
                "KELVIN",
                {
                    "KELVIN": [("mul", "1")],
                    "CELSIUS": [("add", "273.15")],
                    "FAHRENHEIT": [("sub", "32"), ("div", "1.8"), ("add", "273.15")],
                },
            ),
        ],
    }


def measures(code: str, standard: str, units: dict[str, list[tuple[str, str]]]) -> tuple[str, JsonObject]:
    bodies = {
        unit: {
            "code": unit,
            "labels": {"en_US": unit.capitalize()},
            "convert_from_standard": [{"operator": operator, "value": number} for operator, number in steps],
        }
        for unit, steps in units.items()
    }
    return code, {"code": code, "standard_unit_code": standard, "labels": {}, "units": bodies}


def record(code: str, facts: JsonObject | None = None, **labels: str) -> JsonObject:
    entries = [{"locale": locale, "channel": None, "data": label} for locale, label in labels.items()]
    values: JsonObject = {
        name: [{"locale": None, "channel": None, "data": fact}] for name, fact in (facts or {}).items()
    }
    if entries:
        values["label"] = entries
    return {"code": code, "values": values or []}


def structure(**changes: Iterable[tuple[str, JsonObject]]) -> Structure:
    return Structure.from_documents(documents() | {kind: list(each) for kind, each in changes.items()})


def mapping(tmp_path: Path, **lines: Any) -> MappingFile:
    """Load a mapping file that contains ``lines``."""
    path = tmp_path / "mapping.yaml"
    path.write_text(yaml.safe_dump(lines))
    return load_mapping(path)


def mapper(tmp_path: Path | None = None, product_id_format: ProductIdFormat = "UUID", **lines: Any) -> Mapper:
    chosen = load_mapping() if tmp_path is None else mapping(tmp_path, **lines)
    return Mapper(chosen, structure(), product_id_format)


def value(data: Any, locale: str | None = None, scope: str | None = None) -> JsonObject:
    return {"locale": locale, "scope": scope, "data": data}


def product(uuid: str = "u-1", identifier: str | None = "hat-1", **changes: Any) -> JsonObject:
    values: JsonObject = changes.pop("values", {})
    if identifier is not None:
        values = {"sku": [value(identifier)], **values}
    return {
        "uuid": uuid,
        "enabled": True,
        "family": "clothing",
        "parent": None,
        "categories": [],
        "groups": [],
        "values": values,
        "associations": {},
        "quantified_associations": {},
        "created": "2026-01-01T00:00:00+00:00",
        "updated": "2026-01-01T00:00:00+00:00",
        **changes,
    }


def model(code: str = "shirt", variant: str = "by_color_and_size", **changes: Any) -> JsonObject:
    return {
        "code": code,
        "family": "clothing",
        "family_variant": variant,
        "parent": None,
        "categories": [],
        "values": {},
        "associations": {},
        "quantified_associations": {},
        **changes,
    }


def shirt(key: str, color: str, size: str, **changes: Any) -> JsonObject:
    values = {"color": [value(color)], "size": [value(size)], **changes.pop("values", {})}
    return product(key, f"sku-{key}", parent="shirt", values=values, **changes)
