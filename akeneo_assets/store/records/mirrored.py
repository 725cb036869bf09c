"""The mirror: Akeneo's records as they were read, selections of them, and the windows that were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from akeneo_assets.documents import JsonObject

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
class Window:
    """An interval ``[from_at, to_at)`` of source time that was read completely."""

    from_at: float
    to_at: float
    run_id: str
    recorded_at: float
