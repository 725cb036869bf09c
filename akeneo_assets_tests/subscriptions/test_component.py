"""The component ``akeneo_assets.AkeneoToIpaas``: what a ``defs.yaml`` can contain, and how mistakes are reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from akeneo_assets import AkeneoToIpaas, build_definitions
from akeneo_assets.component import IpaasAttributes, SyncAttributes
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.resources import resources_of
from akeneo_assets.settings import FIELDS, StartUpSettings

EXAMPLE = Path(__file__).parent.parent.parent / "examples/two_subscriptions/two_subscriptions/defs/eu/defs.yaml"
ATTRIBUTES: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text("utf-8"))["attributes"]


def component(**changes: Any) -> AkeneoToIpaas:
    resolved: AkeneoToIpaas = AkeneoToIpaas.resolve_from_dict({**ATTRIBUTES, **changes})
    return resolved


def test_a_variable_stays_a_reference_until_a_run_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EU_AKENEO_PASSWORD", "hunter2")

    subscription = component().subscription(Path("/project"))

    assert subscription.settings["akeneo_password"] == "{{ env.EU_AKENEO_PASSWORD }}"
    shown = [each.model_dump() for each in resources_of(subscription).values()]
    assert "EU_AKENEO_PASSWORD" in str(shown)
    assert "hunter2" not in str(shown)


@pytest.mark.parametrize(
    ("group", "attribute", "types"),
    [
        ("AkeneoAttributesModel", "throttle_limit", {"integer", "string"}),
        ("AkeneoAttributesModel", "throttle_seconds", {"number", "integer", "string"}),
        ("SyncAttributesModel", "send_variants_alone", {"boolean", "string"}),
        ("IpaasAttributesModel", "subscription_id", {"integer", "string"}),
        ("AkeneoAttributesModel", "password", {"string"}),
        ("AlertAttributesModel", "slack_url", {"string"}),
    ],
)
def test_an_attribute_has_the_type_of_its_setting(group: str, attribute: str, types: set[str]) -> None:
    model = AkeneoToIpaas.get_model_cls()
    assert model is not None
    schema = model.model_json_schema()["$defs"][group]["properties"][attribute]
    assert {each["type"] for each in schema.get("anyOf", [schema])} - {"null"} == types


def test_every_setting_has_an_attribute() -> None:
    groups = [AkeneoToIpaas, *(field.annotation for field in AkeneoToIpaas.model_fields.values())]
    named = {
        resolver.setting
        for group in groups
        for field in getattr(group, "model_fields", {}).values()
        for resolver in field.metadata
        if hasattr(resolver, "setting")
    }
    # The automation is a separate attribute.
    assert named == FIELDS.keys() - StartUpSettings.model_fields.keys()


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"akeneo": {**ATTRIBUTES["akeneo"], "throttle_limit": "fast"}}, "akeneo.throttle_limit", "valid integer"),
        ({"akeneo": {**ATTRIBUTES["akeneo"], "throttle_limit": 0}}, "akeneo.throttle_limit", "greater than or equal"),
        (
            {"akeneo": {**ATTRIBUTES["akeneo"], "throtle_limit": 5}},
            "akeneo.AkeneoAttributesModel.throtle_limit",
            "Extra",
        ),
        ({"akeneo": {**ATTRIBUTES["akeneo"], "url": "ftp://pim"}}, "akeneo.url", "must look like https://"),
        ({"akeneo": {**ATTRIBUTES["akeneo"], "password": "x"}}, "akeneo.password", "is a secret: put it into"),
        ({"ipaas": {"url": "https://a.b"}}, "ipaas.IpaasAttributesModel.subscription_id", "Field required"),
        ({"sync": {"send_variants_alone": "maybe"}}, "sync.send_variants_alone", "valid boolean"),
        ({"automation": {"time_zone": "Mars"}}, "time_zone", "unknown time zone 'Mars'"),
        ({"name": "EU West"}, "name", "String should match pattern"),
        ({"alerts": {"slack_url": "https://hooks.example.com/secret"}}, "alerts.slack_url", "is a secret"),
        ({"alerts": {"sms": "1"}}, "alerts.AlertAttributesModel.sms", "Extra"),
        ({"state": "postgresql://me:secret@host/db"}, "state", "is a secret"),
    ],
    ids=lambda each: each if isinstance(each, str) and "." in each else "",
)
def test_a_mistake_is_reported_with_its_place(changes: dict[str, Any], place: str, message: str) -> None:
    with pytest.raises(Exception, match=message) as caught:
        component(**changes)

    text = str(caught.value)
    assert place in text
    assert "<string>:" in text, "the line"
    assert "secret@host" not in text


def test_the_reserved_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Choose another name"):
        component(name="default").subscription(Path("/project"))


def test_the_mapping_path_is_relative_to_the_file() -> None:
    assert component().subscription(Path("/project")).settings["akeneo_assets_mapping"] == "/project/mapping.yaml"


def test_a_translation_changes_prefix_group_owners_and_tags() -> None:
    translation = {
        "key_prefix": ["shop"],
        "group_name": "{{ layer }}_of_{{ object }}",
        "owners": ["team:b"],
        "tags": {"market": "eu"},
    }
    made = component(translation=translation)
    definitions = build_definitions(made.subscription(Path("/project")), translate=made.translation)
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}

    spec = specs["shop/eu/ipaas/products"]
    assert (spec.group_name, list(spec.owners)) == ("ipaas_of_products", ["team:b"])
    assert spec.tags.items() >= {"market": "eu", "akeneo_assets/subscription": "eu"}.items()
    assert {dep.asset_key.to_user_string() for dep in spec.deps} == {
        "shop/eu/catalog/products",
        "shop/eu/ipaas/categories",
    }
    dg.Definitions.validate_loadable(definitions)


def test_a_translation_cannot_change_what_an_asset_is() -> None:
    made = component(translation={"key": "products"})
    with pytest.raises(ConfigurationError, match="must end with akeneo/structure"):
        build_definitions(made.subscription(Path("/project")), translate=made.translation)


def test_groups_leave_out_missing_settings() -> None:
    assert SyncAttributes().sources() == {}
    assert IpaasAttributes(url="https://a.b", subscription_id="1").sources() == {
        "ipaas_api_url": "https://a.b",
        "ipaas_subscription_id": "1",
    }


def test_the_snippet_in_the_documentation_is_valid() -> None:
    page = (Path(__file__).parent.parent.parent / "docs/subscriptions.md").read_text("utf-8")
    snippet = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])

    resolved = AkeneoToIpaas.resolve_from_dict(snippet["attributes"])

    assert snippet["type"] == "akeneo_assets.AkeneoToIpaas"
    dg.Definitions.validate_loadable(build_definitions(resolved.subscription(Path("/project"))))
