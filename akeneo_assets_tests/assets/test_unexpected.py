"""An unexpected error ends a step with one line for the user; the traceback in the log contains no secret."""

from pathlib import Path

import dagster as dg
from dagster._serdes import serialize_value

from akeneo_assets.assets.reporting import as_dagster_failures
from akeneo_assets.errors import ERROR_KIND
from akeneo_assets.http.redaction import register_secret
from akeneo_assets_tests.runs import instance

SECRET = "very-secret-token"


@dg.op
def breaks(context: dg.OpExecutionContext) -> None:
    with as_dagster_failures(context):
        raise KeyError(f"no field beside {SECRET}")


@dg.job
def breaking_job() -> None:
    breaks()


def test_an_unexpected_error_is_one_line_with_its_details_in_the_log(tmp_path: Path) -> None:
    register_secret(SECRET)
    with instance(str(tmp_path)) as opened:
        result = breaking_job.execute_in_process(instance=opened, raise_on_error=False)
        entries = opened.all_logs(result.run_id)

    (failure,) = (event for event in result.all_events if event.is_step_failure)
    said = failure.step_failure_data.user_failure_data
    assert said is not None
    assert said.metadata[ERROR_KIND].value == "unexpected"
    error = failure.step_failure_data.error
    assert error is not None
    assert 'Unexpected error (KeyError: "no field beside ***")' in error.message.replace("'", '"')
    assert f"the log of run {result.run_id} in the Dagster UI" in error.message
    messages = [entry.message for entry in entries]
    assert any("Traceback" in message and "in breaks" in message for message in messages)
    assert SECRET not in " ".join([*messages, *(serialize_value(entry) for entry in entries)])
