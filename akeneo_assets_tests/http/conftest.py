"""Makes the HTTP fixtures available here."""

from akeneo_assets_tests.http.fixtures import _running_server, retries, server, statistics

__all__ = ["_running_server", "retries", "server", "statistics"]
