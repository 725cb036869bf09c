"""What the server stores: one shelf per kind, and indexes of the relations between records."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.structure import Structure
from akeneo_assets.sandbox.catalogue.records import Record
from akeneo_assets.sandbox.shelf import Shelf

# kind → the fields of its key
KEY_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "attribute": ("code",),
    "attribute_group": ("code",),
    "attribute_option": ("attribute", "code"),
    "family": ("code",),
    "family_variant": ("family", "code"),
    "association_type": ("code",),
    "channel": ("code",),
    "locale": ("code",),
    "currency": ("code",),
    "measurement_family": ("code",),
    "reference_entity": ("code",),
    "reference_entity_attribute": ("entity", "code"),
    "reference_entity_attribute_option": ("entity", "attribute", "code"),
    "reference_entity_record": ("entity", "code"),
    "asset_family": ("code",),
    "asset_attribute": ("family", "code"),
    "asset": ("family", "code"),
    "category": ("code",),
    "product_model": ("code",),
    "product": ("uuid",),
}

_LOAD_BATCH = 5_000


class Database:
    """The stored records by kind and key; a key of several fields is written ``<first>/<second>``.

    Args:
        folder: The folder in which they are stored; None = in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        path = folder / "akeneo.sqlite" if folder else None
        self.lock = threading.RLock()
        self._shelves = {kind: Shelf(path, kind) for kind in KEY_FIELDS}
        self._structure: Structure | None = None
        self.structure_revision = 0
        """Increases with every change of a structure record."""
        self.identifiers: dict[str, str | None] = {}
        """Main identifier of every product, by uuid."""
        self._uuids: dict[str, str] = {}
        self._children: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for kind in ("product_model", "product"):
            for document in self._shelves[kind].values():
                self._relate(kind, document)

    @property
    def is_empty(self) -> bool:
        """Whether it has never stored anything."""
        return not any(self._shelves.values())

    @property
    def structure(self) -> Structure:
        """The structure records, as one snapshot."""
        if self._structure is None:
            self._structure = Structure.of({kind: list(self.all(kind)) for kind in Structure.KINDS})
        return self._structure

    def load(self, records: Iterable[Record]) -> None:
        """Store many records as they are."""
        stream = iter(records)
        while chunk := list(islice(stream, _LOAD_BATCH)):
            by_kind: dict[str, list[JsonObject]] = {}
            for kind, document in chunk:
                by_kind.setdefault(kind, []).append(document)
            for kind, documents in by_kind.items():
                self._put_many(kind, documents)

    def get(self, kind: str, key: str) -> JsonObject | None:
        """Return a copy of a record, or None."""
        document: JsonObject | None = self._shelves[kind].get(key)
        return document

    def all(self, kind: str) -> Iterable[JsonObject]:
        """Return copies of all records of a kind, in the order in which they were first stored."""
        return self._shelves[kind].values()

    def keys(self, kind: str) -> list[str]:
        """Return the keys of a kind, in the order in which they were first stored."""
        return list(self._shelves[kind])

    def has(self, kind: str, key: str) -> bool:
        """Return whether a record exists."""
        return key in self._shelves[kind]

    def put(self, kind: str, document: JsonObject) -> None:
        """Store a record; one with the same key is replaced."""
        key = key_of(kind, document)
        with self.lock:
            if kind in {"product", "product_model"} and (old := self.get(kind, key)):
                self._forget(kind, key, old)
            self._put_many(kind, [document])

    def remove(self, kind: str, key: str) -> None:
        """Remove a record.

        Raises:
            KeyError: There is none.
        """
        with self.lock:
            old = self._shelves[kind][key]
            del self._shelves[kind][key]
            if kind in {"product", "product_model"}:
                self._forget(kind, key, old)
            self._note_structure(kind)

    def uuid_of(self, name: str) -> str | None:
        """Return the uuid of the product with this uuid or identifier, or None."""
        lowered = name.lower()
        return lowered if lowered in self.identifiers else self._uuids.get(lowered)

    def children(self, model: str) -> list[tuple[str, str]]:
        """Return kind and key of the sub models and variants directly below a model."""
        return [(kind, key) for key, kind in self._children.get(model, {}).items()]

    def close(self) -> None:
        """Close the file; the records can still be read."""
        for shelf in self._shelves.values():
            shelf.close()

    def _put_many(self, kind: str, documents: list[JsonObject]) -> None:
        with self.lock:
            self._shelves[kind].put_many((key_of(kind, document), document) for document in documents)
            if kind in {"product", "product_model"}:
                for document in documents:
                    self._relate(kind, document)
            self._note_structure(kind)

    def _note_structure(self, kind: str) -> None:
        if kind in Structure.KINDS:
            self._structure = None
            self.structure_revision += 1

    def _relate(self, kind: str, document: JsonObject) -> None:
        key = key_of(kind, document)
        if document["parent"]:
            self._children[document["parent"]][key] = kind
        if kind == "product":
            identifier = main_identifier(document, self.structure.identifier_attribute)
            self.identifiers[key] = identifier
            if identifier:
                self._uuids[identifier.lower()] = key

    def _forget(self, kind: str, key: str, old: JsonObject) -> None:
        if old["parent"]:
            self._children[old["parent"]].pop(key, None)
        if kind == "product" and (identifier := self.identifiers.pop(key)):
            self._uuids.pop(identifier.lower(), None)


def key_of(kind: str, document: JsonObject) -> str:
    """Return the key of a record."""
    return "/".join(document[field] for field in KEY_FIELDS[kind])


def main_identifier(product: JsonObject, attribute: str) -> str | None:
    """Return the main identifier of a stored product, or None."""
    entries = product["values"].get(attribute)
    return entries[0]["data"] if entries else None
