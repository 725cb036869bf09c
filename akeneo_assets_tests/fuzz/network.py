"""Both servers in this process, and a client of each that never waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.http.backoff import Backoff
from akeneo_assets.http.governor import Governor, Limits, Slot
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.tokens import TokenStore
from akeneo_assets.ipaas.client import IpaasClient
from akeneo_assets.sandbox.akeneo import AkeneoState
from akeneo_assets.sandbox.akeneo import create_app as akeneo_app
from akeneo_assets.sandbox.counters import Counters
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.sandbox.faults import Faults
from akeneo_assets.sandbox.ipaas import IpaasState
from akeneo_assets.sandbox.ipaas import create_app as ipaas_app
from akeneo_assets_tests.fuzz.wire import Wire

AKENEO_URL: Final = "http://akeneo.example"
IPAAS_URL: Final = "http://ipaas.example"
LARGEST_RESPONSE: Final = 2_000_000
SECRETS: Final = (AKENEO_CREDENTIALS["AKENEO_CLIENT_SECRET"], AKENEO_CREDENTIALS["AKENEO_PASSWORD"])
BACKOFF: Final = Backoff(
    attempts=3, contact_attempts=2, initial_seconds=0.0, maximum_seconds=0.0, longest_pause_seconds=0.0
)


class Unlimited:
    """Implements :class:`akeneo_assets.http.governor.Budget` without any waits."""

    def acquire(self, api: str, limits: Limits, lease_seconds: float) -> Slot | float:  # noqa: ARG002
        return Slot(api, 1)

    def release(self, slot: Slot) -> None:
        pass

    def pause(self, api: str, seconds: float) -> None:
        pass


@dataclass(frozen=True)
class Network:
    """Both sides."""

    akeneo: AkeneoState
    ipaas: IpaasState
    wire: Wire


@contextmanager
def network(akeneo: AkeneoState, *, remembers: bool = False) -> Iterator[Network]:
    """Connect this process to an Akeneo and an empty iPaaS.com, and to nothing else."""
    ipaas = IpaasState(None)
    apps = {
        "akeneo.example": akeneo_app(akeneo, Counters(), Faults()),
        "ipaas.example": ipaas_app(ipaas, Counters(), Faults()),
    }
    wire = Wire(apps, remembers=remembers)
    try:
        with wire.connected():
            yield Network(akeneo, ipaas, wire)
    finally:
        wire.close()
        ipaas.close()
        akeneo.close()


def akeneo_client(store: TokenStore, statistics: RequestStatistics, *, product_id_format: str = "UUID") -> AkeneoClient:
    """Return a client of Akeneo."""
    return AkeneoClient(
        AKENEO_URL,
        client_id=AKENEO_CREDENTIALS["AKENEO_CLIENT_ID"],
        client_secret=AKENEO_CREDENTIALS["AKENEO_CLIENT_SECRET"],
        username=AKENEO_CREDENTIALS["AKENEO_USERNAME"],
        password=AKENEO_CREDENTIALS["AKENEO_PASSWORD"],
        product_id_format="UUID" if product_id_format == "UUID" else "Identifier",
        governor=Governor("akeneo", Limits(1, 1.0, 8), Unlimited(), statistics),
        token_store=store,
        statistics=statistics,
        backoff=BACKOFF,
        largest_response=LARGEST_RESPONSE,
    )


def ipaas_client(store: TokenStore, statistics: RequestStatistics) -> IpaasClient:
    """Return a client of iPaaS.com."""
    return IpaasClient(
        IPAAS_URL,
        subscription_id=IPAAS_CREDENTIALS["IPAAS_SUBSCRIPTION_ID"],
        username=IPAAS_CREDENTIALS["IPAAS_USERNAME"],
        password=IPAAS_CREDENTIALS["IPAAS_PASSWORD"],
        governor=Governor("ipaas", Limits(1, 1.0, 8), Unlimited(), statistics),
        token_store=store,
        statistics=statistics,
        backoff=BACKOFF,
        largest_response=LARGEST_RESPONSE,
    )
