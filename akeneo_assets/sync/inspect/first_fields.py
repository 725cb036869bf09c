"""Completes the timeline of a record with the fields that it was created with, which the changelog does not store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from akeneo_assets.http.redaction import without_secrets
from akeneo_assets.store.records import ChangelogEntry, LedgerEntry
from akeneo_assets.sync.difference import as_values, fields_of, in_words


def with_first_fields(history: Sequence[ChangelogEntry], entry: LedgerEntry | None) -> tuple[ChangelogEntry, ...]:
    """Return the timeline with all fields of the record where it was sent for the first time.

    They are what the record has now, with all later changes undone.

    Args:
        history: The entries of one record, newest first.
        entry: Its ledger entry; None if it was never sent.
    """
    if entry is None or entry.document is None:
        return tuple(history)
    fields = without_secrets(fields_of(entry.document))
    completed = []
    for event in history:
        shown = event
        if event.status == "sent" and event.changes is None:
            first = {name: value for name, value in sorted(fields.items()) if value not in (None, "", [], {})}
            shown = replace(event, changes={name: {"from": None, "to": value} for name, value in first.items()})
        elif event.status == "sent":
            fields |= {name: change["from"] for name, change in (event.changes or {}).items()}
        completed.append(shown)
    return tuple(completed)


def what_changed(event: ChangelogEntry) -> str:
    """Return the changed fields of an entry as one line; for a new record, the fields that it was created with."""
    changes = event.changes or {}
    if changes and event.action == "create" and all(each["from"] is None for each in changes.values()):
        return f"created with {as_values(changes)}"
    return in_words(changes)
