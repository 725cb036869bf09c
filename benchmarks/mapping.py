"""Processor time of the mapping: a typical product of 50 values, by the kind of its rules."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.mapper import Mapper
from benchmarks.reporting import Figure, Section

VALUES: Final = 50
LINES: Final = 50
FORMULAS: Final = 25
ROUNDS: Final = 7
RECORDS: Final = 200
MOST_MILLISECONDS: Final = 1.0

_TYPES: Final = (
    ("text", "pim_catalog_text", "Oak, oiled, made to last"),
    ("number", "pim_catalog_number", "12.5000"),
    ("metric", "pim_catalog_metric", {"amount": "1500.0000", "unit": "GRAM"}),
    ("price", "pim_catalog_price_collection", [{"amount": "19.90", "currency": "EUR"}]),
    ("select", "pim_catalog_simpleselect", "blue"),
    ("multi", "pim_catalog_multiselect", ["blue", "red"]),
    ("flag", "pim_catalog_boolean", True),
    ("date", "pim_catalog_date", "2026-03-13T00:00:00+01:00"),
)
_CODES: Final = [f"{_TYPES[number % len(_TYPES)][0]}_{number}" for number in range(VALUES)]
_TEXTS: Final = [code for code in _CODES if code.startswith("text")]


def measure() -> list[Section]:
    """Map the same product repeatedly, with one kind of rule at a time."""
    structure, record = _structure(), _record()
    kinds: dict[str, Callable[[int], Any]] = {
        "field": lambda number: _CODES[number % VALUES],
        "field with default": lambda number: {"field": f"missing_{number}", "default": "-"},
        "static": lambda number: {"static": f"value {number}"},
        "lookup": lambda number: {"lookup": "select_4", "table": {"blue": f"{number}"}, "default": "0"},
        "formula": lambda number: {"formula": f"{_TEXTS[number % len(_TEXTS)]}|upper ~ ' ' ~ label('select_4')"},
    }
    files: dict[str, JsonObject] = {
        "default mapping": {},
        "custom fields: all values": {"custom_fields": {"all": True}},
    }
    for kind, source in kinds.items():
        if kind == "formula":
            continue
        fields = {f"Field {number}": source(number) for number in range(LINES)}
        files[f"custom fields: {LINES} lines of the kind {kind}"] = {"custom_fields": {"fields": fields}}
    many = {f"Field {number}": kinds["formula"](number) for number in range(FORMULAS)}
    files[f"custom fields: {FORMULAS} lines of the kind formula"] = {"custom_fields": {"fields": many}}
    cost = {name: _milliseconds(_mapper(lines, structure), record) for name, lines in files.items()}
    cost["typical: 50 values, 10 lines of each kind, 10 of them formulas"] = _milliseconds(
        _mapper({"custom_fields": {"fields": _mixed(kinds), "all": True}}, structure), record
    )
    return [
        Section(
            f"Mapping of a product with {VALUES} values, processor time per record",
            [Figure(name, value, "ms", at_most=MOST_MILLISECONDS) for name, value in cost.items()],
        )
    ]


def _mixed(kinds: dict[str, Callable[[int], Any]]) -> JsonObject:
    return {f"{kind} {number}": source(number) for kind, source in kinds.items() for number in range(10)}


def _milliseconds(mapper: Mapper, record: JsonObject) -> float:
    """Return the minimum time of several rounds, to ignore other work of the machine."""
    mapper.product(record)
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(RECORDS):
            mapper.product(record)
        rounds.append(time.process_time() - start)
    return 1_000 * min(rounds) / RECORDS


def _mapper(product: JsonObject, structure: Structure) -> Mapper:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.yaml"
        path.write_text(yaml.safe_dump({"product": product, "settings": {"units": {"Weight": "KILOGRAM"}}}))
        return Mapper(load_mapping(path), structure, "UUID")


def _structure() -> Structure:
    kinds = {name: kind for name, kind, _ in _TYPES}
    units = {
        code: {"convert_from_standard": [{"operator": "mul", "value": factor}]}
        for code, factor in (("KILOGRAM", "1"), ("GRAM", "0.001"))
    }
    attributes = [
        (code, {"code": code, "type": kinds[code.partition("_")[0]], "labels": {}, "metric_family": "Weight"})
        for code in _CODES
    ]
    options = [
        (f"{code}/{option}", {"code": option, "labels": {"en_US": option.title()}, "sort_order": 1})
        for code in _CODES
        for option in ("blue", "red")
    ]
    return Structure.from_documents(
        {
            "attribute": [("sku", {"code": "sku", "type": "pim_catalog_identifier"}), *attributes],
            "attribute_option": options,
            "measurement_family": [("Weight", {"code": "Weight", "units": units})],
            "channel": [("shop", {"code": "shop", "locales": ["en_US"], "currencies": ["EUR"]})],
        }
    )


def _record() -> JsonObject:
    data = {name: each for name, _, each in _TYPES}
    values = {code: [{"locale": None, "scope": None, "data": data[code.partition("_")[0]]}] for code in _CODES}
    values["sku"] = [{"locale": None, "scope": None, "data": "chair-1"}]
    return {"uuid": "u-1", "enabled": True, "family": "chairs", "categories": ["a"], "values": values}
