"""An API profile makes a sync work with an iPaaS.com whose paths and names differ, and reports its own mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets.ipaas.profile_file import load_profile
from akeneo_assets.sandbox.ipaas.catalog_bodies import ProductBody
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.other_spelling import OTHER_PROFILE, OTHER_SPELLING
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.world import World, content_of, full_load
from akeneo_assets_tests.shell import Shell

UNLINKED = {
    "sku": "free",
    "name": "Free",
    "type": "Physical",
    "tracking_method": "Product",
    "status": "Active",
    "default_price": 0,
}


def written(folder: Path, text: str) -> str:
    path = folder / "ipaas.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_profile_makes_a_load_and_edits_work_with_another_spelling(
    synced: World, small_content: JsonObject, tmp_path: Path, clock: Clock
) -> None:
    synced.forget()
    with Sandbox(apps=("ipaas",)) as other:
        other.ipaas.spelling = OTHER_SPELLING
        synced.variables |= {"IPAAS_API_URL": other.ipaas_url, "IPAAS_API_PROFILE": written(tmp_path, OTHER_PROFILE)}
        # Another record has the SKU of one that is about to be created.
        other.ipaas.product_records.save(ProductBody.model_validate({**UNLINKED, "sku": "mug-white"}))

        assert full_load(synced.engine()).problems == {}
        assert content_of(other.ipaas) == small_content

        other.ipaas.deactivate(next(each["id"] for each in other.ipaas.products() if each["sku"] == "straw-hat"))
        synced.edit.save_product("straw-hat", {"categories": ["mugs"], "enabled": False})
        clock.pass_time(120.0)
        assert poll(synced.engine()).loaded.problems == {}
        hat = next(each for each in other.ipaas.products() if each["sku"] == "straw-hat")
        assert [each["category_name"] for each in hat["categories"]] == ["Mugs"]
        assert hat["status"] == "Disabled"
        assert other.ipaas_counters.requests("unknown") == 0


def test_without_the_profile_another_spelling_fails_with_a_clear_error(world: World) -> None:
    world.ipaas.spelling = OTHER_SPELLING
    engine = world.engine()
    engine.log_in()

    with pytest.raises(
        IpaasError, match=r"another path for POST /products/v2/Catalog/Product, set product\.create in an API profile"
    ):
        engine.ipaas.create_product(UNLINKED)
    assert world.ipaas.products() == []


def test_check_shows_that_a_profile_is_in_use(world: World, shell: Shell, tmp_path: Path) -> None:
    world.ipaas.spelling = OTHER_SPELLING
    shell.use(world.sandbox)
    shell.set({"AKENEO_ASSETS_DATABASE_URL": world.database_url, "IPAAS_API_PROFILE": written(tmp_path, OTHER_PROFILE)})

    checked = shell.call("check")

    assert checked.code == 0
    assert f"with 25 differences in the API profile {tmp_path}/ipaas.yaml" in checked.text


@pytest.mark.parametrize(
    ("text", "place", "fix"),
    [
        (
            "paths:\n  product.gett: /a/{id}",
            "line 2, paths.product.gett: this name is unknown",
            "Use one of product.get",
        ),
        ("paths:\n  product.get: /a", "line 2, paths.product.get: {id} is missing", "as in /products/v2/Catalog"),
        ("paths: {product.get: '/a/{id}/{key}'}", "paths.product.get: there is no value for {key}", "Use {id}."),
        ("paths: {product.get: '/a/{id}/{id}'}", "paths.product.get: each placeholder", "Write it like"),
        ("paths: {product.get: '/a/{id}/{'}", "paths.product.get: each placeholder", "Write it like"),
        ("paths: {product.get: 'https://x/{id}'}", "paths.product.get: must be a path", "Write it like"),
        ("paths: {product.get: 'FETCH /a/{id}'}", "paths.product.get: FETCH is not", "GET, POST, PUT, PATCH, DELETE"),
        ("paths: {product.get: 5}", "paths.product.get: must be text", "Write text"),
        ("path: {product.get: /a}", "line 1, path: this section is unknown", "Use one of paths, fields"),
        ("fields:\n  skus: a", "line 2, fields.skus: this name is unknown", "Use one of sku"),
        ("fields: {sku: a, name: a}", "fields.name: a is already the name of sku", "Correct one"),
        ("fields: {sku: ''}", "fields.sku: must not be empty", "Write the name"),
        ("fields:\n  sku: a\n  sku: b", "line 2, fields.sku: is written twice", "Keep one"),
        ("fields: [sku]", "line 1, fields: must contain", "indented"),
        ("values: {status: {Activ: a}}", "values.status.Activ: this name is unknown", "Use one of Active"),
        ("error_codes: {BIZL-9999: A}", "error_codes.BIZL-9999: this name is unknown", "BIZL-1009"),
        ("statuses: {BIZL: 200}", "statuses.BIZL: 200 is not", "400 to 599"),
        ("statuses: {BIZL: often}", "statuses.BIZL: must be a number", "Write an HTTP status"),
        ("deleted_prefix: ' '", "deleted_prefix: must not be empty", "DELETED:"),
        ("fields: {sku", "line 1: the file is not valid YAML", "indentation"),
        ("- a", "line 1, the file: must contain sections", "Start with one of paths"),
    ],
)
def test_a_mistake_is_reported_with_its_place_and_fix(text: str, place: str, fix: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ConfigurationError) as caught:
        load_profile(path)

    assert caught.value.settings == ("IPAAS_API_PROFILE",)
    assert path in str(caught.value)
    assert place in str(caught.value)
    assert fix in str(caught.value)


def test_all_mistakes_are_reported_at_once_and_a_missing_file_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_profile(written(tmp_path, "fields: {skus: a}\npaths: {product.get: /a}\nparameters: {SKU: a}"))
    assert len(str(caught.value).splitlines()) == 4
    with pytest.raises(ConfigurationError, match=r"cannot be read .* Correct IPAAS_API_PROFILE"):
        load_profile(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize("text", ["", "# nothing yet", "paths:\n"])
def test_an_empty_profile_changes_nothing(text: str, tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, text)).size == 0
