"""A full load in its own process, which prints each step before it starts it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from akeneo_assets.http import governor
from akeneo_assets.settings import Settings
from akeneo_assets.store import locks
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.deliver import deliverer as delivering
from akeneo_assets.sync.engine import Engine
from akeneo_assets_tests.scenarios.world import full_load

_STEPS = ("read_structure", "read_category_tree", "read_product_models", "read_products", "plan", "deliver")


class _Announced:
    """An engine whose steps are announced."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._engine, name)
        if name not in _STEPS:
            return found

        def step(*arguments: str, **options: bool) -> Any:
            print(name, *arguments, flush=True)  # noqa: T201 - the parent reads it
            return found(*arguments, **options)

        return step


def main() -> None:
    delivering.LEASE_SECONDS = governor.LEASE_SECONDS = locks.LEASE_SECONDS = float(sys.argv[1])
    engine = connect(Settings.from_environment(_env_file=None), run_id=sys.argv[2])
    announced: Any = _Announced(engine)
    full_load(announced)
    engine.close()


if __name__ == "__main__":
    main()
