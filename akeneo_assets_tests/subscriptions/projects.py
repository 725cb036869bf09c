"""The example projects, and sandboxes whose settings have a prefix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.cli.subscriptions import project_of
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync import programme
from akeneo_assets.sync.connect import connect
from akeneo_assets_tests.batches import steps_of
from akeneo_assets_tests.runs import failures

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def variables(sandbox: Sandbox, prefix: str) -> dict[str, str]:
    """Return the variables of a sandbox, named as the examples name them: ``EU_AKENEO_URL`` for ``AKENEO_API_URL``."""
    return {f"{prefix}_{name.replace('_API_URL', '_URL')}": value for name, value in sandbox.environment().items()}


@contextmanager
def opened_project(name: str) -> Iterator[None]:
    """A context manager: work in the folder of an example."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(EXAMPLES / name)
        patch.syspath_prepend(EXAMPLES / name)
        project_of.cache_clear()
        yield
    project_of.cache_clear()


def execute(
    repository: dg.RepositoryDefinition,
    job: str,
    instance: dg.DagsterInstance,
    *,
    partition_key: str | None = None,
    config: dict[str, object] | None = None,
) -> dg.ExecuteInProcessResult:
    """Execute a job of a project."""
    result = repository.get_job(job).execute_in_process(
        instance=instance,
        partition_key=partition_key,
        run_config={**_QUIET, "ops": config or {}},
        raise_on_error=False,
    )
    assert not failures(result), failures(result)[0][:2000]
    return result


def load(repository: dg.RepositoryDefinition, names: Names, instance: dg.DagsterInstance) -> None:
    """Load the catalogue of a subscription: the structure with its job, the rest without Dagster, to save time."""
    execute(repository, names.scoped("structure"), instance)
    with closing(connect(names.subscription.read_settings(), run_id="load")) as engine:
        for phase in programme.full(InstancePartitions(instance, names), engine.store.plan.partitions):
            for step in (step for batch in phase.batches for step in steps_of(engine, batch)):
                step()
