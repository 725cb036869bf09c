"""Reads Akeneo's structure: everything that the mapping needs to understand records. It is always read completely."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient, UnsupportedSearchError
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.permissions import NO_OWNER, MissingPermissionError, Refusals
from akeneo_assets.akeneo.records import content_hash
from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import ConfigurationError, RecordError, TransientError
from akeneo_assets.http.stopping import threads
from akeneo_assets.mapping.catalogue.read_options import read_options
from akeneo_assets.mapping.catalogue.required import Required, required_structure
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.results import StepResult

PARTITION_KEY = "structure"
"""The structure is not partitioned; its rows are stored under this key."""

READ_WINDOW: Final = ("structure", "all")
"""Kind and scope of the window of the last complete read of the structure."""

FAMILIES_WINDOW: Final = ("family", "all")
"""Kind and scope of the window whose end is the source time up to which all families are known."""

NOT_READ: Final = "The structure of the catalogue has not been read yet. Materialize the asset akeneo/structure first."

STRUCTURE_KINDS = (
    "attribute",
    "attribute_option",
    "family",
    "family_variant",
    "association_type",
    "channel",
    "measurement_family",
    "reference_entity_record",
    "reference_entity_attribute",
    "reference_entity_attribute_option",
    "asset",
    "asset_attribute",
)
_NOT_FOUND: Final = 404
_VARIANTS: Final = "families/{}/variants"
_DETERMINE_OTHERS: Final = frozenset({"attributes", "families", _VARIANTS, "reference-entities/{}/attributes"})
"""The lists that determine which others the mapping needs."""

LIST_KIND: Final = "structure_list"
"""Kind of the lists that were read because the mapping needs them; an empty list counts as read, too."""

_NAMED_KINDS: Final = ("attribute", "association_type", "family", "reference_entity_attribute")
_WHOLE_LISTS: Final[Mapping[str, str]] = {
    "attribute": "attributes",
    "family": "families",
    "association_type": "association-types",
    "channel": "channels",
    "measurement_family": "measurement-families",
}


@dataclass(frozen=True)
class _List:
    """One list to read; ``owners`` are the codes of the records that it belongs to."""

    kind: str
    endpoint: str
    owners: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path in Akeneo's API, which identifies the list."""
        return self.endpoint.format(*self.owners)

    @property
    def is_vital(self) -> bool:
        """Whether no record can be mapped without it."""
        return not self.owners and self.kind != "measurement_family"


class StructureReader:
    """Reads the structure with concurrent requests.

    Args:
        akeneo: The Akeneo client.
        store: The state.
        mapping: The mapping file, which determines the option lists and reference entities to read.
        workers: The maximum number of concurrent requests.
    """

    def __init__(self, akeneo: AkeneoClient, store: Store, mapping: MappingFile, *, workers: int) -> None:
        self._akeneo = akeneo
        self._store = store
        self._mapping = mapping
        self._workers = workers
        self._absent: dict[_List, str] = {}
        self._refused: set[str] = set()
        self._refusals = Refusals()

    def read(self, refusals: Refusals | None = None) -> StepResult:
        """Read the whole structure, and remove from the mirror what Akeneo no longer has.

        If Akeneo does not find a list of options, records or assets, that is reported as a problem. The mirror keeps
        its previous content, and the next read requests it again.

        Args:
            refusals: Refusals of other lists. If there are any, nothing is stored.

        Returns:
            Records of all kinds by outcome; ``reasons`` counts them by kind.

        Raises:
            MissingPermissionError: Lists may not be read; it names all permissions that are missing.
        """
        start, read_at = self._akeneo.clock.start(), self._store.mirror.moment()
        self._refusals = refusals or Refusals()
        with threads(self._workers, "read") as pool:
            read = self._run(pool, [_List(kind, endpoint) for kind, endpoint in _WHOLE_LISTS.items()])
            families = [record.key for record in read["family"]] if "families" not in self._refused else [NO_OWNER]
            read |= self._run(pool, [_List("family_variant", _VARIANTS, (code,)) for code in families])
            described = list(_descriptions(required_structure(self._mapping, structure_of(read))))
            read |= self._run(pool, described)
            long = list(_long_lists(required_structure(self._mapping, structure_of(read))))
            read |= self._run(pool, long)
        if self._refused & _DETERMINE_OTHERS:
            self._ask_for_others(read.keys())
        self._refusals.raise_all()
        read[LIST_KIND] = [_record(LIST_KIND, each.path, {}) for each in (*described, *long)]
        self._record_new_families(read)
        result = self._store_all(read, read_at, start.wall)
        self._store.windows.record(*FAMILIES_WINDOW, 0.0, self._akeneo.passed_at(start), run_id="")
        return result

    def roots(self) -> list[str]:
        """Codes of the category trees."""
        damages: list[Damage] = []
        read = partial(self._akeneo.list, "categories", damaged=damages.append)
        try:
            pages = list(read(search=Search().where("is_root", "=", value=True), optional="category_roots"))
        except UnsupportedSearchError:
            pages = list(read())
        # A root that cannot be read is reported when its tree is read.
        listed = [*chain.from_iterable(pages), *(damage.record for damage in damages if damage.record)]
        return sorted({str(category["code"]) for category in listed if category.get("parent") is None})

    def _run(self, pool: ThreadPoolExecutor, lists: Iterable[_List]) -> dict[str, list[SourceRecord]]:
        read: dict[str, list[SourceRecord]] = {}
        if self._refusals.found:
            # The read fails anyway. One list of each sort shows whether its permission is missing, too.
            lists = {
                each.path if each.endpoint in _DETERMINE_OTHERS else each.endpoint: each for each in lists
            }.values()
        for each, records in pool.map(lambda each: (each, self._read(each)), lists):
            read.setdefault(each.kind, []).extend(records)
        return read

    def _ask_for_others(self, known: Collection[str]) -> None:
        """Find out which lists may not be read, of those of which it is not known whether the mapping needs them."""
        for kind in STRUCTURE_KINDS:
            endpoint = self._akeneo.endpoint_of(kind)
            if kind not in known:
                pages = self._akeneo.list(endpoint, codes=[NO_OWNER] * endpoint.count("{}"))
                with suppress(RecordError, TransientError):
                    self._refusals.ask(partial(next, pages, None), is_needed=False)

    def _read(self, each: _List) -> list[SourceRecord]:
        if each.endpoint in self._refused:
            return []
        try:
            documents = [document for page in self._akeneo.list(each.endpoint, codes=each.owners) for document in page]
        except MissingPermissionError as error:
            self._refused.add(each.endpoint)
            self._refusals.add(error)
            return []
        except RecordError as error:
            if error.status != _NOT_FOUND or each.is_vital:
                raise
            self._absent[each] = str(error)
            kept = self._store.mirror.all_documents(each.kind, prefix="".join(f"{code}/" for code in each.owners))
            return [_record(each.kind, key, document) for key, document in kept]
        return [_record(each.kind, "/".join((*each.owners, str(document["code"]))), document) for document in documents]

    def _record_new_families(self, read: dict[str, list[SourceRecord]]) -> None:
        """Record that new families were read up to the last time that all families were known.

        They had no records then, so all their records are later changes. Otherwise, the initial load would count as
        incomplete whenever Akeneo has a new family.
        """
        known = self._store.windows.latest(*FAMILIES_WINDOW)
        codes = {record.key for record in read["family"]}
        new = codes - self._store.mirror.existing("family", codes)
        if known is None or not new:
            return
        options = read_options(self._mapping, structure_of(read))
        for kind in PRODUCT_SOURCE_KINDS:
            scopes = {f"family:{code}" for code in new} - self._store.windows.latest_by_scope(kind).keys()
            for scope in sorted(scopes):
                self._store.windows.record(kind, scope, 0.0, known.to_at, run_id="", options=options)

    def _store_all(self, read: dict[str, list[SourceRecord]], read_at: float, started_at: float) -> StepResult:
        result = StepResult()
        # Removed first and added last, so that no list counts as read before its records are stored.
        self._remove_all_but(LIST_KIND, read[LIST_KIND])
        for kind in STRUCTURE_KINDS:
            records = read.get(kind, [])
            counts = self._store.mirror.merge(records, partition_key=PARTITION_KEY, read_at=read_at)
            self._remove_all_but(kind, records)
            result.add(StepResult.of_merge(counts))
            result.reasons[kind] += counts.read
        self._store.mirror.merge(read[LIST_KIND], partition_key=PARTITION_KEY, read_at=read_at)
        if not self._absent:
            self._store.windows.record(*READ_WINDOW, 0.0, started_at, run_id="")
        for each in sorted(self._absent, key=lambda absent: absent.path):
            message = (
                f"{self._absent[each]} Its previous content is used, and codes instead of labels for new values. It is "
                "requested again with the next read of the structure. If it was not just deleted, check it in Akeneo."
            )
            result.add_problem("structure", each.path, "list_not_found", message)
        return result

    def _remove_all_but(self, kind: str, records: Iterable[SourceRecord]) -> None:
        known = {head.key for page in self._store.mirror.heads(kind) for head in page}
        self._store.mirror.remove(kind, sorted(known - {record.key for record in records}))


def unread_lists(store: Store, mapping: MappingFile, structure: Structure) -> list[str]:
    """Return the paths of the lists that the mapping needs and that were never read.

    Args:
        store: The state.
        mapping: The mapping file.
        structure: The structure in the mirror.
    """
    required = required_structure(mapping, structure)
    paths = {each.path for each in (*_descriptions(required), *_long_lists(required))}
    return sorted(paths - store.mirror.existing(LIST_KIND, paths))


def _descriptions(required: Required) -> Iterator[_List]:
    """Yield the lists that determine which other lists are needed."""
    for code in required.described_entities:
        yield _List("reference_entity_attribute", "reference-entities/{}/attributes", (code,))


def _long_lists(required: Required) -> Iterator[_List]:
    """Yield the lists of options, records and assets."""
    for code in required.option_attributes:
        yield _List("attribute_option", "attributes/{}/options", (code,))
    for code in required.reference_entities:
        yield _List("reference_entity_record", "reference-entities/{}/records", (code,))
    for owners in required.record_options:
        yield _List("reference_entity_attribute_option", "reference-entities/{}/attributes/{}/options", owners)
    for code in required.asset_families:
        yield _List("asset", "asset-families/{}/assets", (code,))
    for code in required.linked_families:
        yield _List("asset_attribute", "asset-families/{}/attributes", (code,))


def load_structure(store: Store) -> Structure:
    """Return the structure in the mirror."""
    return Structure.from_documents({kind: store.mirror.all_documents(kind) for kind in STRUCTURE_KINDS})


def load_deleted(store: Store) -> dict[str, set[str]]:
    """Return the codes of deleted records that a mapping file may still refer to, by kind."""
    gone = {key for page in store.mirror.gone_keys("category") for key in page}
    return {**store.structure_changes.deleted(_NAMED_KINDS), "category": gone}


def load_attributes(store: Store) -> Structure:
    """Return only the attributes of the structure.

    Raises:
        ConfigurationError: The structure was never read.
    """
    attributes = Structure.from_documents({"attribute": store.mirror.all_documents("attribute")})
    if not attributes.attributes:
        raise ConfigurationError(NOT_READ)
    return attributes


def structure_of(read: dict[str, list[SourceRecord]]) -> Structure:
    """Return the structure that was read so far."""
    return Structure.from_documents(
        {kind: [(record.key, record.document) for record in records] for kind, records in read.items()}
    )


def _record(kind: str, key: str, document: JsonObject) -> SourceRecord:
    return SourceRecord(kind, key, document, content_hash(kind, document))
