from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from akeneo_assets.errors import AuthenticationError, TransientError
from akeneo_assets.http.redaction import redact
from akeneo_assets.http.tokens import Token, TokenSource, token_name
from akeneo_assets_tests.http.local_tokens import LocalTokenStore


class Grants:
    """Issues numbered tokens with a given life; can refuse refreshes."""

    def __init__(self, life_seconds: float = 3600.0) -> None:
        self.life_seconds = life_seconds
        self.calls: list[str] = []
        self.refuse_refresh = False
        self.refuse_log_in = False

    def log_in(self) -> Token:
        if self.refuse_log_in:
            raise AuthenticationError("wrong password")
        return self._token("log_in")

    def refresh(self, token: Token) -> Token:
        assert token.refresh_token is not None
        if self.refuse_refresh:
            self.calls.append("refused")
            raise AuthenticationError("Refresh token is invalid or has expired")
        return self._token("refresh")

    def _token(self, call: str) -> Token:
        self.calls.append(call)
        number = len(self.calls)
        return Token(f"access-{number}", f"refresh-{number}", time.time() + self.life_seconds)


def source(grants: Grants, store: LocalTokenStore) -> TokenSource:
    return TokenSource("shop:1", store, grants)


def test_eight_threads_log_in_once() -> None:
    grants, store = Grants(), LocalTokenStore()
    tokens = source(grants, store)
    barrier = threading.Barrier(8)

    def ask(_: int) -> str:
        barrier.wait()
        return tokens.current()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"access-1"}
    assert grants.calls == ["log_in"]


def test_eight_threads_renew_a_refused_token_once() -> None:
    grants, store = Grants(), LocalTokenStore()
    tokens = source(grants, store)
    rejected = tokens.current()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tokens.renew(rejected), range(8))) == {"access-2"}
    assert grants.calls == ["log_in", "refresh"]


def test_another_process_uses_the_stored_token() -> None:
    grants, store = Grants(), LocalTokenStore()
    assert source(grants, store).current() == source(grants, store).current()
    assert grants.calls == ["log_in"]


def test_a_token_renewed_by_another_process_is_used() -> None:
    grants, store = Grants(), LocalTokenStore()
    one, other = source(grants, store), source(grants, store)
    rejected = one.current()
    other.current()
    assert other.renew(rejected) == one.renew(rejected) == "access-2"
    assert grants.calls == ["log_in", "refresh"]


@pytest.mark.parametrize(
    ("life_seconds", "margin"), [(3600.0, 60.0), (100.0, 10.0)], ids=["a minute before", "a tenth before"]
)
def test_tokens_are_renewed_before_they_expire(
    life_seconds: float, margin: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    grants = Grants(life_seconds)
    tokens = source(grants, LocalTokenStore())
    assert tokens.current() == "access-1"
    now += life_seconds - margin - 1
    assert tokens.current() == "access-1"
    now += 2
    assert tokens.current() == "access-2"
    assert grants.calls == ["log_in", "refresh"]


def test_a_refused_refresh_falls_back_to_the_password_once() -> None:
    grants = Grants()
    grants.refuse_refresh = True
    tokens = source(grants, LocalTokenStore())
    assert tokens.renew(tokens.current()) == "access-3"
    assert grants.calls == ["log_in", "refused", "log_in"]


def test_if_the_password_is_refused_too_its_error_is_reported() -> None:
    grants, store = Grants(), LocalTokenStore()
    tokens = source(grants, store)
    rejected = tokens.current()
    grants.refuse_refresh = grants.refuse_log_in = True
    with pytest.raises(AuthenticationError, match="wrong password"):
        tokens.renew(rejected)
    assert store.load("shop:1") is None


def test_an_outage_during_a_refresh_keeps_the_refresh_token() -> None:
    class Outage(Grants):
        def refresh(self, token: Token) -> Token:
            raise TransientError(f"down, {token.expires_at}")

    store = LocalTokenStore()
    tokens = source(Outage(), store)
    rejected = tokens.current()
    with pytest.raises(TransientError):
        tokens.renew(rejected)
    stored = store.load("shop:1")
    assert stored is not None
    assert stored.refresh_token == "refresh-1"


def test_other_credentials_never_get_the_same_token() -> None:
    names = {
        token_name("shop", "https://one", "user", "password"),
        token_name("shop", "https://one", "user", "passwor", "d"),
        token_name("shop", "https://two", "user", "password"),
        token_name("store", "https://one", "user", "password"),
    }
    assert len(names) == 4
    assert token_name("shop", "https://one", "user", "password") in names
    assert not any("password" in name for name in names)


def test_tokens_are_not_shown() -> None:
    tokens = source(Grants(), LocalTokenStore())
    assert tokens.current() not in repr(Token(tokens.current(), "refresh-1", 0.0))
    assert redact("seen: access-1 and refresh-1") == "seen: *** and ***"
