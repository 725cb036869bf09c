"""The search index: what searches know about products and models, which can differ from the database.

Akeneo searches Elasticsearch and then reads the found records from MySQL. An edit reaches the index later; and the
``updated`` of a search is the latest date of the record and of the models above it, as of the last indexing, while the
body shows the record's own date.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.sandbox.akeneo.database import Database

Surface: TypeAlias = Literal["products-uuid", "products", "product-models"]
"""The three searchable lists: two of products, one of models."""

_CACHED_RESULTS = 32
_Shared = TypeVar("_Shared", bound=Hashable)


@dataclass(frozen=True)
class Entry:
    """What the index knows about one product or model."""

    __slots__ = (
        "ancestors",
        "categories",
        "created",
        "enabled",
        "family",
        "groups",
        "identifier",
        "key",
        "order",
        "parent",
        "updated",
    )

    key: str
    identifier: str | None
    """Main identifier of a product, code of a model."""
    order: str
    """The sort key in the list of models or in the list by identifier."""
    family: str | None
    parent: str | None
    ancestors: tuple[str, ...]
    """Codes of the models above, the nearest first."""
    categories: frozenset[str]
    """Own categories and those of the models above."""
    groups: tuple[str, ...]
    enabled: bool
    created: int
    updated: int
    """The latest date of the record and of the models above."""


class Index:
    """The index of one database.

    Args:
        database: The database to index.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._entries: dict[str, dict[str, Entry]] = {"product": {}, "product_model": {}}
        self._below: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._jobs: deque[tuple[float, str, str]] = deque()
        self._sorted: dict[Surface, list[Entry]] = {}
        self._results: OrderedDict[Hashable, list[Entry]] = OrderedDict()
        self._shared: dict[Any, Any] = {}
        self.rebuild()

    def rebuild(self) -> None:
        """Rebuild the index."""
        with self._lock:
            self._jobs.clear()
            self._below.clear()
            for entries in self._entries.values():
                entries.clear()
            models: dict[str, JsonObject] = {}
            for kind in ("product_model", "product"):
                for document in self._database.all(kind):
                    self._store(kind, document, models)
            self._changed()

    def schedule(self, kind: str, key: str, due: float) -> None:
        """Schedule a record to be indexed by the first search after ``due``, a time of the server's clock."""
        with self._lock:
            self._jobs.append((due, kind, key))

    def catch_up(self, now: float | None) -> None:
        """Index pending changes that are due; all of them if ``now`` is None."""
        with self._lock:
            waiting = list(self._jobs)
            due = [(kind, key) for time_due, kind, key in waiting if now is None or time_due <= now]
            if not due:
                return
            self._jobs = deque(job for job in waiting if now is not None and job[0] > now)
            for kind, key in dict.fromkeys(due):
                document = self._database.get(kind, key)
                self._drop(kind, key)
                if document is not None:
                    self._store(kind, document, {})
            self._changed()

    def below(self, model: str) -> Iterable[Entry]:
        """Return the entries of all variants that a model has on any level."""
        return [self._entries["product"][key] for key in self._below.get(model, ())]

    def product(self, uuid: str) -> Entry | None:
        """Return the entry of a product, or None."""
        return self._entries["product"].get(uuid)

    def families(self) -> set[str | None]:
        """Return the codes of the families that have products."""
        return {entry.family for entry in self._entries["product"].values()}

    def search(
        self,
        surface: Surface,
        *,
        cache_key: Hashable,
        matches: Callable[[Entry], bool],
        candidates: Iterable[Entry] | None = None,
    ) -> list[Entry]:
        """Return the entries that match, in the order of the list.

        Args:
            surface: The list to search.
            cache_key: Identifies the search; its result is cached until the index changes.
            matches: Returns whether an entry matches.
            candidates: The only entries that can match, if they are known.
        """
        with self._lock:
            cached = self._results.get((surface, cache_key))
            if cached is None:
                if candidates is None:
                    cached = [entry for entry in self._in_order(surface) if matches(entry)]
                else:
                    listed = (entry for entry in candidates if _is_listed(surface, entry))
                    cached = sorted(filter(matches, listed), key=sort_key(surface))
                self._results[surface, cache_key] = cached
                if len(self._results) > _CACHED_RESULTS:
                    self._results.popitem(last=False)
            return cached

    def _in_order(self, surface: Surface) -> list[Entry]:
        if surface not in self._sorted:
            kind = "product_model" if surface == "product-models" else "product"
            listed = (entry for entry in self._entries[kind].values() if _is_listed(surface, entry))
            self._sorted[surface] = sorted(listed, key=sort_key(surface))
        return self._sorted[surface]

    def _changed(self) -> None:
        self._sorted.clear()
        self._results.clear()

    def _store(self, kind: str, document: JsonObject, models: dict[str, JsonObject]) -> None:
        ancestors = self._ancestors(document, models)
        is_product = kind == "product"
        key = document["uuid"] if is_product else document["code"]
        identifier = self._database.identifiers[key] if is_product else key
        lineage = (document, *ancestors)
        codes = tuple(ancestor["code"] for ancestor in ancestors)
        self._entries[kind][key] = Entry(
            key=key,
            identifier=identifier,
            order=(identifier or "").lower(),
            family=self._share(document["family"]),
            parent=document["parent"],
            ancestors=codes,
            categories=self._share(frozenset(code for record in lineage for code in record["categories"])),
            groups=tuple(document.get("groups", ())),
            enabled=document.get("enabled", True),
            created=document["created"],
            updated=max(record["updated"] for record in lineage),
        )
        if is_product:
            for code in codes:
                self._below[code][key] = None

    def _share(self, value: _Shared) -> _Shared:
        """Return one shared object for all values equal to ``value``: 100,000 entries have few different ones."""
        shared: _Shared = self._shared.setdefault(value, value)
        return shared

    def _drop(self, kind: str, key: str) -> None:
        entry = self._entries[kind].pop(key, None)
        if entry is not None and kind == "product":
            for code in entry.ancestors:
                self._below[code].pop(key, None)

    def _ancestors(self, document: JsonObject, models: dict[str, JsonObject]) -> list[JsonObject]:
        ancestors: list[JsonObject] = []
        code = document["parent"]
        while code is not None:
            model = models.get(code) or self._database.get("product_model", code)
            if model is None:
                break
            models[code] = model
            ancestors.append(model)
            code = model["parent"]
        return ancestors


def _is_listed(surface: Surface, entry: Entry) -> bool:
    return surface != "products" or entry.identifier is not None


def sort_key(surface: Surface) -> Callable[[Entry], str]:
    """Return the sort key of a list: uuid, or identifier or code in lower case."""
    return (lambda entry: entry.key) if surface == "products-uuid" else (lambda entry: entry.order)


def shuffled(surface: Surface, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries in an order that has nothing to do with their keys."""
    key = sort_key(surface)
    return sorted(entries, key=lambda entry: fingerprint(key(entry)))


def after(surface: Surface, entries: Sequence[Entry], cursor: str, *, is_shuffled: bool) -> int:
    """Return the position of the first of the sorted or shuffled ``entries`` that comes after ``cursor``."""
    key = sort_key(surface)
    if is_shuffled:
        return bisect_right(entries, fingerprint(cursor.lower()), key=lambda entry: fingerprint(key(entry)))
    return bisect_right(entries, cursor.lower(), key=key)
