"""Measurement families; a unit lists the operations that convert a value to the standard unit."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.catalogue.records import labels


def _unit(code: str, label: dict[str, str], symbol: str, factor: str) -> JsonObject:
    return {
        "code": code,
        "labels": label,
        "convert_from_standard": [{"operator": "mul", "value": factor}],
        "symbol": symbol,
    }


def _family(code: str, label: dict[str, str], standard: str, *units: JsonObject) -> JsonObject:
    by_code = {unit["code"]: unit for unit in units}
    return {"code": code, "labels": label, "standard_unit_code": standard, "units": by_code}


MEASUREMENT_FAMILIES = (
    _family(
        "Length",
        labels("Length", "Longueur", "Länge"),
        "METER",
        _unit("METER", labels("Meter", "Mètre", "Meter"), "m", "1"),
        _unit("CENTIMETER", labels("Centimeter", "Centimètre", "Zentimeter"), "cm", "0.01"),
        _unit("INCH", labels("Inch", "Pouce", "Zoll"), "in", "0.0254"),
    ),
    _family(
        "Weight",
        labels("Weight", "Poids", "Gewicht"),
        "KILOGRAM",
        _unit("KILOGRAM", labels("Kilogram", "Kilogramme", "Kilogramm"), "kg", "1"),
        _unit("GRAM", labels("Gram", "Gramme", "Gramm"), "g", "0.001"),
        _unit("POUND", labels("Pound", "Livre", "Pfund"), "lb", "0.45359237"),
    ),
)
