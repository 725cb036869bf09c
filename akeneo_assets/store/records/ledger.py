"""Ledger entries: what is known about each destination record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.fingerprints import SourceFingerprint

State: TypeAlias = Literal["pending", "sent", "failed", "blocked", "filtered"]


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The parts of a ledger entry that planning needs."""

    key: str
    ipaas_id: str | None
    parent_ipaas_id: str | None
    object: str | None
    payload_hash: str | None
    source: SourceFingerprint | None
    related_hash: str | None
    related_count: int
    state: State
    changed_at: float
    looked_at: float
    error_code: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether the record was delivered, and its source has not changed since it was planned."""
        return self.state == "sent" and self.changed_at <= self.looked_at


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Everything that is known about a destination record.

    Args:
        kind: Destination kind.
        key: Key of the source record; also the external id.
        ipaas_id: Its iPaaS.com id, if it has one.
        parent_ipaas_id: iPaaS.com id of the product or category that it belongs to.
        sku: SKU that it was sent with.
        object: Object that it is reported under, e.g. ``bundles``.
        children: Ids of the records that it contains, in the format of the delivery.
        payload_hash: Fingerprint of the last accepted payload, without related products.
        related_hash: Fingerprint of its related products.
        related_count: Number of its related products.
        source: What it was mapped from; None if unknown, so that it is mapped again.
        document: The last accepted payload.
        state: Outcome of the last attempt.
        attempts: Number of failures since it was last accepted.
        error_code: Code of the last error.
        error_message: Message of the last error.
        failed_at: When it last failed or was blocked.
        failed_since: Since when it is failed or blocked; None if it is not.
        next_retry_at: When it is retried automatically; None if it is not.
        sent_at: When it was last accepted.
        run_id: Run of the last attempt.
        partition_key: Partition of the last attempt.
        looked_at: The moment at which the source of the last attempt was read from the mirror.
        sent_moment: The moment at which it was last accepted.
    """

    kind: str
    key: str
    ipaas_id: str | None
    parent_ipaas_id: str | None
    sku: str | None
    object: str | None
    children: JsonObject
    payload_hash: str | None
    related_hash: str | None
    related_count: int
    source: SourceFingerprint | None
    document: JsonObject | None
    state: State
    attempts: int
    error_code: str | None
    error_message: str | None
    failed_at: float | None
    failed_since: float | None
    next_retry_at: float | None
    sent_at: float | None
    run_id: str | None
    partition_key: str | None
    looked_at: float
    sent_moment: float = 0.0
