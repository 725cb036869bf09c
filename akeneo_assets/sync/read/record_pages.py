"""Pages of Akeneo's records, each with a moment before it was asked for."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient, UnsupportedSearchError
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.records import content_hash, main_identifier, product_key
from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.errors import ConfigurationError, RecordError
from akeneo_assets.mapping.catalogue.read_options import COMPLETENESSES
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.sync.read.unreadable import Damages

IDS_A_REQUEST: Final = 100
"""Akeneo refuses more than 100 values in ``identifier IN``, and an address gets too long with more uuids."""

_REFUSALS: Final = (400, 422)
_CATEGORY_PARAMETERS: Final = {"with_enriched_attributes": True}
"""Without it, categories come without their attributes."""


class RecordPages:
    """Reads lists of categories, product models and products.

    Args:
        akeneo: The Akeneo client.
        damages: Told of records that cannot be read.
        moment: Returns a moment of the state, see :meth:`akeneo_assets.store.mirror.Mirror.moment`.
        id_format: Whether products are known by uuid or by identifier.
        identifier_attribute: Code of the attribute that holds the main identifier.
        options: The read options that the mapping needs, see :mod:`akeneo_assets.mapping.catalogue.read_options`.
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
    ) -> None:
        self.id_format: ProductIdFormat = id_format
        self.identifier_attribute = identifier_attribute
        self.options = options
        self._akeneo = akeneo
        self._damages = damages
        self._moment = moment
        self._parameters: Mapping[str, Mapping[str, bool]] = {
            "category": _CATEGORY_PARAMETERS,
            "product": dict.fromkeys(options, True),
            "product_model": dict.fromkeys(options - {COMPLETENESSES}, True),
        }
        self._single_valued: set[tuple[str, str]] = set()

    @property
    def products_endpoint(self) -> str:
        """The list of products."""
        return self._akeneo.products_endpoint

    def read(
        self,
        kind: str,
        endpoint: str,
        search: Search | None = None,
        *,
        action: str | None = None,
        damaged: Callable[[Damage], None] | None = None,
    ) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield pages of records, each with a moment before it was asked for.

        It decides which of two reads of a record is the newer one, however long either takes to merge it.

        Args:
            kind: Source kind.
            endpoint: The list.
            search: Which records; all without it.
            action: What the statistics count by; without it ``<endpoint>.list``.
            damaged: Told of each record that cannot be read, instead of the damages.
        """
        asked_at = self._moment()
        attribute = self.identifier_attribute
        pages = self._akeneo.list(
            endpoint,
            search=search,
            params=self._parameters.get(kind),
            action=action,
            damaged=damaged or functools.partial(self._damages.note, kind),
            bare={"attributes": attribute} if attribute is not None and kind != "category" else None,
        )
        for page in pages:
            yield [self._source_record(kind, document) for document in page], asked_at
            asked_at = self._moment()

    def named(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield the pages of these records.

        Args:
            kind: Source kind.
            ids: Codes; for products uuids or identifiers.
        """
        for start in range(0, len(ids), IDS_A_REQUEST):
            for endpoint, name, values in self._searches(kind, ids[start : start + IDS_A_REQUEST]):
                yield from self.with_any(kind, endpoint, name, values)

    def with_any(
        self, kind: str, endpoint: str, name: str, values: Sequence[str], *, apart: Iterable[str] | None = None
    ) -> Iterator[tuple[list[SourceRecord], float]]:
        """Yield the pages of records with one of these values; older Akeneos take only one of them at a time.

        Args:
            kind: Source kind.
            endpoint: The list.
            name: The property.
            values: The values.
            apart: The values that lead to all records when they are asked for one by one.
        """
        if (endpoint, name) not in self._single_valued:
            try:
                yield from self.read(kind, endpoint, Search().where(name, "IN", list(values)))
            except (UnsupportedSearchError, RecordError) as error:
                if not self._is_for_want_of_lists(error):
                    raise
                self._single_valued.add((endpoint, name))
            else:
                return
        for value in values if apart is None else apart:
            try:
                yield from self.read(kind, endpoint, Search().where(name, "=", value))
            except RecordError as error:
                # Nothing hangs any more on a model that was deleted meanwhile.
                if name != "parent" or error.status not in _REFUSALS:
                    raise

    def _searches(self, kind: str, ids: Sequence[str]) -> Iterable[tuple[str, str, Sequence[str]]]:
        """Yield endpoint, property and values."""
        if kind == "category":
            yield "categories", "code", ids
        elif kind == "product_model":
            yield "product-models", "identifier", ids
        else:
            uuids = [each for each in ids if self.id_format == "UUID" and _is_uuid(each)]
            identifiers = [each for each in ids if each not in uuids]
            if uuids:
                yield self._akeneo.products_endpoint, "uuid", uuids
            if identifiers:
                attribute = self.identifier_attribute or "identifier"
                yield self._akeneo.products_endpoint, attribute, identifiers

    def _is_for_want_of_lists(self, error: RecordError | ConfigurationError) -> bool:
        """Whether a search was refused because Akeneo takes lists of values since 7.0 only."""
        if isinstance(error, RecordError):
            return error.status in _REFUSALS and self._akeneo.is_before(7)
        return isinstance(error, UnsupportedSearchError)

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
            )
        return SourceRecord(
            kind,
            document["code"],
            document,
            content_hash(kind, document),
            parent=document.get("parent"),
            family=document.get("family"),
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
