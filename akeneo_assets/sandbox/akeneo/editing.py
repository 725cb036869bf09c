"""Edits of the catalogue; dates and indexing change as in Akeneo."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.database import KEY_FIELDS, Database, key_of
from akeneo_assets.sandbox.akeneo.index import Index
from akeneo_assets.sandbox.akeneo.switches import Switches
from akeneo_assets.sandbox.catalogue.records import product_uuid, value

_DATED = frozenset({"attribute", "attribute_group", "family", "reference_entity_record", "asset", "category"})
_EMPTY_PRODUCT: JsonObject = {
    "enabled": True,
    "family": None,
    "categories": [],
    "groups": [],
    "parent": None,
    "values": {},
    "associations": {},
    "quantified_associations": {},
}
_EMPTY_MODEL: JsonObject = {
    "family": None,
    "family_variant": None,
    "parent": None,
    "categories": [],
    "values": {},
    "associations": {},
    "quantified_associations": {},
}
_NO_MEMBERS: JsonObject = {"products": [], "product_models": [], "groups": []}


class Editor:
    """Edits records as a user of Akeneo would; nothing is checked, so that tests can also create damaged catalogues.

    A patch contains the fields to change. Lists are replaced; ``values`` are merged by attribute, locale and channel,
    and ``data: None`` empties a value; associations are merged by type, and by the three lists of a type.
    A save that changes nothing does not update the date.

    Args:
        database: Where the records are.
        index: The search index.
        switches: Contains the delay of the index.
        clock: Returns the time in seconds since the epoch.
    """

    def __init__(self, database: Database, index: Index, switches: Switches, clock: Callable[[], float]) -> None:
        self._database = database
        self._index = index
        self._switches = switches
        self._clock = clock

    def save_product(self, name: str, patch: JsonObject | None = None) -> JsonObject:
        """Create or change a product.

        Args:
            name: Its uuid or identifier; for an unknown identifier, a new product is created.
            patch: The changes.

        Returns:
            The product as it is stored now, with the values of its own level only.
        """
        with self._database.lock:
            key = self._database.uuid_of(name)
            before = self._database.get("product", key) if key else None
            document = _patched(before or self._new_product(name), patch or {})
            if before == document:
                return document
            self._store("product", document)
            self._mirror_two_way(document, before)
            return document

    def save_model(self, code: str, patch: JsonObject | None = None) -> JsonObject:
        """Create or change a product model. Everything below it is indexed again with its date, but not changed."""
        with self._database.lock:
            before = self._database.get("product_model", code)
            document = _patched(before or {"code": code, **_EMPTY_MODEL, **self._dates()}, patch or {})
            if before == document:
                return document
            self._store("product_model", document)
            for kind, key in self._below(code):
                self._schedule(kind, key)
            self._mirror_two_way(document, before)
            return document

    def save_category(self, code: str, patch: JsonObject | None = None) -> JsonObject:
        """Create or change a category: its ``parent``, ``labels`` or ``values``."""
        return self.save("category", code, {"parent": None, "labels": {}, "values": {}}, patch or {})

    def save_option(self, attribute: str, code: str, patch: JsonObject | None = None) -> JsonObject:
        """Create or change an option; this updates the date of no other record."""
        return self.save("attribute_option", f"{attribute}/{code}", {"sort_order": 100, "labels": {}}, patch or {})

    def save_record(self, entity: str, code: str, patch: JsonObject | None = None) -> JsonObject:
        """Create or change a record of a reference entity."""
        created = {"values": {}, "created": int(self._clock())}
        return self.save("reference_entity_record", f"{entity}/{code}", created, patch or {})

    def save_asset(self, family: str, code: str, patch: JsonObject | None = None) -> JsonObject:
        """Create or change an asset; this updates the date of no product."""
        return self.save("asset", f"{family}/{code}", {"values": {}, "created": int(self._clock())}, patch or {})

    def save(self, kind: str, key: str, new: JsonObject, patch: JsonObject) -> JsonObject:
        """Create or change a record of any other kind.

        Args:
            kind: Its kind, e.g. ``family_variant``.
            key: Its key, e.g. ``clothing/clothing_size``.
            new: The fields to set if the record does not exist yet.
            patch: The fields that change; maps of labels are merged.
        """
        with self._database.lock:
            before = self._database.get(kind, key)
            names = dict(zip(KEY_FIELDS[kind], key.split("/", len(KEY_FIELDS[kind]) - 1), strict=True))
            document = {**(before or {**names, **new}), **patch}
            if before and "labels" in patch:
                document["labels"] = {**before["labels"], **patch["labels"]}
            if before == document:
                return document
            if kind in _DATED:
                document["updated"] = int(self._clock())
            self._database.put(kind, document)
            return document

    def delete_product(self, name: str, *, leave_in_index: bool = False) -> None:
        """Delete a product; this does not update the date of records that refer to it.

        Args:
            name: Its uuid or identifier.
            leave_in_index: Leave the product in the index, so that searches find a record that cannot be read.

        Raises:
            KeyError: There is none.
        """
        key = self._database.uuid_of(name)
        if key is None:
            raise KeyError(name)
        self._remove("product", key, leave_in_index=leave_in_index)

    def delete_model(self, code: str) -> None:
        """Delete a product model with everything below it."""
        with self._database.lock:
            for kind, key in [*self._below(code), ("product_model", code)]:
                self._remove(kind, key)

    def delete_category(self, code: str) -> None:
        """Delete a category with everything below it; the dates of its products are not updated."""
        with self._database.lock:
            for below in [*self._database.structure.below(code), code]:
                self._database.remove("category", below)

    def delete_option(self, attribute: str, code: str) -> None:
        """Delete an option; its values disappear from bodies, but no date is updated."""
        self._database.remove("attribute_option", f"{attribute}/{code}")

    def delete(self, kind: str, key: str) -> None:
        """Delete a record of any kind.

        Raises:
            KeyError: There is none.
        """
        match kind:
            case "product":
                self.delete_product(key)
            case "product_model":
                self.delete_model(key)
            case "category":
                self.delete_category(key)
            case _:
                self._database.remove(kind, key)

    def _new_product(self, name: str) -> JsonObject:
        try:
            return {"uuid": str(uuid.UUID(name)), **_EMPTY_PRODUCT, **self._dates()}
        except ValueError:
            identifier = {self._database.structure.identifier_attribute: [value(name)]}
            return {"uuid": product_uuid(name), **_EMPTY_PRODUCT, "values": identifier, **self._dates()}

    def _dates(self) -> JsonObject:
        now = int(self._clock())
        return {"created": now, "updated": now}

    def _store(self, kind: str, document: JsonObject) -> None:
        document["updated"] = int(self._clock())
        self._database.put(kind, document)
        self._schedule(kind, key_of(kind, document))

    def _schedule(self, kind: str, key: str) -> None:
        self._index.schedule(kind, key, self._clock() + self._switches.index_lag_seconds)

    def _remove(self, kind: str, key: str, *, leave_in_index: bool = False) -> None:
        with self._database.lock:
            self._database.remove(kind, key)
            if not leave_in_index:
                self._schedule(kind, key)

    def _below(self, model: str) -> Iterator[tuple[str, str]]:
        for kind, key in self._database.children(model):
            if kind == "product_model":
                yield from self._below(key)
            yield kind, key

    def _mirror_two_way(self, document: JsonObject, before: JsonObject | None) -> None:
        """Add the reverse link to the partners of two-way associations, and remove it from former partners.

        A former partner gets a new date, but is not indexed: searches do not see that it changed.
        """
        own_list, own_name = _member(document)
        types = self._database.structure.association_types.values()
        for association_type in (found["code"] for found in types if found["is_two_way"]):
            now, then = _partners(document, association_type), _partners(before, association_type)
            for kind, key in sorted(now ^ then):
                partner = self._database.get(kind, key)
                if partner is None:
                    continue
                members = partner["associations"].setdefault(association_type, dict(_NO_MEMBERS))
                is_added = (kind, key) in now
                names = set(members[own_list]) | {own_name} if is_added else set(members[own_list]) - {own_name}
                if names == set(members[own_list]):
                    continue
                members[own_list] = sorted(names)
                partner["updated"] = int(self._clock())
                self._database.put(kind, partner)
                if is_added:
                    self._schedule(kind, key)


def _member(document: JsonObject) -> tuple[str, str]:
    """Return the list of an association that contains a record, and its name in that list."""
    return ("products", document["uuid"]) if "uuid" in document else ("product_models", document["code"])


def _partners(document: JsonObject | None, association_type: str) -> set[tuple[str, str]]:
    members = (document or {}).get("associations", {}).get(association_type, _NO_MEMBERS)
    products = {("product", key) for key in members["products"]}
    return products | {("product_model", code) for code in members["product_models"]}


def _patched(document: JsonObject, patch: JsonObject) -> JsonObject:
    result = {**document, **patch}
    if "values" in patch:
        result["values"] = _patched_values(document["values"], patch["values"])
    if "associations" in patch:
        merged = {
            code: {**document["associations"].get(code, _NO_MEMBERS), **members}
            for code, members in patch["associations"].items()
        }
        result["associations"] = {**document["associations"], **merged}
    if "quantified_associations" in patch:
        result["quantified_associations"] = {**document["quantified_associations"], **patch["quantified_associations"]}
    return result


def _patched_values(values: JsonObject, patch: JsonObject) -> JsonObject:
    result = dict(values)
    for attribute, entries in patch.items():
        merged: dict[Any, JsonObject] = {
            (entry["locale"], entry["scope"]): entry for entry in result.get(attribute, [])
        }
        for entry in entries:
            full = value(entry["data"], locale=entry.get("locale"), scope=entry.get("scope"))
            merged[full["locale"], full["scope"]] = full
        kept = [entry for entry in merged.values() if entry["data"] is not None]
        if kept:
            result[attribute] = kept
        else:
            result.pop(attribute, None)
    return result
