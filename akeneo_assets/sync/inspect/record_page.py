"""The page about one record as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from akeneo_assets.documents import canonical_bytes
from akeneo_assets.sync.difference import in_words
from akeneo_assets.sync.inspect.explain import Explanation
from akeneo_assets.sync.inspect.first_fields import what_changed
from akeneo_assets.sync.not_stored import why_not_stored

_SHOWN = 200


def record_page(found: Explanation) -> str:
    """Return the page: identity, open problem, next retry, difference, fields and timeline."""
    return "\n\n".join(_sections(found))


def _sections(found: Explanation) -> Iterator[str]:
    record, entry = found.record, found.entry
    yield f"# {record.kind.replace('_', ' ')} {_cell(record.key)}"
    sku = entry.sku if entry is not None else found.mapped and found.mapped.sku
    facts = [("key in Akeneo", record.key), ("SKU", sku)]
    if entry is not None:
        facts += [
            ("iPaaS.com id", entry.ipaas_id),
            ("state", entry.state),
            ("last accepted", _time(entry.sent_at)),
            ("next retry", _time(entry.next_retry_at)),
        ]
    yield _table(("", ""), [fact for fact in facts if fact[1]])
    if found.problem is not None:
        yield f"**Cannot be sent** `{found.problem.code}` {_cell(found.problem.message)}"
    if entry is not None and entry.state in {"failed", "blocked"}:
        yield f"**{entry.state}** `{entry.error_code}` {_cell(entry.error_message)}"
    if found.differs:
        yield f"**Waiting to be sent**: {_cell(in_words(found.differs))}"
    for name in found.not_stored:
        yield f"**Not stored** {_cell(why_not_stored(name))}"
    yield "## Fields"
    yield _table(
        ("field", "is sent as", "comes from", "in Akeneo"),
        [(each.destination, each.result, f"{each.rule} {each.source or ''}", each.value) for each in found.fields],
    )
    yield "## Timeline"
    if not found.history:
        yield "Nothing was sent since the changelog began."
        return
    yield _table(
        ("when", "status", "action", "reason", "attempts", "changes", "error", "run"),
        [
            (
                _time(each.at),
                each.status,
                each.action,
                each.reason,
                each.attempts,
                what_changed(each),
                each.error_message,
                each.run_id,
            )
            for each in found.history
        ],
    )


def _table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [titles, ["---"] * len(titles), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    """Return a value on one line that neither ends a cell nor is markup."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else canonical_bytes(value).decode()
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    for sign in "\\`*_[]<>|":
        shown = shown.replace(sign, f"\\{sign}")
    return " ".join(shown.split())


def _time(at: float | None) -> str | None:
    return None if at is None else f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
