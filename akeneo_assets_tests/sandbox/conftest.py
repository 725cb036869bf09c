"""Sandboxes for the tests of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.sandbox.ipaas_client import Client


@pytest.fixture
def ipaas() -> Iterator[Client]:
    """Return a client of an empty local iPaaS.com."""
    with Sandbox(apps=("ipaas",)) as sandbox:
        client = Client(sandbox)
        yield client
        client.session.close()
