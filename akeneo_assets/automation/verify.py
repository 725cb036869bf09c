"""The check ``agrees``, which compares both catalogues, with its job and its schedule."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Final

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from pydantic import Field

from akeneo_assets.assets.in_sync import IN_SYNC
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.reporting import MetadataValue, as_dagster_failures, table_of
from akeneo_assets.documents import canonical_bytes
from akeneo_assets.http.redaction import beginning
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.proof import Proof, prove, sample_size

AGREES: Final = "agrees"

_SHOWN: Final = 50
_CHARACTERS: Final = 200
_STATES: Final = ("sent", "filtered", "part", "blocked", "failed", "pending")


class VerifyConfig(dg.Config):
    """How to compare both catalogues."""

    sample: int | None = Field(
        None, ge=0, description="How many records to read back; default: VERIFY_SAMPLE, at most 1 % of all records."
    )
    seed: str = Field("", description="Chooses the sample; default: the date, so that each day has its own.")
    repair: bool = Field(False, description="Make records that differ due, so that the next sync sends them again.")


def agrees_check(names: Names) -> dg.AssetChecksDefinition:
    """Return the check of a subscription."""

    @dg.asset_check(
        asset=names.key(*IN_SYNC),
        name=AGREES,
        required_resource_keys={names.engine},
        description=(
            "Counts and contents agree: each record that Akeneo lists was sent, filtered, blocked or failed; iPaaS.com "
            "has as many of our external ids as were sent; and a sample that is read back from iPaaS.com is as it was "
            "accepted. *drift* names each field that differs; launch the job with `repair: true` to send them again."
        ),
    )
    def agrees(context: dg.AssetCheckExecutionContext, config: VerifyConfig) -> dg.AssetCheckResult:
        resource: EngineResource = getattr(context.resources, names.engine)
        engine = resource.engine
        with engine.measured() as usage:
            with as_dagster_failures(context.op_execution_context):
                proof = prove(engine, size=_size(engine, config), seed=_seed(config), repair=config.repair)
            requests = usage().requests.total()
        return dg.AssetCheckResult(
            passed=proof.adds_up and proof.holds,
            severity=dg.AssetCheckSeverity.WARN if proof.holds else dg.AssetCheckSeverity.ERROR,
            description=proof.sentence,
            metadata={**_metadata(proof), "requests": requests},
        )

    return agrees


def verify_job(names: Names) -> UnresolvedAssetJobDefinition:
    """Return the job of a subscription."""
    return dg.define_asset_job(
        names.scoped("verify"),
        selection=dg.AssetSelection.checks(dg.AssetCheckKey(names.key(*IN_SYNC), AGREES)),
        description=(
            "Compares both catalogues: reconciles the counts and reads a sample of records back from iPaaS.com. Sends "
            "nothing; with `repair: true` in the config, the next sync sends what differs again."
        ),
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )


def _size(engine: Engine, config: VerifyConfig) -> int:
    if config.sample is not None:
        return config.sample
    records = engine.store.reports.summary()["records"]
    delivered = sum(states.get("sent", 0) for kind, states in records.items() if kind != "variant")
    return sample_size(delivered, engine.settings.verify_sample)


def _seed(config: VerifyConfig) -> str:
    # Each day has its own sample, so that over time all records are read back.
    return config.seed or f"{datetime.now(timezone.utc):%Y-%m-%d}"


def _metadata(proof: Proof) -> dict[str, MetadataValue]:
    listed = [each.akeneo for each in proof.counts if each.akeneo is not None]
    known = {"listed by Akeneo": dg.MetadataValue.int(sum(listed))} if len(listed) == len(proof.counts) else {}
    shown: dict[str, MetadataValue] = {
        **known,
        "read back": dg.MetadataValue.int(proof.read.records),
        "differ": dg.MetadataValue.int(len(proof.read.differ)),
        "not compared": dg.MetadataValue.int(proof.read.skipped),
        "counts": table_of(
            [
                {"record": each.kind, "Akeneo": _number(each.akeneo), "mirror": str(each.mirror)}
                | {state: str(each.states.get(state, 0)) for state in _STATES}
                for each in proof.counts
            ]
        ),
        "external ids": table_of(
            [
                {
                    "table": each.table,
                    "sent": str(each.ledger),
                    "iPaaS.com": _number(each.ipaas),
                }
                for each in proof.links
            ]
        ),
    }
    if proof.oldest_edit_seconds is not None:
        shown["oldest waiting edit (seconds)"] = dg.MetadataValue.float(round(proof.oldest_edit_seconds, 1))
    if rows := _drift(proof):
        shown["drift"] = table_of(rows[:_SHOWN])
    return shown


def _drift(proof: Proof) -> Sequence[dict[str, str]]:
    return [
        {
            "record": f"{each.kind} {each.key}",
            "SKU": each.sku or "",
            "iPaaS.com id": each.ipaas_id,
            "field": name,
            "accepted": _text(values["accepted"]),
            "found": _text(values["found"]),
        }
        for each in proof.read.differ
        for name, values in each.fields.items()
    ]


def _number(count: int | None) -> str:
    return "unknown" if count is None else str(count)


def _text(value: Any) -> str:
    return "nothing" if value is None else beginning(canonical_bytes(value), _CHARACTERS)
