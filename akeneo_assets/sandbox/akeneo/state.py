"""The state of the local Akeneo: what it stores, what its index knows, and how it behaves."""

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
    """Everything behind the API; tests and other processes edit and look at it here.

    Args:
        folder: Where it is kept; None = in memory.
        catalogue: What to start with, unless the folder holds a catalogue already.
        clock: Tells the time in seconds since the epoch; dates of records and the index follow it, tokens do not.
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
        """Return the server's time; ``clock`` may be replaced at any moment."""
        return self.clock()

    def reindex(self) -> None:
        """Index everything that waits, whatever the lag."""
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
        """Close the files; the records stay readable."""
        self.database.close()
