"""Marks all requests for one record with the same GUID, to find them together in iPaaS.com's log."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from akeneo_assets.sync.destination import Destination


@dataclass(frozen=True)
class TrackedClients:
    """Gives each record a client whose requests carry the same GUID.

    Attributes:
        client: The client whose connections are used.
        run_id: The run; another run gives the same record another GUID.
    """

    client: Destination
    run_id: str

    def of(self, *name: str) -> Destination:
        """Return the client for one record.

        Args:
            name: Identifies the record, e.g. its kind and key.
        """
        return self.client.tracked(str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((self.run_id, *name)))))
