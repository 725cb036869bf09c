"""Attempts to plan or deliver a record, and their results."""

from __future__ import annotations

from dataclasses import dataclass

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records.changelog import Event


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to plan or deliver a record.

    Attributes:
        partition_key: The partition that is planned or delivered.
        run_id: The run.
        looked_at: The moment at which the source was read from the mirror; a later change makes the record due again.
    """

    partition_key: str
    run_id: str
    looked_at: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that iPaaS.com accepted; see :class:`LedgerEntry` for the fields.

    Without an ``event``, it is not added to the changelog: it was only repeated along with another record.
    """

    kind: str
    key: str
    ipaas_id: str | None
    parent_ipaas_id: str | None
    sku: str | None
    object: str
    children: JsonObject
    payload_hash: str
    related_hash: str
    related_count: int
    source: SourceFingerprint | None
    document: JsonObject | None
    attempt: Attempt
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A record that was refused; if ``retry`` is set, it is retried automatically with increasing waits.

    ``object`` is the object that it is reported under; None if the ledger's is to be kept.
    """

    kind: str
    key: str
    code: str
    message: str
    attempt: Attempt
    retry: bool
    event: Event | None = None
    object: str | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """A record that cannot be sent as it is in Akeneo.

    If ``source`` is given, it is mapped again when the mapping or the structure changes. If ``filtered`` is set, the
    mapping file excludes it, and nothing needs to be fixed. For ``object`` see :class:`Failed`.
    """

    kind: str
    key: str
    code: str
    message: str
    attempt: Attempt
    source: SourceFingerprint | None = None
    filtered: bool = False
    event: Event | None = None
    object: str | None = None
