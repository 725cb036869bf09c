"""The services of ``deploy/compose.yaml``: load, edit, kill each, back up, restore in a new place, and upgrade."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import make_url

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.deployment.compose import SCHEMA, ComposeProject, compose_project
from akeneo_assets_tests.deployment.files import ROOT
from akeneo_assets_tests.deployment.services import accepted_writes, is_quiet, let_leases_expire
from akeneo_assets_tests.shell import keep_families
from akeneo_assets_tests.store.postgres import postgres_programs, running_server

# They take minutes.
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]

_SECONDS: Final = 120
_FAMILIES: Final = ("accessories", "tableware")
_PRODUCT, _OTHER = _PRODUCTS = ("straw-hat", "mug-white")


def dot_env(sandbox: Sandbox) -> dict[str, str]:
    """Return the content of ``.env``, as docs/operations.md describes it."""
    return {**sandbox.environment(), "POSTGRES_PASSWORD": "secret", "AKENEO_ASSETS_AUTOMATION": "1"}


def until(project: ComposeProject, what: str, condition: Callable[[], bool]) -> None:
    project.dagster.wait(what, lambda: condition() or None, _SECONDS)


def until_quiet(project: ComposeProject) -> None:
    until(project, "rest", lambda: is_quiet(project.dagster, ["akeneo_changes"]))


def edit(sandbox: Sandbox, label: str, *, product: str = _PRODUCT) -> None:
    """Rename a product in Akeneo."""
    sandbox.akeneo.edit.save_product(product, {"values": {"name": [value(label, locale="de_DE")]}})


def arrives(project: ComposeProject, sandbox: Sandbox, *labels: str) -> None:
    """Wait until iPaaS.com has the new names of products."""
    until(project, str(labels), lambda: {each["name"] for each in sandbox.ipaas.products()} >= set(labels))


def expected_write(sandbox: Sandbox, product: str = _PRODUCT) -> tuple[str, str | None]:
    """Return the write that an edit causes."""
    return "product.replace", sandbox.akeneo.product_uuid(product)


def documented(command: str, database: str, folder: Path) -> None:
    """Run a command of docs/operations.md that uses a program of PostgreSQL, for a database.

    A command that starts with ``docker compose … exec postgres`` runs on this machine instead.
    """
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^(?:docker compose .* exec postgres )?({command} .*)$", text, flags=re.MULTILINE)
    programs = f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}"
    url = make_url(database)
    connection = {"PGHOST": str(url.query["host"]), "PGDATABASE": str(url.database), "PGPASSWORD": str(url.password)}
    environment = {**os.environ, **connection, "PATH": programs, "DATABASE": database}
    subprocess.run(line, shell=True, check=True, cwd=folder, env=environment)


def kill_each(project: ComposeProject, sandbox: Sandbox) -> None:
    """Kill each service while products are edited, the code server while a run is working."""
    project.kill("webserver")
    edit(sandbox, "without the webserver")
    project.kill("daemon")
    edit(sandbox, "without both", product=_OTHER)
    project.start("daemon")
    project.start("webserver")
    arrives(project, sandbox, "without the webserver", "without both")
    until_quiet(project)

    slow = sandbox.akeneo_faults.add("slow", action="attributes.list", seconds=300, times=None)
    killed = project.dagster.launch("structure")
    until(project, "the run", lambda: slow.fired > 0)
    project.kill("code")
    sandbox.akeneo_faults.clear()
    edit(sandbox, "without the code server")
    project.start("code")
    let_leases_expire(project.state_url(), SCHEMA)
    arrives(project, sandbox, "without the code server")
    until_quiet(project)
    assert {run.run_id for run in project.dagster.runs() if run.status == "FAILURE"} == {killed}


def test_everything_arrives_once_whichever_service_is_killed_and_after_a_restore(tmp_path: Path) -> None:
    with running_server() as server, Sandbox() as sandbox:
        keep_families(sandbox, *_FAMILIES)
        with compose_project(tmp_path / "first", dot_env(sandbox), server) as project:
            project.up()
            project.run("akeneo-assets", "sync", "full")
            loaded = accepted_writes(sandbox)
            assert {sandbox.akeneo.product_uuid(each) for each in _PRODUCTS} < {key for _, key in loaded}
            assert set(loaded.values()) == {1}
            kill_each(project, sandbox)
            assert accepted_writes(sandbox) - loaded == {
                expected_write(sandbox): 2,
                expected_write(sandbox, _OTHER): 1,
            }
            documented("pg_dump", project.state_url(), tmp_path)
        before = accepted_writes(sandbox)
        edit(sandbox, "while nothing ran")

        with compose_project(tmp_path / "second", dot_env(sandbox), server) as restored:
            documented("pg_restore", restored.state_url(), tmp_path)
            restored.up()
            arrives(restored, sandbox, "while nothing ran")
            until_quiet(restored)
            assert accepted_writes(sandbox) - before == {expected_write(sandbox): 1}
        assert sandbox.ipaas_counters.no_op_writes() == 0
