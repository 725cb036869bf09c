"""The table *problems*: what is open now in a partition, whichever run caused it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timezone

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.objects import ObjectName
from akeneo_assets.settings import link
from akeneo_assets.store.open_problems import OpenProblem
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.open_now import fields_in, label_of, problems_in
from akeneo_assets.sync.results import PROBLEM_LIMIT, Problem


def problem_rows(
    engine: Engine,
    object_name: ObjectName,
    partition_key: str,
    *,
    states: Collection[str],
    noted: Sequence[Problem] = (),
) -> list[dict[str, str]]:
    """Return the rows of the table, the oldest problem first.

    Args:
        engine: The engine of the run.
        object_name: One of the six objects.
        partition_key: The partition.
        states: The states of records that are problems of the asset.
        noted: What a step noted about other records, such as parts that were left out of a record that was sent.
    """
    found = problems_in(engine.store, object_name, partition_key, PROBLEM_LIMIT, states=states) if states else []
    known = {(each.kind, each.key) for each in found}
    others = [
        OpenProblem(each.kind, each.key, code=each.code, message=each.message)
        for each in noted
        if (each.kind, each.key) not in known
    ]
    structure = _structure(engine) if found else None
    return [_row(engine, each, structure) for each in [*found, *others][:PROBLEM_LIMIT]]


def field_rows(engine: Engine, object_name: ObjectName, partition_key: str) -> list[dict[str, str]]:
    """Return the rows of the table for the fields of a partition that iPaaS.com does not store, the oldest first."""
    found = fields_in(engine.store, object_name, partition_key, PROBLEM_LIMIT)
    structure = _structure(engine) if found else None
    return [_row(engine, each, structure) for each in found]


def time_of(at: float | None) -> str:
    """Return a time as text; empty if there is none."""
    return "" if at is None else f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def _structure(engine: Engine) -> Structure | None:
    try:
        return engine.structure
    except ConfigurationError:
        return None  # it was never read, so no label is known


def _row(engine: Engine, problem: OpenProblem, structure: Structure | None) -> dict[str, str]:
    # Every row has the same columns, because the first one decides which columns the table has.
    return {
        "record": f"{problem.kind} {problem.key}",
        "SKU": problem.sku or "",
        "label": label_of(problem.document, structure, engine.mapping.settings.locale) or "",
        "code": problem.code or "",
        "what to do": problem.message or "",
        "attempts": str(problem.attempts or ""),
        "since": time_of(problem.since),
        "next retry": time_of(problem.next_retry_at),
        **dict(_links(engine, problem)),
    }


def _links(engine: Engine, problem: OpenProblem) -> Iterator[tuple[str, str]]:
    """Yield the links to the record on both sides, for which there is a template."""
    for title, template, record_id in (
        ("Akeneo", engine.settings.akeneo_record_url, problem.key),
        ("iPaaS.com", engine.settings.ipaas_record_url, problem.ipaas_id),
    ):
        if template is not None:
            sku = problem.sku or ""
            yield title, link(template, kind=problem.kind, id=record_id, sku=sku) if record_id else ""
