"""Metrics for OpenTelemetry. Without the extra ``otel``, they cost nothing and do nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

otel: Any = None
"""The API of OpenTelemetry; None if the extra is not installed."""
with suppress(ImportError):
    from opentelemetry import metrics as _api

    otel = _api

_LOG: Final = logging.getLogger(__name__)
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_FLUSH_MILLISECONDS: Final = 5_000
_BUCKETS: Final = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0)


@dataclass(frozen=True)
class Metric:
    """A metric: its name, kind, unit and meaning, as in the documentation."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    meaning: str


REQUESTS: Final = Metric("akeneo_assets.requests", "counter", "{request}", "Requests sent, with their retries")
THROTTLE_WAIT: Final = Metric("akeneo_assets.throttle.wait", "counter", "s", "Time spent waiting for a throttle")
RECORDS: Final = Metric("akeneo_assets.records", "counter", "{record}", "Records that a step handled")
DUE: Final = Metric("akeneo_assets.due", "gauge", "{record}", "Records that changed or are due for retry")
OLDEST_DUE: Final = Metric("akeneo_assets.due.oldest", "gauge", "s", "Age of the longest waiting edit; 0 if none waits")
ARRIVAL: Final = Metric(
    "akeneo_assets.edit_to_arrival", "histogram", "s", "Time from an edit in Akeneo until iPaaS.com accepted it"
)
TICKS: Final = Metric("akeneo_assets.sensor.ticks", "counter", "{tick}", "Evaluations of the sensor of changes")

METRICS: Final = (REQUESTS, THROTTLE_WAIT, RECORDS, DUE, OLDEST_DUE, ARRIVAL, TICKS)


def record(metric: Metric, value: float, attributes: Mapping[str, str] | None = None) -> None:
    """Add to a counter or a histogram, or set a gauge."""
    if otel is None:
        return
    instrument = _instruments()[metric.name]
    if metric.kind == "counter":
        instrument.add(value, attributes)
    elif metric.kind == "gauge":
        instrument.set(value, attributes)
    else:
        instrument.record(value, attributes)


def flush() -> None:
    """Export what was recorded, because the process may end soon. A failure is logged and harms no run."""
    if otel is None:
        return
    provider = otel.get_meter_provider()
    if (force_flush := getattr(provider, "force_flush", None)) is None:
        return
    try:
        force_flush(_FLUSH_MILLISECONDS)
    except Exception as error:  # noqa: BLE001 - exporters are not ours
        _LOG.warning("The metrics could not be exported: %s", type(error).__name__)


@cache
def _instruments() -> dict[str, Any]:
    """Return the instruments by name."""
    _set_up()
    meter = otel.get_meter("akeneo_assets")
    create: dict[str, Any] = {"counter": meter.create_counter, "gauge": meter.create_gauge}
    instruments = {
        each.name: create[each.kind](each.name, each.unit, each.meaning) for each in METRICS if each.kind in create
    }
    instruments[ARRIVAL.name] = meter.create_histogram(
        ARRIVAL.name, ARRIVAL.unit, ARRIVAL.meaning, explicit_bucket_boundaries_advisory=_BUCKETS
    )
    return instruments


def _set_up() -> None:
    """Export with OTLP if its variables are set and its packages are installed, unless there is a provider already."""
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return
    if hasattr(otel.get_meter_provider(), "force_flush"):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    except ImportError:
        _LOG.warning(
            "%s is set, but no metrics are exported. Run: "
            "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http",
            " or ".join(_ENDPOINTS),
        )
        return
    otel.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))
