"""A subscription: one Akeneo catalogue that is synced to one iPaaS.com subscription. A Dagster may have any number."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dotenv import dotenv_values
from typing_extensions import Self

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import (
    FIELDS,
    SECRETS,
    AlertSettings,
    NamedAlertSettings,
    NamedSettings,
    Settings,
    StartUpSettings,
)

DEFAULT: Final = "default"
"""The subscription whose settings are environment variables."""

NAME: Final = r"[a-z][a-z0-9_]{0,29}"
REFERENCE: Final = r"\{\{\s*env(?:\.|\(['\"])([A-Za-z_][A-Za-z0-9_]*)(?:['\"]\))?\s*\}\}"
"""A value like ``{{ env.EU_AKENEO_URL }}``, which names the environment variable that contains it."""


@dataclass(frozen=True)
class Subscription:
    """Where a subscription gets its settings, and what its names in Dagster begin with.

    Attributes:
        name: Lower-case letters, digits and underscores. Names of jobs, sensors, schedules, partitions and resources
            begin with it, except for those of the default subscription.
        settings: Setting → its value, or a reference like ``{{ env.EU_AKENEO_URL }}`` to the variable that contains
            it. The default subscription also reads the variables named like settings; others read only what
            is named here.
        automation: Turn sensors and schedules on.
        time_zone: Time zone of the nightly schedules.
        partitions_per_run: How many families or trees one run of a backfill syncs, at most.
        throttle_group: Subscriptions of one group share Akeneo's throttle. Use it if they read the same Akeneo.

    Raises:
        ConfigurationError: A name is invalid, a setting does not exist, or a secret is not a reference.
    """

    name: str = DEFAULT
    settings: Mapping[str, str] = field(default_factory=dict)
    automation: bool = False
    time_zone: str = "UTC"
    partitions_per_run: int = 1
    throttle_group: str | None = None

    def __post_init__(self) -> None:
        for name in (self.name, self.throttle_group):
            if name is not None and not re.fullmatch(NAME, name):
                raise ConfigurationError(
                    f"The name {name!r} is invalid. Use up to 30 lower-case letters, digits and underscores, and "
                    "begin with a letter."
                )
        for setting, source in self.settings.items():
            if setting not in FIELDS:
                raise ConfigurationError(f"Subscription {self.name}: there is no setting {setting}.")
            if setting in SECRETS and variable_of(source) is None:
                raise ConfigurationError(
                    f"Subscription {self.name}: {setting} is a secret, which the Dagster UI would show. Put it into an "
                    "environment variable, and use a reference to it, for example {{ env.MY_VARIABLE }}."
                )

    @classmethod
    def from_environment(cls) -> Self:
        """Return the default subscription.

        Raises:
            ConfigurationError: The variables for automation are invalid.
        """
        found = StartUpSettings.from_environment()
        return cls(
            automation=found.akeneo_assets_automation,
            time_zone=found.akeneo_assets_time_zone,
            partitions_per_run=found.akeneo_assets_partitions_per_run,
        )

    @property
    def is_default(self) -> bool:
        """Whether its settings are environment variables."""
        return self.name == DEFAULT

    def scoped(self, name: str) -> str:
        """Return a name in Dagster that no other subscription has."""
        return name if self.is_default else f"{self.name}_{name}"

    def read_settings(self) -> Settings:
        """Read the variables that the settings refer to, and validate all settings except those of alerts.

        Raises:
            ConfigurationError: A variable is not set, or a setting is missing or invalid. All problems are reported at
                once.
        """
        values = self._values(Settings)
        if self.is_default:
            return Settings.from_environment(**values)
        return NamedSettings.of(self.name, values, throttle_group=self.throttle_group)

    def read_alert_settings(self) -> AlertSettings:
        """Read where alerts go. An error in these settings never stops a sync.

        Raises:
            ConfigurationError: A variable is not set, or a setting is invalid. All problems are reported at once.
        """
        values = self._values(AlertSettings)
        return AlertSettings.from_environment(**values) if self.is_default else NamedAlertSettings.of(self.name, values)

    def _values(self, kind: type[StartUpSettings]) -> dict[str, str]:
        """Return the settings of a kind with the values of the variables that they refer to.

        Raises:
            ConfigurationError: A variable is not set. All of them are reported at once.
        """
        # Read each time, so that a changed secret needs no restart.
        in_file = dotenv_values(".env")
        values, unset = {}, []
        for setting, source in self.settings.items():
            if setting not in kind.model_fields:
                continue
            variable = variable_of(source)
            if variable is None:
                values[setting] = source
            elif found := os.environ.get(variable) or in_file.get(variable):
                values[setting] = found
            elif not self.is_default or variable != setting.upper():
                unset.append((setting, variable))
        if unset:
            raise ConfigurationError(
                f"Subscription {self.name}: these environment variables are not set. Set them, or remove the settings "
                "that refer to them:\n  " + "\n  ".join(f"{variable} ({setting})" for setting, variable in unset),
                settings=[variable for _, variable in unset],
            )
        return values


def variable_of(source: str) -> str | None:
    """Return the environment variable that a value refers to; None if it is the value itself."""
    reference = re.fullmatch(REFERENCE, source.strip())
    return reference[1] if reference else None
