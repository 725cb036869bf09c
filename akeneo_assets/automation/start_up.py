"""What the environment decides while Dagster loads: whether the automation starts by itself, and whose nights count."""

from __future__ import annotations

import os
from typing import Final
from zoneinfo import ZoneInfo

import dagster as dg

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import AUTOMATION_SETTING, TIME_ZONE_SETTING


def time_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        ConfigurationError: There is no such zone.
    """
    try:
        return ZoneInfo(name).key
    except (ValueError, KeyError, OSError) as error:
        raise ConfigurationError(
            f"{TIME_ZONE_SETTING}: there is no time zone {name!r}. Write it like Europe/Berlin or UTC.",
            settings=(TIME_ZONE_SETTING,),
        ) from error


_ON: Final = os.environ.get(AUTOMATION_SETTING, "").strip().casefold() in {"1", "true", "yes", "on"}

DEFAULT_SENSOR_STATUS: Final = dg.DefaultSensorStatus.RUNNING if _ON else dg.DefaultSensorStatus.STOPPED
DEFAULT_SCHEDULE_STATUS: Final = dg.DefaultScheduleStatus.RUNNING if _ON else dg.DefaultScheduleStatus.STOPPED
TIME_ZONE: Final = time_zone(os.environ.get(TIME_ZONE_SETTING, "").strip() or "UTC")
