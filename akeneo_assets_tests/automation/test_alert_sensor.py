"""The sensor ``alerts``: local servers receive one digest for a burst, and one message when all is solved."""

from __future__ import annotations

import time
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import update

from akeneo_assets import Subscription, build_definitions
from akeneo_assets.alerts.digest import Problem, digest
from akeneo_assets.alerts.senders import WebhookSender
from akeneo_assets.resources import resources_of
from akeneo_assets.store.records import Attempt, Failed, SourceRecord
from akeneo_assets.store.schema import ledger
from akeneo_assets.store.store import Store
from akeneo_assets_tests.automation.alert_servers import Hook, Mail
from akeneo_assets_tests.automation.ticks import Ticking, put_run
from akeneo_assets_tests.shell import Shell
from akeneo_assets_tests.state import put_empty_state

NOTHING = "There is nothing new to announce."


def fail(store: Store, *keys: str) -> None:
    listed = [SourceRecord("product", key, {}, "hash") for key in keys]
    store.mirror.merge(listed, partition_key="x", read_at=store.mirror.moment())
    attempt = Attempt("x", "run", time.time())
    store.ledger.fail([Failed("product", key, "sku_taken", "The SKU is taken.", attempt, retry=True) for key in keys])


def solve(store: Store, *keys: str) -> None:
    with store._database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.key.in_(keys)).values(state="sent"))


def test_a_burst_of_problems_is_one_digest_and_their_end_one_message(
    store: Store, alerting: Ticking, hook: tuple[type[Hook], str], mail: tuple[type[Mail], str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_WEBHOOK_URL", hook[1])
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SLACK_URL", hook[1])
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SMTP_URL", mail[1])
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_EMAIL_TO", "data@example.com")
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_RECORD_URL", "https://pim.example.com/{kind}/{id}")
    assert alerting.skipped() == NOTHING
    keys = [f"hat {number:02}" for number in range(12)]
    fail(store, *keys)
    put_run(alerting.instance, "changes", dg.DagsterRunStatus.FAILURE)

    alerting.skipped()
    fail(store, *keys)
    put_run(alerting.instance, "changes", dg.DagsterRunStatus.FAILURE)
    assert alerting.skipped() == NOTHING, "it was announced"

    webhook, slack = hook[0].bodies
    assert (webhook["subject"], webhook["new_count"]) == ("Akeneo to iPaaS.com: 13 problems new", 13)
    assert {"title": "run of changes failed", "link": None}.items() <= webhook["new"][0].items()
    assert webhook["new"][1]["link"] == "https://pim.example.com/product/hat%2000"
    assert "and 3 more" in slack["text"]
    assert "Subject: Akeneo to iPaaS.com: 13 problems new" in mail[0].texts[0]

    solve(store, *keys)
    put_run(alerting.instance, "changes", dg.DagsterRunStatus.SUCCESS)
    alerting.skipped()
    assert alerting.skipped() == NOTHING
    assert [body.get("subject") for body in hook[0].bodies[2:]] == [
        "Akeneo to iPaaS.com recovered: 13 problems solved",
        None,
    ]
    assert len(mail[0].texts) == 2


def test_a_channel_that_is_down_gets_the_alert_later_and_others_only_once(
    store: Store, alerting: Ticking, hook: tuple[type[Hook], str], mail: tuple[type[Mail], str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_WEBHOOK_URL", hook[1])
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SMTP_URL", mail[1])
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_EMAIL_TO", "data@example.com")
    fail(store, "hat")
    hook[0].status = 503

    message = alerting.skipped()
    assert "webhook: it responded with status 503; retried in a minute" in message
    assert "secret-path" not in message
    alerting.skipped()
    hook[0].status = 200
    alerting.skipped()

    assert [body["new_count"] for body in hook[0].bodies] == [1]
    assert len(mail[0].texts) == 1


def test_a_digest_waits_for_the_run_at_most_five_minutes(
    store: Store, alerting: Ticking, hook: tuple[type[Hook], str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_WEBHOOK_URL", hook[1])
    fail(store, "hat")
    put_run(alerting.instance, "changes", dg.DagsterRunStatus.STARTED)

    assert "waits until it ends" in alerting.skipped()
    assert "waits until it ends" in alerting.skipped()
    assert not hook[0].bodies
    alerting.cursor = str(time.time() - 301)
    alerting.skipped()

    assert len(hook[0].bodies) == 1


def test_a_failed_record_that_akeneo_deleted_is_solved(
    store: Store, alerting: Ticking, hook: tuple[type[Hook], str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_WEBHOOK_URL", hook[1])
    fail(store, "hat")
    alerting.skipped()

    store.mirror.mark_gone("product", ["hat"], at=store.mirror.moment())
    alerting.skipped()

    assert [(body["new_count"], body["recovered_count"]) for body in hook[0].bodies] == [(1, 0), (0, 1)]


@pytest.mark.parametrize(
    ("channel", "url"), [("WEBHOOK", "smtp://host/secret-path"), ("SMTP", "https://u:secret-path@h")]
)
def test_a_url_of_another_scheme_is_refused_without_quoting_it(
    store: Store, alerting: Ticking, channel: str, url: str, monkeypatch: Any
) -> None:
    del store
    monkeypatch.setenv(f"AKENEO_ASSETS_ALERT_{channel}_URL", url)

    message = alerting.skipped()

    assert f"AKENEO_ASSETS_ALERT_{channel}_URL: must be a URL with a host and the scheme" in message
    assert "secret-path" not in message


def test_the_message_of_a_named_subscription_says_which_one(hook: tuple[type[Hook], str]) -> None:
    problems = [Problem(f"product/{number}", f"product {number} blocked", "Fix it.") for number in range(12)]
    message = digest(problems, {}, "eu")
    assert message is not None

    WebhookSender(hook[1]).send(message)

    (body,) = hook[0].bodies
    assert body["subject"] == "Akeneo to iPaaS.com (eu): 12 problems new"
    assert body["subscription"] == "eu"
    assert body["text"].endswith("and 2 more: see akeneo-assets --subscription eu status")
    solved = digest([], {"product/1": "product 1 blocked"}, "eu")
    assert solved is not None
    assert solved.subject == "Akeneo to iPaaS.com (eu) recovered: 1 problem solved"


def test_the_sensor_of_a_named_subscription_names_it(
    shell: Shell, instance: dg.DagsterInstance, hook: tuple[type[Hook], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EU_HOOK", hook[1])
    put_empty_state(shell.folder / "eu.db")
    url = f"sqlite:///{shell.folder / 'eu.db'}"
    monkeypatch.setenv("EU_STATE", url)
    monkeypatch.setenv("EU_SECRET", "secret")
    eu = Subscription(
        "eu",
        {
            "akeneo_api_url": "http://127.0.0.1:1",
            "akeneo_client_id": "1",
            "akeneo_client_secret": "{{ env.EU_SECRET }}",
            "akeneo_username": "eu",
            "akeneo_password": "{{ env.EU_SECRET }}",
            "ipaas_api_url": "http://127.0.0.1:1",
            "ipaas_api_key": "{{ env.EU_SECRET }}",
            "ipaas_subscription_id": "1001",
            "akeneo_assets_database_url": "{{ env.EU_STATE }}",
            "akeneo_assets_alert_webhook_url": "{{ env.EU_HOOK }}",
        },
    )
    store = Store.open(url)
    fail(store, "hat")
    store.close()
    definitions = build_definitions(eu)
    sensor = definitions.get_repository_def().get_sensor_def("eu_alerts")

    with dg.build_sensor_context(
        instance=instance, definitions=definitions, resources=dict(resources_of(eu)), sensor_name=sensor.name
    ) as context:
        message = sensor.evaluate_tick(context).skip_message

    assert [body["subject"] for body in hook[0].bodies] == ["Akeneo to iPaaS.com (eu): 1 problem new"], message
