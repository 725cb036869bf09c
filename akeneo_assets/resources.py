"""Dagster resources for the API clients and the state database.

Dagster's UI shows their fields, so secrets are references to environment variables, like ``{{ env.AKENEO_PASSWORD }}``.
"""

import os
from contextlib import ExitStack
from typing import Any, Final, TypeVar

import dagster as dg
from pydantic import Field, PrivateAttr

from akeneo_assets import metrics
from akeneo_assets.errors import ERROR_KIND, AkeneoAssetsError, ConfigurationError, UnexpectedError
from akeneo_assets.http.redaction import summary_of, traceback_of
from akeneo_assets.http.statistics import RetryEvent
from akeneo_assets.run_tags import MAPPING_TAG
from akeneo_assets.settings import DATABASE_SETTING, Settings
from akeneo_assets.subscription import DEFAULT, Subscription
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.visible import visible

_OTHER_MAPPING: Final = (
    "The mapping of this run differs from the mapping of the sensor or command that started it. If the mapping file "
    "has just been changed, nothing needs to be done: records with an outdated mapping are mapped again. If not, the "
    "machines have different files, and their runs undo each other's changes. Deploy the same mapping file "
    "(AKENEO_ASSETS_MAPPING) and the same version of akeneo_assets to all of them."
)


def failure_of(error: AkeneoAssetsError) -> dg.Failure:
    """Return the failure that reports an error to Dagster: with its message and kind, and without a retry."""
    return dg.Failure(str(error), metadata={ERROR_KIND: error.kind}, allow_retries=False)


_Resource = TypeVar("_Resource", bound=dg.ConfigurableResource)


def _variable(setting: str) -> Any:
    """Return the field for a setting: by default, a reference to its environment variable."""
    return Field(default=f"{{{{ env.{setting.upper()} }}}}", description=Settings.model_fields[setting].description)


class AkeneoResource(dg.ConfigurableResource):
    """The Akeneo PIM."""

    akeneo_api_url: str | None = _variable("akeneo_api_url")
    akeneo_client_id: str | None = _variable("akeneo_client_id")
    akeneo_client_secret: str | None = _variable("akeneo_client_secret")
    akeneo_username: str | None = _variable("akeneo_username")
    akeneo_password: str | None = _variable("akeneo_password")
    akeneo_product_id_format: str | None = _variable("akeneo_product_id_format")
    akeneo_api_throttle_limit: str | None = _variable("akeneo_api_throttle_limit")
    akeneo_api_throttle_seconds: str | None = _variable("akeneo_api_throttle_seconds")
    akeneo_concurrent_connections: str | None = _variable("akeneo_concurrent_connections")
    akeneo_record_url: str | None = _variable("akeneo_record_url")


class IpaasResource(dg.ConfigurableResource):
    """The iPaaS.com company to sync to."""

    ipaas_api_url: str | None = _variable("ipaas_api_url")
    ipaas_api_key: str | None = _variable("ipaas_api_key")
    ipaas_username: str | None = _variable("ipaas_username")
    ipaas_password: str | None = _variable("ipaas_password")
    ipaas_company_id: str | None = _variable("ipaas_company_id")
    ipaas_subscription_id: str | None = _variable("ipaas_subscription_id")
    ipaas_client_id: str | None = _variable("ipaas_client_id")
    ipaas_api_profile: str | None = _variable("ipaas_api_profile")
    ipaas_api_throttle_limit: str | None = _variable("ipaas_api_throttle_limit")
    ipaas_api_throttle_seconds: str | None = _variable("ipaas_api_throttle_seconds")
    ipaas_concurrent_connections: str | None = _variable("ipaas_concurrent_connections")
    ipaas_record_url: str | None = _variable("ipaas_record_url")


class StateResource(dg.ConfigurableResource):
    """The state database (mirror, ledger, plan) and the mapping file."""

    akeneo_assets_database_url: str | None = _variable("akeneo_assets_database_url")
    akeneo_assets_mapping: str | None = _variable("akeneo_assets_mapping")


class SyncResource(dg.ConfigurableResource):
    """How records are synced."""

    create_missing_bundle_items: str | None = _variable("create_missing_bundle_items")
    create_missing_locations: str | None = _variable("create_missing_locations")
    skip_related_product_prerequisite: str | None = _variable("skip_related_product_prerequisite")
    send_variants_alone: str | None = _variable("send_variants_alone")
    product_variant_poll_search_days: str | None = _variable("product_variant_poll_search_days")
    disable_gone_products: str | None = _variable("disable_gone_products")
    id_sweep_largest_share: str | None = _variable("id_sweep_largest_share")
    changelog_days: str | None = _variable("changelog_days")
    check_error_attempts: str | None = _variable("check_error_attempts")
    check_error_hours: str | None = _variable("check_error_hours")
    verify_sample: str | None = _variable("verify_sample")
    akeneo_assets_request_seconds: str | None = _variable("akeneo_assets_request_seconds")
    akeneo_assets_largest_response_mb: str | None = _variable("akeneo_assets_largest_response_mb")


class EngineResource(dg.ConfigurableResource):
    """The sync engine, created for each run or sensor tick.

    A run checks the credentials of both APIs before its first step. A sensor does not, and does not retry requests:
    Dagster limits its tick to a minute, and evaluates it again soon.
    """

    subscription: str = Field(DEFAULT, description="Name of the subscription.")
    throttle_group: str | None = Field(None, description="Subscriptions of one group share Akeneo's throttle.")
    akeneo: dg.ResourceDependency[AkeneoResource]
    ipaas: dg.ResourceDependency[IpaasResource]
    state: dg.ResourceDependency[StateResource]
    sync: dg.ResourceDependency[SyncResource]

    _engine: Engine | None = PrivateAttr(default=None)
    _error: AkeneoAssetsError | None = PrivateAttr(default=None)
    _lease: ExitStack = PrivateAttr(default_factory=ExitStack)

    @property
    def engine(self) -> Engine:
        """The engine of this run.

        Raises:
            Failure: The settings are wrong, or an API cannot be reached.
        """
        try:
            return self.connected()
        except AkeneoAssetsError as error:
            raise failure_of(error) from error

    def connected(self) -> Engine:
        """Return the engine of this run or tick.

        Raises:
            AkeneoAssetsError: The settings are wrong, or an API cannot be reached.
        """
        if self._error is not None:
            raise self._error
        if self._engine is None:
            raise RuntimeError("The engine exists only while a run or a sensor executes.")
        return self._engine

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the database and, in a run, log in to both APIs. The first step reports any error.

        If an error were raised here, Dagster would treat it as a crash and restart the run.
        """

        def tell(event: RetryEvent) -> None:
            if context.log is not None:
                context.log.warning(
                    f"{event.api} {event.action}: {visible(event.reason, line=True)}; attempt {event.attempt + 1} "
                    f"in {event.wait_seconds:.1f} s"
                )

        try:
            if context.run is None:
                self._engine = connect(self._settings(), run_id="", fail_fast=True)
            else:
                settings = self._settings()
                _check_that_state_outlives_runs(settings, context.instance)
                self._engine = connect(settings, run_id=context.run.run_id, on_retry=tell)
                self._lease.enter_context(self._engine.store.run_leases.held(context.run.run_id))
                if context.log is not None and _is_of_another_mapping(context.run, self._engine):
                    context.log.warning(_OTHER_MAPPING)
                self._engine.log_in()
        except AkeneoAssetsError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - any other error is reported by the first step, too
            if context.log is not None:
                context.log.error(traceback_of(error))  # noqa: TRY400 - log.exception would not redact secrets
            self._error = UnexpectedError(
                f"Unexpected error ({summary_of(error)}). Nothing is lost: the remaining work is still pending. If it "
                "happens again, report it with the details in the log."
            )

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close the connections and the database, and export the metrics of a run."""
        self._lease.close()
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._error = None
        if context.run is not None:
            metrics.flush()

    def _settings(self) -> Settings:
        return self.of_subscription().read_settings()

    def of_subscription(self) -> Subscription:
        """Return the subscription that these resources describe, without its automation."""
        resources = (self.akeneo, self.ipaas, self.state, self.sync)
        settings = {name: value for each in resources for name, value in each.model_dump().items() if value is not None}
        return Subscription(self.subscription, settings, throttle_group=self.throttle_group)


def _is_of_another_mapping(run: dg.DagsterRun, engine: Engine) -> bool:
    """Whether a run uses another mapping than the sensor or command that started it."""
    return run.tags.get(MAPPING_TAG, engine.rules_fingerprint) != engine.rules_fingerprint


def _check_that_state_outlives_runs(settings: Settings, instance: dg.DagsterInstance | None) -> None:
    """Refuse the default SQLite file where each run has a file system of its own, and so would have its own state.

    Raises:
        ConfigurationError: No database is set, and runs start in pods, containers or on other machines.
    """
    if settings.akeneo_assets_database_url is not None:
        return
    launcher = type(instance.run_launcher) if instance is not None and instance.is_persistent else None
    is_remote = launcher is not None and not launcher.__module__.startswith("dagster.")
    if is_remote or os.environ.get("KUBERNETES_SERVICE_HOST"):
        where = launcher.__name__ if is_remote and launcher is not None else "Kubernetes"
        raise ConfigurationError(
            f"{DATABASE_SETTING} is not set, and runs start on {where}. Each run would begin with an empty file, "
            "send everything again and ignore the throttle of the others. Set it to a PostgreSQL database.",
            settings=(DATABASE_SETTING,),
        )


def resources_of(subscription: Subscription) -> dict[str, dg.ConfigurableResource]:
    """Return the resources of a subscription by key.

    Four of them only show the settings in the UI, and where they come from.
    """

    def resource(kind: type[_Resource]) -> _Resource:
        if subscription.is_default:
            return kind(**{name: value for name, value in subscription.settings.items() if name in kind.model_fields})
        return kind(**{name: subscription.settings.get(name) for name in kind.model_fields})

    akeneo, ipaas = resource(AkeneoResource), resource(IpaasResource)
    state, sync = resource(StateResource), resource(SyncResource)
    engine = EngineResource(
        subscription=subscription.name,
        throttle_group=subscription.throttle_group,
        akeneo=akeneo,
        ipaas=ipaas,
        state=state,
        sync=sync,
    )
    shown = {"akeneo": akeneo, "ipaas": ipaas, "state": state, "sync": sync, "engine": engine}
    return {subscription.scoped(key): each for key, each in shown.items()}


def engine_of(
    context: dg.AssetExecutionContext | dg.OpExecutionContext | dg.SensorEvaluationContext, key: str
) -> EngineResource:
    """Return the engine resource with this key."""
    engine: EngineResource = getattr(context.resources, key)
    return engine
