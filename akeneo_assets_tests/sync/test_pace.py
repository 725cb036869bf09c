"""A long delivery says in the log of its run how far it is."""

from __future__ import annotations

import logging

import pytest

from akeneo_assets.sync.progress import watch_estimates
from akeneo_assets.sync.results import RecordProgress
from akeneo_assets.sync.steps.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    pace = Pace(5_400, 500.0, clock)

    estimates: list[RecordProgress] = []
    with caplog.at_level(logging.INFO, logger="akeneo_assets"), watch_estimates(estimates.append):
        for _ in range(12):
            clock.now += 10.0
            pace("deliver", "products", 100)
            pace("read", "product", 100)

    rate = "600 a minute (500 requests are allowed)"
    assert caplog.messages == [
        f"products: 600 of about 5,400 records delivered; {rate}; about 8 minutes left",
        f"products: 1,200 of about 5,400 records delivered; {rate}; about 7 minutes left",
    ]
    assert estimates == [RecordProgress(600, 5_400, 8.0), RecordProgress(1_200, 5_400, 7.0)]


def test_a_short_delivery_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="akeneo_assets"):
        Pace(3, 500.0, Clock())("deliver", "products", 3)

    assert caplog.messages == []
