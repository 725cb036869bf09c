"""Two subscriptions in one code location: neither sees the records, partitions, runs or tokens of the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef
from pydantic import SecretStr

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.build import build_definitions, subscriptions_in
from akeneo_assets.cli.subscriptions import project_of
from akeneo_assets.resources import resources_of
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.catalogue_choice import Generated
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.store.inspection import existing, inspect_database
from akeneo_assets.store.store import Store
from akeneo_assets.sync.connect import connect
from akeneo_assets_tests.runs import instance as instance_in
from akeneo_assets_tests.shell import Shell
from akeneo_assets_tests.store.postgres import running_server
from akeneo_assets_tests.subscriptions.projects import execute, load, opened_project, variables

NAMES = ("eu", "us")


@dataclass(frozen=True)
class Loaded:
    """Both subscriptions after a full load."""

    instance: dg.DagsterInstance
    repository: dg.RepositoryDefinition
    names: dict[str, Names]
    sandboxes: dict[str, Sandbox]

    def store(self, name: str) -> Store:
        settings = self.names[name].subscription.read_settings()
        return Store.open(settings.database_url, throttle_url=settings.throttle_database_url)

    def tick(self, name: str) -> list[str]:
        """Evaluate the change sensor of a subscription, execute what it requests, and return the jobs."""
        with dg.build_sensor_context(
            instance=self.instance,
            instance_ref=InstanceRef.from_dir(self.instance.root_directory),
            repository_def=self.repository,
            resources=dict(resources_of(self.names[name].subscription)),
            sensor_name=f"{name}_akeneo_changes",
        ) as context:
            data = self.repository.get_sensor_def(f"{name}_akeneo_changes").evaluate_tick(context)
        for added in data.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions(added.partitions_def_name, added.partition_keys)
        for request in data.run_requests or ():
            ops = request.run_config.get("ops", {})
            execute(
                self.repository,
                str(request.job_name),
                self.instance,
                partition_key=request.partition_key,
                config=ops,
            )
        return [str(request.job_name) for request in data.run_requests or ()]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Files named after the subscriptions, or schemas in one PostgreSQL database with a shared throttle for Akeneo."""
    home = tmp_path_factory.mktemp("home")
    server = running_server() if request.param == "postgresql" else nullcontext()
    with (
        Sandbox(catalogue=Generated(products=2, seed=1)) as eu,
        Sandbox(catalogue=Generated(products=4, seed=2)) as us,
        opened_project("two_subscriptions"),
        pytest.MonkeyPatch.context() as patch,
        instance_in(str(home)) as instance,
        server as url,
    ):
        patch.setenv("DAGSTER_HOME", str(home))
        for variable, setting in {**variables(eu, "EU"), **variables(us, "US")}.items():
            patch.setenv(variable, setting)
        repository = project_of("eu").repository
        if url is not None:
            patch.setenv("STATE_DATABASE_URL", url)
            state = {"akeneo_assets_database_url": "{{ env.STATE_DATABASE_URL }}"}
            described = [each.subscription for each in subscriptions_in(repository).values()]
            shared = [replace(each, settings={**each.settings, **state}, throttle_group="pim") for each in described]
            repository = dg.Definitions.merge(*map(build_definitions, shared)).get_repository_def()
        names = subscriptions_in(repository)
        for each in names.values():
            load(repository, each, instance)
        yield Loaded(instance, repository, names, {"eu": eu, "us": us})


@pytest.mark.end_to_end
def test_each_catalogue_is_sent_to_its_own_company(loaded: Loaded) -> None:
    for name in NAMES:
        sandbox = loaded.sandboxes[name]
        sent = {each["sku"] for each in sandbox.ipaas.products()}
        assert sent, name
        with closing(loaded.store(name)) as store:
            assert sum(store.work.waiting().values()) == 0
    assert len(loaded.sandboxes["eu"].ipaas.products()) != len(loaded.sandboxes["us"].ipaas.products())


@pytest.mark.end_to_end
def test_each_has_its_own_partitions(loaded: Loaded) -> None:
    found = {name: InstancePartitions(loaded.instance, loaded.names[name]) for name in NAMES}
    for name in NAMES:
        with closing(connect(loaded.names[name].subscription.read_settings(), run_id="test")) as engine:
            assert found[name].trees() == sorted(engine.category_roots())
            assert found[name].families() == sorted(f"family:{each}" for each in (*engine.families(), "~none"))
    assert loaded.instance.get_dynamic_partitions("catalog_batches") == []


@pytest.mark.end_to_end
def test_an_edit_is_found_and_synced_by_the_sensor_of_its_subscription_only(loaded: Loaded) -> None:
    for name in NAMES:
        loaded.tick(name)
    before = loaded.sandboxes["us"].ipaas_counters.total
    sandbox = loaded.sandboxes["eu"]
    product = next(each for each in sandbox.ipaas.products() if each["type"] == "Physical" and not each["options"])
    sandbox.akeneo.edit.save_product(product["sku"], {"values": {"name": [value("Renamed", locale="de_DE")]}})

    assert loaded.tick("us") == []
    assert loaded.tick("eu") == ["eu_changes"]

    assert "Renamed" in {each["name"] for each in sandbox.ipaas.products()}
    assert loaded.sandboxes["us"].ipaas_counters.total == before


@pytest.mark.end_to_end
def test_each_sees_its_own_runs_only(loaded: Loaded) -> None:
    runs = {name: list(OwnRuns(loaded.instance, loaded.names[name]).of_partitions()) for name in NAMES}
    for name, other in (NAMES, NAMES[::-1]):
        assert runs[name]
        assert all(record.dagster_run.job_name.startswith(f"{name}_") for record in runs[name])
        execute(
            loaded.repository,
            f"{name}_housekeeping",
            loaded.instance,
            config={f"{name}_delete_old_history": {"config": {"days": 0}}},
        )
        assert list(OwnRuns(loaded.instance, loaded.names[other]).of_job("structure"))
        assert not list(OwnRuns(loaded.instance, loaded.names[name]).of_job("structure"))
        execute(loaded.repository, f"{name}_structure", loaded.instance)


@pytest.mark.end_to_end
def test_each_has_its_own_throttle_unless_they_share_one(loaded: Loaded) -> None:
    shared = loaded.names["eu"].subscription.throttle_group is not None
    with closing(loaded.store("eu")) as eu, closing(loaded.store("us")) as us:
        eu.akeneo_budget.pause("akeneo", 30.0)
        eu.budget.pause("ipaas", 30.0)
        try:
            assert us.akeneo_budget.is_spent("akeneo", 1) == shared
            assert not us.budget.is_spent("ipaas", 1)
        finally:
            eu.akeneo_budget.pause("akeneo", 0.0)
            eu.budget.pause("ipaas", 0.0)


@pytest.mark.end_to_end
def test_a_state_moves_into_the_schema_that_its_subscription_uses(shell: Shell) -> None:
    with Sandbox(catalogue=Generated(products=1, seed=1)) as eu, opened_project("two_subscriptions"):
        shell.set({**variables(eu, "EU"), "DAGSTER_HOME": str(shell.folder)})
        assert shell.call("--subscription", "eu", "db", "upgrade").code == 0
        with running_server() as url:
            moved = shell.call("--subscription", "eu", "db", "move", "--to", url)
            assert (moved.code, "Next: set state of eu" in moved.text) == (0, True)
            settings = project_of("eu").names.subscription.read_settings()
            with_state = settings.model_copy(update={"akeneo_assets_database_url": SecretStr(url)})
            with closing(existing(with_state.database_url)) as database:
                assert not inspect_database(database).pending


def test_a_move_refuses_another_schema_than_that_of_the_subscription(shell: Shell) -> None:
    with Sandbox(catalogue=Generated(products=1, seed=1)) as eu, opened_project("two_subscriptions"):
        shell.set({**variables(eu, "EU"), "DAGSTER_HOME": str(shell.folder)})
        url = "postgresql://127.0.0.1/database?options=-csearch_path%3Dakeneo_assets"
        refused = shell.call("--subscription", "eu", "db", "move", "--to", url)
    assert (refused.code, "uses its own schema, akeneo_assets_eu. Leave out search_path" in refused.errors) == (2, True)


def test_hints_name_the_subscription(shell: Shell) -> None:
    with Sandbox(catalogue=Generated(products=1, seed=1)) as eu, opened_project("two_subscriptions"):
        shell.set({**variables(eu, "EU"), "DAGSTER_HOME": str(shell.folder)})
        assert shell.call("--subscription", "eu", "db", "upgrade").code == 0
        text = shell.call("--subscription", "eu", "status").output
    hint = "Next: akeneo-assets --subscription eu check, then akeneo-assets --subscription eu sync full"
    assert hint in " ".join(text.split())
