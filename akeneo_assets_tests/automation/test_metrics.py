"""Metrics: what is exported, what the dashboard and the alert rules use, and that all works without the package."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from akeneo_assets import metrics
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.automation.ticks import Ticking
from akeneo_assets_tests.runs import execute, failures
from akeneo_assets_tests.scenarios.world import World

ROOT = Path(__file__).parent.parent.parent
MONITORING = ROOT / "deploy" / "monitoring"


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemoryMetricReader]:
    """What a collector would get."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr(metrics.otel, "get_meter_provider", lambda: provider)
    monkeypatch.setattr(metrics.otel, "get_meter", provider.get_meter)
    metrics._instruments.cache_clear()
    yield reader
    metrics._instruments.cache_clear()
    provider.shutdown()


def points(reader: InMemoryMetricReader) -> dict[str, list[tuple[Mapping[str, Any], Any]]]:
    """Return the attributes and the points of the metrics by name."""
    data = reader.get_metrics_data()
    assert data is not None
    found = (each for of in data.resource_metrics for scope in of.scope_metrics for each in scope.metrics)
    return {each.name: [(dict(point.attributes or {}), point) for point in each.data.data_points] for each in found}


def prometheus_names(metric: metrics.Metric) -> set[str]:
    """Return the names that Prometheus gives to a metric."""
    name = metric.name.replace(".", "_") + ("_seconds" if metric.unit == "s" else "")
    if metric.kind == "histogram":
        return {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    return {f"{name}_total" if metric.kind == "counter" else name}


def test_requests_are_counted_by_side_action_and_outcome(reader: InMemoryMetricReader) -> None:
    statistics = RequestStatistics()
    for _ in range(2):
        statistics.count("akeneo", "families.list", "completed")

    ((attributes, point),) = points(reader)["akeneo_assets.requests"]

    assert attributes == {"side": "akeneo", "action": "families.list", "outcome": "completed"}
    assert point.value == statistics.snapshot().total() == 2


def test_an_edit_is_seen_from_the_tick_to_its_arrival(
    world: World, changes: Ticking, reader: InMemoryMetricReader
) -> None:
    world.edit.save_product("straw-hat", {"values": {"name": [value("Sun hat", locale="de_DE")]}})
    ((job, partition),) = changes.requested()
    assert failures(execute(str(job), changes.instance, partition_key=partition)) == []
    assert reader._metrics_data is not None, "the run exports at its end"

    exported = points(reader)

    ((ticked, _),) = exported["akeneo_assets.sensor.ticks"]
    assert ticked == {"outcome": "requested", "subscription": "default"}
    updated = {"layer": "ipaas", "object": "products", "outcome": "updated", "subscription": "default"}
    assert [point.value for attributes, point in exported["akeneo_assets.records"] if attributes == updated] == [1]
    ((arrived, histogram),) = exported["akeneo_assets.edit_to_arrival"]
    assert (arrived, histogram.count) == ({"object": "product"}, 1)
    assert {attributes["side"] for attributes, _ in exported["akeneo_assets.requests"]} == {"akeneo", "ipaas"}
    (((subscription, due),), ((_, oldest),)) = (exported[f"akeneo_assets.{name}"] for name in ("due", "due.oldest"))
    assert (subscription, due.value, oldest.value) == ({"subscription": "default"}, 0, 0)


def test_each_metric_is_exported(reader: InMemoryMetricReader) -> None:
    for metric in metrics.METRICS:
        metrics.record(metric, 7)

    assert points(reader).keys() == {metric.name for metric in metrics.METRICS}


@pytest.mark.parametrize("file", ["dashboard.json", "alerts.yaml"])
def test_the_monitoring_uses_only_metrics_that_exist(file: str) -> None:
    used = set(re.findall(r"\bakeneo_assets_\w+", (MONITORING / file).read_text(encoding="utf-8")))

    assert used
    assert used <= set().union(*map(prometheus_names, metrics.METRICS))


def test_the_documentation_lists_all_metrics_with_their_units() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")

    listed = re.findall(r"^\| `(akeneo_assets\.[\w.]+)` \| `([^`]+)` \|", page, flags=re.MULTILINE)

    assert listed == [(metric.name, metric.unit) for metric in metrics.METRICS]


def test_it_works_without_the_package() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from akeneo_assets.http.statistics import RequestStatistics\n"
        "from akeneo_assets import metrics\n"
        "statistics = RequestStatistics(); statistics.count('akeneo', 'x', 'completed'); metrics.flush()\n"
        "assert metrics.otel is None and statistics.snapshot().total() == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_short_process_exports_to_the_collector_of_the_standard_variable() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    code = (
        "import os; from akeneo_assets import metrics\n"
        "metrics.record(metrics.DUE, 3); metrics.flush()\n"
        "os._exit(0)  # without the exports at the end of the interpreter"
    )
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}
            subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment)
        finally:
            server.shutdown()
            thread.join()

    ((path, body),) = received
    assert path == "/v1/metrics"
    assert b"akeneo_assets.due" in body
