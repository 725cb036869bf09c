"""The JSON Schema of mapping files, for editors; ``python -m akeneo_assets.mapping.file.schema`` regenerates it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.file.mapping_file import MappingFile

SCHEMA_FILE: Final = Path(__file__).parents[1] / "schema.json"

_SOURCES: Final = frozenset({"FieldSource", "StaticSource", "LookupSource", "FormulaSource"})
_ROWS: Final = frozenset({"InventoryRow", "UnitRow", "AlternateIdRow", "GroupChoice"})
_SHORT: Final[JsonObject] = {
    "type": ["string", "integer"],
    "description": "The code of an attribute, a $property, or attribute.record_attribute.",
}


def mapping_schema() -> JsonObject:
    """Return the JSON Schema of a user's mapping file, in which all lines of the default mapping are optional."""
    schema = MappingFile.model_json_schema()
    definitions = schema["$defs"]
    for name, definition in (("", schema), *definitions.items()):
        definition.pop("title", None)
        if name not in _SOURCES | _ROWS:
            definition.pop("required", None)
        if "description" in definition:
            definition["description"] = definition["description"].partition("\n\n")[0].replace("\n", " ")
    document: JsonObject = _completed(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping file of akeneo_assets",
        **document,
    }


def schema_text() -> str:
    """Return the schema as the content of its file."""
    return json.dumps(mapping_schema(), indent=2, ensure_ascii=False) + "\n"


def _completed(part: Any) -> Any:
    """Return ``part`` with the short form of sources, a name alone, which pydantic's schema does not contain."""
    if isinstance(part, list):
        return [_completed(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {
        key: {name: _completed(each) for name, each in value.items()} if key == "properties" else _completed(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
    }
    if any(each.get("$ref", "").endswith("/FieldSource") for each in found.get("oneOf", ())):
        found["anyOf"] = [_SHORT, *found.pop("oneOf")]
    return found


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
