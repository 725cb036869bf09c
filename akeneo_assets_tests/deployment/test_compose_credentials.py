"""Credentials change while the services of ``deploy/compose.yaml`` work: what has to restart, and what has not."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import pytest

from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.deployment.compose import SCHEMA, ComposeProject, compose_project
from akeneo_assets_tests.deployment.services import accepted_writes, let_leases_expire
from akeneo_assets_tests.deployment.test_compose import (
    arrives,
    documented,
    dot_env,
    edit,
    expected_write,
    until,
    until_quiet,
)
from akeneo_assets_tests.shell import keep_families
from akeneo_assets_tests.store.postgres import running_server

# They take minutes.
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]


def restart(project: ComposeProject, name: str) -> None:
    project.kill(name)
    project.start(name)


def ticks(project: ComposeProject) -> set[str]:
    """Return the statuses of all ticks of the sensor of changes, and why they were skipped."""
    found = project.dagster.ticks("akeneo_changes")
    return {tick["status"] for tick in found} | {str(tick["skipReason"]) for tick in found}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox()
    keep_families(sandbox, "accessories")
    return sandbox


def test_only_the_code_server_restarts_for_credentials_of_akeneo(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        running_server() as server,
        sandbox,
        compose_project(tmp_path / "project", dot_env(sandbox), server) as project,
    ):
        project.up()
        project.run("akeneo-assets", "sync", "full")
        until_quiet(project)
        loaded = accepted_writes(sandbox)

        monkeypatch.setitem(AKENEO_CREDENTIALS, "AKENEO_CLIENT_SECRET", "rotated")
        monkeypatch.setitem(AKENEO_CREDENTIALS, "AKENEO_PASSWORD", "rotated")
        sandbox.akeneo.tokens.expire()
        sandbox.akeneo_faults.add("refuse_refresh", times=None)
        edit(sandbox, "while the old credentials are refused")
        until(project, "the refusal", lambda: any("AKENEO_CLIENT_SECRET" in each for each in ticks(project)))
        project.change_variables(dot_env(sandbox))
        restart(project, "code")

        arrives(project, sandbox, "while the old credentials are refused")
        until_quiet(project)
        assert accepted_writes(sandbox) - loaded == {expected_write(sandbox): 1}


def test_all_services_but_the_database_restart_for_its_password(tmp_path: Path, sandbox: Sandbox) -> None:
    former = dot_env(sandbox)
    with running_server() as server, sandbox, compose_project(tmp_path / "project", former, server) as project:
        project.up()
        project.run("akeneo-assets", "sync", "full")
        until_quiet(project)
        loaded = accepted_writes(sandbox)
        slow = sandbox.akeneo_faults.add("slow", action="attributes.list", seconds=300, times=None)
        project.dagster.launch("structure")
        until(project, "the run", lambda: slow.fired > 0)

        documented("psql", project.state_url(), tmp_path)
        project.restart_database()  # Compose does, because a variable of its container changed
        edit(sandbox, "while the old password is refused")
        with pytest.raises((RuntimeError, URLError)):
            project.dagster.runs()

        project.change_variables({**former, "POSTGRES_PASSWORD": "changed"})
        restart(project, "webserver")
        project.dagster.wait("the webserver", lambda: project.dagster.is_ready() or None, 120)
        restart(project, "daemon")
        until(project, "the refusal", lambda: "FAILURE" in ticks(project))
        restart(project, "code")

        sandbox.akeneo_faults.clear()
        let_leases_expire(project.state_url(), SCHEMA)
        arrives(project, sandbox, "while the old password is refused")
        until_quiet(project)
        assert accepted_writes(sandbox) - loaded == {expected_write(sandbox): 1}
