"""The records that the store reads and writes, as plain values.

Times are epoch seconds (UTC). Moments are numbers of a counter in the database, see
:meth:`akeneo_assets.store.database.Database.moment`; a greater number is later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import SourceKind
from akeneo_assets.store.fingerprints import SourceFingerprint

State: TypeAlias = Literal["pending", "sent", "failed", "blocked", "filtered"]
Action: TypeAlias = Literal["create", "update"]
TargetGroup: TypeAlias = SourceKind | Literal["custom_field"]

NO_FAMILY = "~none"
"""Stands for "without a family"; Akeneo's codes never contain a tilde."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One Akeneo record as it was read.

    Args:
        kind: Source kind, e.g. ``product``.
        key: Its key within the kind.
        document: The complete record.
        hash: Fingerprint of the document without its volatile parts.
        parent: Code of the parent model (for sub models and variants), or of the parent category.
        family: Family code.
        identifier: Main identifier of a product.
        edited_at: When it was last edited in Akeneo; None if Akeneo does not say.
    """

    kind: str
    key: str
    document: JsonObject
    hash: str
    parent: str | None = None
    family: str | None = None
    identifier: str | None = None
    edited_at: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a page of records says that the mirror does not.

    Attributes:
        differing: The records that are new or differ, or that counted as gone.
        renamed: Keys of the products that are mirrored with another main identifier.
        rivals: Keys of other mirrored products that have the main identifier of one of the page. Akeneo keeps
            identifiers unique: they were deleted or renamed since they were read.
    """

    differing: list[SourceRecord]
    renamed: set[str]
    rivals: set[str]


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """The result of a merge; ``read`` is the sum of the other counts."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: MergeCounts) -> MergeCounts:
        return MergeCounts(
            self.read + other.read,
            self.created + other.created,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True, slots=True)
class Head:
    """A mirrored record without its document."""

    key: str
    parent: str | None
    family: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A product tree: the root model, its sub models, and all their variants, sorted by key."""

    root: Head
    models: tuple[Head, ...]
    variants: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """A selection of mirrored records; exactly one of the arguments is given.

    Args:
        partition_key: Records that last changed in this partition.
        family: Records of this family; ``NO_FAMILY`` for records without a family.
        keys: Records with these keys.
    """

    partition_key: str | None = None
    family: str | None = None
    keys: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.partition_key, self.family, self.keys)) != 1:
            raise ValueError("A scope needs a partition key, a family or keys")

    @classmethod
    def of_partition(cls, partition_key: str) -> Scope:
        """Return the scope of a partition: ``family:shoes``, ``family:~none`` or ``changes:2026-01-31T15``."""
        prefix, _, rest = partition_key.partition(":")
        if not rest or prefix not in {"family", "changes"}:
            raise ValueError(f"{partition_key!r} is not a partition key of the catalogue")
        return cls(family=rest) if prefix == "family" else cls(partition_key=partition_key)

    @classmethod
    def of_keys(cls, keys: Sequence[str]) -> Scope:
        """Return the scope of these records."""
        return cls(keys=tuple(keys))


@dataclass(frozen=True, slots=True, order=True)
class StructureChange:
    """A record of Akeneo's structure that was added, changed or deleted.

    Attributes:
        kind: Source kind, e.g. ``attribute_option``.
        key: Its key.
        noticed_at: The moment at which the change was noticed.
    """

    kind: str
    key: str
    noticed_at: float


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
    next_retry_at: float | None
    sent_at: float | None
    run_id: str | None
    partition_key: str | None
    looked_at: float
    sent_moment: float = 0.0


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
    """A record that was refused; if ``retry`` is set, it is retried automatically with increasing waits."""

    kind: str
    key: str
    code: str
    message: str
    attempt: Attempt
    retry: bool
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """A record that cannot be sent as it is in Akeneo.

    If ``source`` is given, it is mapped again when the mapping or the structure changes. If ``filtered`` is set, the
    mapping file excludes it, and nothing needs to be fixed.
    """

    kind: str
    key: str
    code: str
    message: str
    attempt: Attempt
    source: SourceFingerprint | None = None
    filtered: bool = False
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A destination record that links can point to."""

    ipaas_id: str
    sku: str | None
    is_variant: bool
    kind: str


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
        planned_moment: The moment at which it was planned; set by the plan.
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


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from a delivered record to another one.

    Args:
        relation: The type of the link, e.g. ``category``, ``component`` or ``related``.
        target_kind: The kind of the target.
        target_key: Key of the target, or the identifier of a product whose key is unknown.
        sent_as: The identity of the target when the link was sent, see
            :func:`akeneo_assets.store.links.identity_of`; None if the link was not sent.
        declined: Whether the link was not sent because iPaaS.com refused it, although its target is known. It becomes
            due again when the target is next accepted.
    """

    relation: str
    target_kind: TargetGroup
    target_key: str
    sent_as: str | None = None
    declined: bool = field(default=False, compare=False)

    @property
    def place(self) -> tuple[str, str, str]:
        """What identifies a link among the links of a record."""
        return self.relation, self.target_kind, self.target_key


@dataclass(frozen=True, slots=True)
class Window:
    """An interval ``[from_at, to_at)`` of source time that was read completely."""

    from_at: float
    to_at: float
    run_id: str
    recorded_at: float
