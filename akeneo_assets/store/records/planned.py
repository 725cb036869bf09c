"""Planned records: what needs to be sent, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.fingerprints import SourceFingerprint

Action: TypeAlias = Literal["create", "update"]


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """A destination record to create or update, and the reason.

    Args:
        object: One of the six objects, e.g. ``variants``.
        kind: Destination kind.
        key: Key of the record.
        partition_key: Partition that it was planned in.
        action: Whether to create or update it.
        reason: The reason, in a few words; plans are counted by reason.
        sequence: Records with lower numbers are sent first (the depth of a category).
        payload_hash: Fingerprint of ``document``.
        source: What it was mapped from; None if unknown, so that it is mapped again.
        document: The payload; empty if there is none.
        difference: The difference from the last accepted payload.
        looked_at: The moment at which the source was read from the mirror; a later change makes the record due again.
        planned_moment: A moment before the state was read that it was planned from. If exactly this was sent since, it
            is not sent again.
    """

    object: str
    kind: str
    key: str
    partition_key: str
    action: Action
    reason: str
    sequence: int
    payload_hash: str
    source: SourceFingerprint | None
    document: JsonObject
    difference: JsonObject | None = None
    looked_at: float = 0.0
    planned_moment: float = 0.0

    @property
    def model(self) -> str | None:
        """For a variant, the code of its root model."""
        model: str | None = self.document.get("model")
        return model
