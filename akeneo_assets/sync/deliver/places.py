"""Releases the former place of a record in iPaaS.com when it moves. This is an update, never a delete."""

from __future__ import annotations

import logging
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.objects import KINDS
from akeneo_assets.store.places import FormerPlace
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.composer import Targets
from akeneo_assets.sync.deliver.released_records import is_released, released, with_temporary_sku, without_references
from akeneo_assets.sync.deliver.tracking import TrackedClients
from akeneo_assets.sync.destination import Destination, ErrorCode, IpaasError

_log: Final = logging.getLogger(__name__)


class Places:
    """Releases former places.

    Args:
        store: The state.
        clients: Gives each iPaaS.com record a client.
        targets: Updated when a record leaves its place.
    """

    def __init__(self, store: Store, clients: TrackedClients, targets: Targets) -> None:
        self._store = store
        self._clients = clients
        self._targets = targets

    def release_pending(self) -> None:
        """Release places that a killed run left pending. If iPaaS.com refuses one, it is retried later.

        Raises:
            TransientError: iPaaS.com cannot be reached.
        """
        for place in self._store.places.pending():
            try:
                self._release(place)
            except RecordError as error:
                self._store.places.refused(place)
                _log.warning("%s %s in iPaaS.com cannot be released yet: %s", place.kind, place.ipaas_id, error)

    def leave(self, entry: LedgerEntry, *, moves_within_kind: bool) -> None:
        """Release the place of a record that has moved.

        Args:
            entry: The record, which has an iPaaS.com id.
            moves_within_kind: Whether it is sent to another place of the same kind.
        """
        self.release(
            entry.kind, str(entry.ipaas_id), entry.parent_ipaas_id, entry.key, moves_within_kind=moves_within_kind
        )

    def release(
        self, kind: str, ipaas_id: str, product_id: str | None, key: str | None, *, moves_within_kind: bool
    ) -> None:
        """Release a record in iPaaS.com, whether or not the ledger knows it.

        Args:
            kind: Destination kind.
            ipaas_id: Its id.
            product_id: For a variant, the id of its product.
            key: The external id that it gives up.
            moves_within_kind: Whether the record that had this place is sent to another place of the same kind.
        """
        place = FormerPlace(kind, ipaas_id, product_id, key)
        self._store.places.leave(place, moves_within_kind=moves_within_kind)
        if key is not None:
            self._targets.remove(_reference(kind, key))
        self._release(place)

    def remnants(self, product_id: str) -> list[JsonObject]:
        """Return the former variants of a product as they were released, to be repeated when it is replaced.

        A place that is still pending is released first: iPaaS.com may delete a variant that a write leaves out.

        Raises:
            RecordError: iPaaS.com refused to release a place.
            TransientError: iPaaS.com cannot be reached.
        """
        places = self._store.places.of_product(product_id)
        for place in places:
            if place.payload is None:
                self._release(place)
        if any(place.payload is None for place in places):
            places = self._store.places.of_product(product_id)
        return [place.payload for place in places if place.payload is not None]

    def give_up_sku(self, kind: str, ipaas_id: str) -> None:
        """Give a record a temporary SKU, because another record gets its SKU before it is sent itself."""
        client = self._clients.of("place", kind, ipaas_id)
        record = _get(client, kind, ipaas_id)
        entries = [entry for entry in self._store.ledger.holding(ipaas_id) if entry.kind == kind]
        self._store.ledger.mark_in_flight((entry.kind, entry.key) for entry in entries)
        self._store.ledger.mark_due((entry.kind, entry.key) for entry in entries)
        payload = with_temporary_sku(record)
        try:
            _put(client, kind, record.get("parent_id"), payload)
        except IpaasError as error:
            if error.code != ErrorCode.REFERENCE_MISSING:
                raise
            # A component of its kit has another SKU by now. The record is due, so it is sent again with its links.
            _put(client, kind, record.get("parent_id"), without_references(payload))

    def _release(self, place: FormerPlace) -> None:
        # Another run may release it at the same time, for the product that the record has left or the one that it
        # joins. Without the lock, the slower one would unlink the record from its new place.
        with self._store.locks.hold(f"place:{place.kind}:{place.ipaas_id}"):
            if self._store.places.is_pending(place):
                self._release_alone(place)

    def _release_alone(self, place: FormerPlace) -> None:
        client = self._clients.of("place", place.kind, place.ipaas_id)
        try:
            kept = _released(client, place)
        except IpaasError as error:
            # A concurrent request, or somebody else, has removed it.
            if error.code != ErrorCode.NOT_FOUND:
                raise
            self._store.places.forget(place)
            return
        self._store.places.keep([kept])
        _log.info("Released %s %s in iPaaS.com, because %s has moved", place.kind, place.ipaas_id, place.key)


def _released(client: Destination, place: FormerPlace) -> FormerPlace:
    """Release a place in iPaaS.com, and return it with what was sent."""
    record = _get(client, place.kind, place.ipaas_id)
    payload = released(record)
    parent = record.get("parent_id", place.parent_ipaas_id)
    if not is_released(record):
        _put(client, place.kind, parent, payload)
    table = KINDS[place.kind].external_id_table
    linked = client.external_id(table, place.ipaas_id)
    if linked is not None:
        client.unlink(table, linked)
    return FormerPlace(place.kind, place.ipaas_id, parent, place.key, payload)


def _get(client: Destination, kind: str, ipaas_id: str) -> JsonObject:
    return client.get_variant(ipaas_id) if kind == "variant" else client.get_product(ipaas_id)


def _put(client: Destination, kind: str, product_id: object, payload: JsonObject) -> None:
    if kind == "variant":
        client.save_variant(str(product_id), payload)
    else:
        client.replace_product(payload["id"], payload)


def _reference(kind: str, key: str) -> Reference:
    return Reference(KINDS[kind].source_kind, key)
