"""Dagster resources for the API clients and the state database.

Their fields contain the *names* of environment variables, not their values, because Dagster's UI shows them.
"""

import os
from contextlib import ExitStack

import dagster as dg
from pydantic import Field, PrivateAttr

from akeneo_assets.errors import AkeneoAssetsError, UnexpectedError
from akeneo_assets.http.redaction import summary_of, traceback_of
from akeneo_assets.http.statistics import RetryEvent
from akeneo_assets.settings import Settings
from akeneo_assets.sync.connecting import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.visible import visible


class AkeneoResource(dg.ConfigurableResource):
    """The Akeneo PIM. Each field is the name of an environment variable."""

    akeneo_api_url: str = Field(default="AKENEO_API_URL", description="URL of the PIM.")
    akeneo_client_id: str = Field(default="AKENEO_CLIENT_ID", description="Client id of the connection.")
    akeneo_client_secret: str = Field(default="AKENEO_CLIENT_SECRET", description="Client secret of the connection.")
    akeneo_username: str = Field(default="AKENEO_USERNAME", description="User name of the connection.")
    akeneo_password: str = Field(default="AKENEO_PASSWORD", description="Password of the connection.")
    akeneo_product_id_format: str = Field(default="AKENEO_PRODUCT_ID_FORMAT", description="UUID or Identifier.")
    akeneo_api_throttle_limit: str = Field(
        default="AKENEO_API_THROTTLE_LIMIT", description="Requests per throttle window."
    )
    akeneo_api_throttle_seconds: str = Field(
        default="AKENEO_API_THROTTLE_SECONDS", description="Throttle window in seconds."
    )
    akeneo_concurrent_connections: str = Field(
        default="AKENEO_CONCURRENT_CONNECTIONS", description="Concurrent requests."
    )


class IpaasResource(dg.ConfigurableResource):
    """The iPaaS.com company to sync to. Each field is the name of an environment variable."""

    ipaas_api_url: str = Field(default="IPAAS_API_URL", description="Base URL of the API.")
    ipaas_api_key: str = Field(default="IPAAS_API_KEY", description="API key, instead of user and password.")
    ipaas_username: str = Field(default="IPAAS_USERNAME", description="E-mail address of the user.")
    ipaas_password: str = Field(default="IPAAS_PASSWORD", description="Password of the user.")
    ipaas_company_id: str = Field(default="IPAAS_COMPANY_ID", description="Company id, if the user has several.")
    ipaas_subscription_id: str = Field(default="IPAAS_SUBSCRIPTION_ID", description="Subscription of the external ids.")
    ipaas_client_id: str = Field(default="IPAAS_CLIENT_ID", description="Sent as X-Client-Id.")
    ipaas_api_throttle_limit: str = Field(
        default="IPAAS_API_THROTTLE_LIMIT", description="Requests per throttle window."
    )
    ipaas_api_throttle_seconds: str = Field(
        default="IPAAS_API_THROTTLE_SECONDS", description="Throttle window in seconds."
    )
    ipaas_concurrent_connections: str = Field(
        default="IPAAS_CONCURRENT_CONNECTIONS", description="Concurrent requests."
    )


class StateResource(dg.ConfigurableResource):
    """The state database (mirror, ledger, plan) and the mapping file."""

    akeneo_assets_database_url: str = Field(
        default="AKENEO_ASSETS_DATABASE_URL", description="URL of the state database."
    )
    akeneo_assets_mapping: str = Field(default="AKENEO_ASSETS_MAPPING", description="Path of the mapping file.")


class EngineResource(dg.ConfigurableResource):
    """The sync engine, created for each run or sensor tick.

    A run checks the credentials of both APIs before its first step. A sensor does not, and does not retry requests:
    Dagster limits its tick to a minute, and evaluates it again soon.
    """

    akeneo: dg.ResourceDependency[AkeneoResource]
    ipaas: dg.ResourceDependency[IpaasResource]
    state: dg.ResourceDependency[StateResource]

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
            raise dg.Failure(str(error), allow_retries=False) from error

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
                self._engine = connect(self._settings(), run_id=context.run.run_id, on_retry=tell)
                self._lease.enter_context(self._engine.store.run_leases.held(context.run.run_id))
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

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster's signature
        """Close the connections and the database."""
        self._lease.close()
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._error = None

    def _settings(self) -> Settings:
        fields = {**self.akeneo.model_dump(), **self.ipaas.model_dump(), **self.state.model_dump()}
        return Settings.from_environment(
            **{name: os.environ.get(variable) for name, variable in fields.items() if variable != name.upper()}
        )
