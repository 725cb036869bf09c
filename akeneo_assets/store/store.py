"""The store: one database with all state of one subscription."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import SQLAlchemyError

from akeneo_assets.errors import ConfigurationError, StateError
from akeneo_assets.objects import SOURCES
from akeneo_assets.store.announcements import Announcements
from akeneo_assets.store.budget import DatabaseBudget
from akeneo_assets.store.capabilities import StoredCapabilities
from akeneo_assets.store.changelog import Changelog
from akeneo_assets.store.contacts import Contacts
from akeneo_assets.store.content_versions import ContentVersions
from akeneo_assets.store.database import Database
from akeneo_assets.store.failures import SETTING, state_error
from akeneo_assets.store.id_migration import MIGRATING, IdMigration
from akeneo_assets.store.ledger import Ledger
from akeneo_assets.store.links import Links
from akeneo_assets.store.locks import Locks
from akeneo_assets.store.mirror import Mirror
from akeneo_assets.store.open_problems import OpenProblems
from akeneo_assets.store.places import Places
from akeneo_assets.store.plan import Plan
from akeneo_assets.store.probe_records import ProbeRecords
from akeneo_assets.store.probe_runs import ProbeRuns
from akeneo_assets.store.product_trees import ProductTrees
from akeneo_assets.store.records import Accepted, Link
from akeneo_assets.store.reports import Reports
from akeneo_assets.store.run_leases import RunLeases
from akeneo_assets.store.schema import identity, ledger, mirror, windows
from akeneo_assets.store.structure_changes import StructureChanges
from akeneo_assets.store.sync_log import SyncLog
from akeneo_assets.store.tokens import DatabaseTokenStore
from akeneo_assets.store.unreadable import Unreadable
from akeneo_assets.store.upgrade import upgrade
from akeneo_assets.store.windows import Windows
from akeneo_assets.store.work import Work

_SETTINGS = {
    "akeneo_url": "AKENEO_API_URL",
    "ipaas_url": "IPAAS_API_URL",
    "subscription_id": "IPAAS_SUBSCRIPTION_ID",
    "product_id_format": "AKENEO_PRODUCT_ID_FORMAT",
}
_FORMAT = "product_id_format"


class Store:
    """All parts of the state in one database; thread-safe. Open one store per process, with :meth:`open`."""

    def __init__(self, database: Database, throttle: Database | None = None) -> None:
        self._database = database
        self._throttle = throttle
        self.mirror = Mirror(database)
        self.product_trees = ProductTrees(database)
        self.content_versions = ContentVersions(database)
        self.ledger = Ledger(database)
        self.changelog = Changelog(database)
        self.sync_log = SyncLog(database)
        self.plan = Plan(database)
        self.links = Links(database)
        self.places = Places(database)
        self.windows = Windows(database)
        self.budget = DatabaseBudget(database)
        self.akeneo_budget = self.budget if throttle is None else DatabaseBudget(throttle)
        self.locks = Locks(database)
        self.tokens = DatabaseTokenStore(database, self.locks)
        self.reports = Reports(database)
        self.work = Work(database)
        self.open_problems = OpenProblems(database)
        self.structure_changes = StructureChanges(database)
        self.id_migration = IdMigration(database)
        self.unreadable = Unreadable(database)
        self.run_leases = RunLeases(database)
        self.announcements = Announcements(database)
        self.contacts = Contacts(database)
        self.capabilities = StoredCapabilities(database)
        self.probe_records = ProbeRecords(database)
        self.probe_runs = ProbeRuns(database)

    @classmethod
    def open(cls, url: str, *, throttle_url: str | None = None) -> Store:
        """Open the database, creating or upgrading it if necessary.

        Several processes may call this at the same time.

        Args:
            url: SQLAlchemy URL of a SQLite file or a PostgreSQL database.
            throttle_url: URL of the database that counts the requests to Akeneo, if several subscriptions share it.

        Raises:
            ConfigurationError: The database cannot be opened, belongs to another program, or was written by a newer
                version.
            StateError: The disk is full, or the database is locked or read-only.
        """
        database = _opened(url)
        try:
            return cls(database, None if throttle_url is None else _opened(throttle_url))
        except BaseException:
            database.close()
            raise

    def accept(
        self,
        rows: Sequence[Accepted],
        links_by_record: Mapping[tuple[str, str], Sequence[Link]],
        *,
        partition_key: str,
        succeeds: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Record accepted records with their links, and mark links to them as due, all in one transaction.

        Args:
            rows: The records.
            links_by_record: Destination kind and key of a record → its links.
            partition_key: The partition that is delivered.
            succeeds: Kinds and keys of records whose places in iPaaS.com these records have taken over.
        """
        with self._database.write() as transaction:
            moment = self.links.lock(transaction)
            for kind, key in succeeds:
                self.links.lost(kind, key, moment, within=transaction)
                transaction.execute(delete(ledger).where(ledger.c.kind == kind, ledger.c.key == key))
            self.ledger.accept(rows, moment=moment, within=transaction)
            self.links.keep(links_by_record, partition_key, within=transaction)
            self.links.arrived(rows, moment, within=transaction)
        self.ledger.report_arrivals(rows)

    @property
    def address(self) -> str:
        """The URL of the database, without passwords."""
        return self._database.address

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        return self._database.file

    def bind(self, **identity_of_subscription: str) -> None:
        """Bind the database to one subscription, because its ids and keys are invalid for any other.

        Args:
            identity_of_subscription: ``akeneo_url``, ``ipaas_url``, ``subscription_id`` and ``product_id_format``; the
                last one is omitted during a migration of product ids. They may change until the first record is read
                or delivered.

        Raises:
            ConfigurationError: The database is bound to a different subscription; the message lists the differences.
        """
        known = self._identity()
        migrating = known.get(MIGRATING)
        if migrating is not None and _FORMAT in identity_of_subscription:
            raise ConfigurationError(
                f"The migration of product ids to {migrating} was not finished. "
                f"Continue with: akeneo-assets migrate-ids --to {migrating}",
                settings=("AKENEO_PRODUCT_ID_FORMAT",),
            )
        if any(known.get(name) != value for name, value in identity_of_subscription.items()):
            rows = [{"name": name, "value": value} for name, value in sorted(identity_of_subscription.items())]
            with self._database.write() as connection:
                insert = self._database.insert(identity)
                if self._holds_records(connection):
                    connection.execute(insert.on_conflict_do_nothing(), rows)
                else:
                    # It contains only the structure of a different catalogue.
                    connection.execute(delete(mirror))
                    connection.execute(delete(windows))
                    value = {"value": insert.excluded.value}
                    connection.execute(insert.on_conflict_do_update(index_elements=[identity.c.name], set_=value), rows)
            known = self._identity()
        format_set = identity_of_subscription.get(_FORMAT)
        different = [name for name, value in identity_of_subscription.items() if known[name] != value]
        if different == [_FORMAT]:
            raise ConfigurationError(
                f"AKENEO_PRODUCT_ID_FORMAT is {format_set}, but products are stored and linked in iPaaS.com by "
                f"{known[_FORMAT]}. Restore the setting, or migrate: akeneo-assets migrate-ids --to {format_set}",
                settings=("AKENEO_PRODUCT_ID_FORMAT",),
            )
        if different:
            names = [_SETTINGS.get(name, name) for name in different]
            lines = [
                f"{setting}: the database has {known[name]}, the setting is {identity_of_subscription[name]}"
                for name, setting in zip(different, names, strict=True)
            ]
            raise ConfigurationError(
                "The database belongs to a different subscription. Set a different "
                f"{SETTING}, or restore the settings:\n  " + "\n  ".join(lines),
                settings=(SETTING, *names),
            )

    def _holds_records(self, connection: Connection) -> bool:
        records = select(mirror.c.key).where(mirror.c.kind.in_(SOURCES))
        return any(
            connection.execute(statement.limit(1)).first() is not None for statement in (records, select(ledger.c.key))
        )

    def _identity(self) -> dict[str, str]:
        with self._database.read() as connection:
            return {row.name: row.value for row in connection.execute(select(identity))}

    def close(self) -> None:
        """Close all connections. The store cannot be used afterwards."""
        self._database.close()
        if self._throttle is not None:
            self._throttle.close()


def _opened(url: str) -> Database:
    database = Database(url)
    try:
        upgrade(database)
    except (SQLAlchemyError, sqlite3.Error, StateError) as error:
        database.close()
        failure = error if isinstance(error, StateError) else state_error(error)
        if failure.reason in {"full", "locked", "read_only"}:
            raise failure from None
        raise ConfigurationError(
            f"{SETTING}: the database {database.address} cannot be opened. Check the URL, that the server is "
            "running, and that the file or database belongs to this program.",
            settings=(SETTING,),
            detail=failure.detail,
        ) from None
    except ConfigurationError:
        database.close()
        raise
    return database
