"""Records why a record was not delivered: in the ledger for the next run, and in the result for the user."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from akeneo_assets.store.ledger import Ledger
from akeneo_assets.store.records import Attempt, Blocked, Event, Failed
from akeneo_assets.sync.results import StepResult

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undelivered:
    """Records failed and blocked records.

    Attributes:
        ledger: Where they are recorded.
    """

    ledger: Ledger

    def fail(
        self,
        kind: str,
        key: str,
        code: str,
        message: str,
        *,
        attempt: Attempt,
        event: Event,
        object_name: str,
        result: StepResult,
    ) -> None:
        """Record that a record was refused or could not be sent; it is retried later.

        Args:
            kind: Destination kind.
            key: Its key.
            code: The error code.
            message: The error message for the user.
            attempt: The attempt that failed.
            event: What the changelog says about it.
            object_name: The object that it is reported under.
            result: Receives the count and the problem.
        """
        self.ledger.fail([Failed(kind, key, code, message, attempt, retry=True, event=event, object=object_name)])
        _log.warning("%s %s was not accepted: %s", kind, key, message, extra={"record": f"{kind} {key}"})
        result.counts["failed"] += 1
        result.add_problem(kind, key, code, message)

    def block(
        self,
        kind: str,
        key: str,
        code: str,
        message: str,
        *,
        attempt: Attempt,
        event: Event,
        object_name: str,
        result: StepResult,
    ) -> None:
        """Record that a record waits for another one. Takes the same arguments as :meth:`fail`."""
        self.ledger.block([Blocked(kind, key, code, message, attempt, event=event, object=object_name)])
        result.counts["blocked"] += 1
        result.add_problem(kind, key, code, message)
