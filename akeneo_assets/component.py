"""The Dagster component: a subscription as a ``defs.yaml`` in any Dagster project."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import dagster as dg
from dagster.components.component_scaffolding import scaffold_component
from dagster.components.utils.translation import TranslationFn, TranslationFnResolver
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from akeneo_assets.assets.names import Step
from akeneo_assets.build import build_definitions
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import FIELDS, SECRETS, TimeZone
from akeneo_assets.subscription import DEFAULT, NAME, Subscription, variable_of

_MAPPING: Final = "akeneo_assets_mapping"
_PROFILE: Final = "ipaas_api_profile"
_TYPES: Final[Mapping[object, Any]] = {bool: bool | str, int: int | str, float: float | int | str}
"""Type of a setting → what a file may contain for it. A text may be a reference; an id may look like a number."""


class _Setting(dg.Resolver):
    """Resolves an attribute to the source of a setting, so that the value of a variable is read only when it is used.

    Args:
        setting: Its name in :data:`~akeneo_assets.settings.FIELDS`.
    """

    def __init__(self, setting: str) -> None:
        self.setting = setting
        field = FIELDS[setting]
        super().__init__(
            lambda _, given: given,
            model_field_type=_TYPES.get(field.annotation, str if setting in SECRETS else str | int),
            description=field.description,
            examples=[f"{{{{ env.{setting.upper()} }}}}"],
            inject_before_resolve=False,
        )

    def execute(self, context: dg.ResolutionContext, model: BaseModel, field_name: str) -> str:
        """Resolve the attribute.

        Raises:
            ResolutionException: The value is invalid. The message names the file, the line and the attribute.
        """
        place = context.at_path(field_name)
        try:
            return _source(self.setting, place, getattr(model, field_name))
        except ValueError as error:
            raise place.build_resolve_fn_exc([f"{field_name} {error}"], field_name=field_name, model=model) from None


def _source(setting: str, context: dg.ResolutionContext, given: object) -> str:
    """Return a reference as it is, and anything else as its value.

    Raises:
        ValueError: The value is not valid for the setting, or it is a secret.
    """
    if isinstance(given, str) and variable_of(given) is not None:
        return given
    if setting in SECRETS:
        # The value is left out of the message, because it is a secret.
        raise ValueError("is a secret: put it into an environment variable, and write {{ env.MY_VARIABLE }}")
    # Without a template, Jinja would turn the text "5001" into a number.
    value = str(context.resolve_value(given)) if isinstance(given, str) and "{{" in given else str(given)
    try:
        TypeAdapter(FIELDS[setting].rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        problems = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors(include_url=False))
        raise ValueError(f"is {value!r}: {problems}") from None
    return value


_Given: TypeAlias = str | None


class _Group(dg.Model, dg.Resolvable):
    """A group of settings."""

    def sources(self) -> dict[str, str]:
        """Return the settings that are given: name → value or reference."""
        return {
            resolver.setting: given
            for name, field in type(self).model_fields.items()
            for resolver in field.metadata
            if isinstance(resolver, _Setting)
            for given in [getattr(self, name)]
            if given is not None
        }


class AkeneoAttributes(_Group):
    """The Akeneo PIM."""

    url: Annotated[str, _Setting("akeneo_api_url")]
    client_id: Annotated[str, _Setting("akeneo_client_id")]
    client_secret: Annotated[str, _Setting("akeneo_client_secret")]
    username: Annotated[str, _Setting("akeneo_username")]
    password: Annotated[str, _Setting("akeneo_password")]
    product_id_format: Annotated[_Given, _Setting("akeneo_product_id_format")] = None
    throttle_limit: Annotated[_Given, _Setting("akeneo_api_throttle_limit")] = None
    throttle_seconds: Annotated[_Given, _Setting("akeneo_api_throttle_seconds")] = None
    concurrent_connections: Annotated[_Given, _Setting("akeneo_concurrent_connections")] = None
    record_url: Annotated[_Given, _Setting("akeneo_record_url")] = None


class IpaasAttributes(_Group):
    """The iPaaS.com subscription: an API key, or user name and password."""

    url: Annotated[str, _Setting("ipaas_api_url")]
    subscription_id: Annotated[str, _Setting("ipaas_subscription_id")]
    api_key: Annotated[_Given, _Setting("ipaas_api_key")] = None
    username: Annotated[_Given, _Setting("ipaas_username")] = None
    password: Annotated[_Given, _Setting("ipaas_password")] = None
    company_id: Annotated[_Given, _Setting("ipaas_company_id")] = None
    client_id: Annotated[_Given, _Setting("ipaas_client_id")] = None
    api_profile: Annotated[_Given, _Setting(_PROFILE)] = None
    throttle_limit: Annotated[_Given, _Setting("ipaas_api_throttle_limit")] = None
    throttle_seconds: Annotated[_Given, _Setting("ipaas_api_throttle_seconds")] = None
    concurrent_connections: Annotated[_Given, _Setting("ipaas_concurrent_connections")] = None
    record_url: Annotated[_Given, _Setting("ipaas_record_url")] = None


class SyncAttributes(_Group):
    """How records are synced."""

    concurrent_batch_executions: Annotated[_Given, _Setting("concurrent_batch_executions")] = None
    create_missing_bundle_items: Annotated[_Given, _Setting("create_missing_bundle_items")] = None
    create_missing_locations: Annotated[_Given, _Setting("create_missing_locations")] = None
    skip_related_product_prerequisite: Annotated[_Given, _Setting("skip_related_product_prerequisite")] = None
    product_variant_poll_search_days: Annotated[_Given, _Setting("product_variant_poll_search_days")] = None
    disable_gone_products: Annotated[_Given, _Setting("disable_gone_products")] = None
    id_sweep_largest_share: Annotated[_Given, _Setting("id_sweep_largest_share")] = None
    send_variants_alone: Annotated[_Given, _Setting("send_variants_alone")] = None
    changelog_days: Annotated[_Given, _Setting("changelog_days")] = None
    check_error_attempts: Annotated[_Given, _Setting("check_error_attempts")] = None
    check_error_hours: Annotated[_Given, _Setting("check_error_hours")] = None
    verify_sample: Annotated[_Given, _Setting("verify_sample")] = None
    request_seconds: Annotated[_Given, _Setting("akeneo_assets_request_seconds")] = None
    largest_response_mb: Annotated[_Given, _Setting("akeneo_assets_largest_response_mb")] = None


class AlertAttributes(_Group):
    """Where alerts go."""

    webhook_url: Annotated[_Given, _Setting("akeneo_assets_alert_webhook_url")] = None
    slack_url: Annotated[_Given, _Setting("akeneo_assets_alert_slack_url")] = None
    smtp_url: Annotated[_Given, _Setting("akeneo_assets_alert_smtp_url")] = None
    email_to: Annotated[_Given, _Setting("akeneo_assets_alert_email_to")] = None
    email_from: Annotated[_Given, _Setting("akeneo_assets_alert_email_from")] = None
    record_url: Annotated[_Given, _Setting("akeneo_assets_alert_record_url")] = None
    run_url: Annotated[_Given, _Setting("akeneo_assets_alert_run_url")] = None


class AutomationAttributes(dg.Model, dg.Resolvable):
    """Sensors and schedules."""

    enabled: bool = Field(default=False, description="Turn sensors and schedules on.")
    time_zone: Annotated[TimeZone, dg.Resolver.default(description="Time zone of the nightly schedules.")] = "UTC"
    partitions_per_run: int = Field(
        default=1, ge=1, description="How many families or trees one run of a backfill syncs, at most."
    )


class _Scaffolder(dg.Scaffolder):
    """Writes a ``defs.yaml`` whose variables begin with the name of its folder."""

    def scaffold(self, request: dg.ScaffoldRequest) -> None:
        name = re.sub(r"\W+", "_", request.target_path.name.lower())

        def variable(setting: str) -> str:
            return f"{{{{ env.{name.upper()}_{setting.upper()} }}}}"

        attributes = {
            "name": name,
            "akeneo": {
                "url": variable("akeneo_url"),
                **{key: variable(f"akeneo_{key}") for key in ("client_id", "client_secret", "username", "password")},
            },
            "ipaas": {
                "url": variable("ipaas_url"),
                "api_key": variable("ipaas_api_key"),
                "subscription_id": variable("ipaas_subscription_id"),
            },
            "automation": {"enabled": False, "time_zone": "UTC"},
        }
        scaffold_component(request, attributes)


@dg.scaffold_with(_Scaffolder)
class AkeneoToIpaas(dg.Component, dg.Model, dg.Resolvable):
    """Syncs an Akeneo catalogue to an iPaaS.com subscription."""

    name: Annotated[
        str, Field(pattern=f"^{NAME}$", description="Unique name: the jobs, partitions and assets begin with it.")
    ]
    akeneo: AkeneoAttributes
    ipaas: IpaasAttributes
    state: Annotated[_Given, _Setting("akeneo_assets_database_url")] = None
    mapping: Annotated[_Given, _Setting(_MAPPING)] = None
    sync: SyncAttributes = Field(default_factory=SyncAttributes)
    automation: AutomationAttributes = Field(default_factory=AutomationAttributes)
    alerts: AlertAttributes = Field(default_factory=AlertAttributes)
    throttle_group: Annotated[
        str | None,
        Field(description="Subscriptions of one group share Akeneo's throttle. Use it if they read the same Akeneo."),
    ] = None
    translation: Annotated[
        TranslationFn[Step] | None,
        TranslationFnResolver[Step](lambda step: {"layer": step.layer, "object": step.object}),
    ] = None

    def subscription(self, folder: Path) -> Subscription:
        """Return the subscription that this component describes.

        Args:
            folder: The folder of its ``defs.yaml``. The paths of the mapping file and the API profile are relative
                to it.

        Raises:
            ConfigurationError: The name is reserved.
        """
        if self.name == DEFAULT:
            raise ConfigurationError(
                f"name: {DEFAULT} is the subscription that the environment describes. Choose another name."
            )
        own = {"akeneo_assets_database_url": self.state, _MAPPING: self.mapping}
        settings = {name: given for name, given in own.items() if given is not None}
        for group in (self.akeneo, self.ipaas, self.sync, self.alerts):
            settings |= group.sources()
        for name in (_MAPPING, _PROFILE):
            if name in settings and variable_of(settings[name]) is None:
                settings[name] = str(folder / settings[name])
        return Subscription(
            self.name,
            settings,
            automation=self.automation.enabled,
            time_zone=self.automation.time_zone,
            partitions_per_run=self.automation.partitions_per_run,
            throttle_group=self.throttle_group,
        )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Build the assets, jobs, sensors, schedules and resources of the subscription."""
        return build_definitions(self.subscription(Path(context.path)), translate=self.translation)
