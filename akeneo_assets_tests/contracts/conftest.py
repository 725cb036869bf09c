"""Local Akeneos for the contract tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi


@pytest.fixture(scope="session")
def akeneo() -> Iterator[AkeneoApi]:
    """Return the sample catalogue; tests only read it."""
    with Sandbox(apps=("akeneo",)) as sandbox:
        api = AkeneoApi(sandbox)
        yield api
        api.session.close()


@pytest.fixture
def editable() -> Iterator[AkeneoApi]:
    """Return a sample catalogue for one test, which can edit it and set its switches."""
    with Sandbox(apps=("akeneo",)) as sandbox:
        api = AkeneoApi(sandbox)
        yield api
        api.session.close()
