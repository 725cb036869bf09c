"""The changelog: what was sent, and what could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.records.planned import Action


@dataclass(frozen=True, slots=True)
class Event:
    """What the changelog says about an attempt to send a record, besides what the ledger says.

    Attributes:
        action: Whether it was created or updated; None if it could not be sent.
        reason: Why it was due, as in the plan.
        attempts: The number of attempts since it was last accepted, this one included.
        sku: Its SKU; not needed if the record was accepted.
        ipaas_id: Its iPaaS.com id; not needed if the record was accepted.
        changes: Field → ``{"from": old, "to": new, "rule": rule}``; None if there is nothing to compare with.
        request: What was sent; None if nothing was, or for a variant that was sent with its product model.
        response: The response of iPaaS.com; None if there is none.
        edited_at: When the record, or its product tree, was last edited in Akeneo.
    """

    action: Action | None
    reason: str
    attempts: int = 0
    sku: str | None = None
    ipaas_id: str | None = None
    changes: JsonObject | None = None
    request: JsonObject | None = None
    response: Any = None
    edited_at: float | None = None


@dataclass(frozen=True, slots=True)
class ChangelogEntry:
    """One entry of the changelog: a send, a failure, or the beginning of a block.

    Attributes:
        kind: Destination kind.
        key: Key of the record.
        moment: The moment at which it was written; entries of one transaction share it.
        at: The time at which it was written.
        run_id: The run.
        partition_key: The partition that was delivered or planned.
        sku: The SKU.
        ipaas_id: The iPaaS.com id.
        status: ``sent``, ``failed`` or ``blocked``.
        action: ``create`` or ``update``; None if it could not be sent.
        reason: Why it was due.
        attempts: The number of attempts since it was last accepted, this one included.
        error_code: Code of the error.
        error_message: Message of the error.
        edited_at: When the record, or its product tree, was last edited in Akeneo.
        changes: Field → ``{"from": old, "to": new, "rule": rule}``; None for a new record.
        exchange: The beginnings of ``request`` and ``response`` as text, without secrets.
    """

    kind: str
    key: str
    moment: float
    at: float
    run_id: str
    partition_key: str
    sku: str | None
    ipaas_id: str | None
    status: str
    action: str | None
    reason: str
    attempts: int
    error_code: str | None
    error_message: str | None
    edited_at: float | None
    changes: JsonObject | None
    exchange: JsonObject | None

    @property
    def seconds_since_edit(self) -> float | None:
        """Seconds since the last edit in Akeneo; None if that is unknown."""
        return None if self.edited_at is None else max(0.0, self.at - self.edited_at)
