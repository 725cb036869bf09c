"""Describes what happens to records, for the changelog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.store.records import Accepted, Event, LedgerEntry
from akeneo_assets.sync.deliver.sender import Sent
from akeneo_assets.sync.deliver.tasks import DeliveryTask
from akeneo_assets.sync.destination import IpaasError
from akeneo_assets.sync.difference import difference

RuleOf: TypeAlias = Callable[[str, str], str | None]
"""Returns the rule of the mapping that fills a field of a kind of record."""


@dataclass(frozen=True)
class Events:
    """Describes attempts to send records.

    Attributes:
        rule_of: Returns the rule that fills a field.
    """

    rule_of: RuleOf

    def sent(self, row: Accepted, task: DeliveryTask, entry: LedgerEntry | None, sent: Sent) -> Accepted:
        """Return an accepted record with its event.

        Args:
            row: The record.
            task: The task that sent it.
            entry: Its previous ledger entry.
            sent: What iPaaS.com accepted.
        """
        event = Event(
            "create" if sent.how == "created" else "update",
            task.row.reason,
            _attempts(entry),
            changes=self._changes(row.kind, entry, row.document),
            request=sent.request,
            response=sent.response,
            edited_at=task.edit_times.get((row.kind, row.key)),
        )
        return replace(row, event=event)

    def sent_with_its_model(self, row: Accepted, task: DeliveryTask, entry: LedgerEntry | None) -> Accepted:
        """Return an accepted variant, with an event if it is new or changed; others were only repeated.

        Args:
            row: The variant.
            task: The task that sent its product model.
            entry: The variant's previous ledger entry.
        """
        changes = self._changes(row.kind, entry, row.document)
        if entry is not None and entry.state == "sent" and changes == {}:
            return row
        is_new = entry is None or entry.ipaas_id is None
        edited_at = task.edit_times.get((row.kind, row.key))
        event = Event(
            "create" if is_new else "update", task.row.reason, _attempts(entry), changes=changes, edited_at=edited_at
        )
        return replace(row, event=event)

    def failed(self, task: DeliveryTask, kind: str, key: str, error: AkeneoAssetsError | None) -> Event:
        """Describe a record that was not accepted.

        Args:
            task: The task that sent it.
            kind: Its kind.
            key: Its key.
            error: Why it was not accepted; None for a variant that is missing in a response.
        """
        tree = (task.mapped, *task.mapped.variants)
        mapped = next((each for each in tree if (each.kind, each.key) == (kind, key)), None)
        document = None if mapped is None else replace(mapped, variants=()).to_document()
        entry = task.entry if kind == task.row.kind else task.variant_entries.get(key)
        is_new = entry is None or entry.ipaas_id is None
        return Event(
            "create" if is_new else "update",
            task.row.reason,
            _attempts(entry),
            sku=None if mapped is None else mapped.sku,
            ipaas_id=None if entry is None else entry.ipaas_id,
            changes=self._changes(kind, entry, document),
            request=None if error is None else error.request,
            response=error.document if isinstance(error, IpaasError) else None,
            edited_at=task.edit_times.get((kind, key)),
        )

    def _changes(self, kind: str, entry: LedgerEntry | None, document: JsonObject | None) -> JsonObject | None:
        if entry is None or entry.document is None or document is None:
            return None
        return {
            field: {**change, "rule": self.rule_of(kind, field)}
            for field, change in difference(entry.document, document).items()
        }


def _attempts(entry: LedgerEntry | None) -> int:
    return 1 if entry is None else entry.attempts + 1
