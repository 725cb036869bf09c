"""What the store takes and gives: plain values, one class a row.

Times are epoch seconds (UTC). Moments are numbers that the database counts up, see
:meth:`akeneo_assets.store.database.Database.moment`: the greater one is later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.fingerprints import SourceFingerprint

State: TypeAlias = Literal["pending", "sent", "failed", "blocked", "filtered"]
Action: TypeAlias = Literal["create", "update"]
TargetGroup: TypeAlias = Literal["category", "product", "product_model", "custom_field"]

NO_FAMILY = "~none"
"""Stands for "without a family"; Akeneo's codes never hold a tilde."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One Akeneo record as it was read.

    Args:
        kind: Source kind, e.g. ``product``.
        key: Its key within the kind.
        document: The record, whole.
        hash: Fingerprint of the document without its volatile parts.
        parent: Code of the model it hangs on (sub models and variants), or of the parent category.
        family: Family code.
        identifier: Main identifier of a product.
    """

    kind: str
    key: str
    document: JsonObject
    hash: str
    parent: str | None = None
    family: str | None = None
    identifier: str | None = None


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
    """What a merge met: ``read`` is the sum of the three others."""

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
    """A product tree: the root model, its sub models, and the variants of all of them, both sorted by key."""

    root: Head
    models: tuple[Head, ...]
    variants: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which mirrored records are meant: exactly one of the three is given.

    Args:
        partition_key: Records that last changed under this partition key.
        family: Records of this family; ``NO_FAMILY`` for those without.
        keys: These records.
    """

    partition_key: str | None = None
    family: str | None = None
    keys: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.partition_key, self.family, self.keys)) != 1:
            raise ValueError("A scope is a partition key, a family or keys")

    @classmethod
    def of_partition(cls, partition_key: str) -> Scope:
        """Return the scope of a partition: ``family:shoes``, ``family:~none`` or ``changes:2026-01-31T15``."""
        prefix, _, rest = partition_key.partition(":")
        if not rest or prefix not in {"family", "changes"}:
            raise ValueError(f"{partition_key!r} is no partition key of the catalogue")
        return cls(family=rest) if prefix == "family" else cls(partition_key=partition_key)

    @classmethod
    def of_keys(cls, keys: Sequence[str]) -> Scope:
        """Return the scope of just these records."""
        return cls(keys=tuple(keys))


@dataclass(frozen=True, slots=True, order=True)
class StructureChange:
    """A record of Akeneo's structure that is new, different or gone.

    Attributes:
        kind: Source kind, e.g. ``attribute_option``.
        key: Its key.
        noticed_at: The moment at which it was noticed.
    """

    kind: str
    key: str
    noticed_at: float


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What planning needs to know of a destination record."""

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
        """Whether it was delivered, and its source did not change since it was looked at."""
        return self.state == "sent" and self.changed_at <= self.looked_at


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """All that is known of a destination record.

    Args:
        kind: Destination kind.
        key: Key of the source record; also the external id.
        ipaas_id: Its id at iPaaS.com, once it has one.
        parent_ipaas_id: Id of the product or category it belongs to.
        sku: SKU it was sent with.
        object: Object that users see it under, e.g. ``bundles``.
        children: Ids of what it contains, in the shape that delivery chose.
        payload_hash: Fingerprint of the payload last accepted, without its related products.
        related_hash: Fingerprint of its related products.
        related_count: How many related products it has.
        source: What it was mapped from; None when that is not known, so that it is mapped again.
        document: The payload last accepted.
        state: Outcome of the last attempt.
        attempts: Failures since it was last accepted.
        error_code: Code of the last error.
        error_message: Its text, for the user.
        failed_at: When it last failed or was blocked.
        next_retry_at: When it is tried again by itself; None: only when asked.
        sent_at: When it was last accepted.
        run_id: Run of the last attempt.
        partition_key: Partition of the last attempt.
        looked_at: The moment at which the source was looked at that the last attempt was made of.
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
        looked_at: The moment at which the source was looked at; a change since makes the record due again.
    """

    partition_key: str
    run_id: str
    looked_at: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """iPaaS.com took a record; the fields are those of :class:`LedgerEntry`."""

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


@dataclass(frozen=True, slots=True)
class Failed:
    """A record was refused; with ``retry`` it is due again by itself, later after every failure."""

    kind: str
    key: str
    code: str
    message: str
    attempt: Attempt
    retry: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """A record cannot be sent as it is in Akeneo.

    With a source it is mapped again as soon as the mapping or the structure changes. A filtered one is not meant
    to be sent; it waits for nobody.
    """

    kind: str
    key: str
    code: str
    message: str
    attempt: Attempt
    source: SourceFingerprint | None = None
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A destination record that others can point to."""

    ipaas_id: str
    sku: str | None
    is_variant: bool
    kind: str


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """What is due for one destination record, and why.

    Args:
        object: One of the six objects, e.g. ``variants``.
        kind: Destination kind.
        key: Key of the record.
        partition_key: Partition it was planned in.
        action: What is due.
        reason: Why, in a few words; plans are counted by it.
        sequence: Lower ones go first (the depth of a category).
        payload_hash: Fingerprint of ``document``.
        source: What it was mapped from; None when that is not known, so that it is mapped again.
        document: The payload; empty where there is none.
        difference: What differs from the payload last accepted.
        looked_at: The moment at which the source was looked at; a change since makes the record due again.
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
        relation: What the link is, e.g. ``category``, ``component``, ``related``.
        target_kind: Where to look for the target.
        target_key: Key of the target; the identifier of a product that is known by nothing else.
        sent_as: What the target was when the link was sent, see :func:`akeneo_assets.store.links.identity_of`; None
            when the link was not sent.
        declined: The link was not sent although its target is known, because iPaaS.com refused it: it is due again
            when the target is accepted the next time.
    """

    relation: str
    target_kind: TargetGroup
    target_key: str
    sent_as: str | None = None
    declined: bool = field(default=False, compare=False)

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells the links of a record apart."""
        return self.relation, self.target_kind, self.target_key


@dataclass(frozen=True, slots=True)
class Window:
    """An interval ``[from_at, to_at)`` of source time that was read completely."""

    from_at: float
    to_at: float
    run_id: str
    recorded_at: float
