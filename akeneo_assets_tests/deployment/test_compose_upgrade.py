"""The services of ``deploy/compose.yaml`` go on with a state and a history that an earlier version wrote."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import MetaData, create_engine, delete, insert, select, text

from akeneo_assets.store.inspection import existing, inspect_database
from akeneo_assets.store.schema import HEAD, VERSION_TABLE
from akeneo_assets_tests.deployment.compose import SCHEMA, compose_project
from akeneo_assets_tests.deployment.services import accepted_writes
from akeneo_assets_tests.deployment.test_compose import arrives, dot_env, edit, expected_write, until_quiet
from akeneo_assets_tests.store.postgres import running_server
from akeneo_assets_tests.store.test_rolling_upgrades import tables_after
from akeneo_assets_tests.subscriptions.archive import RUNS, STATE_VERSION, unpacked

# It takes a minute.
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]


def copy_state(source: Path, url: str) -> int:
    """Copy an old state to PostgreSQL as it is, in tables of its own version. Return how many rows were copied."""
    old_tables, copied = MetaData(), 0
    old = create_engine(f"sqlite:///{source}")
    creating = create_engine(url)
    with creating.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    creating.dispose()
    new = create_engine(url)  # SQLAlchemy looks for the schema when an engine opens its first connection
    with old.connect() as reader, new.begin() as writer:
        old_tables.reflect(reader)
        for name, table in tables_after(writer, STATE_VERSION).items():
            rows = [dict(row) for row in reader.execute(select(old_tables.tables[name])).mappings()]
            if rows and name != VERSION_TABLE:
                writer.execute(delete(table))
                writer.execute(insert(table), rows)
                copied += len(rows)
    old.dispose()
    new.dispose()
    return copied


def copy_history(old: dg.DagsterInstance, new: dg.DagsterInstance) -> None:
    """Copy runs with their events, partitions and the cursors of sensors."""
    for run in reversed(old.get_runs()):
        assert run.job_snapshot_id is not None
        if not new.has_job_snapshot(run.job_snapshot_id):
            new.run_storage.add_job_snapshot(old.get_job_snapshot(run.job_snapshot_id))
        new.add_run(run)
        for event in old.all_logs(run.run_id):
            new.event_log_storage.store_event(event)
    new.add_dynamic_partitions("catalog_batches", old.get_dynamic_partitions("catalog_batches"))
    for state in old.all_instigator_state():
        new.add_instigator_state(state)


def test_nothing_is_sent_again_and_edits_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tmp_path / "before"
    before.mkdir()
    with (
        unpacked(before) as sandbox,
        running_server() as server,
        compose_project(tmp_path / "after", dot_env(sandbox), server) as project,
    ):
        monkeypatch.chdir(before)
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", project.environment("daemon")["DAGSTER_POSTGRES_URL"])
        assert copy_state(before / "state.db", project.state_url()) > 0
        with (
            dg.DagsterInstance.from_config(str(before)) as old,
            dg.DagsterInstance.from_config(str(project.home("daemon"))) as new,
        ):
            copy_history(old, new)
            known = {run.run_id for run in new.get_runs()}
        loaded = accepted_writes(sandbox)

        project.up()
        with closing(existing(project.state_url())) as database:
            assert inspect_database(database).version == HEAD
        until_quiet(project)
        assert accepted_writes(sandbox) == loaded

        edit(sandbox, "after the upgrade")
        arrives(project, sandbox, "after the upgrade")
        until_quiet(project)
        assert accepted_writes(sandbox) - loaded == {expected_write(sandbox): 1}
        runs = {run.run_id for run in project.dagster.runs()}
        assert len(known) == RUNS
        assert known < runs
        assert "family:accessories" in project.dagster.materialized("ipaas", "products")
