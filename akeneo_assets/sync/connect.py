"""Creates the engine of a run from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from akeneo_assets.akeneo import capabilities as akeneo_capabilities
from akeneo_assets.akeneo.client import AKENEO, AkeneoClient
from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.governor import Governor, Limits
from akeneo_assets.http.statistics import RequestStatistics, RetryEvent
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.ipaas.profile import Profile
from akeneo_assets.ipaas.profile_file import load_profile
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.settings import Settings
from akeneo_assets.store.budget import DatabaseBudget
from akeneo_assets.store.store import Store
from akeneo_assets.sync.destination import latest_capabilities
from akeneo_assets.sync.engine import Engine

_ONCE: Final = Backoff(attempts=1, contact_attempts=1)
_MEGABYTE: Final = 1024 * 1024
_CONNECT_SECONDS: Final = 10.0
_FAIL_FAST_SECONDS: Final = (5.0, 20.0)


def connect(
    settings: Settings,
    *,
    run_id: str,
    on_retry: Callable[[RetryEvent], None] | None = None,
    fail_fast: bool = False,
    any_id_format: bool = False,
) -> Engine:
    """Open the state and both clients, without making a request.

    Args:
        settings: The subscription settings.
        run_id: The run, for the ledger and the vendor's log.
        on_retry: Called for every request that is retried.
        fail_fast: Ask Akeneo only once and with a short timeout, for callers that soon ask again anyway.
        any_id_format: Accept a state with another AKENEO_PRODUCT_ID_FORMAT, in order to migrate it.

    Raises:
        ConfigurationError: The database, the mapping file or the API profile is wrong.
    """
    profile = load_profile(settings.ipaas_api_profile)
    mapping = load_mapping(settings.akeneo_assets_mapping)
    store = Store.open(settings.database_url, throttle_url=settings.throttle_database_url)
    store.bind(
        akeneo_url=settings.akeneo_api_url,
        ipaas_url=settings.ipaas_api_url,
        subscription_id=settings.ipaas_subscription_id,
        **({} if any_id_format else {"product_id_format": settings.akeneo_product_id_format}),
    )
    statistics = RequestStatistics(on_retry)
    return Engine(
        settings,
        store,
        _akeneo(settings, store, statistics, fail_fast=fail_fast),
        _ipaas(settings, store, statistics, profile),
        mapping,
        statistics,
        run_id=run_id,
    )


def _akeneo(settings: Settings, store: Store, statistics: RequestStatistics, *, fail_fast: bool) -> AkeneoClient:
    limits = Limits(
        settings.akeneo_api_throttle_limit,
        settings.akeneo_api_throttle_seconds,
        settings.akeneo_concurrent_connections,
    )
    return AkeneoClient(
        settings.akeneo_api_url,
        client_id=settings.akeneo_client_id,
        client_secret=settings.akeneo_client_secret.get_secret_value(),
        username=settings.akeneo_username,
        password=settings.akeneo_password.get_secret_value(),
        product_id_format=settings.akeneo_product_id_format,
        capabilities=store.capabilities.read(AKENEO.name, akeneo_capabilities.Capabilities, akeneo_capabilities.FORMAT),
        governor=_governor("akeneo", limits, settings, store.akeneo_budget, statistics),
        token_store=store.tokens,
        statistics=statistics,
        backoff=_ONCE if fail_fast else None,
        timeout=_FAIL_FAST_SECONDS if fail_fast else (_CONNECT_SECONDS, settings.akeneo_assets_request_seconds),
        largest_response=settings.akeneo_assets_largest_response_mb * _MEGABYTE,
    )


def _ipaas(settings: Settings, store: Store, statistics: RequestStatistics, profile: Profile) -> IpaasClient:
    limits = Limits(
        settings.ipaas_api_throttle_limit, settings.ipaas_api_throttle_seconds, settings.ipaas_concurrent_connections
    )
    return IpaasClient(
        settings.ipaas_api_url,
        subscription_id=settings.ipaas_subscription_id,
        api_key=settings.ipaas_api_key.get_secret_value() if settings.ipaas_api_key else None,
        username=settings.ipaas_username,
        password=settings.ipaas_password.get_secret_value(),
        company_id=settings.ipaas_company_id,
        client_id=settings.ipaas_client_id,
        profile=profile,
        capabilities=latest_capabilities(store),
        governor=_governor("ipaas", limits, settings, store.budget, statistics),
        token_store=store.tokens,
        statistics=statistics,
        timeout=(_CONNECT_SECONDS, settings.akeneo_assets_request_seconds),
        largest_response=settings.akeneo_assets_largest_response_mb * _MEGABYTE,
    )


def _governor(
    api: str, limits: Limits, settings: Settings, budget: DatabaseBudget, statistics: RequestStatistics
) -> Governor:
    return Governor(api, limits, budget, statistics, request_seconds=settings.akeneo_assets_request_seconds)
