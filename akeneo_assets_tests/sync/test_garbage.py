"""The search for unreachable cycles: less often while engines work, and then as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from akeneo_assets.sync.garbage import rarely_searched


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_blocks_may_overlap_and_the_last_one_restores_the_thresholds() -> None:
    first, second = ExitStack(), ExitStack()
    first.enter_context(rarely_searched())
    rare = gc.get_threshold()
    second.enter_context(rarely_searched())
    first.close()
    assert gc.get_threshold() == rare > (700, 10, 10)
    second.close()
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("chosen", [(0, 10, 10), (50_000, 10, 10)])
def test_a_user_who_searches_less_often_keeps_that(chosen: tuple[int, int, int]) -> None:
    gc.set_threshold(*chosen)
    with rarely_searched():
        assert gc.get_threshold() == chosen
    assert gc.get_threshold() == chosen
