"""Definitions of custom fields. A value needs a definition with exactly its name, for the table of its record."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.identifiers import CUSTOM_FIELD, Sequence, parse_table
from akeneo_assets.sandbox.ipaas.link_bodies import CustomFieldDefinitionBody
from akeneo_assets.sandbox.ipaas.switches import CustomFieldForm, Switches
from akeneo_assets.sandbox.shelf import Shelf


class CustomFields:
    """The definitions of the company.

    Args:
        shelf: Stores them.
        sequence: Assigns ids to them.
        switches: Whether values need a definition.
    """

    def __init__(self, shelf: Shelf, sequence: Sequence, switches: Switches) -> None:
        self._shelf = shelf
        self._sequence = sequence
        self._switches = switches

    def define(self, body: CustomFieldDefinitionBody) -> JsonObject:
        """Add a definition and return it.

        Raises:
            RefusedError: ``BIZL-1006`` if it already exists, ``VALD-1025`` if the table is unknown.
        """
        table = parse_table(body.table_name)
        key = _key(table, body.name)
        if key in self._shelf:
            existing = self._shelf[key]["id"]
            raise RefusedError("BIZL-1006", f"The name must be unique; the custom field with Id {existing} has it.")
        definition: JsonObject = {
            **body.model_dump(exclude_none=True), "id": self._sequence.take(CUSTOM_FIELD), "table_name": table
        }  # fmt: skip
        self._shelf[key] = definition
        return definition

    def hits(self, name: str | None) -> list[JsonObject]:
        """Return all definitions, or those with this name."""
        return [definition for definition in self._shelf.values() if name in {None, definition["name"]}]

    def accepted(self, table: str, values: Iterable[JsonObject]) -> list[JsonObject]:
        """Return the values to store, without those that are empty, and thus empty the field.

        Raises:
            RefusedError: ``VALD-1002`` if an empty value is not allowed, ``VALD-1011`` without a definition,
                ``VALD-1025`` if the value does not match its data type.
        """
        accepted = []
        for given in values:
            name, value = given["custom_field_name"], given.get("value")
            form: CustomFieldForm | None = "null" if value is None else "text" if value == "" else None
            if form is not None and form not in self._switches.custom_fields_emptied_by:
                raise RefusedError("VALD-1002", "The value of a custom field is required.")
            definition = self._shelf.get(_key(table, name))
            if definition is None and not self._switches.undefined_custom_fields_refused:
                continue
            if definition is None:
                raise RefusedError("VALD-1011", f"There is no custom field '{name}' for the table '{table}'.")
            if value is None or value == "":
                continue
            if not _fits(definition["data_type"], value):
                message = f"The value of the custom field '{name}' is no {definition['data_type']}."
                raise RefusedError("VALD-1025", message)
            accepted.append(given)
        return accepted


def _fits(data_type: str, value: str | float) -> bool:
    if data_type == "bool":
        return str(value).lower() in {"true", "false"}
    if data_type == "number":
        try:
            float(value)
        except ValueError:
            return False
        return not isinstance(value, bool)
    return True


def _key(table: str, name: str) -> str:
    return orjson.dumps([table, name]).decode()
