"""The probes that run now, and what those that were interrupted found out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, not_, select, update
from sqlalchemy.exc import SQLAlchemyError

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.http.stopping import sleep
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import probe_runs

LEASE_SECONDS: Final = 20.0
"""How long a probe counts as running after it last said so. A killed one can be continued after this time."""

KEPT_SECONDS: Final = 86_400.0
"""How long the results of an interrupted probe can be used."""

_RENEWAL_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.2

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Interrupted:
    """A probe that was interrupted.

    Attributes:
        started_at: When it began, in epoch seconds.
        results: What it found out.
    """

    started_at: float
    results: JsonObject


class ProbeRuns:
    """Probes by their tokens, which are also in the names of the records that they make."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def held(self, token: str, side: str, basis: str, *, again: bool) -> Iterator[Interrupted | None]:
        """Run a probe during the block, and yield the interrupted one that it continues, if there is one.

        If the block raises an error, the results that were saved can be continued. If it does not, call :meth:`finish`.

        Args:
            token: The probe.
            side: ``akeneo`` or ``ipaas``.
            basis: What its results depend on; only a probe with the same basis is continued.
            again: Start from the beginning.
        """
        self._await_dead(side)
        done = threading.Event()

        def renew() -> None:
            while not done.wait(_RENEWAL_SECONDS):
                try:
                    self._hold(token, LEASE_SECONDS)
                except (SQLAlchemyError, AkeneoAssetsError) as error:
                    _log.debug("The lease of probe %s was not renewed: %s", token, error)

        interrupted = self._begin(token, side, basis, again=again)
        thread = threading.Thread(target=renew, name="renew-probe-lease", daemon=True)
        thread.start()
        try:
            yield interrupted
        finally:
            done.set()
            thread.join()
            self._hold(token, 0)

    def living(self) -> set[str]:
        """Return the probes that run now."""
        with self._database.read() as connection:
            return set(connection.execute(select(probe_runs.c.token).where(self._is_held())).scalars())

    def save(self, token: str, results: JsonObject) -> None:
        """Store what a probe found out so far."""
        with self._database.write() as connection:
            connection.execute(update(probe_runs).where(probe_runs.c.token == token).values(results=results))

    def finish(self, token: str) -> None:
        """Forget a probe that need not be continued."""
        with self._database.write() as connection:
            connection.execute(delete(probe_runs).where(probe_runs.c.token == token))

    def _begin(self, token: str, side: str, basis: str, *, again: bool) -> Interrupted | None:
        with self._database.write() as connection:
            ended = delete(probe_runs).where(probe_runs.c.side == side, not_(self._is_held()))
            found = [
                row
                for row in connection.execute(ended.returning(*probe_runs.c)).all()
                if row.basis == basis and row.started_at > time.time() - KEPT_SECONDS and not again
            ]
            chosen = max(found, key=lambda row: row.started_at, default=None)
            interrupted = None if chosen is None else Interrupted(chosen.started_at, chosen.results)
            connection.execute(
                self._database.insert(probe_runs).values(
                    token=token,
                    side=side,
                    basis=basis,
                    started_at=time.time() if interrupted is None else interrupted.started_at,
                    held_until=self._database.now() + LEASE_SECONDS,
                    results={} if interrupted is None else interrupted.results,
                )
            )
        return interrupted

    def _hold(self, token: str, seconds: float) -> None:
        with self._database.write() as connection:
            held_until = self._database.now() + seconds
            connection.execute(update(probe_runs).where(probe_runs.c.token == token).values(held_until=held_until))

    def _await_dead(self, side: str) -> None:
        """Wait until each other probe of this side has renewed its lease, or has lost it because it was killed."""
        undecided = self._leases(side)
        while undecided:
            sleep(_POLL_SECONDS)
            undecided &= self._leases(side)

    def _leases(self, side: str) -> set[tuple[str, float]]:
        with self._database.read() as connection:
            columns = (probe_runs.c.token, probe_runs.c.held_until)
            held = select(*columns).where(probe_runs.c.side == side, self._is_held())
            return {(row.token, row.held_until) for row in connection.execute(held)}

    def _is_held(self) -> ColumnElement[bool]:
        now = self._database.now()
        # A lease that is too long was taken while the clock was ahead.
        return probe_runs.c.held_until.between(now, now + LEASE_SECONDS)
