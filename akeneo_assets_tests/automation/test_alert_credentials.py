"""Credentials of alerts: a rotated one loses no alert and repeats none, and a password reaches only the mail server."""

from __future__ import annotations

import socketserver
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.store.store import Store
from akeneo_assets_tests.automation.alert_servers import EncryptedServer, Hook, Mail, certified, serving
from akeneo_assets_tests.automation.test_alert_sensor import NOTHING, fail
from akeneo_assets_tests.automation.ticks import Ticking

FORMER, CURRENT = "former%/password", "current%/password"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certified(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=["smtp", "smtps"])
def encrypted(
    request: pytest.FixtureRequest, certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[type[Mail], str]]:
    """A mail server that wants a log-in, and its URL with a placeholder for the password."""
    handler = type("_Mail", (Mail,), {"texts": [], "logins": [], "password": FORMER, "tls": certificate[1]})
    kind = type("_Server", (EncryptedServer,), {"tls": certificate[1]})
    server = (socketserver.ThreadingTCPServer if request.param == "smtp" else kind)(("127.0.0.1", 0), handler)
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_EMAIL_TO", "data@example.com")
    with serving(server) as address:
        yield handler, f"{request.param}://alerts:{{}}@{address}"


def url_with(password: str, url: str) -> str:
    return url.format(password.replace("%", "%25").replace("/", "%2F"))


@pytest.mark.parametrize("channel", ["WEBHOOK", "SLACK"])
def test_an_alert_is_sent_once_to_the_new_url(
    store: Store, alerting: Ticking, hook: tuple[type[Hook], str], channel: str, monkeypatch: Any
) -> None:
    variable = f"AKENEO_ASSETS_ALERT_{channel}_URL"
    monkeypatch.setenv(variable, hook[1])
    fail(store, "announced")
    alerting.skipped()
    hook[0].accepted = "/rotated"
    fail(store, "hat")
    assert "it responded with status 404; retried in a minute" in alerting.skipped()

    monkeypatch.setenv(variable, hook[1].replace("/secret-path", "/rotated"))
    alerting.skipped()

    assert alerting.skipped() == NOTHING
    assert [body["text"].count("hat") for body in hook[0].bodies] == [0, 1]


def test_an_alert_is_sent_once_with_the_new_password_of_the_mail_server(
    store: Store,
    alerting: Ticking,
    encrypted: tuple[type[Mail], str],
    certificate: tuple[Path, ssl.SSLContext],
    monkeypatch: Any,
) -> None:
    server, url = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SMTP_URL", url_with(FORMER, url))
    fail(store, "announced")
    alerting.skipped()
    server.password = CURRENT
    fail(store, "hat")
    message = alerting.skipped()
    assert "email: the mail server refused the user name or password in the SMTP URL; retried in a minute" in message
    assert "former" not in message

    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SMTP_URL", url_with(CURRENT, url))
    alerting.skipped()

    assert alerting.skipped() == NOTHING
    assert [text.count("product hat failed") for text in server.texts] == [0, 1]
    assert server.logins == [FORMER, FORMER, CURRENT]


def test_an_unknown_certificate_gets_no_password(
    store: Store, alerting: Ticking, encrypted: tuple[type[Mail], str], monkeypatch: Any
) -> None:
    server, url = encrypted
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SMTP_URL", url_with(FORMER, url))
    fail(store, "hat")

    assert "email: the certificate of the mail server is not valid: self" in alerting.skipped()
    assert (server.logins, server.texts) == ([], [])


def test_a_mail_server_without_tls_gets_no_password(
    store: Store, alerting: Ticking, mail: tuple[type[Mail], str], monkeypatch: Any
) -> None:
    server, url = mail
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_EMAIL_TO", "data@example.com")
    monkeypatch.setenv("AKENEO_ASSETS_ALERT_SMTP_URL", url.replace("smtp://", f"smtp://alerts:{CURRENT[-8:]}@"))
    fail(store, "hat")

    assert "email: the mail server failed (SMTPNotSupportedError); retried in a minute" in alerting.skipped()
    assert (server.logins, server.texts) == ([], [])
