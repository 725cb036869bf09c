"""Detect dead runs: each run renews a lease in a background thread, and a lease that is not renewed expires.

Dagster itself does not detect this: a run whose process was killed remains *started* forever.
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
"""How long a lease lasts unless it is renewed."""

RENEWAL_SECONDS: Final = 10.0

GRACE_SECONDS: Final = 40.0
"""How long a run has to renew its lease after it expired, or to get its first lease. Runs must not be ended because a
machine slept or its clock was changed."""

_FORGOTTEN_AFTER_SECONDS: Final = 86_400.0

_log = logging.getLogger(__name__)


class RunLeases:
    """Leases of runs, by run id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def held(self, run_id: str) -> Iterator[None]:
        """Hold the lease of a run during the block.

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

    def current(self) -> set[str]:
        """Return the runs that renew their leases now."""
        held = select(run_leases.c.run_id).where(
            run_leases.c.held_until > self._database.now(), ~run_leases.c.suspected
        )
        with self._database.read() as connection:
            return set(connection.execute(held).scalars())

    def dead(self, run_ids: Iterable[str]) -> set[str]:
        """Return the runs whose process ended without reporting it.

        A run is dead if its lease has expired, and is still expired in another call at least ``GRACE_SECONDS`` later.
        Detecting a dead run therefore takes at least two calls.

        Args:
            run_ids: Runs that Dagster reports as started.
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
        with self._database.write() as connection:
            values = {"held_until": self._database.now() + LEASE_SECONDS, "suspected": false()}
            insert = self._database.insert(run_leases).values(run_id=run_id, **values)
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
                # Unless it was renewed in the meantime.
                connection.execute(update(run_leases).where(of_run, run_leases.c.held_until <= now).values(values))
            for run_id in unknown:
                insert = self._database.insert(run_leases).values(run_id=run_id, **values)
                connection.execute(insert.on_conflict_do_nothing())


@contextmanager
def _ignored_errors(run_id: str) -> Iterator[None]:
    """Ignore database errors: the run itself will meet and report them."""
    try:
        yield
    except (SQLAlchemyError, AkeneoAssetsError) as error:
        _log.debug("The lease of run %s was not written: %s", run_id, error)
