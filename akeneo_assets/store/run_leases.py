"""Which runs are alive: each renews a lease from a background thread, and a lease that is not renewed ends by itself.

Dagster itself cannot tell: a run whose process was killed stays *started* there for ever.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import delete, false, select, true, update
from sqlalchemy.exc import SQLAlchemyError

from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.store.database import Database
from akeneo_assets.store.schema import run_leases

LEASE_SECONDS: Final = 45.0
"""How long a lease lasts that is not renewed."""

RENEWAL_SECONDS: Final = 10.0

GRACE_SECONDS: Final = 40.0
"""How long a run may take to prove that it lives, once its lease has ended or while it has none yet. A machine that
slept, or whose clock was set, must not end runs that live."""

_FORGOTTEN_AFTER_SECONDS: Final = 86_400.0

_log = logging.getLogger(__name__)


class RunLeases:
    """Leases of runs, by run id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def held(self, run_id: str) -> Iterator[None]:
        """Hold the lease of a run while the block executes.

        Args:
            run_id: The run that this process executes.
        """
        done = threading.Event()

        def renew() -> None:
            while not done.wait(RENEWAL_SECONDS):
                with _ignored_errors(run_id):
                    self._renew(run_id)

        with _ignored_errors(run_id):
            self._renew(run_id)
        thread = threading.Thread(target=renew, name="renew-run-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            with _ignored_errors(run_id), self._database.write() as connection:
                connection.execute(delete(run_leases).where(run_leases.c.run_id == run_id))

    def dead(self, run_ids: Iterable[str]) -> set[str]:
        """Return the runs that have ended without saying so.

        A run is dead when its lease has ended and another look, ``GRACE_SECONDS`` later, still finds it so. So at
        least two calls lie between the end of a process and the answer.

        Args:
            run_ids: Runs that Dagster calls started.
        """
        wanted = sorted(run_ids)
        if not wanted:
            return set()
        now = self._database.now()
        with self._database.read() as connection:
            expired = select(run_leases.c.run_id, run_leases.c.suspected, run_leases.c.held_until <= now)
            rows = connection.execute(expired.where(run_leases.c.run_id.in_(wanted))).all()
        known = {run_id for run_id, _, _ in rows}
        late = {run_id for run_id, suspected, is_over in rows if is_over and not suspected}
        if late or known != set(wanted):
            self._suspect(late, [run_id for run_id in wanted if run_id not in known])
        return {run_id for run_id, suspected, is_over in rows if is_over and suspected}

    def _renew(self, run_id: str) -> None:
        now = self._database.now()
        values = {"held_until": now + LEASE_SECONDS, "suspected": false()}
        insert = self._database.insert(run_leases).values(run_id=run_id, **values)
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=[run_leases.c.run_id], set_=values))

    def _suspect(self, late: Iterable[str], unknown: Iterable[str]) -> None:
        now = self._database.now()
        values = {"held_until": now + GRACE_SECONDS, "suspected": true()}
        with self._database.write() as connection:
            connection.execute(
                delete(run_leases).where(
                    run_leases.c.suspected, run_leases.c.held_until <= now - _FORGOTTEN_AFTER_SECONDS
                )
            )
            for run_id in late:
                of_run = run_leases.c.run_id == run_id
                # Unless it was renewed since it was looked at.
                connection.execute(update(run_leases).where(of_run, run_leases.c.held_until <= now).values(values))
            for run_id in unknown:
                insert = self._database.insert(run_leases).values(run_id=run_id, **values)
                connection.execute(insert.on_conflict_do_nothing())


@contextmanager
def _ignored_errors(run_id: str) -> Iterator[None]:
    """Go on without the database: the run itself meets what is wrong with it, and reports it better."""
    try:
        yield
    except (SQLAlchemyError, AkeneoAssetsError) as error:
        _log.debug("The lease of run %s was not written: %s", run_id, error)
