"""The settings: read from environment variables or a ``.env`` file, and validated.

All variables have defaults that point to the sandbox, so that a fresh clone runs without any configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import Self

from akeneo_assets.errors import ConfigurationError

DATABASE_SETTING: Final = "AKENEO_ASSETS_DATABASE_URL"
AUTOMATION_SETTING: Final = "AKENEO_ASSETS_AUTOMATION"

ProductIdFormat = Literal["UUID", "Identifier"]


def _origin(url: str) -> str:
    """Check that ``url`` is an HTTP(S) URL without credentials, query or fragment; remove a trailing slash."""
    if not url.isprintable() or " " in url:
        raise ValueError("must not contain spaces or control characters")
    parts = urlsplit(url)
    # This raises an error if the port is invalid.
    _ = parts.port
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must look like https://example.cloud.akeneo.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must not contain a user name, password, query or fragment")
    return url.rstrip("/")


def _pim(url: str) -> str:
    """Check that ``url`` is the URL of a PIM, not of the API below it."""
    address, api, _ = url.partition("/api/")
    if api or url.endswith("/api"):
        raise ValueError(f"must be the URL of the PIM without /api: {address.removesuffix('/api')}")
    return url


def instance_folder() -> Path:
    """Return the folder of Dagster's state: ``DAGSTER_HOME``, or else ``.dagster`` in the current directory.

    Raises:
        ConfigurationError: ``DAGSTER_HOME`` is not an absolute path, which Dagster requires.
    """
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        return Path.cwd() / ".dagster"
    if not os.path.isabs(home):  # noqa: PTH117 - no tilde is meant
        raise ConfigurationError(
            f"DAGSTER_HOME: {home!r} is not an absolute path. Use a path like /var/lib/dagster.",
            settings=("DAGSTER_HOME",),
        )
    return Path(home)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def default_database_url(akeneo_api_url: str) -> str:
    """Return the URL of the SQLite file with the state of a source, used if no database is set."""
    return _sqlite_url(urlsplit(akeneo_api_url).netloc.replace(":", "-"))


def _sqlite_url(name: str) -> str:
    return f"sqlite:///{instance_folder() / f'akeneo_assets-{name}.db'}"


def _time_zone(name: str) -> str:
    try:
        return ZoneInfo(name.strip()).key
    except (ValueError, KeyError, OSError):
        raise ValueError(f"unknown time zone {name!r}. Use a name like Europe/Berlin or UTC") from None


TimeZone = Annotated[str, AfterValidator(_time_zone)]
ApiUrl = Annotated[str, AfterValidator(_origin)]
PimUrl = Annotated[str, AfterValidator(_origin), AfterValidator(_pim)]


class StartUpSettings(BaseSettings):
    """The settings needed to load the definitions; errors in other settings are reported in the UI after it opens."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    akeneo_assets_automation: bool = Field(False, description="Turn sensors and schedules on.")
    akeneo_assets_time_zone: TimeZone = Field(
        "UTC", description="Time zone of the nightly schedules, for example Europe/Berlin."
    )
    akeneo_assets_partitions_per_run: int = Field(
        1,
        ge=1,
        description="How many families or trees one run of a backfill syncs, at most. Raise it if each run is a "
        "pod of its own and families are small. If one family fails, its run ends, and each family is "
        "retried in a run of its own.",
    )

    @classmethod
    def from_environment(cls, **overrides: object) -> Self:
        """Read the settings.

        Args:
            overrides: Values by field name that override the environment; None values are ignored.

        Raises:
            ConfigurationError: Some variables are invalid; all of them are reported at once.
        """
        return cls._validated(
            {name: value for name, value in overrides.items() if value is not None},
            "These settings are invalid. Fix them in the environment or in .env:",
        )

    @classmethod
    def _validated(cls, values: Mapping[str, object], heading: str) -> Self:
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False)
            names = [str(problem["loc"][0]).upper() for problem in problems]
            lines = [
                f"{name}: {problem['msg'].removeprefix('Value error, ')}"
                for name, problem in zip(names, problems, strict=True)
            ]
            raise ConfigurationError(f"{heading}\n  " + "\n  ".join(lines), settings=names) from None


def _with_scheme(*schemes: str) -> AfterValidator:
    """Check that a secret is a URL with one of these schemes. The message does not quote it."""

    def check(url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"must be a URL with a host and the scheme {' or '.join(schemes)}")
        return url

    return AfterValidator(check)


HookUrl = Annotated[SecretStr, _with_scheme("http", "https")]
MailUrl = Annotated[SecretStr, _with_scheme("smtp", "smtps")]


class AlertSettings(StartUpSettings):
    """Where alerts go. They are read apart from the others, so that an error in them never stops a sync."""

    akeneo_assets_alert_webhook_url: HookUrl | None = Field(None, description="Gets alerts as JSON.")
    akeneo_assets_alert_slack_url: HookUrl | None = Field(None, description="URL of a Slack incoming webhook.")
    akeneo_assets_alert_smtp_url: MailUrl | None = Field(None, description="smtp://user:password@host:587, or smtps.")
    akeneo_assets_alert_email_to: str | None = Field(None, description="E-mail addresses, separated by commas.")
    akeneo_assets_alert_email_from: str | None = Field(None, description="Sender; default: the first receiver.")
    akeneo_assets_alert_record_url: str | None = Field(
        None, description="Link to a record, with {kind}, {id} and {sku}."
    )
    akeneo_assets_alert_run_url: str | None = Field(None, description="Link to a run, with {id}.")


def link(template: str, **parts: str) -> str:
    """Return a link from a template; unknown placeholders stay."""
    for name, text in parts.items():
        template = template.replace(f"{{{name}}}", quote(text, safe=""))
    return template


class Settings(StartUpSettings):
    """All settings; the environment variables are the field names in upper case."""

    akeneo_api_url: PimUrl = Field("http://127.0.0.1:8461", description="URL of the Akeneo PIM.")
    akeneo_client_id: str = Field("1_sandbox", description="Client id of the Akeneo connection.")
    akeneo_client_secret: SecretStr = Field(
        SecretStr("sandbox-secret"), description="Client secret of the Akeneo connection."
    )
    akeneo_username: str = Field("sandbox", description="User name of the Akeneo connection.")
    akeneo_password: SecretStr = Field(SecretStr("sandbox-password"), description="Password of the Akeneo connection.")
    akeneo_api_throttle_limit: int = Field(
        500,
        ge=1,
        description="Maximum number of requests in any window, across all processes. Use 5 for a cautious first setup.",
    )
    akeneo_api_throttle_seconds: float = Field(60, gt=0, description="Length of the window in seconds.")
    akeneo_concurrent_connections: int = Field(
        4, ge=1, le=100, description="Maximum number of concurrent requests; Akeneo allows 4."
    )
    akeneo_product_id_format: ProductIdFormat = Field(
        "UUID",
        description="`UUID` or `Identifier`: the product key, also used as the external id. Akeneo has UUIDs "
        "since 7.0; for 5.0, the oldest supported version, and 6.0, set `Identifier`.",
    )
    akeneo_record_url: str | None = Field(
        None, description="Link to a record in Akeneo, with {kind}, {id} and {sku}, for tables of problems."
    )

    concurrent_batch_executions: int = Field(
        4,
        ge=1,
        le=64,
        description="Maximum number of concurrent runs of `akeneo-assets sync`. For runs that Dagster starts, see "
        "dagster.yaml.",
    )
    create_missing_bundle_items: bool = Field(
        True,
        description="Create missing components together with their bundle. If false, the bundle is sent without "
        "them, and the links are kept and sent later.",
    )
    create_missing_locations: bool = Field(
        True,
        description="Create stock locations that the mapping names but iPaaS.com does not have. If false, their "
        "stock is left out and a warning names them.",
    )
    skip_related_product_prerequisite: bool = Field(
        False, description="Send related products even if the target is not in iPaaS.com."
    )
    product_variant_poll_search_days: int = Field(
        7, ge=1, le=365, description="How many days the nightly variant sweep looks back."
    )
    disable_gone_products: bool = Field(
        False, description="Set products and models that Akeneo no longer lists to Disabled. They are never deleted."
    )
    id_sweep_largest_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="The weekly check for deleted records stops if a larger share is missing, because the "
        "connection has probably lost permissions.",
    )
    changelog_days: int = Field(
        30, ge=1, le=3650, description="How many days the changelog keeps what was sent and what failed."
    )
    check_error_attempts: int = Field(
        5, ge=1, description="The check all_delivered is an error instead of a warning after this many attempts."
    )
    check_error_hours: float = Field(
        24, gt=0, description="A failed check is an error instead of a warning after this many hours."
    )
    verify_sample: int = Field(
        100, ge=0, description="At most this many records are read back from iPaaS.com by the daily check agrees."
    )
    send_variants_alone: bool = Field(
        True, description="Send a changed variant by itself. If false, its whole product is sent."
    )

    ipaas_api_url: ApiUrl = Field("http://127.0.0.1:8462", description="Base URL of the iPaaS.com API.")
    ipaas_api_key: SecretStr | None = Field(None, description="API key; replaces user name, password and company.")
    ipaas_username: str = Field("sandbox@example.com", description="E-mail address of the iPaaS.com user.")
    ipaas_password: SecretStr = Field(SecretStr("sandbox-password"), description="Password of the iPaaS.com user.")
    ipaas_company_id: str | None = Field(
        None, description="Company id. It is only needed if the user belongs to several companies."
    )
    ipaas_subscription_id: str = Field("1001", description="Subscription that the external ids belong to.")
    ipaas_client_id: str | None = Field(None, description="Sent as X-Client-Id if set.")
    ipaas_api_profile: str | None = Field(
        None, description="Path of a file with the paths and names in which this iPaaS.com differs."
    )
    ipaas_api_throttle_limit: int = Field(
        500, ge=1, description="Maximum number of requests in any window, across all processes."
    )
    ipaas_api_throttle_seconds: float = Field(60, gt=0, description="Length of the window in seconds.")
    ipaas_concurrent_connections: int = Field(4, ge=1, le=100, description="Maximum number of concurrent requests.")
    ipaas_record_url: str | None = Field(
        None, description="Link to a record in iPaaS.com, with {kind}, {id} and {sku}, for tables of problems."
    )

    akeneo_assets_database_url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of the state database; default: a SQLite file. For PostgreSQL, install "
        "akeneo_assets[postgres].",
    )
    akeneo_assets_mapping: str | None = Field(None, description="Path of a mapping file; default: the default mapping.")

    akeneo_assets_request_seconds: float = Field(
        60, ge=1, le=3600, description="Timeout of a request in seconds, including its whole response."
    )
    akeneo_assets_largest_response_mb: int = Field(
        64, ge=1, le=4096, description="The largest response that is accepted, in MB after decompression."
    )

    @property
    def database_url(self) -> str:
        """URL of the state database; by default, a SQLite file for this source in the folder of Dagster's state."""
        if self.akeneo_assets_database_url is not None:
            return self.akeneo_assets_database_url.get_secret_value()
        return default_database_url(self.akeneo_api_url)

    @property
    def throttle_database_url(self) -> str | None:
        """URL of the database that counts Akeneo's requests for several subscriptions; None if the state does."""
        return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about settings that are allowed, but probably unintended."""
        addresses = {"AKENEO_API_URL": self.akeneo_api_url, "IPAAS_API_URL": self.ipaas_api_url}
        return tuple(
            f"{name}: {url} sends credentials and tokens unencrypted, so anyone on the network can read them. "
            f"Use https://{url.removeprefix('http://')}"
            for name, url in addresses.items()
            if url.startswith("http://") and not _is_this_machine(str(urlsplit(url).hostname))
        )


FIELDS: Final = {**Settings.model_fields, **AlertSettings.model_fields}
"""All settings, by name."""


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


SECRETS: Final = frozenset(name for name, field in FIELDS.items() if _is_secret(field.annotation))
"""The settings that must never be shown."""

_NEEDED: Final = (
    "akeneo_api_url",
    "akeneo_client_id",
    "akeneo_client_secret",
    "akeneo_username",
    "akeneo_password",
    "ipaas_api_url",
    "ipaas_subscription_id",
)
_NEEDED_WITHOUT_KEY: Final = ("ipaas_username", "ipaas_password")


class _GivenSettings(StartUpSettings):
    """Settings of a named subscription. Nothing comes from the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use only the given values."""
        return (init_settings,)


class NamedAlertSettings(_GivenSettings, AlertSettings):
    """Where the alerts of a named subscription go."""

    @classmethod
    def of(cls, name: str, values: Mapping[str, object]) -> Self:
        """Validate the settings.

        Args:
            name: The subscription.
            values: Setting → value.

        Raises:
            ConfigurationError: Settings are invalid; all of them are reported at once.
        """
        return cls._validated(values, f"Subscription {name}: these settings are invalid:")


class NamedSettings(_GivenSettings, Settings):
    """The settings of a named subscription. Nothing comes from the environment, and nothing points to the sandbox."""

    name: str
    throttle_group: str | None = None

    @classmethod
    def of(cls, name: str, values: Mapping[str, object], *, throttle_group: str | None = None) -> Self:
        """Validate the settings of a subscription.

        Args:
            name: The subscription.
            values: Setting → value.
            throttle_group: Subscriptions of one group share Akeneo's throttle.

        Raises:
            ConfigurationError: Settings are missing or invalid; all of them are reported at once.
        """
        needed = _NEEDED if "ipaas_api_key" in values else (*_NEEDED, *_NEEDED_WITHOUT_KEY)
        if missing := [setting for setting in needed if setting not in values]:
            raise ConfigurationError(
                f"Subscription {name}: these settings are missing: {', '.join(missing)}.", settings=missing
            )
        given = {**values, "name": name, "throttle_group": throttle_group}
        return cls._validated(given, f"Subscription {name}: these settings are invalid:")

    @property
    def database_url(self) -> str:
        """URL of the state database: a SQLite file named after the subscription, or a schema in PostgreSQL."""
        return self._database_url(self.name)

    @property
    def throttle_database_url(self) -> str | None:
        """URL of the database that counts Akeneo's requests for several subscriptions; None if the state does."""
        return None if self.throttle_group is None else self._database_url(f"throttle_{self.throttle_group}")

    def _database_url(self, name: str) -> str:
        if self.akeneo_assets_database_url is None:
            return _sqlite_url(name)
        url = self.akeneo_assets_database_url.get_secret_value()
        if not url.startswith("postgresql"):
            return url if name == self.name else _sqlite_url(name)
        return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dakeneo_assets_{name}"
