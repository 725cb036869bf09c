"""``akeneo-assets explain``: where each field of a record comes from, and the state of the record."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any, Final

from akeneo_assets.cli.display import output, print_json
from akeneo_assets.cli.subscriptions import chosen_settings, command
from akeneo_assets.cli.tables import print_differences, print_table, shown
from akeneo_assets.cli.terminal import escape
from akeneo_assets.mapping.record.explain import Explained
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.objects import KINDS
from akeneo_assets.store.records import ChangelogEntry, LedgerEntry
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.inspect.explain import Explanation, explain
from akeneo_assets.sync.inspect.first_fields import what_changed
from akeneo_assets.sync.not_stored import why_not_stored

_STATE: Final = (
    "state",
    "ipaas_id",
    "sku",
    "attempts",
    "error_code",
    "error_message",
    "failed_at",
    "next_retry_at",
    "sent_at",
)


def explain_record(kind: str, record_id: str, *, as_json: bool) -> int:
    """Print where each field of a record in the mirror comes from, and the state of the record.

    Args:
        kind: A kind as users name it; ``product`` also stands for variants and bundles.
        record_id: A code or SKU; for products also the uuid or the identifier.
        as_json: Print JSON instead of a table.

    Returns:
        1 when the record failed, is blocked or cannot be mapped, else 0.
    """
    with closing(connect(chosen_settings(), run_id="explain")) as engine:
        found = explain(engine, kind, record_id)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)
    return int(found.problem is not None or (found.entry is not None and found.entry.state in {"failed", "blocked"}))


def _document(found: Explanation) -> dict[str, Any]:
    return {
        "kind": found.record.kind,
        "key": found.record.key,
        "fields": [asdict(field) for field in found.fields],
        "problem": None if found.problem is None else found.problem._asdict(),
        "mapped": None if found.mapped is None else found.mapped.to_document(),
        "ledger": None if found.entry is None else _entry(found.entry),
        "differs": found.differs,
        "timeline": [_event(each) for each in found.history],
        "not_stored": found.not_stored,
        "targets": {name: target and asdict(target) for name, target in found.targets.items()},
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        name: _moment(value) if name.endswith("_at") else value
        for name in _STATE
        for value in [getattr(entry, name)]
        if value is not None
    }


def _event(event: ChangelogEntry) -> dict[str, Any]:
    known = asdict(event) | {"seconds_since_edit": event.seconds_since_edit}
    del known["moment"]
    return known | {name: value and _moment(value) for name, value in known.items() if name in {"at", "edited_at"}}


def _print(found: Explanation) -> None:
    output.print(f"[bold]{found.record.kind.replace('_', ' ')} {escape(found.record.key)}[/]")
    rows = [
        (field.destination, shown(field.result), _rule(field), shown(field.value), _choice(field, found))
        for field in found.fields
    ]
    print_table(("field", "is sent as", "comes from", "in Akeneo", "chosen"), rows)
    if found.mapped is not None:
        for what in _links(found.mapped):
            output.print(escape(what))
    warnings = {
        f"{field.destination}: {reason}": "Left out" if field.result is None else "Changed"
        for field in found.fields
        for reason in field.warnings
    }
    for each in () if found.mapped is None else found.mapped.warnings:
        warnings.setdefault(f"{each.field}: {each.reason}", "Left out")
    for warning, effect in warnings.items():
        output.print(f"[yellow]{effect}[/] {escape(warning)}")
    if found.problem is not None:
        _print_problem("Cannot be sent", found.problem.code, found.problem.message)
    _print_state(found)
    if found.history:
        output.print("\nTimeline")
        rows = [
            (
                _moment(each.at),
                each.status,
                each.action or "",
                each.reason,
                each.error_code or what_changed(each),
            )
            for each in found.history
        ]
        print_table(("when", "status", "action", "reason", "changes or error"), rows)


def _rule(field: Explained) -> str:
    rule = field.rule if field.source is None else f"{field.rule} {field.source}"
    return rule if field.part is None else f"{rule} of {field.part}"


def _choice(field: Explained, found: Explanation) -> str:
    if field.destination in found.targets:
        target = found.targets[field.destination]
        return "not in iPaaS.com yet" if target is None else f"in iPaaS.com, id {target.ipaas_id}"
    if field.choice is None:
        return ""
    scope = ", ".join(part for part in (field.channel, field.locale) if part is not None)
    return f"{scope} ({field.choice})" if scope else field.choice


def _links(mapped: MappedRecord) -> list[str]:
    """Return the links that come from the record's position in the catalogue, not from the mapping."""
    lines = {
        "Parent": [] if mapped.parent is None else [mapped.parent.key],
        "Categories": [each.key for each in mapped.categories],
        "Variants": [each.sku or each.key for each in mapped.variants],
    }
    return [f"{what}: {', '.join(keys)}" for what, keys in lines.items() if keys]


def _print_state(found: Explanation) -> None:
    entry = found.entry
    if entry is None or (entry.state == "pending" and entry.sent_at is None):
        kind = KINDS[found.record.kind].source_kind
        output.print(f"\nNot sent yet. Next: {command('sync record')} {kind} {escape(found.record.key)}")
        return
    facts = [f"state {entry.state}"]
    if entry.ipaas_id is not None:
        facts.append(f"iPaaS.com id {entry.ipaas_id}")
    for what, at in (
        ("last accepted", entry.sent_at),
        ("failed", entry.failed_at),
        ("next retry", entry.next_retry_at),
    ):
        if at is not None:
            facts.append(f"{what} {_moment(at)}")
    output.print(f"\n{', '.join(facts)}")
    if entry.state in {"failed", "blocked"}:
        _print_problem(f"Last result: {entry.state}", entry.error_code, entry.error_message)
    if found.differs:
        output.print("\nDifferent from what iPaaS.com last accepted:")
        print_differences(found.differs)
    elif found.differs is not None:
        output.print("No difference from what iPaaS.com last accepted.")
    for name, value in found.not_stored.items():
        output.print(f"[yellow]Not stored[/] {escape(why_not_stored(name))}")
        if value is not None:
            output.print(f"It is still {escape(shown(value))}.")


def _print_problem(what: str, code: str | None, message: str | None) -> None:
    output.print(f"[bold red]{what}[/] [dim]{escape(code or '')}[/] {escape(message or '')}")


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
