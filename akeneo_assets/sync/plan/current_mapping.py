"""The current mapping: the mapping file, checked against the structure in the mirror."""

from __future__ import annotations

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.checks.check import check
from akeneo_assets.mapping.file.finding import Finding
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.record.fingerprint import rules_fingerprint
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.objects import KINDS
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.structure import NOT_READ, load_deleted, load_structure, unread_lists


class CurrentMapping:
    """The mapper, created on first use and again after the structure changed.

    Args:
        store: The state.
        file: The mapping file.
        id_format: The format of product keys.
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
        """Warnings, such as a code in the file that the catalogue no longer has. Set when the mapper is created."""

    @property
    def structure(self) -> Structure:
        """The structure in the mirror.

        Raises:
            ConfigurationError: It was never read.
        """
        if self._structure is None:
            # Before it is loaded, so that changes in the meantime are loaded later.
            self._version = self._store.structure_changes.version()
            structure = load_structure(self._store)
            if not structure.attributes:
                raise ConfigurationError(NOT_READ)
            self._unread_lists = unread_lists(self._store, self.file, structure)
            self._structure = structure
        return self._structure

    @property
    def needs_structure(self) -> bool:
        """Whether the file needs lists of options, records or assets that have not been read yet.

        Without them, records would be sent with codes instead of labels.

        Raises:
            ConfigurationError: The structure was never read.
        """
        _ = self.structure
        return bool(self._unread_lists)

    @property
    def mapper(self) -> Mapper:
        """The mapping file, checked against the structure.

        Raises:
            ConfigurationError: The file refers to something that the catalogue does not have.
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
        """Fingerprint of the file and of the code that applies it. Does not need the structure."""
        return rules_fingerprint(self.file, self._id_format)

    def category_parents(self) -> dict[str, str | None]:
        """Return the parent of each category if the file filters products by category, else nothing."""
        if self.file.filter.categories is None:
            return {}
        return {head.key: head.parent for page in self._store.mirror.heads("category") for head in page}

    def refresh(self) -> None:
        """Discard the structure if another run has read a newer one, so that no record is mapped with the old one."""
        if self._store.structure_changes.version() > self._version:
            self._structure = self._mapper = None

    def forget_categories(self) -> None:
        """Discard the mapper, because the categories of its filter have changed."""
        self._mapper = None

    def _ipaas_id(self, kind: str, key: str) -> str | None:
        if kind not in KINDS:
            return None
        target = self._store.ledger.targets(KINDS[kind].source_kind, [key]).get(key)
        return None if target is None else target.ipaas_id
