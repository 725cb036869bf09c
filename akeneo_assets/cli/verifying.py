"""``akeneo-assets verify``: proves that both catalogues agree, or names what differs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from itertools import chain
from typing import Any, Final

from akeneo_assets.cli.display import errors, output, print_error, print_json
from akeneo_assets.cli.subscriptions import chosen_settings, command
from akeneo_assets.cli.tables import shown
from akeneo_assets.cli.terminal import escape
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.objects import KINDS
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.inspect.lag import lag
from akeneo_assets.sync.inspect.proof import sentence
from akeneo_assets.sync.inspect.reconcile import Counts, LinkCounts, reconcile, reconcile_links
from akeneo_assets.sync.inspect.verify import Drifted, ReadBack, Verifier

_IN_JSON: Final = 1_000
"""How many differing records are listed in the JSON; all of them are counted."""


def verify(*, sample: int, everything: bool, after: str | None, repair: bool, as_json: bool) -> int:
    """Reconcile the counts, read records back from iPaaS.com, and print what differs.

    Args:
        sample: How many records to read back.
        everything: Read all records back instead.
        after: With ``everything``, continue after this record, e.g. ``product 1234``.
        repair: Make the differing records due.
        as_json: Print JSON instead of text.

    Returns:
        0 if the counts and all records that were read back agree, else 1.

    Raises:
        ConfigurationError: ``after`` is not a record, or it is given without ``everything``.
    """
    if after is not None and not everything:
        raise ConfigurationError("--after continues a comparison of all records. Use it together with --all.")
    start = _record(after)
    with closing(connect(chosen_settings(), run_id="verify")) as engine:
        engine.log_in()
        counts, links = reconcile(engine), reconcile_links(engine)
        verifier = Verifier(engine.store, engine.ipaas, engine.settings.ipaas_subscription_id)
        records: Iterator[tuple[str, str]]
        if everything:
            records = chain.from_iterable(engine.store.ledger.comparable(start))
        else:
            # Each day has its own sample, so that over time all records are read back.
            records = iter(verifier.sample(sample, f"{datetime.now(timezone.utc):%Y-%m-%d}"))
        total = ReadBack()
        differ, last = 0, start

        def add(page: ReadBack, reached: tuple[str, str]) -> None:
            nonlocal differ, last
            total.records += page.records
            total.skipped += page.skipped
            differ += len(page.differ)
            if repair:
                verifier.repair(page.differ)
            if as_json:
                total.differ += page.differ[: _IN_JSON - len(total.differ)]
            else:
                for each in page.differ:
                    _print_drift(each)
            last = reached

        try:
            verifier.read_back(records, add)
        except BaseException:
            if everything and last is not None:
                errors.print(f"Continue with: {command('verify --all')} --after '{escape(' '.join(last))}'")
            raise
        oldest = lag(engine.store).oldest_edit_seconds
    agree = differ == 0 and all(each.agree for each in counts) and all(each.agree for each in links)
    if as_json:
        print_json(
            {
                "agree": agree,
                "counts": [{**asdict(each), "agree": each.agree} for each in counts],
                "links": [{**asdict(each), "agree": each.agree} for each in links],
                "oldest_edit_seconds": oldest,
                "read_back": total.records,
                "skipped": total.skipped,
                "differ": differ,
                "repair": repair,
                "records": [asdict(each) for each in total.differ],
            }
        )
    else:
        _print_summary(counts, links, total, differ, oldest, repair=repair)
    return int(not agree)


def _record(after: str | None) -> tuple[str, str] | None:
    if after is None:
        return None
    kind, _, key = after.partition(" ")
    if kind not in KINDS or not key:
        raise ConfigurationError(f"--after: {after!r} is not a record. Use a kind and a key like 'product 1234'.")
    return kind, key


def _print_drift(drifted: Drifted) -> None:
    name = f"{drifted.kind.replace('_', ' ')} {drifted.sku or drifted.key}"
    if "record" in drifted.fields:
        output.print(f"[bold]{escape(name)}[/] is no longer in iPaaS.com (id {escape(drifted.ipaas_id)})")
        return
    output.print(f"[bold]{escape(name)}[/] differs in iPaaS.com (id {escape(drifted.ipaas_id)}):")
    for field, values in drifted.fields.items():
        output.print(
            f"  {escape(field)}: sent {escape(_text(values['accepted']))}, now {escape(_text(values['found']))}"
        )


def _text(value: Any) -> str:
    return "nothing" if value is None else shown(value)


def _print_summary(
    counts: list[Counts], links: list[LinkCounts], total: ReadBack, differ: int, oldest: float | None, *, repair: bool
) -> None:
    for each in counts:
        if not each.agree:
            states = ", ".join(f"{count} {state}" for state, count in sorted(each.states.items())) or "none"
            listed = "does not tell how many it has" if each.akeneo is None else f"lists {each.akeneo:,}"
            print_error(
                f"{each.kind.replace('_', ' ')}: Akeneo {listed}, the mirror has {each.mirror:,} "
                f"({states}). "
                f"Next: {command('sync changes')}, then {command('status')}"
            )
    for link in links:
        if not link.agree:
            print_error(
                f"{link.table}: {link.ledger:,} external ids were sent, iPaaS.com has {link.ipaas:,} of them. "
                f"To find out which records are missing: {command('verify --all')}"
            )
    output.print(sentence(counts, total.records, differ, oldest))
    if total.skipped:
        output.print(f"{total.skipped:,} could not be compared; they are being sent, or cannot be read.")
    if differ:
        output.print(
            f"The {differ:,} that differ will be sent again by the next sync. Next: {command('sync changes')}"
            if repair
            else f"To send the records that differ again: {command('verify --repair')}, then {command('sync changes')}"
        )
