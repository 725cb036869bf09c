"""A user's first hours with the command line: status, dry run, load, a failure, and its fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import Called, Shell, keep_families, writes

CREATED = {
    "categories": 55,
    "product_models": 3,
    "products": 1,
    "variants": 14,
    "bundles": 0,
}


@dataclass
class Step:
    """A command, and what it sent."""

    called: Called
    sent: dict[str, int]
    requests: dict[str, int]


class Story:
    """Commands by name, called in a fixed order; each test only runs those that it needs.

    Args:
        sandbox: Both servers.
        shell: Runs the commands.
        patch: Sets variables between them.
    """

    def __init__(self, sandbox: Sandbox, shell: Shell, patch: pytest.MonkeyPatch) -> None:
        self.sandbox, self.shell, self._patch = sandbox, shell, patch
        self.product: str = next(
            each["uuid"] for each in sandbox.akeneo.database.all("product") if each["family"] is None
        )
        self._told: dict[str, Step] = {}
        self._rest = self._tell_all()

    def _tell_all(self) -> Iterator[Step]:
        yield self._tell("status before", "status")
        yield self._tell("dry run", "sync", "full", "--dry-run", "--json")
        yield self._tell("status after the dry run", "status")
        yield self._tell("load", "sync", "full", "--json")
        yield self._tell("status after", "status", "--json")
        yield self._tell("categories", "sync", "categories", "--tree", "master")
        yield self._tell("family", "sync", "family", "shoes", "~none")
        yield self._tell("no family", "sync", "family", "boats")
        mapping = self.shell.folder / "mapping.yaml"
        mapping.write_text("product: {status: {static: Sometimes}}", encoding="utf-8")
        self._patch.setenv("AKENEO_ASSETS_MAPPING", str(mapping))
        yield self._tell("failure", "sync", "record", "product", self.product, "no-such-product", "--json")
        yield self._tell("status with a failure", "status")
        yield self._tell("status with a failure, as JSON", "status", "--json")
        yield self._tell("a later sync", "sync", "record", "category", "master")
        self._patch.delenv("AKENEO_ASSETS_MAPPING")
        yield self._tell("cure", "sync", "record", "product", self.product)
        yield self._tell("status at the end", "status")
        self.sandbox.akeneo.edit.save_product(self.product, {"enabled": False})
        yield self._tell("changes", "sync", "changes", "--json")
        shoes = self.sandbox.akeneo.database.get("family", "shoes")
        self.sandbox.akeneo.edit.save("family", "socks", {}, {**(shoes or {}), "code": "socks"})
        self.sandbox.akeneo.edit.save_product("wool-socks", {"family": "socks"})
        yield self._tell("a new family", "sync", "changes", "--json")

    def _tell(self, name: str, *arguments: str) -> Step:
        counters = {"Akeneo": self.sandbox.akeneo_counters, "iPaaS.com": self.sandbox.ipaas_counters}
        for each in counters.values():
            each.reset()
        called = self.shell.call(*arguments)
        requests = {side: each.total for side, each in counters.items()}
        self._told[name] = step = Step(called, writes(self.sandbox), requests)
        return step

    def step(self, name: str) -> Step:
        """Return a command and what it sent, after running the commands before it."""
        while name not in self._told:
            next(self._rest)
        return self._told[name]

    def __getitem__(self, name: str) -> Called:
        return self.step(name).called


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with Sandbox() as sandbox, pytest.MonkeyPatch.context() as patch:
        keep_families(sandbox, "shoes")
        sandbox.akeneo.edit.delete_category("collections")
        shell = Shell(tmp_path_factory.mktemp("story"), patch)
        shell.use(sandbox)
        yield Story(sandbox, shell, patch)


def test_the_next_step_is_reported_before_the_first_delivery(story: Story) -> None:
    before = story["status before"]

    assert before.code == 0
    assert "Nothing has been delivered yet. Next: akeneo-assets check, then akeneo-assets sync full" in before.text


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(story: Story) -> None:
    assert story["dry run"].code == 0
    assert story.step("dry run").sent == {}
    document = story["dry run"].document
    assert document["dry_run"] is True
    assert {name: document["objects"][name]["created"] for name in CREATED} == CREATED
    assert document["requests"]["iPaaS.com"] == 0
    assert story["dry run"].errors == ""
    assert "Planned but not sent yet: " in story["status after the dry run"].text or (
        "Nothing has been delivered yet" in story["status after the dry run"].text
    )


def test_the_counts_of_a_load_add_up(story: Story) -> None:
    load = story["load"]
    document = load.document

    assert load.code == document["exit_code"] == 0
    assert {name: document["objects"][name]["created"] for name in CREATED} == CREATED
    ipaas = story.sandbox.ipaas
    assert len(ipaas.categories()) == CREATED["categories"]
    loaded = [product for product in ipaas.products() if product["sku"] != "wool-socks"]
    assert len(loaded) == CREATED["product_models"] + CREATED["products"]
    assert len(ipaas.variants()) == CREATED["variants"]
    assert document["problems"] == document["errors"] == []
    assert document["zero_price"] == CREATED["product_models"] + CREATED["products"] + CREATED["variants"]
    assert len(set(document["runs"])) == len(document["runs"]) > 0


def test_the_status_shows_what_was_delivered(story: Story) -> None:
    status = story["status after"]

    assert status.code == 0
    records: dict[str, Any] = status.document["records"]
    assert {kind: counts["sent"] for kind, counts in records.items()} == {
        "category": 55,
        "product_model": 3,
        "product": 1,
        "variant": 14,
    }
    assert status.document["problems"] == []


def test_a_tree_that_did_not_change_is_not_sent(story: Story) -> None:
    assert story["categories"].code == 0
    assert story.step("categories").sent == {}
    assert "categories master: done" in story["categories"].errors


def test_named_families_are_synced(story: Story) -> None:
    assert story["family"].code == 0
    assert story.step("family").sent == {}
    assert "full_load family:shoes to family:~none (2 partitions): done" in story["family"].errors.splitlines()
    assert story["no family"].code == 2
    assert "Akeneo has no family boats. Choose from shoes, ~none." in story["no family"].errors


def test_the_runs_belong_to_the_code_location(story: Story) -> None:
    """The Dagster UI therefore lists them on the pages of their jobs, and can re-execute them."""
    dry, loaded = (set(story[name].document["runs"]) for name in ("dry run", "load"))
    with open_instance() as instance:
        runs = {run.run_id: run for run in instance.get_runs()}
        for run_id in dry | loaded:
            origin = runs[run_id].remote_job_origin
            assert origin is not None
            assert origin.job_name == runs[run_id].job_name
            assert origin.repository_origin.code_location_origin.location_name == "akeneo_assets"
            assert runs[run_id].tags["akeneo_assets/launched_by"] == "command line"
            assert runs[run_id].tags["akeneo_assets/subscription"] == "default"
            assert runs[run_id].tags["akeneo_assets/mapping"]
            assert ("akeneo_assets/dry_run" in runs[run_id].tags) == (run_id in dry)


def test_a_failure_is_reported_with_its_fix_and_exit_code_1(story: Story) -> None:
    failure = story["failure"]

    assert failure.code == 1
    document = failure.document
    assert document["exit_code"] == 1
    assert document["objects"]["products"]["failed"] == 1
    (problem,) = document["problems"]
    assert problem["record"] == f"product {story.product}"
    assert "mapping file" in problem["what to do"]
    (error,) = document["errors"]
    assert error.startswith("Akeneo does not list product no-such-product.")
    assert error in failure.errors


def test_the_status_lists_what_needs_attention(story: Story) -> None:
    shown = story["status with a failure"]
    assert shown.code == 1
    assert f"Needs attention product {story.product} VALD-1025" in shown.text
    assert "akeneo-assets sync record KIND ID" in shown.text

    document = story["status with a failure, as JSON"].document
    assert document["records"]["product"] == {"failed": 1}
    (problem,) = document["problems"]
    assert (problem["kind"], problem["key"], problem["code"]) == ("product", story.product, "VALD-1025")


def test_a_failure_of_an_earlier_run_decides_the_exit_code_of_a_later_one(story: Story) -> None:
    assert story["failure"].document["waiting"] == {"failed": 1, "blocked": 0}
    assert story["a later sync"].code == 1
    assert "Not in iPaaS.com, from this and earlier runs: 1 failed." in story["a later sync"].text


def test_a_fixed_record_is_sent_and_the_status_is_clean_again(story: Story) -> None:
    assert story["cure"].code == 0
    assert story["status at the end"].code == 0
    assert "Needs attention" not in story["status at the end"].text


def test_the_structure_is_read_again_only_if_it_is_old_or_incomplete(story: Story) -> None:
    # At most one request for a token; the whole structure takes 11 requests in this small sample.
    assert story.step("cure").requests["Akeneo"] <= 3
    assert story.step("changes").requests["Akeneo"] <= 11 < story.step("a new family").requests["Akeneo"]
    assert story["changes"].code == story["a new family"].code == 0
    assert "wool-socks" in {product["sku"] for product in story.sandbox.ipaas.products()}
    (socks,) = (product for product in story.sandbox.ipaas.products() if product["sku"] == "wool-socks")
    assert {"custom_field_name": "Family", "value": "socks"} in [
        {name: field[name] for name in ("custom_field_name", "value")} for field in socks["custom_fields"]
    ]


@pytest.mark.parametrize("name", ["dry run", "load", "failure"])
def test_the_reported_requests_are_those_that_were_sent(name: str, story: Story) -> None:
    reported, sent = story[name].document["requests"], story.step(name).requests

    # Logins belong to no asset.
    assert sent["iPaaS.com"] - 3 <= reported["iPaaS.com"] <= sent["iPaaS.com"]
    assert sent["Akeneo"] - 1 <= reported["Akeneo"] <= sent["Akeneo"]


def test_standard_output_contains_only_the_document(story: Story) -> None:
    for name in ("dry run", "load", "status after", "failure"):
        assert story[name].output.startswith("{")
        assert story[name].output.endswith("}\n")
