"""Sends records in the order of their links, without a pause between batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, Generic, TypeVar

from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.objects import KINDS
from akeneo_assets.sync.deliver.composer import Targets, references_of
from akeneo_assets.sync.deliver.tasks import DeliveryTask

_BATCHES: Final = 2
"""Batches under way: while the records of one are sent, the next one is prepared."""

_Outcome = TypeVar("_Outcome")


class Flow(Generic[_Outcome]):
    """Sends batches of records. A record waits only for the earlier records that it refers to.

    Args:
        pool: The threads that send.
        targets: Resolves references by identifier.
        send: Sends one record.
    """

    def __init__(self, pool: ThreadPoolExecutor, targets: Targets, send: Callable[[DeliveryTask], _Outcome]) -> None:
        self._pool = pool
        self._targets = targets
        self._send = send
        self._batches: deque[list[tuple[DeliveryTask, Future[_Outcome]]]] = deque()
        self._under_way: dict[Reference, Future[_Outcome]] = {}

    def __contains__(self, reference: object) -> bool:
        """Whether a record is being sent."""
        return isinstance(reference, Reference) and (self._targets.resolve(reference) or reference) in self._under_way

    def send(self, tasks: Sequence[DeliveryTask]) -> Iterator[list[tuple[DeliveryTask, _Outcome]]]:
        """Start to send a batch, in the order of its tasks. Yields an earlier batch that is done."""
        batch = []
        for task in tasks:
            future = self._pool.submit(self._send_after, self._earlier(task), task)
            self._under_way.update(dict.fromkeys(own_references(task), future))
            batch.append((task, future))
        self._batches.append(batch)
        if len(self._batches) >= _BATCHES:
            yield self._oldest()

    def rest(self) -> Iterator[list[tuple[DeliveryTask, _Outcome]]]:
        """Yield the batches that are still under way, each when it is done."""
        while self._batches:
            yield self._oldest()

    def _earlier(self, task: DeliveryTask) -> set[Future[_Outcome]]:
        resolved = (self._targets.resolve(each) or each for each in references_of(task.mapped))
        return {self._under_way[each] for each in resolved if each in self._under_way}

    def _send_after(self, earlier: set[Future[_Outcome]], task: DeliveryTask) -> _Outcome:
        # They were submitted before, so other threads have started to send them.
        wait(earlier)
        return self._send(task)

    def _oldest(self) -> list[tuple[DeliveryTask, _Outcome]]:
        batch = self._batches.popleft()
        done = [(task, future.result()) for task, future in batch]
        for task, _ in batch:
            for each in own_references(task):
                self._under_way.pop(each, None)
        return done


def own_references(task: DeliveryTask) -> list[Reference]:
    """Return how others refer to the record of a task, and to its variants."""
    return [Reference(KINDS[record.kind].source_kind, record.key) for record in (task.mapped, *task.mapped.variants)]
