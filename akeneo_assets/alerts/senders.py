"""Channels: a webhook, Slack, and e-mail. An error never quotes a URL, because a webhook's URL is a secret."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import requests

from akeneo_assets.alerts.digest import Digest
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.settings import AlertSettings

_SECONDS: Final = 10
_SMTP_PORT: Final = 25
_SMTPS_PORT: Final = 465
_LISTED: Final = 100


class AlertError(AkeneoAssetsError):
    """A channel did not accept a message. The text contains no secrets."""


class Sender(Protocol):
    """Sends messages to one channel."""

    @property
    def channel(self) -> str:
        """Its name, under which the state remembers what was announced."""

    def send(self, digest: Digest) -> None:
        """Send a message.

        Raises:
            AlertError: The channel did not accept it.
        """


@dataclass(frozen=True)
class WebhookSender:
    """Posts JSON."""

    url: str
    channel: str = "webhook"

    def send(self, digest: Digest) -> None:
        """Post the message with up to a hundred problems."""
        body = {
            "subject": digest.subject,
            "text": digest.text,
            "subscription": digest.subscription,
            "new_count": len(digest.new),
            "new": [asdict(problem) for problem in digest.new[:_LISTED]],
            "recovered_count": len(digest.recovered),
            "recovered": list(digest.recovered)[:_LISTED],
            "still_open": digest.still_open,
        }
        _post(self.url, body)


@dataclass(frozen=True)
class SlackSender:
    """Posts to an incoming webhook of Slack."""

    url: str
    channel: str = "slack"

    def send(self, digest: Digest) -> None:
        """Post the message as text; Slack gives three characters a meaning."""
        text = digest.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        _post(self.url, {"text": text})


@dataclass(frozen=True)
class EmailSender:
    """Sends e-mail over SMTP, with STARTTLS if there is a user."""

    url: str
    sender: str
    receivers: str
    channel: str = "email"

    def send(self, digest: Digest) -> None:
        """Send the message as plain text."""
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = digest.subject, self.sender, self.receivers
        message.set_content(digest.text)
        parts = urlsplit(self.url)
        # smtplib checks no certificate by default, and the password must reach only the mail server.
        trusted = ssl.create_default_context()
        host = parts.hostname or ""
        try:
            with (
                smtplib.SMTP_SSL(host, parts.port or _SMTPS_PORT, timeout=_SECONDS, context=trusted)
                if parts.scheme == "smtps"
                else smtplib.SMTP(host, parts.port or _SMTP_PORT, timeout=_SECONDS)
            ) as server:
                if parts.username:
                    if parts.scheme == "smtp":
                        server.starttls(context=trusted)
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except smtplib.SMTPAuthenticationError:
            raise AlertError("the mail server refused the user name or password in the SMTP URL") from None
        except ssl.SSLCertVerificationError as error:
            raise AlertError(f"the certificate of the mail server is not valid: {error.verify_message}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise AlertError(f"the mail server failed ({type(error).__name__})") from None


def senders(settings: AlertSettings) -> list[Sender]:
    """Return the channels that are set."""
    found: list[Sender] = []
    if settings.akeneo_assets_alert_webhook_url is not None:
        found.append(WebhookSender(settings.akeneo_assets_alert_webhook_url.get_secret_value()))
    if settings.akeneo_assets_alert_slack_url is not None:
        found.append(SlackSender(settings.akeneo_assets_alert_slack_url.get_secret_value()))
    if settings.akeneo_assets_alert_smtp_url is not None and settings.akeneo_assets_alert_email_to:
        url, receivers = settings.akeneo_assets_alert_smtp_url.get_secret_value(), settings.akeneo_assets_alert_email_to
        found.append(EmailSender(url, settings.akeneo_assets_alert_email_from or receivers.split(",")[0], receivers))
    return found


def _post(url: str, body: object) -> None:
    try:
        response = requests.post(url, json=body, timeout=_SECONDS)
    except requests.RequestException as error:
        raise AlertError(f"it cannot be reached ({type(error).__name__})") from None
    if not response.ok:
        raise AlertError(f"it responded with status {response.status_code}")
