"""Every Dagster job reports what is wrong with the setup and how to fix it, and sends nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import RunFailureReason

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import Settings
from akeneo_assets.sync.connect import connect
from akeneo_assets_tests.runs import execute, failures
from akeneo_assets_tests.scenarios.wrong_setups import (
    CREDENTIALS,
    MAPPINGS,
    PERMISSIONS,
    UNREACHABLE,
    VALUES,
    WrongSetup,
)
from akeneo_assets_tests.shell import Shell, writes

pytestmark = pytest.mark.exhaustive

_RECORD = {"sync_named_records": {"config": {"kind": "product", "ids": ["straw-hat"]}}}

JOBS: dict[str, dict[str, Any]] = {
    "structure": {},
    "categories": {"partition_key": "master"},
    "full_load": {"partition_key": "family:shoes"},
    "sync_records": {"config": _RECORD},
}

NEEDED = {
    "categories.list": ("structure", "categories"),
    "products-uuid.list": ("structure", "full_load", "sync_records"),
    "product-models.list": ("structure", "full_load"),
    "*": tuple(JOBS),
}
"""The jobs that read each list; the other lists belong to the structure, which only one job reads."""


@pytest.fixture(scope="module")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def _state(_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the structure, which every job except the first needs."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    settings = {name.lower(): value for name, value in _sandbox.environment().items()}
    settings["akeneo_assets_database_url"] = f"sqlite:///{path}"
    with closing(connect(Settings.from_environment(_env_file=None, **settings), run_id="structure")) as engine:
        engine.read_structure()
    return path


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(str(tmp_path_factory.mktemp("instance"))) as opened:
        opened.add_dynamic_partitions("category_trees", ["master", "collections"])
        opened.add_dynamic_partitions("catalog_batches", ["family:shoes", "family:~none"])
        yield opened


@pytest.fixture
def sandbox(_sandbox: Sandbox, _state: Path, shell: Shell) -> Iterator[Sandbox]:
    """A sandbox that the settings point to, with the structure read."""
    state = shell.folder / "state.db"
    shutil.copyfile(_state, state)
    shell.use(_sandbox)
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{state}"})
    yield _sandbox
    _sandbox.akeneo_faults.clear()
    _sandbox.akeneo.switches.loses_authorization = False


def assert_reported(setup: WrongSetup, job: str, instance: dg.DagsterInstance) -> None:
    result = execute(job, instance, **JOBS[job])
    assert not result.success, job
    assert any(all(part in text for part in setup.message_parts) for text in failures(result)), (job, failures(result))


@pytest.mark.parametrize("setup", [*VALUES, *CREDENTIALS, *UNREACHABLE[:2], *MAPPINGS], ids=str)
def test_every_job_reports_a_mistake(
    setup: WrongSetup, shell: Shell, sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    shell.set(setup.arrange(sandbox, shell.folder))

    # All jobs open the engine in the same way, so one setting of each sort is enough.
    everywhere = setup in (VALUES[0], CREDENTIALS[0], *MAPPINGS)
    for job in JOBS if everywhere else ("structure",):
        assert_reported(setup, job, instance)

    assert writes(sandbox) == {}


@pytest.mark.parametrize("setup", PERMISSIONS, ids=str)
def test_every_job_that_reads_a_list_reports_the_missing_permission(
    setup: WrongSetup, shell: Shell, sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    shell.set(setup.arrange(sandbox, shell.folder))

    for job in NEEDED.get(str(setup.forbidden), ("structure",)):
        assert_reported(setup, job, instance)

    assert writes(sandbox) == {}


def test_a_state_of_another_subscription_is_refused(
    shell: Shell, sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    assert execute("categories", instance, partition_key="master").success
    sent = writes(sandbox)
    shell.set({"IPAAS_SUBSCRIPTION_ID": "2002", "AKENEO_PRODUCT_ID_FORMAT": "Identifier"})

    for job, options in JOBS.items():
        (message, *_) = failures(execute(job, instance, **options))
        assert "Set a different AKENEO_ASSETS_DATABASE_URL, or restore the settings" in message
        assert "IPAAS_SUBSCRIPTION_ID: the database has 1001, the setting is 2002" in message
        assert "AKENEO_PRODUCT_ID_FORMAT" in message
    assert writes(sandbox) == sent


@pytest.mark.usefixtures("sandbox")
def test_a_job_before_the_structure_was_read_says_so(shell: Shell) -> None:
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'empty.db'}"})
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("catalog_batches", ["family:shoes"])
        (message, *_) = failures(execute("full_load", instance, partition_key="family:shoes"))

    assert "Materialize the asset akeneo/structure first" in message


def test_no_job_retries_an_error_that_only_the_user_can_fix(
    shell: Shell, sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    shell.set({"AKENEO_PASSWORD": "wrong"})
    before = sandbox.akeneo_counters.total

    result = execute("structure", instance)

    assert not result.success
    assert sandbox.akeneo_counters.total == before + 1
    assert not any(event.is_step_up_for_retry for event in result.all_events)
    # Dagster's daemon retries a run that failed for any reason other than a step.
    (run,) = [event.job_failure_data for event in result.all_events if event.is_run_failure]
    assert run.failure_reason == RunFailureReason.STEP_FAILURE
