from __future__ import annotations

import yaml

from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.file.schema import SCHEMA_FILE, mapping_schema, schema_text


def test_the_schema_in_the_package_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "The mapping file has changed. Run: python -m akeneo_assets.mapping.file.schema"
    )


def test_the_schema_contains_every_line_of_the_default_file() -> None:
    schema = mapping_schema()
    shipped = yaml.safe_load(SCHEMA_FILE.with_name("default.yaml").read_text(encoding="utf-8"))
    assert schema["properties"].keys() == MappingFile.model_fields.keys() == shipped.keys()
    for name, section in shipped.items():
        if isinstance(section, dict):
            reference = schema["properties"][name]
            definition = schema["$defs"][reference["$ref"].rpartition("/")[2]]
            assert section.keys() <= definition["properties"].keys()
            assert definition["additionalProperties"] is False
            assert "required" not in definition


def test_a_source_can_be_only_a_name() -> None:
    name = mapping_schema()["$defs"]["ProductRules"]["properties"]["name"]
    assert name["anyOf"][0]["type"] == ["string", "integer"]
    assert [each["$ref"].rpartition("/")[2] for each in name["anyOf"][1:]] == [
        "FieldSource",
        "StaticSource",
        "LookupSource",
        "FormulaSource",
    ]


def test_every_key_is_described() -> None:
    schema = mapping_schema()
    objects = {"": schema, **schema["$defs"]}

    assert [
        f"{name}.{key}"
        for name, definition in objects.items()
        for key, part in definition.get("properties", {}).items()
        if len(part.get("description", "")) < 8
    ] == []
