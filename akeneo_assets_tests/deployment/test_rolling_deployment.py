"""The processes of the previous release work until this one replaces them, also after it has upgraded the database.

``previous_release.tar.xz`` contains the package of the oldest release that works with these tables. Renew it when
``OLDEST_COMPATIBLE`` is raised, from the last commit with that version of the tables::

    git archive COMMIT akeneo_assets | xz -9e > akeneo_assets_tests/deployment/previous_release.tar.xz
"""

from __future__ import annotations

import tarfile
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
import yaml

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.store.inspection import existing, inspect_database
from akeneo_assets.store.schema import HEAD, OLDEST_COMPATIBLE
from akeneo_assets_tests.deployment.compose import ComposeProject, compose_project
from akeneo_assets_tests.deployment.files import ROOT
from akeneo_assets_tests.deployment.services import accepted_writes
from akeneo_assets_tests.deployment.test_compose import arrives, dot_env, edit, expected_write, until, until_quiet
from akeneo_assets_tests.shell import keep_families
from akeneo_assets_tests.store.postgres import running_server

# It takes minutes.
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(900)]

SERVICES: Final = ("code", "daemon", "webserver")
_HAT, _MUG = "straw-hat", "mug-white"


def previous_release(folder: Path) -> Path:
    """Unpack the package of the previous release."""
    with tarfile.open(Path(__file__).parent / "previous_release.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def log_as_text(project: ComposeProject) -> None:
    """Leave out the formatter that ``deploy/dagster.yaml`` names: the archived release does not have it yet."""
    for name in SERVICES:
        path = project.home(name) / "dagster.yaml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        del settings["python_logs"]
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")


def version(project: ComposeProject) -> str | None:
    with closing(existing(project.state_url())) as database:
        return inspect_database(database).version


def test_every_edit_arrives_once_while_services_are_replaced_one_by_one(tmp_path: Path) -> None:
    with (
        running_server() as server,
        Sandbox() as sandbox,
        compose_project(tmp_path / "project", dot_env(sandbox), server) as project,
    ):
        keep_families(sandbox, "accessories", "tableware")
        log_as_text(project)
        project.package = previous_release(tmp_path / "previous")
        project.up()
        project.run("akeneo-assets", "sync", "full")
        until_quiet(project)
        assert version(project) == OLDEST_COMPATIBLE < HEAD
        loaded = accepted_writes(sandbox)
        assert set(loaded.values()) == {1}

        # A run of the previous release is waiting for iPaaS.com while this one upgrades the database.
        slow = sandbox.ipaas_faults.add("slow", action="product.replace", seconds=15)
        edit(sandbox, "during the upgrade")
        until(project, "the run", lambda: slow.fired > 0)
        assert "during the upgrade" not in {each["name"] for each in sandbox.ipaas.products()}
        project.package = ROOT
        project.run("akeneo-assets", "db", "upgrade")
        assert version(project) == HEAD
        arrives(project, sandbox, "during the upgrade")

        # Then it continues on the new tables, also next to a process of this release.
        edit(sandbox, "after the upgrade")
        arrives(project, sandbox, "after the upgrade")
        edit(sandbox, "next to this release", product=_MUG)
        project.run("akeneo-assets", "sync", "changes")
        until_quiet(project)
        arrives(project, sandbox, "next to this release")

        for name in SERVICES:
            project.kill(name)
            edit(sandbox, f"without {name}")
            project.start(name)
        arrives(project, sandbox, f"without {SERVICES[-1]}")
        edit(sandbox, "with this release", product=_MUG)
        arrives(project, sandbox, "with this release")
        until_quiet(project)

        written = accepted_writes(sandbox) - loaded
        assert written[expected_write(sandbox, _MUG)] == 2
        assert 3 <= written.pop(expected_write(sandbox, _HAT)) <= 2 + len(SERVICES)
        assert written.keys() == {expected_write(sandbox, _MUG)}
        assert sandbox.ipaas_counters.no_op_writes() == 0
        assert {run.status for run in project.dagster.runs()} == {"SUCCESS"}
