"""External ids: they link a record of a table to a record of another system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import orjson

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.switches import Switches
from akeneo_assets.sandbox.shelf import Shelf


class Links:
    """The external ids of all records.

    An external id is unique within its system and table, and a record has at most one for each system.

    Args:
        shelf: Stores them.
        systems: Ids of the subscriptions that exist.
        switches: Whether external ids are unique.
    """

    def __init__(self, shelf: Shelf, systems: Collection[str], switches: Switches) -> None:
        self._shelf = shelf
        self._systems = systems
        self._switches = switches
        self._of_record: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for key, internal_id in shelf.items():
            table, system_id, external_id = orjson.loads(key)
            self._of_record[table, internal_id][system_id] = external_id

    def find(self, table: str, system_id: str, external_id: str) -> str | None:
        """Return the id of the record with this external id, active or not."""
        found: str | None = self._shelf.get(_key(table, system_id, external_id))
        return found

    def external_id(self, table: str, internal_id: str, system_id: str) -> str | None:
        """Return the external id that a record has in a system."""
        return self._of_record.get((table, internal_id), {}).get(system_id)

    def of(self, table: str, internal_id: str) -> list[JsonObject]:
        """Return all external ids of a record, as the API lists them."""
        links = self._of_record.get((table, internal_id), {})
        return [{"system_id": int(system), "external_id": external} for system, external in sorted(links.items())]

    def check(self, table: str, external_ids: Iterable[JsonObject], owners: Collection[str]) -> None:
        """Refuse external ids that belong to a record other than ``owners``, or to an unknown system.

        Raises:
            RefusedError: ``VALD-1017`` or ``BIZL-1003``.
        """
        for given in external_ids:
            system_id, external_id = given["system_id"], given["external_id"]
            if system_id not in self._systems:
                raise RefusedError("VALD-1017", f"There is no system with Id {system_id}.")
            holder = self.find(table, system_id, external_id)
            if self._switches.unique_external_ids and holder is not None and holder not in owners:
                message = f"The external id '{external_id}' already exists for the {table} with Id {holder}."
                raise RefusedError("BIZL-1003", message)

    def link(self, table: str, internal_id: str, external_ids: Iterable[JsonObject]) -> None:
        """Set external ids of a record; those of other systems are kept."""
        for given in external_ids:
            system_id, external_id = given["system_id"], given["external_id"]
            self.unlink(table, internal_id, system_id)
            if (holder := self.find(table, system_id, external_id)) is not None:
                self.unlink(table, holder, system_id)
            self._shelf[_key(table, system_id, external_id)] = internal_id
            self._of_record[table, internal_id][system_id] = external_id

    def unlink(self, table: str, internal_id: str, system_id: str) -> None:
        """Remove the external id of one system from a record."""
        external_id = self._of_record.get((table, internal_id), {}).pop(system_id, None)
        if external_id is not None:
            del self._shelf[_key(table, system_id, external_id)]

    def forget(self, table: str, internal_id: str) -> None:
        """Remove all external ids of a removed record."""
        for system_id in list(self._of_record.get((table, internal_id), {})):
            self.unlink(table, internal_id, system_id)


def _key(table: str, system_id: str, external_id: str) -> str:
    return orjson.dumps([table, system_id, external_id]).decode()
