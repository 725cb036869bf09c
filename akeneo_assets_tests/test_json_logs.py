from __future__ import annotations

import json
import logging
from pathlib import Path

import dagster as dg
import pytest
import yaml

from akeneo_assets.json_logs import JsonFormatter

_INSTANCE = yaml.safe_load((Path(__file__).parent.parent / "deploy" / "dagster.yaml").read_text("utf-8"))
_TAGS = {"akeneo_assets/subscription": "eu", "dagster/partition": "family:shoes"}


@dg.op(name="eu__ipaas__products")
def deliver() -> None:
    logging.getLogger("akeneo_assets.example").warning(
        'product %s was not accepted: "Größe"\nis missing', "a", extra={"record": "product a"}
    )


@dg.job(tags=_TAGS, executor_def=dg.in_process_executor)
def example() -> None:
    deliver()


@pytest.mark.filterwarnings("ignore:Handling yaml-defined logging configuration is currently in beta")
def test_a_run_writes_json_with_its_subscription_stage_and_record(capsys: pytest.CaptureFixture[str]) -> None:
    with dg.DagsterInstance.ephemeral(settings={"python_logs": _INSTANCE["python_logs"]}) as instance:
        run_id = example.execute_in_process(instance=instance).run_id

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (line,) = (line for line in lines if "record" in line)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "akeneo_assets.example",
        "message": 'product a was not accepted: "Größe"\nis missing',
        "run": run_id,
        "job": "example",
        "step": "eu__ipaas__products",
        "stage": "deliver",
        "subscription": "eu",
        "partition": "family:shoes",
        "record": "product a",
    }


def test_a_line_outside_of_runs_has_no_empty_fields() -> None:
    error = ValueError("wrong")
    record = logging.LogRecord("name", logging.ERROR, "", 0, "%s", ("text",), (ValueError, error, None))
    line = json.loads(JsonFormatter().format(record))
    assert sorted(line) == ["error", "level", "logger", "message", "time"]
