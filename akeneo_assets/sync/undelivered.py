"""Record why a record was not delivered: in the ledger for the next run, and in the result for the user."""

from __future__ import annotations

from dataclasses import dataclass

from akeneo_assets.store.ledger import Ledger
from akeneo_assets.store.records import Blocked, Failed
from akeneo_assets.sync.results import StepResult


@dataclass(frozen=True)
class Undelivered:
    """Records failed and blocked records of one delivery.

    Attributes:
        ledger: Where they are recorded.
        partition_key: The partition that is delivered.
        run_id: The run.
    """

    ledger: Ledger
    partition_key: str
    run_id: str

    def fail(self, kind: str, key: str, code: str, message: str, *, looked_at: float, result: StepResult) -> None:
        """Record that a record was refused or could not be sent; it is retried later.

        Args:
            kind: Destination kind.
            key: Its key.
            code: What went wrong.
            message: The same, for the user.
            looked_at: The moment at which its source was looked at.
            result: Counts it.
        """
        failed = Failed(
            kind,
            key,
            code,
            message,
            partition_key=self.partition_key,
            run_id=self.run_id,
            looked_at=looked_at,
            retry=True,
        )
        self.ledger.fail([failed])
        result.counts["failed"] += 1
        result.note(kind, key, code, message)

    def block(self, kind: str, key: str, code: str, message: str, *, looked_at: float, result: StepResult) -> None:
        """Record that a record waits for another one; the arguments are those of :meth:`fail`."""
        blocked = Blocked(
            kind,
            key,
            code,
            message,
            partition_key=self.partition_key,
            run_id=self.run_id,
            looked_at=looked_at,
        )
        self.ledger.block([blocked])
        result.counts["blocked"] += 1
        result.note(kind, key, code, message)
