"""Replaces the names of stock locations, which a mapping uses, with the ids that iPaaS.com uses."""

from __future__ import annotations

import threading
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AccessDeniedError, RecordError
from akeneo_assets.sync.destination import Destination

_NAME: Final = "location"
_ID: Final = "location_id"


class Locations:
    """The stock locations by name. Each is looked up once, and created if it is missing and the settings allow it.

    Args:
        client: The iPaaS.com client.
        create_missing: Whether a location that iPaaS.com does not have is created.
    """

    def __init__(self, client: Destination, *, create_missing: bool) -> None:
        self._client = client
        self._create_missing = create_missing
        self._lock = threading.Lock()
        self._ids: dict[str, object | None] = {}

    def prepare(self, payload: JsonObject) -> tuple[JsonObject, list[str]]:
        """Add the ids of locations to the stock of a record and of its variants.

        Args:
            payload: A composed payload.

        Returns:
            The payload, and the names of locations whose stock was left out.
        """
        missing: list[str] = []
        prepared = self._prepare(payload, missing)
        if payload.get("variants"):
            prepared["variants"] = [self._prepare(variant, missing) for variant in payload["variants"]]
        return prepared, sorted(set(missing))

    def _prepare(self, payload: JsonObject, missing: list[str]) -> JsonObject:
        rows = payload.get("inventory")
        if not rows:
            return dict(payload)
        placed = []
        for row in rows:
            if _NAME not in row:
                placed.append(row)
            elif (location_id := self._id_of(str(row[_NAME]))) is not None:
                placed.append({**{name: value for name, value in row.items() if name != _NAME}, _ID: location_id})
            else:
                missing.append(str(row[_NAME]))
        return {**payload, "inventory": placed}

    def _id_of(self, name: str) -> object | None:
        with self._lock:
            if name not in self._ids:
                self._ids[name] = self._find_or_create(name)
            return self._ids[name]

    def _find_or_create(self, name: str) -> object | None:
        found = self._client.find_location(name)
        if found is None and self._create_missing:
            try:
                found = self._client.create_location({"name": name})
            except (AccessDeniedError, RecordError):
                # It may exist anyway: another run may have created it in the meantime, or a response was lost.
                found = self._client.find_location(name)
        return None if found is None else found["id"]
