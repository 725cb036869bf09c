"""Authentication routes."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from akeneo_assets.sandbox.ipaas.body import parse
from akeneo_assets.sandbox.ipaas.call import Call, Router
from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.link_bodies import LoginBody, RefreshBody
from akeneo_assets.sandbox.ipaas.tokens import USER_ID

_ROOT = "/sso/v2"


def sign_on_routes(router: Router) -> list[Route]:
    """Return the routes."""
    return [
        router.route("POST", f"{_ROOT}/Auth/Login", "auth.login", _log_in, "public"),
        router.route("POST", f"{_ROOT}/Auth/Refresh", "auth.refresh", _refresh, "public"),
        router.route("GET", f"{_ROOT}/User/ChangeCompany/{{id}}", "auth.change_company", _change_company, "user"),
        router.route("GET", f"{_ROOT}/User/{{id}}/Companies", "auth.companies", _companies, "user"),
    ]


def _log_in(call: Call) -> Any:
    body = parse(LoginBody, call.body)
    return call.state.tokens.log_in(body.email_address, body.password)


def _refresh(call: Call) -> Any:
    body = parse(RefreshBody, call.body)
    if call.faults.take("refuse_refresh", call.request.scope):
        raise RefusedError("AUTH-1002", "The refresh token is not valid.")
    return call.state.tokens.refresh(body.access_token, body.refresh_token)


def _change_company(call: Call) -> Any:
    return call.state.tokens.change_company(call.token, call.request.path_params["id"])


def _companies(call: Call) -> Any:
    if call.id() != str(USER_ID):
        raise RefusedError("AUTZ-1002", "The companies of another user are not shown.")
    return [{"id": company_id, "name": name} for company_id, name in call.state.tokens.companies.items()]
