"""Two subscriptions in a production deployment: both load and stay up to date, whichever process is killed."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import dagster as dg
import pytest

from akeneo_assets.assets.names import SUBSCRIPTION_TAG
from akeneo_assets.run_tags import LAUNCHED_BY_TAG
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.partition_keys import is_changes
from akeneo_assets_tests.deployment.services import (
    DATABASE,
    Deployment,
    accepted_writes,
    is_quiet,
    let_leases_expire,
    running,
)
from akeneo_assets_tests.shell import keep_families
from akeneo_assets_tests.store.postgres import running_server
from akeneo_assets_tests.subscriptions.projects import EXAMPLES, variables

# They take minutes.
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]

EU, US = NAMES = ("eu", "us")
FAMILIES: Final = {EU: "accessories", US: "tableware"}
PRODUCTS: Final = {EU: "straw-hat", US: "mug-white"}
THROTTLE: Final = (10, 2)
_SECONDS: Final = 120


@dataclass(frozen=True)
class Loaded:
    """Both subscriptions after a full load, kept up to date by their sensors."""

    deployment: Deployment
    sandboxes: dict[str, Sandbox]
    database: str

    def statuses(self, job: str) -> list[str]:
        """Return the statuses of the runs of a job."""
        return [run.status for run in self.deployment.dagster.runs() if run.job == job]

    def edit(self, name: str, label: str) -> None:
        """Rename a product in Akeneo."""
        names = {"values": {"name": [value(label, locale="de_DE")]}}
        self.sandboxes[name].akeneo.edit.save_product(PRODUCTS[name], names)

    def wait_for(self, name: str, label: str) -> None:
        """Wait until iPaaS.com has the new name of the product."""
        products = self.sandboxes[name].ipaas.products
        self.until(f"the name {label}", lambda: label in {each["name"] for each in products()})

    def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait until a condition is true."""
        self.deployment.dagster.wait(what, lambda: condition() or None, _SECONDS)

    def until_quiet(self) -> None:
        """Wait until no run is in progress, and each change sensor has found nothing since the last one ended."""

        sensors = [f"{name}_akeneo_changes" for name in NAMES]
        self.until("rest", lambda: is_quiet(self.deployment.dagster, sensors))

    def writes(self, name: str) -> Counter[tuple[str, str | None]]:
        """Return how often an iPaaS.com accepted a write: action and external id."""
        return accepted_writes(self.sandboxes[name])

    def expected_write(self, name: str) -> tuple[str, str | None]:
        """Return the write that an edit causes."""
        return "product.replace", self.sandboxes[name].akeneo.product_uuid(PRODUCTS[name])

    def let_leases_expire(self, name: str) -> None:
        """Let all leases of a subscription expire, as if two minutes had passed. Runs that are alive renew theirs."""
        let_leases_expire(self.database, f"akeneo_assets_{name}")

    def instance(self) -> dg.DagsterInstance:
        """Open the Dagster instance of the deployment."""
        return dg.DagsterInstance.from_config(str(self.deployment.home("shell")))


def project_in(folder: Path) -> None:
    """Copy the example with two subscriptions, with the settings of this deployment."""
    shutil.copytree(EXAMPLES / "two_subscriptions", folder)
    limit, seconds = THROTTLE
    for name in NAMES:
        path = folder / f"two_subscriptions/defs/{name}/defs.yaml"
        settings = path.read_text(encoding="utf-8")
        throttled = settings.replace("throttle_limit: 500", f"throttle_limit: {limit}\n    throttle_seconds: {seconds}")
        assert throttled != settings
        path.write_text(f'{throttled}\n  state: "{{{{ env.{DATABASE} }}}}"\n', encoding="utf-8")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """One subscription is loaded with backfills in the UI, the other one with the command line on another machine."""
    folder = tmp_path_factory.mktemp("deployment")
    project_in(folder / "code")
    with pytest.MonkeyPatch.context() as patch, running_server() as url, Sandbox() as eu, Sandbox() as us:
        for name, sandbox in ((EU, eu), (US, us)):
            keep_families(sandbox, FAMILIES[name])
        patch.setenv(DATABASE, url)
        with running(folder, {**os.environ, **variables(eu, "EU"), **variables(us, "US")}) as deployment:
            found = Loaded(deployment, {EU: eu, US: us}, url)
            deployment.dagster.launch("eu_structure")
            shell = deployment.run("akeneo-assets", "--subscription", US, "sync", "full")
            assert shell.returncode == 0, shell.stdout + shell.stderr
            found.until("the structure", lambda: found.statuses("eu_structure") == ["SUCCESS"])
            deployment.dagster.backfill("eu_categories", ["collections", "master"])
            found.until("all trees", lambda: found.statuses("eu_categories") == ["SUCCESS"] * 2)
            deployment.dagster.backfill("eu_full_load", ["family:accessories", "family:~none"])
            found.until("all families", lambda: found.statuses("eu_full_load") == ["SUCCESS"] * 2)
            yield found


def test_both_stay_up_to_date_and_neither_sees_the_other(loaded: Loaded) -> None:
    dagster = loaded.deployment.dagster
    before = {name: loaded.writes(name) for name in NAMES}
    for name in NAMES:
        loaded.edit(name, f"renamed {name}")
    for name in NAMES:
        loaded.wait_for(name, f"renamed {name}")
    loaded.until_quiet()

    for name in NAMES:
        assert loaded.writes(name) - before[name] == {loaded.expected_write(name): 1}
        assert loaded.statuses(f"{name}_changes") == ["SUCCESS"]
    products = {name: {each["sku"] for each in loaded.sandboxes[name].ipaas.products()} for name in NAMES}
    assert {name: PRODUCTS[name] in skus for name, skus in products.items()} == {EU: True, US: True}
    assert PRODUCTS[EU] not in products[US]
    assert PRODUCTS[US] not in products[EU]
    assert {run.status for run in dagster.runs()} == {"SUCCESS"}
    for run in dagster.runs():
        assert run.tags[SUBSCRIPTION_TAG] == run.job.partition("_")[0]
    limit, seconds = THROTTLE
    for sandbox in loaded.sandboxes.values():
        assert sandbox.akeneo_counters.maximum_in_window(seconds) <= limit
    with loaded.instance() as instance:
        families = {name: instance.get_dynamic_partitions(f"{name}_catalog_batches") for name in NAMES}
        for name in NAMES:
            keys = {key for key in families[name] if not is_changes(key)}
            assert keys == {f"family:{FAMILIES[name]}", "family:~none"}
        assert instance.get_dynamic_partitions("catalog_batches") == []


def test_housekeeping_leaves_other_runs_alone(loaded: Loaded) -> None:
    dagster = loaded.deployment.dagster
    with loaded.instance() as instance:
        foreign = instance.add_run(dg.DagsterRun(job_name="orders", status=dg.DagsterRunStatus.SUCCESS)).run_id
    before = {run.run_id: run.job for run in dagster.runs()}

    config = {"ops": {"eu_delete_old_history": {"config": {"days": 0}}}}
    dagster.launch("eu_housekeeping", config)
    loaded.until("housekeeping", lambda: loaded.statuses("eu_housekeeping") == ["SUCCESS"])

    deleted = before.keys() - {run.run_id for run in dagster.runs()}
    # Runs of an hour are kept while its latest run has failed.
    assert {"eu_structure"} <= {before[run_id] for run_id in deleted} <= {"eu_structure", "eu_changes"}
    assert foreign not in deleted


def test_a_run_of_the_command_line_can_be_executed_again_in_the_ui(loaded: Loaded) -> None:
    dagster = loaded.deployment.dagster
    launched = [run for run in dagster.runs() if run.tags.get(LAUNCHED_BY_TAG) == "command line"]
    (structure,) = (run for run in launched if run.job == "us_structure")

    repeated = dagster.reexecute(structure.run_id)

    # By its id, because a schedule starts the same job every ten minutes.
    loaded.until("the run", lambda: (repeated, "SUCCESS") in {(run.run_id, run.status) for run in dagster.runs()})
    (run,) = (run for run in dagster.runs() if run.run_id == repeated)
    assert run.tags["dagster/parent_run_id"] == structure.run_id


def test_every_edit_arrives_once_whichever_process_is_killed(loaded: Loaded) -> None:
    deployment = loaded.deployment
    loaded.until_quiet()
    before = loaded.writes(EU)

    deployment.kill("webserver")
    loaded.edit(EU, "without the webserver")
    loaded.wait_for(EU, "without the webserver")
    deployment.start("webserver")

    deployment.kill("daemon")
    loaded.edit(EU, "without the daemon")
    deployment.start("daemon")
    loaded.wait_for(EU, "without the daemon")
    loaded.until_quiet()

    # A run is waiting for Akeneo.
    slow = loaded.sandboxes[EU].akeneo_faults.add("slow", action="attributes.list", seconds=300, times=None)
    killed = deployment.dagster.launch("eu_structure")
    loaded.until("the run", lambda: slow.fired > 0)
    deployment.kill("code")
    loaded.sandboxes[EU].akeneo_faults.clear()
    loaded.edit(EU, "without the code server")
    deployment.start("code")
    loaded.let_leases_expire(EU)
    loaded.wait_for(EU, "without the code server")
    loaded.until_quiet()

    assert loaded.writes(EU) - before == {loaded.expected_write(EU): 3}
    assert all(count == 1 for (action, _), count in loaded.writes(EU).items() if action.endswith("create"))
    assert loaded.sandboxes[EU].ipaas_counters.no_op_writes() == 0
    failed = {run.run_id for run in deployment.dagster.runs() if run.status == "FAILURE"}
    assert failed == {killed}
