"""Reports of runs are added up, and determine the exit code."""

from __future__ import annotations

from collections import Counter

import pytest
from typing_extensions import Unpack

from akeneo_assets.cli.batches import AssetOutcome, BatchFailure, BatchOutcome, JobRun
from akeneo_assets.cli.totals import Totals
from akeneo_assets.errors import ErrorKind
from akeneo_assets.sync.results import ProblemRow, StepReport


def outcome(*assets: AssetOutcome, failure: ErrorKind | None = None) -> BatchOutcome:
    return BatchOutcome(
        JobRun("full_load", ("family:shoes",)), "run", assets, BatchFailure("It failed.", failure) if failure else None
    )


def planned(**numbers: Unpack[StepReport]) -> AssetOutcome:
    return AssetOutcome("catalog", "products", numbers)


def delivered(**numbers: Unpack[StepReport]) -> AssetOutcome:
    return AssetOutcome("ipaas", "products", numbers)


def test_sent_records_count_by_delivery_and_unchanged_ones_by_plan() -> None:
    totals = Totals()
    totals.add(outcome(AssetOutcome("akeneo", "products", {"read": 9, "requests_akeneo": 2})))
    totals.add(outcome(planned(created=3, unchanged=5, blocked=1), delivered(created=2, failed=1, requests_ipaas=4)))
    totals.add(outcome(planned(created=1, unchanged=2), delivered(created=1, throttled_seconds=0.5)))

    document = totals.document()

    assert document["objects"]["products"] == {"created": 3, "updated": 0, "unchanged": 7, "blocked": 1, "failed": 1}
    assert document["read"] == 9
    assert document["requests"] == {"Akeneo": 2, "iPaaS.com": 4}
    assert document["throttled_seconds"] == 0.5
    assert len(document["runs"]) == 3


def test_a_problem_of_a_plan_and_of_its_delivery_is_reported_once() -> None:
    problem: ProblemRow = {"record": "product a", "code": "missing_price", "what to do": "Set it."}
    totals = Totals()
    totals.add(outcome(planned(problems=[problem]), delivered(problems=[problem, {**problem, "code": "sku_taken"}])))

    assert [each["code"] for each in totals.problems] == ["missing_price", "sku_taken"]


def test_a_dry_run_counts_the_plan() -> None:
    totals = Totals(dry_run=True)
    totals.add(outcome(planned(created=3, updated=1, unchanged=5)))

    assert totals.document()["objects"]["products"]["created"] == 3
    assert totals.sent == 0


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([outcome(planned(created=1), delivered(created=1))], 0),
        # The state decides, because a failed record may have been sent later by the same command.
        ([outcome(delivered(failed=1))], 0),
        ([outcome(failure="set-up")], 2),
        ([outcome(delivered(created=1)), outcome(failure="set-up")], 2),
        ([outcome(failure="outage")], 3),
        ([outcome(delivered(created=1)), outcome(failure="outage")], 1),
        ([outcome(failure="other")], 1),
        ([outcome(failure="outage"), outcome(failure="unexpected")], 70),
        ([outcome(failure="unexpected"), outcome(failure="set-up")], 2),
    ],
)
def test_the_exit_code_shows_the_outcome(outcomes: list[BatchOutcome], code: int) -> None:
    totals = Totals()
    for each in outcomes:
        totals.add(each)

    assert totals.exit_code == totals.document()["exit_code"] == code


def test_records_that_failed_in_earlier_runs_count() -> None:
    totals = Totals(waiting=Counter(failed=2))
    totals.add(outcome(planned(created=1), delivered(created=1)))

    assert totals.exit_code == 1
    assert totals.document()["waiting"] == {"failed": 2, "blocked": 0}


def test_a_dry_run_counts_only_its_own_plan() -> None:
    totals = Totals(dry_run=True, waiting=Counter(failed=2))
    totals.add(outcome(planned(created=1)))
    assert totals.exit_code == 0
    totals.add(outcome(planned(blocked=1)))
    assert totals.exit_code == 1
