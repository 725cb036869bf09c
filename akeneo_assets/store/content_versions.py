"""Fingerprints of what the mirror contains of a partition."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import pages
from akeneo_assets.store.product_trees import conditions
from akeneo_assets.store.records import Scope
from akeneo_assets.store.schema import mirror

_RECORDS = select(mirror.c.key, mirror.c.parent, mirror.c.identifier, mirror.c.hash).where(mirror.c.gone.is_(None))


class ContentVersions:
    """Compares the content of the mirror at different times."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, kind: str, scope: Scope) -> str:
        """Return 32 hexadecimal digits that change whenever a record is added, changed or removed.

        Args:
            kind: Source kind.
            scope: A family or a partition key.
        """
        digest = hashlib.blake2b(digest_size=16)
        for condition in conditions(scope, mirror):
            statement = _RECORDS.where(mirror.c.kind == kind, condition)
            for page in pages(self._database, statement, [mirror.c.key]):
                for row in page:
                    digest.update(canonical_bytes(list(row)))
        return digest.hexdigest()
