"""Builds the Dagster definitions of a subscription."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.metadata.metadata_value import ObjectMetadataValue

from akeneo_assets.assets import assets_of
from akeneo_assets.assets.names import SUBSCRIPTION_TAG, Names, Translate
from akeneo_assets.automation.alert_sensor import alerts_sensor
from akeneo_assets.automation.change_sensor import akeneo_changes_sensor
from akeneo_assets.automation.jobs import jobs_of
from akeneo_assets.automation.mapping_sensor import mapping_changes_sensor
from akeneo_assets.automation.retry_sensor import retries_sensor
from akeneo_assets.automation.schedules import schedules_of
from akeneo_assets.automation.verify import agrees_check
from akeneo_assets.resources import resources_of
from akeneo_assets.subscription import Subscription


def build_definitions(subscription: Subscription, *, translate: Translate | None = None) -> dg.Definitions:
    """Build everything that syncs a subscription. Merge it with the definitions of others.

    Args:
        subscription: The subscription. Its names in Dagster begin with its name, so they never clash.
        translate: Changes the specs of the assets: key prefix, group, owners, tags, kinds or description.

    Raises:
        ConfigurationError: The translation is invalid.
    """
    names = Names(subscription, translate)
    jobs = jobs_of(names)
    return dg.Definitions(
        assets=assets_of(names),
        asset_checks=[agrees_check(names)],
        jobs=list(jobs.values()),
        sensors=[
            akeneo_changes_sensor(names, jobs),
            retries_sensor(names, jobs),
            mapping_changes_sensor(names, jobs),
            alerts_sensor(names),
        ],
        schedules=schedules_of(names, jobs),
        resources=resources_of(subscription),
        metadata={f"{SUBSCRIPTION_TAG}/{subscription.name}": ObjectMetadataValue(names)},
    )


def subscriptions_in(repository: dg.RepositoryDefinition) -> dict[str, Names]:
    """Return the names of the subscriptions that a project contains, by subscription."""
    values = (
        value.instance for value in (repository.metadata or {}).values() if isinstance(value, ObjectMetadataValue)
    )
    return {value.subscription.name: value for value in values if isinstance(value, Names)}
