"""Creates the readers of a run."""

from __future__ import annotations

from collections.abc import Callable

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.read_options import read_options
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.settings import Settings
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.changes import ChangeReader
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.structure import StructureReader, load_attributes


class Readers:
    """Creates readers. Those of records need the structure.

    Args:
        settings: The subscription settings.
        store: The state.
        akeneo: The source.
        mapping: The mapping file, which determines what has to be read.
        run_id: The run, for the windows.
        lacks: Returns whether a product or model refers to something that the structure does not contain.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        akeneo: AkeneoClient,
        mapping: MappingFile,
        *,
        run_id: str,
        lacks: Callable[[JsonObject], bool],
    ) -> None:
        self._settings = settings
        self._store = store
        self._akeneo = akeneo
        self._mapping = mapping
        self._run_id = run_id
        self._lacks = lacks

    def structure(self) -> StructureReader:
        """Return a reader of the structure."""
        workers = self._settings.akeneo_concurrent_connections
        return StructureReader(self._akeneo, self._store, self._mapping, workers=workers)

    def records(self, partition_key: str) -> Reader:
        """Return a reader of records.

        Args:
            partition_key: The partition of the records that changed.

        Raises:
            ConfigurationError: The structure was never read.
        """
        attributes = load_attributes(self._store)
        types = self._store.mirror.all_documents("association_type")
        return Reader(
            self._akeneo,
            self._store,
            id_format=self._settings.akeneo_product_id_format,
            identifier_attribute=attributes.identifier_attribute,
            partition_key=partition_key,
            run_id=self._run_id,
            options=read_options(self._mapping, attributes),
            two_way_types=frozenset(code for code, each in types if each.get("is_two_way") is True),
            lacks=self._lacks,
            connections=self._settings.akeneo_concurrent_connections,
        )

    def changes(self, partition_key: str) -> ChangeReader:
        """Return a reader of changes.

        Args:
            partition_key: The partition of the records that changed.

        Raises:
            ConfigurationError: The structure was never read.
        """
        return ChangeReader(self.records(partition_key), self._akeneo, self._store, run_id=self._run_id)
