"""Which open problems were announced, by channel; and which records have problems now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Row, delete, select

from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import chunks
from akeneo_assets.store.schema import announcements, ledger
from akeneo_assets.store.work import is_listed, is_open

_OPEN = select(
    ledger.c.kind, ledger.c.key, ledger.c.sku, ledger.c.state, ledger.c.error_code, ledger.c.error_message
).where(is_open(), is_listed())


class Announcements:
    """The messages that each channel has received."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_records(self) -> list[Row[tuple[str, str, str | None, str, str | None, str | None]]]:
        """Return kind, key, SKU, state, error code and message of failed and blocked records, oldest first.

        Records that Akeneo no longer lists are left out.
        """
        with self._database.read() as connection:
            return list(connection.execute(_OPEN.order_by(ledger.c.failed_at, ledger.c.kind, ledger.c.key)))

    def of(self, channel: str) -> dict[str, str]:
        """Return the problems that were announced to a channel: title by subject."""
        statement = select(announcements.c.subject, announcements.c.title).where(announcements.c.channel == channel)
        with self._database.read() as connection:
            return {row.subject: row.title for row in connection.execute(statement)}

    def note(self, channel: str, new: Mapping[str, str], recovered: Iterable[str]) -> None:
        """Record what was announced to a channel, in one transaction.

        Args:
            channel: Name of the channel.
            new: Title by subject of the announced problems.
            recovered: Subjects of the problems that were announced as solved.
        """
        rows = [{"channel": channel, "subject": subject, "title": title} for subject, title in new.items()]
        with self._database.write() as connection:
            for some in chunks(sorted(recovered)):
                connection.execute(
                    delete(announcements).where(announcements.c.channel == channel, announcements.c.subject.in_(some))
                )
            if rows:
                insert = self._database.insert(announcements)
                connection.execute(insert.on_conflict_do_nothing(), rows)
