"""Custom fields need a definition in iPaaS.com. One without costs itself, never its record."""

from __future__ import annotations

import threading
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError, RecordError, TransientError
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.sync.objects import EXTERNAL_ID_TABLES

_DATA_TYPES: Final = {bool: "bool", int: "number", float: "number"}


class CustomFieldDefinitions:
    """The custom fields that may be sent, by table; read once, completed where iPaaS.com allows it.

    Args:
        client: The iPaaS.com client.
    """

    def __init__(self, client: IpaasClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._defined: set[tuple[str, str]] | None = None
        self._refused: set[tuple[str, str]] = set()

    def prepare(self, kind: str, payload: JsonObject) -> tuple[JsonObject, list[str]]:
        """Leave out the custom fields that are not defined and cannot be.

        Args:
            kind: Destination kind of the payload.
            payload: A composed payload; its variants are prepared too.

        Returns:
            The payload, and the names that were left out.
        """
        dropped: list[str] = []
        prepared = self._prepare(EXTERNAL_ID_TABLES[kind], payload, dropped)
        if payload.get("variants"):
            table = EXTERNAL_ID_TABLES["variant"]
            prepared["variants"] = [self._prepare(table, variant, dropped) for variant in payload["variants"]]
        return prepared, sorted(set(dropped))

    def _prepare(self, table: str, payload: JsonObject, dropped: list[str]) -> JsonObject:
        fields = payload.get("custom_fields")
        if not fields:
            return dict(payload)
        allowed = []
        for field in fields:
            if self._is_defined(table, field["custom_field_name"], field["value"]):
                allowed.append(field)
            else:
                dropped.append(field["custom_field_name"])
        return {**payload, "custom_fields": allowed}

    def _is_defined(self, table: str, name: str, value: Any) -> bool:
        with self._lock:
            if self._defined is None:
                self._defined = self._read()
            if (table, name) in self._defined:
                return True
            if (table, name) in self._refused:
                return False
            definition = {"name": name, "table_name": table, "data_type": _DATA_TYPES.get(type(value), "string")}
            try:
                self._client.create_custom_field(definition)
                self._defined.add((table, name))
            except (AccessDeniedError, RecordError, TransientError) as error:
                # It may be there all the same: another run defined it meanwhile, or the answer was lost.
                self._defined = self._read()
                if (table, name) in self._defined:
                    return True
                if isinstance(error, TransientError):
                    raise
                self._refused.add((table, name))
                return False
            return True

    def _read(self) -> set[tuple[str, str]]:
        return {(str(each["table_name"]).casefold(), str(each["name"])) for each in self._client.list_custom_fields()}
