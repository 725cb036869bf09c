"""Settings that are read while Dagster loads: whether automation is on by default, and the schedules' time zone."""

from __future__ import annotations

from typing import Final

import dagster as dg

from akeneo_assets.settings import StartUpSettings

_SETTINGS: Final = StartUpSettings.from_environment()
_ON: Final = _SETTINGS.akeneo_assets_automation

DEFAULT_SENSOR_STATUS: Final = dg.DefaultSensorStatus.RUNNING if _ON else dg.DefaultSensorStatus.STOPPED
DEFAULT_SCHEDULE_STATUS: Final = dg.DefaultScheduleStatus.RUNNING if _ON else dg.DefaultScheduleStatus.STOPPED
TIME_ZONE: Final = _SETTINGS.akeneo_assets_time_zone
