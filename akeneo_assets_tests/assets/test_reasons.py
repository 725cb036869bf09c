"""Why records are due and what differs, in the metadata of every plan, for every reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from akeneo_assets.assets.reporting import metadata_of
from akeneo_assets.objects import OBJECTS
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.batches import batch_of
from akeneo_assets_tests.batches import steps_of
from akeneo_assets_tests.runs import execute, failures, materializations
from akeneo_assets_tests.scenarios.world import Loaded, World, load_categories, load_families, load_structure
from akeneo_assets_tests.shell import Shell, keep_families

pytestmark = pytest.mark.exhaustive

DRY_RUN = tuple(batch_of(key).without_delivery() for key in ("master", "family:clothing", "family:sets"))
MODELS = frozenset({"cotton-shirt", "linen-shirt", "striped-tshirt"})
LINES = """\
settings: {locale: en_US}
category: {name: $label, custom_fields: {fields: {Code: $code}}}
product: {name: $label, custom_fields: {attributes: [ean], names: label}}
related_product: {related_type: $label}
"""
OTHER_LINES = """\
settings: {locale: en_US}
category: {name: $code}
product: {name: {formula: "label ~ '!'"}}
product_model: {msrp: {static: 1}}
variant: {barcode: {static: same}}
related_product: {related_type: $code}
"""

Plans = Mapping[str, Mapping[str, Any]]


class Portal:
    """A world and its jobs; each object has records in only one of the partitions."""

    def __init__(self, world: World, instance: dg.DagsterInstance, mapping: Path) -> None:
        self.edit = world.edit
        self._world = world
        self._instance = instance
        self._mapping = mapping

    def use(self, lines: str) -> None:
        """Use another mapping."""
        self._mapping.write_text(lines, encoding="utf-8")

    def read_structure(self) -> None:
        load_structure(self._world.engine())

    def load(self) -> Loaded:
        """Send everything without Dagster, which would be slower."""
        engine = self._world.engine()
        return load_families(engine, "clothing", "sets", loaded=load_categories(engine, "master"))

    def plan(self) -> Plans:
        """Do what :meth:`materialize` does without Dagster, which would be slower."""
        engine = self._world.engine()
        found: dict[str, Mapping[str, Any]] = {}
        for batch in DRY_RUN:
            for step in steps_of(engine, replace(batch, plans=())):
                step()
            key = str(batch.partition_key)
            for name in batch.plans:
                with engine.measured() as usage:
                    result = engine.plan(name, key)
                metadata = metadata_of("catalog", result, usage(), engine.plan_sample(name, key))
                if "reasons" in metadata:
                    found[name] = dg.AssetMaterialization(name, metadata=metadata).metadata
        return found

    def materialize(self, *, force: bool = False) -> Plans:
        """Read and plan everything, and return the metadata of the plans that have something due, by object."""
        found: dict[str, Mapping[str, Any]] = {}
        for batch in DRY_RUN:
            assets = ["/".join(step) for step in batch.steps]
            forced = {f"catalog__{name}": {"config": {"force": force}} for name in batch.plans}
            result = execute(batch.job, self._instance, partition_key=batch.partition_key, assets=assets, config=forced)
            assert failures(result) == []
            for name, metadata in materializations(result).items():
                if "reasons" in metadata:
                    found[name.removeprefix("catalog/")] = metadata
        return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Nothing was sent yet."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox() as sandbox,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        keep_families(sandbox, "clothing", "sets")
        for model in list(sandbox.akeneo.database.all("product_model")):
            if model["parent"] is None and model["code"] not in MODELS:
                sandbox.akeneo.edit.delete_model(model["code"])
        folder = tmp_path_factory.mktemp("reasons")
        world = World(sandbox, folder)
        world.variables["AKENEO_ASSETS_MAPPING"] = str(folder / "mapping.yaml")
        Shell(folder, patch).set(world.environment())
        opened = Portal(world, instance, folder / "mapping.yaml")
        opened.use(LINES)
        assert failures(execute("structure", instance)) == []
        yield opened
        world.close()


@pytest.fixture(scope="module")
def first(empty: Portal) -> Plans:
    """The plans of a full load."""
    return empty.materialize()


@pytest.fixture
def portal(empty: Portal, first: Plans) -> Portal:
    """All was sent."""
    assert first
    empty.use(LINES)
    assert empty.load().delivered_count("failed", "blocked") == 0
    return empty


def reasons(plans: Plans) -> dict[str, set[str]]:
    """Return the reasons by object, after checking the totals."""
    for metadata in plans.values():
        assert sum(metadata["reasons"].value.values()) == metadata["created"].value + metadata["updated"].value
    return {name: set(metadata["reasons"].value) for name, metadata in plans.items()}


def examples(plans: Plans, name: str) -> list[dict[str, Any]]:
    return [dict(record.data) for record in plans[name]["plan"].records]


def test_every_record_is_new_at_first(first: Plans) -> None:
    assert reasons(first) == {name: {"new"} for name in OBJECTS}
    assert {row["action"] for name in OBJECTS for row in examples(first, name)} == {"create"}


def test_a_changed_mapping_is_reported_for_every_object(portal: Portal) -> None:
    portal.use(OTHER_LINES)

    plans = portal.plan()

    assert reasons(plans) == {name: {"mapping changed"} for name in OBJECTS}
    differs = {name: examples(plans, name)[0]["differs"] for name in OBJECTS}
    assert "custom_fields.Code: " in differs["categories"]
    assert "name: " in differs["products"]
    assert differs["variants"] == 'barcode: nothing → "same"'
    assert differs["product_models"] == "msrp: nothing → 1"
    assert "related: " in differs["related_products"]
    assert reasons(portal.plan()) == reasons(plans), "a dry run changes nothing"


def test_a_mapping_that_changes_only_variants_is_reported(portal: Portal) -> None:
    portal.use(f"{LINES}\nvariant: {{barcode: {{static: same}}}}")

    for _ in range(2):
        assert reasons(portal.plan()) == {"variants": {"mapping changed"}}

    portal.edit.save_product("linen-shirt-white-s", {"enabled": False})
    changed = portal.plan()["variants"]["reasons"].value
    assert changed["value changed"] > 0, "the tree is another one since"
    portal.edit.save_product("linen-shirt-white-s", {"enabled": True})


def test_a_changed_structure_is_reported(portal: Portal) -> None:
    portal.edit.save_option("color", "white", {"labels": {"en_US": "Snow"}})
    portal.edit.save("attribute", "ean", {}, {"labels": {"en_US": "Number"}})
    portal.edit.save("association_type", "substitution", {}, {"labels": {"en_US": "Instead"}})
    portal.read_structure()

    plans = portal.plan()

    assert reasons(plans) == {name: {"structure changed"} for name in OBJECTS if name != "categories"}
    assert '"Snow"' in examples(plans, "variants")[0]["differs"]
    assert "custom_fields.Number: nothing → " in examples(plans, "products")[0]["differs"]
    assert reasons(portal.plan()) == reasons(plans)


def test_changed_values_and_links_are_reported_with_what_differs(portal: Portal, first: Plans) -> None:
    portal.edit.save_category("hats", {"labels": {"en_US": "Fine hats"}})
    portal.edit.save_model(
        "linen-shirt", {"associations": {"substitution": {"product_models": ["cotton-shirt", "striped-tshirt"]}}}
    )
    portal.edit.save_model("cotton-shirt", {"values": {"name": [{"locale": "en_US", "scope": None, "data": "Shirt"}]}})
    portal.edit.save_product("linen-shirt-white-m", {"enabled": False})
    (bundle,) = (row["record"] for row in examples(first, "bundles"))
    portal.edit.save_product(bundle.removeprefix("product "), {"enabled": False})

    plans = portal.plan()

    changed = {"categories", "product_models", "variants", "bundles"}
    assert reasons(plans) == {
        **{name: {"value changed"} for name in changed},
        # The association is two-way: the other model has links for the first time.
        "related_products": {"related products changed", "new"},
    }
    links = [row for row in examples(plans, "related_products") if row["action"] == "update"]
    assert all("related: " in row["differs"] for row in links)
    assert 'name: "Cotton shirt" → "Shirt"' in examples(plans, "product_models")[0]["differs"]
    assert examples(plans, "bundles")[0]["differs"] == 'status: "Active" → "Disabled"'
    assert 'name: "Hats" → "Fine hats"' in examples(plans, "categories")[0]["differs"]


def test_forced_records_are_reported(portal: Portal) -> None:
    plans = portal.materialize(force=True)

    assert reasons(plans) == {name: {"forced"} for name in OBJECTS}
    assert {row["differs"] for row in examples(plans, "products")} == {""}


def test_refused_records_are_reported_as_retried(portal: Portal) -> None:
    wrong = "{status: {static: Sometimes}}"
    portal.use(f"product: {wrong}\nvariant: {wrong}\nproduct_model: {wrong}")
    portal.load()
    portal.use(LINES)

    plans = portal.plan()

    named = {"product_models", "variants", "products", "bundles"}
    assert {name: found for name, found in reasons(plans).items() if name in named} == {
        name: {"retry"} for name in named
    }


def test_each_reason_has_its_examples(portal: Portal) -> None:
    portal.use(OTHER_LINES)
    portal.plan()
    portal.edit.save_product("brand-new-set", {"family": "sets"})

    rows = examples(portal.plan(), "products")

    assert [row["reason"] for row in rows].count("new") == 1
    assert {row["reason"] for row in rows} == {"new", "mapping changed"}
