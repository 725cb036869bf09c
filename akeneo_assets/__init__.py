"""Software-defined assets that sync an Akeneo catalogue to iPaaS.com."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akeneo_assets.build import build_definitions as build_definitions
    from akeneo_assets.component import AkeneoToIpaas as AkeneoToIpaas
    from akeneo_assets.subscription import Subscription as Subscription

__all__ = ["AkeneoToIpaas", "Subscription", "build_definitions"]


def __getattr__(name: str) -> Any:
    # Imported when it is used, because the command line must start without Dagster.
    if name == "AkeneoToIpaas":
        from akeneo_assets.component import AkeneoToIpaas

        return AkeneoToIpaas
    if name == "Subscription":
        from akeneo_assets.subscription import Subscription

        return Subscription
    if name == "build_definitions":
        from akeneo_assets.build import build_definitions

        return build_definitions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
