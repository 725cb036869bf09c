"""The settings: defaults, their sources, and what is refused."""

from __future__ import annotations

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.settings import Settings
from akeneo_assets_tests.shell import Shell

SECRETS = ("AKENEO_CLIENT_SECRET", "AKENEO_PASSWORD", "IPAAS_API_KEY", "IPAAS_PASSWORD", "AKENEO_ASSETS_DATABASE_URL")


@pytest.mark.usefixtures("shell")
def test_without_any_variable_everything_points_to_the_sandbox() -> None:
    settings = Settings.from_environment()

    assert (settings.akeneo_api_url, settings.ipaas_api_url) == ("http://127.0.0.1:8461", "http://127.0.0.1:8462")
    for name, value in {**AKENEO_CREDENTIALS, **IPAAS_CREDENTIALS}.items():
        given = getattr(settings, name.lower())
        assert (given.get_secret_value() if name in SECRETS else given) == value


def test_the_environment_takes_precedence_over_the_file(shell: Shell) -> None:
    (shell.folder / ".env").write_text("AKENEO_USERNAME=of_the_file\nIPAAS_CLIENT_ID=of_the_file\n", encoding="utf-8")
    shell.set({"AKENEO_USERNAME": "of_the_environment"})

    settings = Settings.from_environment()

    assert (settings.akeneo_username, settings.ipaas_client_id) == ("of_the_environment", "of_the_file")


def test_an_empty_variable_counts_as_not_set(shell: Shell) -> None:
    shell.set({"IPAAS_API_KEY": "", "AKENEO_API_THROTTLE_LIMIT": "", "AKENEO_ASSETS_MAPPING": ""})

    settings = Settings.from_environment()

    assert settings.ipaas_api_key is None
    assert settings.akeneo_api_throttle_limit == 500
    assert settings.akeneo_assets_mapping is None


@pytest.mark.parametrize("value", ["UUID", "Identifier"])
def test_two_id_formats_exist(value: str, shell: Shell) -> None:
    shell.set({"AKENEO_PRODUCT_ID_FORMAT": value})

    assert Settings.from_environment().akeneo_product_id_format == value


@pytest.mark.parametrize("value", ["uuid", "identifier", "SKU", "UUID "])
def test_an_unknown_id_format_is_refused_with_the_two_valid_ones(value: str, shell: Shell) -> None:
    shell.set({"AKENEO_PRODUCT_ID_FORMAT": value})

    with pytest.raises(ConfigurationError, match=r"AKENEO_PRODUCT_ID_FORMAT: .*'UUID' or 'Identifier'") as caught:
        Settings.from_environment()
    assert caught.value.settings == ("AKENEO_PRODUCT_ID_FORMAT",)


def test_an_address_may_end_in_a_slash(shell: Shell) -> None:
    shell.set({"AKENEO_API_URL": "https://example.cloud.akeneo.com/"})

    assert Settings.from_environment().akeneo_api_url == "https://example.cloud.akeneo.com"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_not_shown(name: str, shell: Shell) -> None:
    shell.set({name: "sqlite:////tmp/very-secret.db"})

    settings = Settings.from_environment()

    assert getattr(settings, name.lower()).get_secret_value() == "sqlite:////tmp/very-secret.db"
    for text in (str(settings), repr(settings), settings.model_dump_json()):
        assert "very-secret" not in text


def test_a_wrong_value_is_not_repeated(shell: Shell) -> None:
    shell.set({"AKENEO_API_URL": "https://me:very-secret@example.com", "IPAAS_API_URL": "very-secret"})

    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment()
    assert "very-secret" not in f"{caught.value} {caught.value.detail} {caught.value.__cause__}"


def test_the_state_is_in_the_folder_of_the_instance(shell: Shell) -> None:
    shell.set({"AKENEO_API_URL": "https://pim.example.com"})
    beside = shell.folder / ".dagster" / "akeneo_assets-pim.example.com.db"
    assert Settings.from_environment().database_url == f"sqlite:///{beside}"

    shell.set({"DAGSTER_HOME": "/srv/dagster"})
    assert Settings.from_environment().database_url == "sqlite:////srv/dagster/akeneo_assets-pim.example.com.db"
