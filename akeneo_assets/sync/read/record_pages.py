"""Reads lists of Akeneo's records in pages, each with a moment before it was requested."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from akeneo_assets.akeneo.capabilities import OptionalSearch
from akeneo_assets.akeneo.client import AkeneoClient, UnsupportedSearchError
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.endpoints import ENDPOINTS
from akeneo_assets.akeneo.pagination import Paginator
from akeneo_assets.akeneo.parallel import LongList, ReadPages
from akeneo_assets.akeneo.records import content_hash, edited_at, main_identifier, product_key
from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue.read_options import COMPLETENESSES
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.sync.read.unreadable import Damages

_Item = TypeVar("_Item")

IDS_A_REQUEST: Final = 100
"""Akeneo refuses more than 100 values in ``identifier IN``, and the URL would be too long with more uuids."""

_REFUSALS: Final = (400, 422)
_CATEGORY_PARAMETERS: Final = {"with_enriched_attributes": True}
"""Without it, Akeneo leaves out the attributes of categories."""


class RecordPages:
    """Reads lists of categories, product models and products.

    Args:
        akeneo: The Akeneo client.
        damages: Records the records that cannot be read.
        moment: Returns a moment of the state, see :meth:`akeneo_assets.store.mirror.Mirror.moment`.
        id_format: Whether the key of a product is its uuid or its identifier.
        identifier_attribute: Code of the attribute that contains the main identifier.
        options: The read options that the mapping needs, see :mod:`akeneo_assets.mapping.catalogue.read_options`.
        connections: The maximum number of concurrent requests.
    """

    def __init__(
        self,
        akeneo: AkeneoClient,
        damages: Damages,
        moment: Callable[[], float],
        *,
        id_format: ProductIdFormat,
        identifier_attribute: str | None,
        options: frozenset[str],
        connections: int,
    ) -> None:
        self.id_format: ProductIdFormat = id_format
        self.identifier_attribute = identifier_attribute
        self.options = options
        self._akeneo = akeneo
        self._damages = damages
        self._moment = moment
        self._connections = connections
        self._parameters: Mapping[str, Mapping[str, bool]] = {
            "category": _CATEGORY_PARAMETERS,
            "product": dict.fromkeys(options, True),
            "product_model": dict.fromkeys(options - {COMPLETENESSES}, True),
        }

    def read(
        self,
        kind: str,
        search: Search | None = None,
        *,
        optional: OptionalSearch | None = None,
        action: str = "list",
        damaged: Callable[[Damage], None] | None = None,
        paginator: Paginator | None = None,
    ) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield pages of records, each with a moment before it was requested.

        The moment decides which of two reads of a record is newer, no matter how long merging takes.

        Args:
            kind: Source kind.
            search: The records to read; default: all.
            optional: The name of the search if older versions refuse it.
            action: The name under which the statistics count the requests.
            damaged: Called with each record that cannot be read; default: the damages record it.
            paginator: Which part of the list to read; default: all of it.

        Raises:
            UnsupportedSearchError: This Akeneo refuses the search.
        """
        endpoint, asked_at = self._akeneo.endpoint_of(kind), self._moment()
        attribute = self.identifier_attribute
        pages = self._akeneo.list(
            endpoint,
            search=search,
            optional=optional,
            params=self._parameters.get(kind),
            action=f"{endpoint}.{action}",
            damaged=damaged or functools.partial(self._damages.note, kind),
            bare={"attributes": attribute} if attribute is not None and kind != "category" else None,
            paginator=paginator,
        )
        for page in pages:
            yield [self._source_record(kind, document) for document in page], asked_at
            asked_at = self._moment()

    def read_long(
        self,
        kind: str,
        search: Search | None,
        take: Callable[[list[SourceRecord], float], None],
        known_keys: Callable[[int], Sequence[str]] = lambda _: (),
    ) -> None:
        """Read a list of products or product models that may be long, with all allowed connections.

        Args:
            kind: Source kind.
            search: The records to read; None for all.
            take: Called with each page, and a moment before it was requested.
            known_keys: See :class:`akeneo_assets.akeneo.parallel.LongList`.
        """
        self.read_pieces(
            kind,
            lambda paginator, damaged: self.read(kind, search, damaged=damaged, paginator=paginator),
            lambda page: take(*page),
            functools.partial(self._damages.note, kind),
            known_keys,
        )

    def read_pieces(
        self,
        kind: str,
        read: ReadPages[_Item],
        take: Callable[[_Item], None],
        damaged: Callable[[Damage], None],
        known_keys: Callable[[int], Sequence[str]],
    ) -> None:
        """Read a list with a function that reads a part of it; see :class:`akeneo_assets.akeneo.parallel.LongList`."""
        endpoint = self._akeneo.endpoint_of(kind)
        LongList(
            ENDPOINTS[endpoint],
            read,
            take,
            damaged,
            connections=self._connections,
            continues_after_keys=self._akeneo.continues_after_keys,
            find_cursors=functools.partial(self._akeneo.find_cursors, endpoint),
            page_size=self._akeneo.page_size_of(endpoint),
            known_keys=known_keys,
        ).read()

    def named(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield the pages of these records.

        Args:
            kind: Source kind.
            ids: Codes; for products uuids or identifiers.
        """
        for start in range(0, len(ids), IDS_A_REQUEST):
            for name, values in self._searches(kind, ids[start : start + IDS_A_REQUEST]):
                yield from self.with_any(kind, name, values)

    def with_any(
        self, kind: str, name: str, values: Sequence[str], *, one_by_one: Iterable[str] | None = None
    ) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield the pages of records with any of these values. Akeneo before 7.0 searches for one value at a time.

        Args:
            kind: Source kind.
            name: The property.
            values: The values.
            one_by_one: The values that find all records if they are searched for one at a time; default: all values.
        """
        try:
            yield from self.read(kind, Search().where(name, "IN", list(values)), optional=self._optional(kind, name))
        except UnsupportedSearchError:
            yield from self.with_each(kind, name, values if one_by_one is None else one_by_one)

    def with_each(self, kind: str, name: str, values: Iterable[str]) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield the pages of records with each of these values, one after the other; a parent also finds all levels."""
        for value in values:
            try:
                yield from self.read(kind, Search().where(name, "=", value))
            except RecordError as error:
                # Akeneo refuses the search if the model was deleted in the meantime.
                if name != "parent" or error.status not in _REFUSALS:
                    raise

    def _optional(self, kind: str, name: str) -> OptionalSearch | None:
        if kind != "product" or name == "uuid":
            return None
        return "products_by_parents" if name == "parent" else "products_by_identifiers"

    def _searches(self, kind: str, ids: Sequence[str]) -> Iterable[tuple[str, Sequence[str]]]:
        """Yield the properties to search for, with their values."""
        if kind == "category":
            yield "code", ids
        elif kind == "product_model":
            yield "identifier", ids
        else:
            uuids = [each for each in ids if self.id_format == "UUID" and _is_uuid(each)]
            identifiers = [each for each in ids if each not in uuids]
            if uuids:
                yield "uuid", uuids
            if identifiers:
                yield self.identifier_attribute or "identifier", identifiers

    def _source_record(self, kind: str, document: JsonObject) -> SourceRecord:
        if kind == "product":
            return SourceRecord(
                kind,
                product_key(document, self.id_format),
                document,
                self._hash(document),
                parent=document.get("parent"),
                family=document.get("family"),
                identifier=main_identifier(document, self.identifier_attribute),
                edited_at=edited_at(document),
            )
        return SourceRecord(
            kind,
            document["code"],
            document,
            content_hash(kind, document),
            parent=document.get("parent"),
            family=document.get("family"),
            edited_at=edited_at(document),
        )

    def _hash(self, document: JsonObject) -> str:
        content = content_hash("product", document)
        return fingerprint(content, document.get("completenesses")) if COMPLETENESSES in self.options else content


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
