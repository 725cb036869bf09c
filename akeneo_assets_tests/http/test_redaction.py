from __future__ import annotations

import json
import subprocess
import sys
import time
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.http.redaction import beginning, redact, register_secret, without_secrets

# Neither part of the surrounding texts nor of what replaces them.
SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="* "), min_size=4, max_size=40).map("§§".__add__)
OPAQUE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/", min_size=8, max_size=60).map("ZQ".__add__)
LOGGED_SECRET = "logged-secret"
NAMES = st.sampled_from(
    ["access_token", "refresh_token", "password", "client_secret", "api_key", "apiKey", "webhook_api_key", "token"]
)


@given(NAMES, SECRETS)
def test_secrets_are_hidden_in_json_queries_and_forms(name: str, secret: str) -> None:
    document = {"before": "stays", name: secret, "after": "stays"}
    for text in (
        json.dumps(document),
        json.dumps(document, ensure_ascii=False, indent=1),
        str(document),
        json.dumps([{"nested": document}]),
        f"https://host/path?{urlencode(document)}",
        urlencode(document, quote_via=quote),
    ):
        redacted = redact(text)
        assert "§§" not in redacted
        assert quote("§§") not in redacted
        assert "\\u00a7" not in redacted
        assert redacted.count("stays") == 2


def test_a_password_that_is_a_part_of_a_name_does_not_uncover_other_secrets() -> None:
    """Run in its own process, because a secret is masked until its process ends."""
    code = (
        "from akeneo_assets.http.redaction import redact, register_secret\n"
        "for each in ('secret', 'a token=b c'): register_secret(each)\n"
        """print(redact('{"client_secret": "hidden", "password": "secret"} secret [a token=b c]'))"""
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed == '{"client_***": "***", "password": "***"} *** [***]\n'


def test_a_document_without_its_secrets_is_still_valid() -> None:
    register_secret("registered-secret")
    found = without_secrets({"a": ["Authorization: Basic abcdefgh12, more", 1, None], "api_key": "x", "b": {"c": "d"}})
    assert found == {"a": ["Authorization: ***", 1, None], "api_key": "***", "b": {"c": "d"}}
    assert without_secrets("is registered-secret") == "is ***"


@given(NAMES, SECRETS)
def test_a_truncated_document_shows_no_secrets(name: str, secret: str) -> None:
    text = json.dumps({name: secret}, ensure_ascii=False)
    for end in range(text.index("§"), len(text)):
        assert "§" not in redact(text[:end])


@given(OPAQUE)
def test_headers_are_hidden(secret: str) -> None:
    for text in (
        f"Authorization: Bearer {secret}\r\nAccept: x",
        f"authorization: Basic {secret}\nAccept: x",
        str({"Authorization": f"Bearer {secret}", "Accept": "x"}),
        json.dumps({"authorization": f"Basic {secret}", "Accept": "x"}),
        f"refused 'Bearer {secret}' Accept: x",
    ):
        redacted = redact(text)
        assert secret not in redacted
        assert "Accept" in redacted


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_registered_secrets_are_hidden_everywhere(secret: str, before: str, after: str) -> None:
    register_secret(secret)
    for spelling in (secret, quote(secret), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]):
        assert spelling not in redact(f"{before}{spelling}{after}")


def test_the_credentials_in_a_url_are_hidden() -> None:
    assert redact("at postgresql://user:pa55@host/db") == "at postgresql://***@host/db"


@pytest.mark.parametrize(
    "text",
    [
        "The refresh token is invalid or has expired",
        '{"token_type": "bearer", "expires_in": 3600, "scope": null}',
        'Parameter "grant_type", "username" or "password" is missing, empty or invalid',
        "kit type Basic",
        "https://host/path?search=a%20b&page=2",
    ],
)
def test_other_text_is_not_hidden(text: str) -> None:
    assert redact(text) == text


def test_short_secrets_do_not_hide_the_text() -> None:
    register_secret("a")
    register_secret("")
    assert redact("a banana") == "a banana"


@pytest.mark.parametrize("part", ["a-", "token-", "'token':\"", '"password":', "basic ", "a://", "authorization:"])
def test_redaction_takes_linear_time(part: str) -> None:
    text = part * (100_000 // len(part))
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 2


def test_the_beginning_of_a_text_takes_constant_time_and_shows_no_part_of_a_secret() -> None:
    secret = "q7" * 300
    register_secret(secret)
    for before in (0, 10, 400, 499, 500, 600):
        body = "x" * before + secret * 2 + "y" * 5_000_000
        for text in (body, body.encode()):
            shown = beginning(text, 500)
            assert shown.startswith("x" * min(before, 500))
            assert "q7" not in shown
    started = time.process_time()
    for _ in range(100):
        beginning(body, 500)
    assert time.process_time() - started < 2
