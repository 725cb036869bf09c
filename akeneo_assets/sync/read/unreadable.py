"""Reports and records unreadable records: Akeneo lists them but responds with an error or invalid data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.settings import ProductIdFormat
from akeneo_assets.store.mirror import destination
from akeneo_assets.store.records import Attempt, Failed, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.store.unreadable import UNREADABLE
from akeneo_assets.sync.results import Problem, StepResult


class Damages:
    """The unreadable records that one reader found.

    Args:
        store: The state.
        id_format: Whether the key of a product is its uuid or its identifier.
        partition_key: The partition that is read.
        run_id: The run, for the ledger.
    """

    def __init__(self, store: Store, *, id_format: ProductIdFormat, partition_key: str, run_id: str) -> None:
        self._store = store
        self._id_format = id_format
        self._partition_key = partition_key
        self._run_id = run_id
        self._met: dict[tuple[str, str], Problem] = {}
        self._nameless: list[Problem] = []
        self._remembered: set[tuple[str, str]] | None = None
        self._reported = 0

    @property
    def all_named(self) -> bool:
        """Whether the id of each is known; otherwise, the read is not complete."""
        return not self._nameless

    def keys(self, kind: str) -> set[str]:
        """Return the keys of the unreadable records of a source kind."""
        return {key for of_kind, key in self._met if of_kind == kind}

    def key_of(self, kind: str, damage: Damage) -> str | None:
        """Return the key of an unreadable record; None if it is unknown."""
        name = ("uuid" if self._id_format == "UUID" else "identifier") if kind == "product" else "code"
        return damage.record.get(name)

    def is_remembered(self, kind: str, key: str) -> bool:
        """Whether the record is recorded as unreadable."""
        return (kind, key) in self._all()

    def note(self, kind: str, damage: Damage) -> None:
        """Record an unreadable record for a retry, and report it in the ledger, once for each reader."""
        key = self.key_of(kind, damage)
        title = kind.replace("_", " ")
        if key is None:
            message = (
                f"Akeneo {damage.reason} for a {title} whose id is unknown. All other records were read, "
                "but the read does not count as complete. Find the record in Akeneo's log and repair it."
            )
            self._nameless.append(Problem(kind, "unknown id", UNREADABLE, message))
            return
        if (kind, key) in self._met:
            return
        message = (
            f"Akeneo lists this {title} but {damage.reason} for it. Save or repair it in Akeneo. It is read "
            "again automatically; until then, it stays unchanged in iPaaS.com."
        )
        target_kind, _ = destination(kind, key, self._parent(kind, key, damage)) or (kind, key)
        self._met[kind, key] = Problem(target_kind, key, UNREADABLE, message)
        self._all().add((kind, key))
        self._store.unreadable.note(kind, key, self._partition_key)
        failed = Failed(
            target_kind,
            key,
            UNREADABLE,
            message,
            Attempt(self._partition_key, self._run_id, self._store.mirror.moment()),
            retry=False,
        )
        self._store.ledger.fail([failed])

    def settle(self, records: Iterable[SourceRecord]) -> None:
        """Remove records that were read now from the unreadable ones."""
        healed = [each for each in records if (each.kind, each.key) in self._all()]
        if healed:
            self._store.unreadable.settle(
                {(each.kind, each.key): destination(each.kind, each.key, each.parent) for each in healed}
            )
            self._all().difference_update((each.kind, each.key) for each in healed)

    def settle_missing(self, kind: str, keys: Sequence[str]) -> None:
        """Remove records from the unreadable ones that Akeneo no longer lists."""
        heads = self._store.mirror.named_heads(kind, keys)
        missing = {
            (kind, key): destination(kind, key, heads[key].parent) if key in heads else None
            for key in keys
            if (kind, key) in self._all() and (kind, key) not in self._met
        }
        self._store.unreadable.settle(missing)
        self._all().difference_update(missing)

    def due_in(self, partition_key: str) -> list[str]:
        """Return the unreadable categories of a tree that are due for a retry."""
        return [key for key, tree in self._store.unreadable.due(["category"]).items() if tree == partition_key]

    def report(self, result: StepResult) -> None:
        """Add the unreadable records to the result of a step."""
        problems = [*self._met.values(), *self._nameless]
        for each in problems[self._reported :]:
            result.counts["failed"] += 1
            result.add_problem(each.kind, each.key, each.code, each.message)
        self._reported = len(problems)

    def _parent(self, kind: str, key: str, damage: Damage) -> str | None:
        if "parent" in damage.record:
            return str(damage.record["parent"])
        head = self._store.mirror.named_heads(kind, [key]).get(key)
        return None if head is None else head.parent

    def _all(self) -> set[tuple[str, str]]:
        if self._remembered is None:
            self._remembered = self._store.unreadable.keys()
        return self._remembered
