"""What ``check`` and a dry run say about a full load, compared with what it then sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from akeneo_assets.cli.totals import Totals
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import Settings
from akeneo_assets.sync.forecast import Forecast, of_plan
from akeneo_assets_tests.shell import Shell

_NOTHING = {"created": 0, "updated": 0, "unchanged": 0}


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        shell.use(sandbox)
        yield sandbox


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, Forecast(0, 0, 0)),
        ({"products": {"created": 2, "updated": 1, "unchanged": 9}}, Forecast(3, 0, 3)),
        ({"product_models": {"created": 1}, "variants": {"created": 5}}, Forecast(6, 0, 1)),
        ({"variants": {"updated": 5}}, Forecast(5, 0, 5)),
        ({"products": {"created": 4}, "related_products": {"created": 3}}, Forecast(4, 0, 4)),
        ({"related_products": {"updated": 3}}, Forecast(0, 0, 3)),
    ],
    ids=["nothing", "changes", "a model and its variants", "existing variants", "links", "changed links"],
)
def test_a_plan_is_counted_as_requests(counts: dict[str, dict[str, int]], expected: Forecast) -> None:
    names = ("categories", "product_models", "products", "variants", "bundles", "related_products")

    assert of_plan({name: {**_NOTHING, **counts.get(name, {})} for name in names}) == expected


@pytest.mark.parametrize(
    ("limit", "akeneo", "ipaas"),
    [(500, "less than a minute at 500 in 60 s", "13 minutes"), (5, "26 minutes at 5 in 60 s", "21 hours")],
)
def test_the_time_follows_the_throttle(limit: int, akeneo: str, ipaas: str) -> None:
    settings = Settings.from_environment(akeneo_api_throttle_limit=limit, ipaas_api_throttle_limit=limit)

    assert Forecast(12_400, 131, 6_300).sentence(settings) == (
        f"12,400 records; about 131 requests to Akeneo ({akeneo}) "
        f"and 6,300 requests to iPaaS.com ({ipaas} at {limit} in 60 s)"
    )


def test_without_a_plan_there_is_no_forecast() -> None:
    assert Totals().forecast is None


@pytest.mark.end_to_end
def test_a_full_load_sends_what_was_forecast(shell: Shell, sandbox: Sandbox) -> None:
    (step,) = (
        each for each in shell.run("akeneo-assets", "check", "--json").document["steps"] if "load" in each["step"]
    )
    akeneo, ipaas = (int(found) for found in re.findall(r"(\d+) requests to ", step["message"]))
    planned = shell.run("akeneo-assets", "sync", "full", "--dry-run", "--json").document["forecast"]

    synced = shell.run("akeneo-assets", "sync", "full", "--json").document
    sent = synced["requests"]

    assert synced["forecast"] == planned

    assert akeneo == pytest.approx(sent["Akeneo"], rel=0.1)
    assert ipaas == pytest.approx(sent["iPaaS.com"], rel=0.1)
    # Logins and custom fields, which each run lists, are not in the plan.
    writes = sum(map(sandbox.ipaas_counters.requests, ("category.create", "product.create", "product.replace")))
    assert planned["ipaas"] == pytest.approx(writes, rel=0.05)
