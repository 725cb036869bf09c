"""The custom fields of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akeneo_assets.mapping.rules import evaluate

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.collections import CustomFields
    from akeneo_assets.mapping.values import Value
    from akeneo_assets.mapping.view import RecordView


def custom_fields(settings: CustomFields, view: RecordView, elsewhere: AbstractSet[str]) -> list[JsonObject]:
    """Return the custom fields by name; empty ones are left out, because iPaaS.com refuses them.

    Args:
        settings: What the mapping file names.
        view: The record.
        elsewhere: Attributes that are mapped elsewhere, which ``all`` does not repeat.
    """
    values: dict[str, Value | None] = {}
    if settings.all:
        for code in view.attributes():
            if code not in elsewhere:
                values[code] = view.value(code, None, f"custom_fields.{code}")
    for code in settings.attributes:
        values[code] = view.value(code, None, f"custom_fields.{code}")
    for name, source in settings.sources.items():
        values[name] = evaluate(source, None, view, f"custom_fields.{name}")
    return [{"custom_field_name": name, "value": value} for name, value in sorted(values.items()) if value is not None]
