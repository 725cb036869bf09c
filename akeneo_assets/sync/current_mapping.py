"""The mapping as it is now: the file, held against the structure that the mirror has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.checks.check import check
from akeneo_assets.mapping.file.finding import Finding
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.record.mapper import Mapper, rules_fingerprint
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.records import TargetGroup
from akeneo_assets.store.store import Store
from akeneo_assets.sync.structure_reading import NOT_READ, load_deleted, load_structure, unread_lists

_TARGET_GROUPS: Final[Mapping[str, TargetGroup]] = {
    "category": "category",
    "product": "product",
    "variant": "product",
    "product_model": "product_model",
}


class CurrentMapping:
    """The mapper, made when it is first asked for and again when the structure changed.

    Args:
        store: The state.
        file: The mapping file.
        id_format: What the key of a product is.
    """

    def __init__(self, store: Store, file: MappingFile, id_format: ProductIdFormat) -> None:
        self.file = file
        self._store = store
        self._id_format = id_format
        self._structure: Structure | None = None
        self._unread_lists: list[str] = []
        self._version = 0.0
        self._mapper: Mapper | None = None
        self.warnings: tuple[Finding, ...] = ()
        """What the catalogue no longer has of what the file names, and the like; known once there is a mapper."""

    @property
    def structure(self) -> Structure:
        """The structure as the mirror has it.

        Raises:
            ConfigurationError: It was never read.
        """
        if self._structure is None:
            # Before it is loaded: what changes meanwhile is loaded once more.
            self._version = self._store.structure_changes.version()
            structure = load_structure(self._store)
            if not structure.attributes:
                raise ConfigurationError(NOT_READ)
            self._unread_lists = unread_lists(self._store, self.file, structure)
            self._structure = structure
        return self._structure

    @property
    def needs_structure(self) -> bool:
        """Whether the file needs lists of options, records or assets that were not read for it yet.

        Mapped without them, records would be sent with codes instead of labels.

        Raises:
            ConfigurationError: Nothing of the structure was ever read.
        """
        _ = self.structure
        return bool(self._unread_lists)

    @property
    def mapper(self) -> Mapper:
        """The mapping file, held against the structure.

        Raises:
            ConfigurationError: It names what the catalogue does not have.
        """
        if self._mapper is None:
            parents = self.category_parents()
            deleted = load_deleted(self._store)
            found = check(self.file, self.structure, deleted=deleted, categories=parents or None)
            if problems := [each for each in found if each.severity == "error"]:
                lines = "\n  ".join(map(str, problems))
                raise ConfigurationError(
                    f"The mapping file (AKENEO_ASSETS_MAPPING) does not fit the catalogue:\n  {lines}",
                    settings=("AKENEO_ASSETS_MAPPING",),
                )
            self.warnings = tuple(found)
            self._mapper = Mapper(
                self.file,
                self.structure,
                self._id_format,
                ipaas_ids=self._ipaas_id,
                category_parents=parents,
            )
        return self._mapper

    @property
    def rules_fingerprint(self) -> str:
        """Changes whenever the file does, or the code that applies it; known without the structure."""
        return rules_fingerprint(self.file, self._id_format)

    def category_parents(self) -> dict[str, str | None]:
        """Return the parent of each category, where the file sends only what is below some; else nothing."""
        if self.file.filter.categories is None:
            return {}
        return {head.key: head.parent for page in self._store.mirror.heads("category") for head in page}

    def refresh(self) -> None:
        """Drop the structure if another run has read a newer one: records mapped with the old one would keep it."""
        if self._store.structure_changes.version() > self._version:
            self._structure = self._mapper = None

    def forget_categories(self) -> None:
        """Discard the mapper, because the categories below the ones that are sent changed."""
        self._mapper = None

    def _ipaas_id(self, kind: str, key: str) -> str | None:
        if kind not in _TARGET_GROUPS:
            return None
        target = self._store.ledger.targets(_TARGET_GROUPS[kind], [key]).get(key)
        return None if target is None else target.ipaas_id
