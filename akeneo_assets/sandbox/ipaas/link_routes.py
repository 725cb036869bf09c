"""Routes of external ids and custom fields."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from akeneo_assets.sandbox.ipaas.body import parse
from akeneo_assets.sandbox.ipaas.call import Call, Router
from akeneo_assets.sandbox.ipaas.errors import RefusedError, not_found
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT, VARIANT, parse_table
from akeneo_assets.sandbox.ipaas.link_bodies import (
    CustomFieldDefinitionBody,
    CustomFieldValueBody,
    ExternalIdBody,
    LinkBody,
)
from akeneo_assets.sandbox.ipaas.outcome import Written

_EXTERNAL = "/products/v2/External"
_CUSTOM_FIELD = "/products/v2/CustomField"
_SUBSCRIPTIONS = "/subscriptions/v2"


def link_routes(router: Router) -> list[Route]:
    """Return the routes."""
    return [
        router.route("POST", f"{_EXTERNAL}/LookupSpecial", "external.lookup", _lookup_by_body),
        router.route(
            "GET",
            f"{_EXTERNAL}/LookupSpaceport/{{system_id}}/{{table}}/{{external_id:path}}",
            "external.lookup_internal",
            _lookup_by_path,
        ),
        router.route(
            "GET",
            f"{_EXTERNAL}/LookupExternal/{{id}}/{{system_id}}/{{table}}",
            "external.lookup_external",
            _external_id,
        ),
        router.route("GET", f"{_EXTERNAL}/Missing/{{system_id}}/{{table}}", "external.missing", _missing),
        router.route("POST", f"{_EXTERNAL}/UpdateExternalId", "external.link", _link),
        router.route("DELETE", _EXTERNAL, "external.unlink", _unlink),
        router.route("POST", f"{_CUSTOM_FIELD}/{{api_name}}", "custom_field.set", _set_custom_field),
        router.route("PUT", f"{_CUSTOM_FIELD}/{{api_name}}", "custom_field.set", _set_custom_field),
        router.route("GET", f"{_SUBSCRIPTIONS}/CustomFields", "custom_field.list", _custom_fields),
        router.route("POST", f"{_SUBSCRIPTIONS}/CustomField", "custom_field.define", _define_custom_field),
        router.route("GET", f"{_SUBSCRIPTIONS}/Subscriptions", "subscription.list", _subscriptions),
        router.route("GET", f"{_SUBSCRIPTIONS}/Subscription/{{id}}", "subscription.get", _subscription),
    ]


def _lookup(call: Call, table_name: str, system_id: str, external_id: str) -> str:
    table = parse_table(table_name)
    internal_id = call.state.links.find(table, system_id, external_id)
    if internal_id is None:
        raise not_found(f"{table} with the external id", external_id)
    if call.state.is_active(table, internal_id) or call.state.switches.deactivated_lookup == "plain":
        return internal_id
    if call.state.switches.deactivated_lookup == "missing":
        raise not_found(f"{table} with the external id", external_id)
    return f"DELETED:{internal_id}"


def _lookup_by_body(call: Call) -> Any:
    body = parse(ExternalIdBody, call.body)
    return _lookup(call, body.table_name, body.system_id, body.external_id)


def _lookup_by_path(call: Call) -> Any:
    parameters = call.request.path_params
    return _lookup(call, parameters["table"], call.id("system_id"), parameters["external_id"])


def _external_id(call: Call) -> Any:
    table = parse_table(call.request.path_params["table"])
    external_id = call.state.links.external_id(table, call.id(), call.id("system_id"))
    if external_id is None:
        raise not_found(f"external id of the {table}", call.id())
    return external_id


def _missing(call: Call) -> Any:
    system_id = call.id("system_id")
    if system_id not in call.state.systems:
        raise RefusedError("VALD-1017", f"There is no system with Id {system_id}.")
    return call.state.unlinked(parse_table(call.request.path_params["table"]), system_id)


def _link(call: Call) -> Any:
    body = parse(LinkBody, call.body)
    table, record_id = parse_table(body.table_name), body.internal_id
    if not call.state.exists(table, record_id):
        raise RefusedError("VALD-1038", f"The {table} with Id {record_id} does not exist.")
    given = [{"system_id": body.system_id, "external_id": body.external_id}]
    changed = call.state.links.external_id(table, record_id, body.system_id) != body.external_id
    call.state.links.check(table, given, {record_id})
    call.state.links.link(table, record_id, given)
    return Written(table, {**body.model_dump(), "id": record_id}, changed=changed)


def _unlink(call: Call) -> Any:
    body = parse(ExternalIdBody, call.body)
    table = parse_table(body.table_name)
    record_id = call.state.links.find(table, body.system_id, body.external_id)
    if record_id is None:
        raise not_found(f"{table} with the external id", body.external_id)
    call.state.links.unlink(table, record_id, body.system_id)


def _set_custom_field(call: Call) -> Any:
    table = parse_table(call.request.path_params["api_name"])
    if table not in {PRODUCT, VARIANT}:
        raise RefusedError("VALD-1025", f"The custom fields of a {table} are part of its own record.")
    body = parse(CustomFieldValueBody, call.body)
    value = body.model_dump(exclude={"internal_id"})
    accepted = call.state.custom_field_records.accepted(table, [value])
    return call.state.product_records.set_custom_field(table, body.internal_id, accepted[0]) if accepted else None


def _custom_fields(call: Call) -> Any:
    return call.page("Name", call.state.custom_field_records.hits)


def _define_custom_field(call: Call) -> Any:
    if not call.state.custom_field_definitions_allowed:
        raise RefusedError("AUTZ-1002", "The permission to define custom fields is missing.")
    return call.state.custom_field_records.define(parse(CustomFieldDefinitionBody, call.body))


def _subscriptions(call: Call) -> Any:
    return [_present_subscription(system_id) for system_id in sorted(call.state.systems)]


def _subscription(call: Call) -> Any:
    if call.id() not in call.state.systems:
        raise not_found("subscription", call.id())
    return _present_subscription(call.id())


def _present_subscription(system_id: str) -> dict[str, Any]:
    return {"id": int(system_id), "integration_id": 1, "name": "Akeneo", "settings": {}}
