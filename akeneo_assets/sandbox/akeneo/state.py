"""The state of the local Akeneo: its database, its index and its switches."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from akeneo_assets.sandbox.akeneo.database import Database
from akeneo_assets.sandbox.akeneo.editing import Editor
from akeneo_assets.sandbox.akeneo.index import Index
from akeneo_assets.sandbox.akeneo.switches import Switches
from akeneo_assets.sandbox.akeneo.tokens import Tokens
from akeneo_assets.sandbox.catalogue import catalogue_records
from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice


class AkeneoState:
    """Everything behind the API; tests and other processes read and edit it here.

    Args:
        folder: The folder in which it is stored; None = in memory.
        catalogue: The initial catalogue, unless the folder already contains one.
        clock: Returns the time in seconds since the epoch, for dates of records and the index, but not for tokens.
    """

    def __init__(
        self,
        folder: Path | None = None,
        catalogue: CatalogueChoice = "sample",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self.switches = Switches()
        self.tokens = Tokens()
        self.database = Database(folder)
        if self.database.is_empty:
            self.database.load(catalogue_records(catalogue))
        self.index = Index(self.database)
        self.edit = Editor(self.database, self.index, self.switches, self.now)

    def now(self) -> float:
        """Return the server's time; ``clock`` can be replaced at any time."""
        return self.clock()

    def reindex(self) -> None:
        """Index all pending changes at once."""
        with self.database.lock:
            self.index.catch_up(None)

    def product_uuid(self, name: str) -> str:
        """Return the uuid of the product with this identifier (or uuid).

        Raises:
            KeyError: There is none.
        """
        key = self.database.uuid_of(name)
        if key is None:
            raise KeyError(name)
        return key

    def close(self) -> None:
        """Close the files; the records can still be read."""
        self.database.close()
