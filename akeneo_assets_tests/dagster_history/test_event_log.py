"""The event log of the command line writes what Dagster's own event log writes, into the same files."""

import sqlite3
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.dagster_history.event_log import BATCH_SETTING, CommandLineEventLog
from akeneo_assets_tests.shell import Shell

Rows: TypeAlias = "Counter[tuple[object, ...]]"

FAMILIES: Final = dg.StaticPartitionsDefinition(["family:hats", "family:mugs", "family:shoes"])

CONTENTS: Final = {
    "event_logs": "dagster_event_type, step_key, asset_key, partition",
    "asset_keys": "asset_key, last_materialization IS NULL, last_run_id, last_materialization_timestamp IS NULL",
    "asset_event_tags": "asset_key, key, value",
    "asset_check_executions": "asset_key, check_name, partition, run_id, execution_status",
}
"""Table → its columns that are the same whenever a run is executed."""


with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.PreviewWarning)
    COMPLETE: Final = dg.AssetCheckSpec("complete", asset="products", partitions_def=FAMILIES)


@dg.asset(partitions_def=FAMILIES, check_specs=[COMPLETE])
def products(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    for key in context.partition_keys:
        context.log_event(dg.AssetCheckEvaluation(context.asset_key, "complete", key != "family:mugs", partition=key))
    context.log_event(dg.AssetObservation(context.asset_key, partition="family:hats", tags={"state": "seen"}))
    yield dg.MaterializeResult(
        data_version=dg.DataVersion("1"), check_results=[dg.AssetCheckResult(check_name="complete", passed=True)]
    )


@dg.asset(deps=[products])
def failing() -> None:
    raise dg.Failure("iPaaS.com is down")


def test_both_event_logs_write_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BATCH_SETTING, "100")
    assert _written(tmp_path / "ours", CommandLineEventLog) == _written(tmp_path / "dagster", SqliteEventLogStorage)


def test_the_event_log_of_the_command_line_is_read_by_dagster(shell: Shell) -> None:
    shell.set({"DAGSTER_HOME": str(shell.folder)})
    with open_instance() as instance:
        assert isinstance(instance.event_log_storage, CommandLineEventLog)
        _execute(instance)

    with dg.DagsterInstance.from_config(str(shell.folder)) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
        assert instance.get_materialized_partitions(products.key) == set(FAMILIES.get_partition_keys())
        (run,) = instance.get_runs()
        assert instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)


def test_another_event_log_of_the_user_is_kept(shell: Shell) -> None:
    (shell.folder / "dagster.yaml").write_text(
        f"event_log_storage: {{module: dagster._core.storage.event_log, class: ConsolidatedSqliteEventLogStorage, "
        f"config: {{base_dir: {shell.folder}}}}}\n",
        encoding="utf-8",
    )
    shell.set({"DAGSTER_HOME": str(shell.folder)})
    with open_instance() as instance:
        assert type(instance.event_log_storage).__name__ == "ConsolidatedSqliteEventLogStorage"


def _written(folder: Path, event_log: type[SqliteEventLogStorage]) -> dict[str, Rows]:
    """Execute a run with an event log; return the rows of its databases."""
    overrides = {
        "run_storage": _part("dagster._core.storage.runs", "SqliteRunStorage", folder / "runs"),
        "event_log_storage": _part(event_log.__module__, event_log.__name__, folder / "events"),
        "schedule_storage": _part("dagster._core.storage.schedules", "SqliteScheduleStorage", folder / "schedules"),
    }
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder), overrides=overrides) as instance:
        assert type(instance.event_log_storage) is event_log
        run_id = _execute(instance)
    return dict(_rows(folder / "events", run_id))


def _part(module: str, name: str, folder: Path) -> dict[str, object]:
    return {"module": module, "class": name, "config": {"base_dir": str(folder)}}


def _execute(instance: dg.DagsterInstance) -> str:
    first, *_, last = FAMILIES.get_partition_keys()
    result = dg.materialize(
        [products, failing],
        instance=instance,
        tags={ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last},
        raise_on_error=False,
    )
    assert not result.success
    return result.run_id


def _rows(folder: Path, run_id: str) -> Iterator[tuple[str, Rows]]:
    for shard in ("index", run_id):
        with closing(sqlite3.connect(folder / f"{shard}.db")) as connection:
            for table, columns in CONTENTS.items():
                rows = connection.execute(f"SELECT {columns} FROM {table}")
                found = Counter(tuple("RUN" if value == run_id else value for value in row) for row in rows)
                yield f"{'index' if shard == 'index' else 'run'} {table}", found
