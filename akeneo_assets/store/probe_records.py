"""The records that probes made in iPaaS.com, until they are cleaned up."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import delete, select

from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import probe_records


@dataclass(frozen=True)
class ProbeRecord:
    """A record that a probe made, or was about to make.

    Attributes:
        sku: Its SKU, or the name of a category; also its external id.
        kind: ``product``, ``variant`` or ``category``.
    """

    sku: str
    kind: str


class ProbeRecords:
    """The records that are not cleaned up yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intend(self, record: ProbeRecord) -> None:
        """Remember a record before it is made, so that it is found even if the probe is killed."""
        insert = self._database.insert(probe_records)
        values = {"sku": record.sku, "kind": record.kind, "made_at": time.time()}
        with self._database.write() as connection:
            connection.execute(insert.values(**values).on_conflict_do_nothing())

    def left(self) -> list[ProbeRecord]:
        """Return the records that may be left, those made last first."""
        statement = select(probe_records).order_by(probe_records.c.made_at.desc(), probe_records.c.sku.desc())
        with self._database.read() as connection:
            return [ProbeRecord(row.sku, row.kind) for row in connection.execute(statement)]

    def forget(self, record: ProbeRecord) -> None:
        """Forget a record that was cleaned up."""
        with self._database.write() as connection:
            connection.execute(delete(probe_records).where(probe_records.c.sku == record.sku))
