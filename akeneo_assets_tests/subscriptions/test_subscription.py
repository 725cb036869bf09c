"""A subscription never gets its settings from another subscription or from the sandbox."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher

from akeneo_assets.alerts.senders import SlackSender, senders
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.resources import AkeneoResource, EngineResource, IpaasResource, StateResource, SyncResource
from akeneo_assets.subscription import Subscription
from akeneo_assets_tests.runs import NO_CAPTURE, execute, failures

SETTINGS = {
    "akeneo_api_url": "https://pim.example.com",
    "akeneo_client_id": "1_abc",
    "akeneo_client_secret": "{{ env.EU_SECRET }}",
    "akeneo_username": "eu",
    "akeneo_password": "{{ env.EU_PASSWORD }}",
    "ipaas_api_url": "https://ipaas.example.com",
    "ipaas_api_key": "{{ env('EU_KEY') }}",
    "ipaas_subscription_id": "5001",
}


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of a named subscription, and those of the default one, which it must not read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    for name, value in {"EU_SECRET": "s", "EU_PASSWORD": "p", "EU_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AKENEO_PASSWORD", "of another")
    monkeypatch.setenv("AKENEO_API_THROTTLE_LIMIT", "7")


def test_a_named_subscription_reads_only_what_it_names() -> None:
    settings = Subscription("eu", SETTINGS).read_settings()

    assert settings.akeneo_password.get_secret_value() == "p"
    assert settings.ipaas_api_key is not None
    assert settings.ipaas_api_key.get_secret_value() == "k"
    assert settings.akeneo_api_throttle_limit == 500


def test_alerts_of_a_named_subscription_go_only_where_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_WEBHOOK_URL", "https://example.com/of-another")
    assert senders(Subscription("us", SETTINGS).read_alert_settings()) == []

    slack = {"akeneo_assets_alert_slack_url": "{{ env.EU_SLACK_URL }}"}
    eu = Subscription("eu", {**SETTINGS, **slack})
    with pytest.raises(ConfigurationError, match="EU_SLACK_URL"):
        eu.read_alert_settings()
    assert eu.read_settings().akeneo_username == "eu", "the sync does not need them"
    monkeypatch.setenv("EU_SLACK_URL", "https://example.com/eu")
    assert senders(eu.read_alert_settings()) == [SlackSender("https://example.com/eu")]

    with pytest.raises(ConfigurationError, match="is a secret"):
        Subscription("eu", {**SETTINGS, "akeneo_assets_alert_slack_url": "https://example.com/eu"})


@pytest.mark.parametrize("content", ["", "EU_PASSWORD="])
def test_an_unset_variable_is_an_error_that_names_it(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EU_PASSWORD")
    monkeypatch.delenv("EU_KEY")
    (tmp_path / ".env").write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        Subscription("eu", SETTINGS).read_settings()

    assert "EU_PASSWORD (akeneo_password)" in str(caught.value)
    assert caught.value.settings == ("EU_PASSWORD", "EU_KEY")


def test_a_variable_can_be_in_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EU_PASSWORD")
    subscription = Subscription("eu", SETTINGS)
    for password in ("from the file", "rotated"):
        (tmp_path / ".env").write_text(f"EU_PASSWORD={password}", encoding="utf-8")
        assert subscription.read_settings().akeneo_password.get_secret_value() == password


def test_a_resource_with_an_unset_variable_has_no_fallback() -> None:
    """The default subscription has defaults, but only for its own variables."""
    engine = EngineResource(
        akeneo=AkeneoResource(akeneo_password="{{ env.NO_SUCH_PASSWORD }}"),
        ipaas=IpaasResource(),
        state=StateResource(),
        sync=SyncResource(),
        subscription="default",
        throttle_group=None,
    )
    with pytest.raises(ConfigurationError, match="NO_SUCH_PASSWORD"):
        engine.of_subscription().read_settings()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"akeneo_api_url": None}, "missing: akeneo_api_url"),
        ({"ipaas_api_key": None}, "missing: ipaas_username, ipaas_password"),
        ({"akeneo_api_throttle_limit": "0"}, "AKENEO_API_THROTTLE_LIMIT: Input should be greater"),
    ],
)
def test_missing_and_invalid_settings_are_reported(changes: dict[str, str | None], message: str) -> None:
    settings = {name: value for name, value in {**SETTINGS, **changes}.items() if value is not None}
    with pytest.raises(ConfigurationError, match=message):
        Subscription("eu", settings).read_settings()


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("EU", {}, "name 'EU' is invalid"),
        ("eu-west", {}, "name 'eu-west' is invalid"),
        ("eu", {"akeneo_url": "x"}, "no setting akeneo_url"),
        ("eu", {"akeneo_password": "hunter2"}, "is a secret"),
    ],
)
def test_an_invalid_subscription_is_refused_at_once(name: str, settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        Subscription(name, settings)
    assert "hunter2" not in str(caught.value)


def test_the_state_is_named_after_the_subscription(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eu, us = Subscription("eu", SETTINGS), Subscription("us", SETTINGS, throttle_group="pim")
    assert eu.read_settings().database_url == f"sqlite:///{tmp_path}/akeneo_assets-eu.db"
    assert us.read_settings().database_url == f"sqlite:///{tmp_path}/akeneo_assets-us.db"
    assert us.read_settings().throttle_database_url == f"sqlite:///{tmp_path}/akeneo_assets-throttle_pim.db"

    monkeypatch.setenv("STATE", "postgresql://host/db?sslmode=require")
    on_server = Subscription("eu", {**SETTINGS, "akeneo_assets_database_url": "{{ env.STATE }}"})
    assert on_server.read_settings().database_url == (
        "postgresql://host/db?sslmode=require&options=-csearch_path%3Dakeneo_assets_eu"
    )


class RemoteRunLauncher(SyncInMemoryRunLauncher):
    """Represents a launcher of another package, which starts each run on another machine."""


@pytest.mark.parametrize("where", ["a remote launcher", "Kubernetes"])
def test_a_state_that_each_run_would_have_separately_is_refused(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overrides = {**NO_CAPTURE}
    if where == "Kubernetes":
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    else:
        overrides["run_launcher"] = {"module": __name__, "class": "RemoteRunLauncher"}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=overrides) as instance:
        result = execute("structure", instance)

    (message,) = failures(result)[:1]
    assert "AKENEO_ASSETS_DATABASE_URL is not set" in message
    assert "Set it to a PostgreSQL database." in message
    assert not list(tmp_path.glob("akeneo_assets-*.db"))
