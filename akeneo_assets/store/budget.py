"""The request budget of each API, shared by all threads, processes and (with PostgreSQL) machines.

Each slot is a row. Rows are added, up to the limit, whenever all slots are in use, so that the cost depends on the
traffic and not on the limit.

Acquiring a slot sets the time at which it becomes free if its holder dies: the end of its lease plus one window.
Releasing it sets the end of the window. "Free" is therefore a single comparison, and a crashed holder needs no cleanup.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update

from akeneo_assets.http.governor import LEASE_SECONDS, Limits, Slot
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import budget, budget_slot

SHORTEST_WAIT = 0.005
_SMALLEST_PORTION = 500
_LARGEST_PORTION = 1_000
CONNECTION_POLL_SECONDS = 0.02
"""How often to ask again while other processes use all connections; when one becomes free is unknown."""

# A slot gets a new number each time it is acquired, so that a holder with an expired lease cannot release it.
_TAKE = """
UPDATE budget_slot
SET number = (SELECT max(number) + 1 FROM budget_slot WHERE api = :api),
    leased_until = {now} + :lease, free_at = {now} + :lease + :seconds
WHERE api = :api
  AND number = (SELECT number FROM budget_slot WHERE api = :api AND free_at <= {now} ORDER BY free_at LIMIT 1)
  AND (SELECT count(*) FROM budget_slot WHERE api = :api AND leased_until > {now}) < :connections
  AND EXISTS (SELECT 1 FROM budget WHERE api = :api AND requests = :requests AND seconds = :seconds
              AND connections = :connections AND paused_until <= {now})
RETURNING number
"""
_RELEASE = """
UPDATE budget_slot
SET leased_until = 0, free_at = {now} + (SELECT seconds FROM budget WHERE api = :api)
WHERE api = :api AND number = :number
RETURNING number
"""
# A slot in use may be released at once, so it may be free after one window; its lease is for a holder that dies.
_WAIT = """
SELECT requests, seconds, connections, paused_until - {now}, pause_seconds,
       (SELECT min(CASE WHEN leased_until > {now} THEN {now} + seconds ELSE free_at END)
        FROM budget_slot WHERE api = :api) - {now},
       (SELECT max(free_at) FROM budget_slot WHERE api = :api) - {now},
       (SELECT count(*) FROM budget_slot WHERE api = :api), grows_at - {now}
FROM budget WHERE api = :api
"""
# For when the clock was set back. A slot that may still be in use remains busy for one more lease.
_CUT_SLOTS = """
UPDATE budget_slot
SET leased_until = CASE WHEN leased_until > {now} + :lease THEN {now} + :lease ELSE leased_until END,
    free_at = {now} + CASE WHEN leased_until > {now} THEN :lease ELSE 0 END + :seconds
WHERE api = :api AND free_at > {now} + :lease + :seconds
RETURNING number
"""
_CUT_PAUSE = """
UPDATE budget SET paused_until = {now} + pause_seconds
WHERE api = :api AND paused_until > {now} + pause_seconds
RETURNING api
"""
_CUT_GROWTH = """
UPDATE budget SET grows_at = {now} + seconds
WHERE api = :api AND grows_at > {now} + seconds
RETURNING api
"""
_LEFT = """
SELECT paused_until > {now} AND paused_until <= {now} + pause_seconds, requests, count(number),
       count(CASE WHEN free_at <= {now} OR free_at > {now} + :lease + budget.seconds THEN 1 END),
       grows_at > {now} AND grows_at <= {now} + budget.seconds
FROM budget LEFT JOIN budget_slot ON budget_slot.api = budget.api
WHERE budget.api = :api
GROUP BY budget.requests, budget.seconds, budget.paused_until, budget.pause_seconds, budget.grows_at
"""
_LOCK = text("SELECT api FROM budget WHERE api = :api FOR UPDATE")


@dataclass(frozen=True)
class Left:
    """What is left of a throttle.

    Attributes:
        requests: How many requests could be sent now.
        limit: How many requests are allowed in a window.
        paused: Whether the API asked for a pause that is not over.
    """

    requests: int
    limit: int
    paused: bool


class DatabaseBudget:
    """Implements :class:`akeneo_assets.http.governor.Budget`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Several machines may share PostgreSQL, so use its clock, and read it after waiting for the row lock.
        now = ":now" if database.is_sqlite else "(SELECT CAST(extract(epoch FROM clock_timestamp()) AS float8))"
        self._take, self._release, self._wait, self._left, self._cut_slots, self._cut_pause, self._cut_growth = (
            statement.format(now=now)
            for statement in (_TAKE, _RELEASE, _WAIT, _LEFT, _CUT_SLOTS, _CUT_PAUSE, _CUT_GROWTH)
        )

    def acquire(self, api: str, limits: Limits, lease_seconds: float) -> Slot | float:
        """Return a slot, or the seconds to wait before asking again.

        A changed limit takes effect immediately. At no time are more requests allowed than one of the two limits
        allows: added slots can be used only after one window.

        Args:
            api: The API, e.g. ``akeneo``.
            limits: Its limits.
            lease_seconds: After this time, the slot counts as released, because its holder must have crashed.
        """
        parameters = {
            "api": api,
            "requests": limits.requests,
            "seconds": limits.seconds,
            "connections": limits.connections,
            "lease": lease_seconds,
        }
        if taken := self._run(self._take, parameters):
            return Slot(api, taken[0][0])
        state = self._run(self._wait, {"api": api})
        if not state or tuple(state[0][:3]) != (limits.requests, limits.seconds, limits.connections):
            self._configure(api, limits)
            return SHORTEST_WAIT
        paused: float
        pause_seconds: float
        until_free: float | None
        until_all_free: float | None
        until_growth: float
        paused, pause_seconds, until_free, until_all_free, slots, until_growth = state[0][3:]
        longest_slot = lease_seconds + limits.seconds
        if (until_all_free or 0.0) > longest_slot or paused > pause_seconds or until_growth > limits.seconds:
            self._cut(api, limits, lease_seconds)
            return SHORTEST_WAIT
        if paused <= 0 and (until_free is None or until_free > 0) and slots < limits.requests:
            if until_growth <= 0:
                self._grow(api, limits)
                # Another thread or process may have taken the new slots, or all connections, in the meantime.
                taken = self._run(self._take, parameters)
                return Slot(api, taken[0][0]) if taken else SHORTEST_WAIT
            until_free = until_growth if until_free is None else min(until_free, until_growth)
        return max(SHORTEST_WAIT, paused, until_free if until_free and until_free > 0 else CONNECTION_POLL_SECONDS)

    def release(self, slot: Slot) -> None:
        """Release ``slot``; its window starts now."""
        self._run(self._release, {"api": slot.api, "number": slot.number})

    def pause(self, api: str, seconds: float) -> None:
        """Grant no slots of ``api`` for ``seconds``; of several pauses, the one that ends last applies."""
        self._run(self._cut_pause, {"api": api})
        # The limits are set by the next call of acquire.
        paused = self._database.insert(budget).values(
            api=api,
            requests=0,
            seconds=0,
            connections=0,
            paused_until=self._database.now() + seconds,
            pause_seconds=seconds,
        )
        with self._database.write() as connection:
            connection.execute(
                paused.on_conflict_do_update(
                    index_elements=[budget.c.api],
                    set_={
                        "paused_until": paused.excluded.paused_until,
                        "pause_seconds": paused.excluded.pause_seconds,
                    },
                    where=budget.c.paused_until < paused.excluded.paused_until,
                )
            )

    def is_spent(self, api: str, requests: int) -> bool:
        """Return whether some of ``requests`` requests would have to wait; acquires no slot.

        Args:
            api: The API, e.g. ``akeneo``.
            requests: The number of requests, capped at a whole window.
        """
        state = self._left_of(api)
        if state is None:
            return False  # no requests were sent yet
        paused, limit, slots, left, grows_later = state
        return paused or left < min(requests, slots if grows_later else limit)

    def left(self, api: str) -> Left | None:
        """Return what is left of a throttle; None if no requests were sent yet. Acquires no slot.

        Args:
            api: The API, e.g. ``akeneo``.
        """
        state = self._left_of(api)
        return None if state is None else Left(requests=state[3], limit=state[1], paused=state[0])

    def _left_of(self, api: str) -> tuple[bool, int, int, int, bool] | None:
        """Return whether it is paused, its limit, its slots, the free ones, and whether it grows later."""
        state = self._run(self._left, {"api": api, "lease": LEASE_SECONDS})
        if not state:
            return None
        paused, limit, slots, free, grows_later = state[0]
        return bool(paused), limit, slots, free if grows_later else free + limit - slots, bool(grows_later)

    def _run(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        if not self._database.is_sqlite:
            with self._database.write() as connection:
                if statement is self._take:
                    # Acquire one slot at a time, so that each statement sees the changes of the one before.
                    connection.execute(_LOCK, {"api": parameters["api"]})
                return connection.execute(text(statement), parameters).all()
        return self._database.at_once(statement, {**parameters, "now": time.time()})

    def _cut(self, api: str, limits: Limits, lease_seconds: float) -> None:
        """Shorten leases and pauses that last too long because the clock was ahead when they started."""
        self._run(self._cut_slots, {"api": api, "lease": lease_seconds, "seconds": limits.seconds})
        self._run(self._cut_pause, {"api": api})
        self._run(self._cut_growth, {"api": api})

    def _configure(self, api: str, limits: Limits) -> None:
        now = self._database.now()
        given = {
            "requests": limits.requests,
            "seconds": limits.seconds,
            "connections": limits.connections,
        }
        upsert = self._database.insert(budget).values(api=api, paused_until=0, pause_seconds=0, **given)
        of_api = budget_slot.c.api == api
        with self._database.write() as connection:
            known = select(budget.c.seconds, budget.c.requests).where(budget.c.api == api).with_for_update()
            former = connection.execute(known).one_or_none()
            seconds = None if former is None else former.seconds
            connection.execute(upsert.on_conflict_do_update(index_elements=[budget.c.api], set_=given))
            if seconds is not None and seconds != limits.seconds:
                # The slots were set with the previous window.
                longer = limits.seconds - seconds
                connection.execute(update(budget_slot).where(of_api).values(free_at=budget_slot.c.free_at + longer))
                connection.execute(
                    update(budget).where(budget.c.api == api).values(grows_at=budget.c.grows_at + longer)
                )
            count = connection.execute(select(func.count()).select_from(budget_slot).where(of_api)).scalar_one()
            if count > limits.requests:
                longest_free = select(budget_slot.c.number).where(of_api).order_by(budget_slot.c.free_at)
                connection.execute(
                    delete(budget_slot).where(
                        of_api, budget_slot.c.number.in_(longest_free.limit(count - limits.requests))
                    )
                )
            elif count and former is not None and former.requests < limits.requests:
                # Slots that a lower limit removed may have been used just now.
                grown = update(budget).where(budget.c.api == api).values(grows_at=now + limits.seconds)
                connection.execute(grown)

    def _grow(self, api: str, limits: Limits) -> None:
        """Add slots in batches, so that adding and counting them are both fast."""
        of_api = budget_slot.c.api == api
        with self._database.write() as connection:
            connection.execute(select(budget.c.api).where(budget.c.api == api).with_for_update())
            statement = select(func.count(), func.coalesce(func.max(budget_slot.c.number), 0)).where(of_api)
            count, last = connection.execute(statement).one()
            added = min(limits.requests - count, max(_SMALLEST_PORTION, min(count, _LARGEST_PORTION)))
            if added > 0:
                connection.execute(
                    insert(budget_slot).values(free_at=0.0, leased_until=0.0),
                    [{"api": api, "number": last + number} for number in range(1, added + 1)],
                )
