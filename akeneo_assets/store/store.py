"""The store: one database with all the state of one subscription."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import SQLAlchemyError

from akeneo_assets.errors import ConfigurationError, StateError
from akeneo_assets.store.budget import DatabaseBudget
from akeneo_assets.store.database import Database
from akeneo_assets.store.failures import SETTING, state_error
from akeneo_assets.store.ledger import Ledger
from akeneo_assets.store.links import Links
from akeneo_assets.store.mirror import Mirror
from akeneo_assets.store.plan import Plan
from akeneo_assets.store.records import Accepted, ParkedLink
from akeneo_assets.store.reports import Reports
from akeneo_assets.store.schema import identity, ledger, mirror
from akeneo_assets.store.structure_changes import StructureChanges
from akeneo_assets.store.tokens import DatabaseTokenStore
from akeneo_assets.store.upgrade import upgrade
from akeneo_assets.store.windows import Windows
from akeneo_assets.store.work import Work

_SETTINGS = {
    "akeneo_url": "AKENEO_API_URL",
    "ipaas_url": "IPAAS_API_URL",
    "subscription_id": "IPAAS_SUBSCRIPTION_ID",
    "product_id_format": "AKENEO_PRODUCT_ID_FORMAT",
}
_RECORD_KINDS = ("category", "product_model", "product")


class Store:
    """All parts on one database; thread-safe. Open it with :meth:`open`, one a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.mirror = Mirror(database)
        self.ledger = Ledger(database)
        self.plan = Plan(database)
        self.links = Links(database)
        self.windows = Windows(database)
        self.budget = DatabaseBudget(database)
        self.tokens = DatabaseTokenStore(database)
        self.reports = Reports(database)
        self.work = Work(database)
        self.structure_changes = StructureChanges(database)

    @classmethod
    def open(cls, url: str) -> Store:
        """Open the database, create it where it is missing, and bring its tables up to date.

        Several processes may do so at once.

        Args:
            url: SQLAlchemy address of a SQLite file or a PostgreSQL database.

        Raises:
            ConfigurationError: It cannot be opened, belongs to something else, or was written by a newer version.
            StateError: Its disk is full, or it is locked or read-only.
        """
        database = Database(url)
        try:
            upgrade(database)
        except (SQLAlchemyError, sqlite3.Error, StateError) as error:
            database.close()
            failure = error if isinstance(error, StateError) else state_error(error)
            if failure.reason in {"full", "locked", "read_only"}:
                raise failure from None
            shown = database.url.render_as_string(hide_password=True)
            raise ConfigurationError(
                f"{SETTING}: the database {shown} cannot be opened. Check the address, that the server runs, and "
                "that the file or database belongs to this program.",
                settings=(SETTING,),
                detail=failure.detail,
            ) from None
        except ConfigurationError:
            database.close()
            raise
        return cls(database)

    def accept(
        self,
        rows: Sequence[Accepted],
        parked: Mapping[tuple[str, str], Sequence[ParkedLink]],
        *,
        partition_key: str,
    ) -> None:
        """Record what iPaaS.com took and the links that are still missing from it, both or neither.

        Args:
            rows: The records.
            parked: Destination kind and key of a record → its links whose target is missing.
            partition_key: The partition that is delivered.
        """
        with self._database.write() as transaction:
            self.ledger.accept(rows, within=transaction)
            self.links.park(parked, partition_key, within=transaction)

    @property
    def address(self) -> str:
        """Address of the database, without its password."""
        return self._database.url.render_as_string(hide_password=True)

    def bind(self, **identity_of_subscription: str) -> None:
        """Tie the database to one subscription: its ids and keys mean nothing to another one.

        Args:
            identity_of_subscription: ``akeneo_url``, ``ipaas_url``, ``subscription_id``, ``product_id_format``. They
                may change as long as no record was read or delivered: until then a first setting may be a mistake.

        Raises:
            ConfigurationError: The database is tied to another subscription; the message names what differs.
        """
        known = self._identity()
        if known != identity_of_subscription:
            rows = [{"name": name, "value": value} for name, value in sorted(identity_of_subscription.items())]
            with self._database.write() as connection:
                insert = self._database.insert(identity)
                if self._holds_records(connection):
                    connection.execute(insert.on_conflict_do_nothing(), rows)
                else:
                    # The structure of another catalogue.
                    connection.execute(delete(mirror))
                    value = {"value": insert.excluded.value}
                    connection.execute(insert.on_conflict_do_update(index_elements=[identity.c.name], set_=value), rows)
            known = self._identity()
        different = [name for name, value in identity_of_subscription.items() if known[name] != value]
        if different:
            names = [_SETTINGS.get(name, name) for name in different]
            lines = [
                f"{setting}: the database has {known[name]}, the setting is {identity_of_subscription[name]}"
                for name, setting in zip(different, names, strict=True)
            ]
            raise ConfigurationError(
                "The database holds the state of another subscription. Set another "
                f"{SETTING}, or put the settings back:\n  " + "\n  ".join(lines),
                settings=(SETTING, *names),
            )

    def _holds_records(self, connection: Connection) -> bool:
        records = select(mirror.c.key).where(mirror.c.kind.in_(_RECORD_KINDS))
        return any(
            connection.execute(statement.limit(1)).first() is not None for statement in (records, select(ledger.c.key))
        )

    def _identity(self) -> dict[str, str]:
        with self._database.read() as connection:
            return {row.name: row.value for row in connection.execute(select(identity))}

    def close(self) -> None:
        """Close all connections; a closed store is not used again."""
        self.budget.close()
        self._database.close()
