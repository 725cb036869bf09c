"""Facts about logging in to iPaaS.com."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from akeneo_assets.errors import AuthenticationError
from akeneo_assets.http.redaction import register_secret
from akeneo_assets.ipaas import endpoints
from akeneo_assets.ipaas.authentication import DEFAULT_LIFE_SECONDS, life_seconds
from akeneo_assets.probe.facts import Fact, Found, NotTestableError, as_assumed, handled, not_handled
from akeneo_assets.probe.ipaas.conversation import Answer, Conversation
from akeneo_assets.settings import Settings

_TOKEN: Final = TypeAdapter(str)
_HOUR: Final = 3600


@dataclass
class SignOn:
    """Logs in as the client does, step by step.

    Args:
        talk: Sends the requests.
        settings: The credentials.
    """

    talk: Conversation
    settings: Settings
    user: Answer | None = None
    company_id: str | None = None
    company: Answer | None = None

    def need_user(self) -> None:
        """Refuse to continue with an API key, which has no login.

        Raises:
            NotTestableError: An API key is used.
        """
        if self.settings.ipaas_api_key is not None:
            raise NotTestableError("An API key is used instead of a user name and password.")


def _token_in(answer: Answer | None, what: str) -> str:
    if answer is None:
        raise NotTestableError(f"There is no response to {what}.")
    try:
        token = _TOKEN.validate_python(answer.record.get("access_token"), strict=True)
    except ValidationError:
        raise NotTestableError(f"The response to {what} has no access_token.") from None
    register_secret(token)
    return token


def _proposed_token(document: Any) -> dict[str, dict[str, str]]:
    names = [name for name in document if "token" in name.casefold()] if isinstance(document, dict) else []
    likely = [name for name in names if not any(part in name.casefold() for part in ("refresh", "expir"))]
    return {"fields": {"access_token": likely[0]}} if len(likely) == 1 else {}


def _log_in(sign_on: SignOn) -> Found:
    sign_on.need_user()
    settings = sign_on.settings
    body = {"email_address": settings.ipaas_username, "password": settings.ipaas_password.get_secret_value()}
    sign_on.user = answer = sign_on.talk.ask(endpoints.LOG_IN, document=body, bearer="")
    if not answer.is_good:
        return not_handled(f"The login was refused: {answer}.")
    for name, value in answer.record.items():
        if "token" in name.casefold() and isinstance(value, str):
            register_secret(value)
    missing = [name for name in ("access_token", "id") if not answer.record.get(name)]
    if missing:
        names = ", ".join(sorted(answer.record))
        return not_handled(
            f"The response has no {' and no '.join(missing)}, but {names}.", _proposed_token(answer.record)
        )
    return as_assumed("The response has id and access_token.")


def _companies(sign_on: SignOn) -> Found:
    sign_on.need_user()
    token = _token_in(sign_on.user, "the login")
    user_id = sign_on.user.record.get("id") if sign_on.user is not None else None
    answer = sign_on.talk.ask(endpoints.COMPANIES, user_id, bearer=token)
    configured = sign_on.settings.ipaas_company_id
    if not answer.is_good:
        sign_on.company_id = configured
        text = f"The list of companies was refused: {answer}."
        return handled(f"{text} IPAAS_COMPANY_ID is used.") if configured else not_handled(text)
    ids = [str(each["id"]) for each in answer.records if each.get("id")]
    sign_on.company_id = configured or (ids[0] if len(ids) == 1 else None)
    if not ids:
        return not_handled("The list contains no company with an id.")
    if configured and configured not in ids:
        return not_handled("IPAAS_COMPANY_ID is not in the list of the user's companies. Correct it.")
    return as_assumed(f"The user has {len(ids)} compan{'y' if len(ids) == 1 else 'ies'}.")


def _company_token(sign_on: SignOn) -> Found:
    sign_on.need_user()
    token = _token_in(sign_on.user, "the login")
    if sign_on.company_id is None:
        raise NotTestableError("The company is not known. Set IPAAS_COMPANY_ID.")
    sign_on.company = sign_on.talk.ask(endpoints.CHANGE_COMPANY, sign_on.company_id, bearer=token)
    if not sign_on.company.is_good:
        return not_handled(f"The change of company was refused: {sign_on.company}.")
    company = _token_in(sign_on.company, "the change of company")
    tried = sign_on.talk.ask(endpoints.LIST_PRODUCTS, params={"pageNumber": 1, "pageSize": 1}, bearer=company)
    if not tried.is_good:
        return not_handled(f"The list of products was refused with this token: {tried}.")
    return as_assumed("The list of products accepts its token.")


def _token_life(sign_on: SignOn) -> Found:
    sign_on.need_user()
    answer = sign_on.company or sign_on.user
    if answer is None:
        raise NotTestableError("There is no token.")
    expiration = answer.record.get("access_token_expiration")
    life = life_seconds(expiration, answer.response.headers.get("Date"))
    if life is None:
        names = [name for name in answer.record if "expir" in name.casefold()]
        profile = {"fields": {"access_token_expiration": names[0]}} if len(names) == 1 and expiration is None else {}
        hours = DEFAULT_LIFE_SECONDS / _HOUR
        text = f"Tokens do not say when they expire; {hours:g} h are assumed, and a 401 renews them."
        return Found("handled", text, profile=profile)
    if life <= 0:
        return not_handled(f"A new token expired {-life:.0f} s ago. Check the clock and the time zone of the server.")
    return as_assumed(f"Tokens are valid for {life / _HOUR:.1f} h.")


def _refresh(sign_on: SignOn) -> Found:
    sign_on.need_user()
    token = _token_in(sign_on.company, "the change of company")
    refresh_token = sign_on.company.record.get("refresh_token") if sign_on.company is not None else None
    if not refresh_token:
        return handled("There is no refresh token; an expired token is replaced by a new login.")
    body = {"access_token": token, "refresh_token": refresh_token}
    answer = sign_on.talk.ask(endpoints.REFRESH, document=body, bearer="")
    if not answer.is_good:
        return handled(f"The refresh was refused ({answer}); an expired token is replaced by a new login.")
    _token_in(answer, "the refresh")
    return as_assumed("A refresh token gives a new token.")


def _api_key(sign_on: SignOn) -> Found:
    if sign_on.settings.ipaas_api_key is None:
        raise NotTestableError("No API key is used.")
    try:
        answer = sign_on.talk.ask(endpoints.LIST_PRODUCTS, params={"pageNumber": 1, "pageSize": 1})
    except AuthenticationError as error:
        return not_handled(str(error))
    return (
        as_assumed("The list of products accepts it.") if answer.is_good else not_handled(f"It was refused: {answer}.")
    )


FACTS: Final = (
    Fact("ipaas.log_in", "A login with e-mail address and password returns an id and a token", "confirmed",
         "every request", "no request is possible", _log_in),
    Fact("ipaas.companies", "The companies of the user can be listed", "confirmed",
         "the choice of the company", "IPAAS_COMPANY_ID has to be set", _companies),
    Fact("ipaas.company_token", "Changing the company returns the token that other APIs require", "confirmed",
         "every request", "no request is possible", _company_token),
    Fact("ipaas.token_life", "A token says when it expires", "confirmed",
         "the renewal of tokens", "one hour is assumed", _token_life),
    Fact("ipaas.refresh", "A refresh token replaces an expired token", "confirmed",
         "the renewal of tokens", "the user logs in again", _refresh),
    Fact("ipaas.api_key", "An API key is a bearer token", "assumed",
         "every request", "use IPAAS_USERNAME and IPAAS_PASSWORD", _api_key),
)  # fmt: skip
"""In the order in which they are tested: each uses the response to the one before."""
