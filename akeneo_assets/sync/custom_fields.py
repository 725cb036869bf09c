"""Custom fields need a definition in iPaaS.com. A field without one is left out; its record is still sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError, RecordError, TransientError
from akeneo_assets.objects import KINDS
from akeneo_assets.store.records import Link
from akeneo_assets.sync.destination import Destination

RELATION: Final = "custom_field"
"""The relation of links that represent deferred fields."""

_DATA_TYPES: Final = {bool: "bool", int: "number", float: "number"}


@dataclass(frozen=True)
class CustomField:
    """The definition of a custom field.

    Attributes:
        table: iPaaS.com's table, e.g. ``product variant``.
        data_type: The iPaaS.com type of its values.
        name: Its name.
    """

    table: str
    data_type: str
    name: str

    @property
    def link(self) -> Link:
        """The link that represents it."""
        return Link(RELATION, "custom_field", f"{self.table}/{self.data_type}/{self.name}", declined=True)

    @classmethod
    def of_key(cls, target_key: str) -> CustomField:
        """Return the field that the target key of a link represents."""
        return cls(*target_key.split("/", 2))


@dataclass
class Prepared:
    """A payload with the custom fields that iPaaS.com accepts.

    Attributes:
        payload: The payload.
        undefined: Names of fields that were left out because iPaaS.com refused to define them.
        deferred: Fields that were left out because defining them failed. They are sent as soon as that works.
    """

    payload: JsonObject
    undefined: set[str] = field(default_factory=set)
    deferred: set[CustomField] = field(default_factory=set)


class CustomFieldDefinitions:
    """The defined custom fields by table. They are read once, and missing ones are defined if iPaaS.com allows it.

    Args:
        client: The iPaaS.com client.
    """

    def __init__(self, client: Destination) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._defined: set[tuple[str, str]] | None = None
        self._refused: set[tuple[str, str]] = set()
        self._failed: set[tuple[str, str]] = set()

    def prepare(self, kind: str, payload: JsonObject) -> Prepared:
        """Leave out the custom fields that are not defined and cannot be defined.

        Args:
            kind: Destination kind of the payload.
            payload: A composed payload; its variants are prepared too.
        """
        prepared = Prepared(payload)
        prepared.payload = self._prepare(KINDS[kind].external_id_table, payload, prepared)
        if payload.get("variants"):
            table = KINDS["variant"].external_id_table
            prepared.payload["variants"] = [self._prepare(table, variant, prepared) for variant in payload["variants"]]
        return prepared

    def try_again(self, custom_field: CustomField) -> bool:
        """Return whether a field that was deferred can be sent now."""
        with self._lock:
            self._failed.discard((custom_field.table, custom_field.name))
            return self._is_defined(custom_field)

    def _prepare(self, table: str, payload: JsonObject, prepared: Prepared) -> JsonObject:
        allowed = []
        for given in payload.get("custom_fields") or ():
            name = given["custom_field_name"]
            custom_field = CustomField(table, _DATA_TYPES.get(type(given["value"]), "string"), name)
            with self._lock:
                if self._is_defined(custom_field):
                    allowed.append(given)
                elif (table, name) in self._failed:
                    prepared.deferred.add(custom_field)
                else:
                    prepared.undefined.add(name)
        return {**payload, "custom_fields": allowed} if payload.get("custom_fields") else dict(payload)

    def _is_defined(self, wanted: CustomField) -> bool:
        """Define the field if needed, and return whether it is defined. An error only leaves out this field."""
        identity = (wanted.table, wanted.name)
        if identity in self._refused or identity in self._failed:
            return False
        try:
            if self._defined is None:
                self._defined = self._read()
            if identity not in self._defined:
                self._define(wanted, self._defined)
        except (RecordError, TransientError):
            self._failed.add(identity)
            return False
        return identity not in self._refused

    def _define(self, wanted: CustomField, defined: set[tuple[str, str]]) -> None:
        identity = (wanted.table, wanted.name)
        if self._client.capabilities.custom_fields_definable is False:
            self._refused.add(identity)
            return
        definition = {"name": wanted.name, "table_name": wanted.table, "data_type": wanted.data_type}
        try:
            self._client.create_custom_field(definition)
            defined.add(identity)
        except (AccessDeniedError, RecordError, TransientError) as error:
            # It may exist anyway: another run may have defined it in the meantime, or the response was lost.
            self._defined = self._read()
            if identity in self._defined:
                return
            # A bare HTTP status without an iPaaS.com error code may come from anything in between, such as a proxy.
            if isinstance(error, TransientError) or (isinstance(error, RecordError) and error.code.isdecimal()):
                raise
            self._refused.add(identity)

    def _read(self) -> set[tuple[str, str]]:
        return {(str(each["table_name"]).casefold(), str(each["name"])) for each in self._client.list_custom_fields()}
