from __future__ import annotations

from sqlalchemy import select, text

from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import Attempt, Blocked, Failed, SourceRecord
from akeneo_assets.store.schema import ledger
from akeneo_assets.store.store import Store
from akeneo_assets.store.work import _has_outdated_rules

RUN = Attempt("family:shoes", "run-1", looked_at=7.0)


def mirrored(kind: str, key: str, parent: str | None = None) -> SourceRecord:
    return SourceRecord(kind, key, {}, "h", parent=parent)


def test_waiting_records_are_those_that_akeneo_still_lists_there(store: Store) -> None:
    records = [
        mirrored("category", "blocked"),
        mirrored("product_model", "failed"),
        mirrored("product", "failed"),
        mirrored("product", "filtered"),
        mirrored("product", "gone"),
        mirrored("product", "now-a-variant", "failed"),
    ]
    store.mirror.merge(records, partition_key="family:shoes", read_at=1.0)
    store.mirror.mark_gone("product", ["gone"], at=2.0)
    for kind, key in [
        ("product_model", "failed"),
        ("product", "failed"),
        ("product", "gone"),
        ("product", "never-read"),
        ("product", "now-a-variant"),
    ]:
        store.ledger.fail([Failed(kind, key, "VALD-1002", "no name", RUN, retry=True)])
    store.ledger.block(
        [
            Blocked("category", "blocked", "cycle", "…", RUN, filtered=False),
            Blocked("variant", "now-a-variant", "missing_price", "…", RUN, filtered=False),
            Blocked("product", "filtered", "filtered", "…", RUN, filtered=True),
        ]
    )

    assert store.work.waiting() == {"failed": 2, "blocked": 2}


def test_records_mapped_by_other_rules_are_found_by_an_index(store: Store) -> None:
    families = {"a": "current", "b": "former", "c": "later", "d": None, "e": "former"}
    records = [SourceRecord("product", key, {}, "h", family=f"family-{key}") for key in families]
    records += [mirrored("category", "former"), mirrored("category", "current")]
    store.mirror.merge(records, partition_key="family:shoes", read_at=1.0)
    store.mirror.mark_gone("product", ["e"], at=2.0)
    sources = {key: SourceFingerprint("", rules, "s") if rules else None for key, rules in families.items()}
    store.ledger.block(
        [
            *(Blocked("product", key, "no_price", "…", RUN, source=source) for key, source in sources.items()),
            *(
                Blocked("category", rules, "cycle", "…", RUN, source=SourceFingerprint("", rules, "s"))
                for rules in ("former", "current")
            ),
        ]
    )

    assert store.work.families_with_outdated_rules("current") == ["family-b", "family-c"]
    assert store.work.categories_with_outdated_rules("current") == ["former"]
    with store._database.read() as connection:
        if connection.dialect.name == "sqlite":
            statement = select(ledger.c.key).where(ledger.c.kind == "product", _has_outdated_rules("current"))
            query = statement.compile(connection, compile_kwargs={"literal_binds": True})
            plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
            looks = [step.partition("USING ")[2] for step in plan if "ledger" in step]
            ranges = (
                "INDEX ledger_rules (kind=? AND source_rules<?)",
                "INDEX ledger_rules (kind=? AND source_rules>?)",
            )
            assert looks == [*ranges]
