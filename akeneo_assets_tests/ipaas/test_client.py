from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from akeneo_assets.errors import AccessDeniedError, MalformedResponseError, TransientError
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.ipaas.client import Deactivated, IpaasClient, Linked
from akeneo_assets.ipaas.enumerations import ErrorCode
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets_tests.http.scripted_server import Received, Reply, ScriptedServer

GUID = "8d1f2c7e-0000-4000-8000-000000000001"
Call = Callable[[IpaasClient], Any]


@pytest.mark.parametrize(
    ("call", "request_line", "document"),
    [
        (lambda c: c.get_category("5"), "GET /products/v2/Catalog/Category/5", None),
        (
            lambda c: c.create_category({"name": "A"}),
            "POST /products/v2/Catalog/Category",
            {"name": "A"},
        ),
        (
            lambda c: c.replace_category("5", {"name": "A"}),
            "PUT /products/v2/Catalog/Category/5",
            {"name": "A"},
        ),
        (lambda c: c.get_product("5"), "GET /products/v2/Catalog/Product/5", None),
        (
            lambda c: c.create_product({"sku": "A"}),
            "POST /products/v2/Catalog/Product",
            {"sku": "A"},
        ),
        (
            lambda c: c.replace_product("5", {"sku": "A"}),
            "PUT /products/v2/Catalog/Product/5",
            {"sku": "A"},
        ),
        (lambda c: c.get_variant("5"), "GET /products/v2/Catalog/Product/Variant/5", None),
        (
            lambda c: c.save_variant("5", {"sku": "A"}),
            "PUT /products/v2/Catalog/Product/Variant/5",
            {"sku": "A"},
        ),
        (
            lambda c: c.create_location({"name": "A"}),
            "POST /products/v2/Catalog/Location",
            {"name": "A"},
        ),
        (
            lambda c: c.create_custom_field({"name": "A"}),
            "POST /subscriptions/v2/CustomField",
            {"name": "A"},
        ),
    ],
)
def test_records_are_read_and_written(
    client: IpaasClient, server: ScriptedServer, call: Call, request_line: str, document: Any
) -> None:
    kept = {"id": 5, "variants": [{"id": 6, "parent_id": 5, "options": [{"id": "x"}]}], "in_stock_threshold": 3}
    server.respond(Reply(document=kept))
    assert call(client.tracked(GUID)) == {
        "id": "5",
        "variants": [{"id": "6", "parent_id": "5", "options": [{"id": "x"}]}],
        "in_stock_threshold": 3,
    }
    (request,) = server.requests
    assert str(request) == request_line
    assert request.document == document
    assert request.query == {"trackingGuid": GUID}
    assert request.headers["authorization"] == "Bearer the-api-key"
    assert "x-client-id" not in request.headers


@pytest.mark.parametrize(
    ("call", "path", "field"),
    [
        (lambda c: c.find_products("A&B +1"), "/products/v2/Catalog/Products", "Sku"),
        (lambda c: c.find_variants("A&B +1"), "/products/v2/Catalog/Product/Variants", "Sku"),
        (lambda c: [c.find_location("A&B +1")], "/products/v2/Catalog/Locations", "Name"),
    ],
)
def test_searches_compare_one_field(
    client: IpaasClient, server: ScriptedServer, call: Call, path: str, field: str
) -> None:
    server.respond(Reply(document=[{"id": 1, "sku": "A&B +1"}]))
    assert call(client.tracked(GUID)) == [{"id": "1", "sku": "A&B +1"}]
    (request,) = server.requests
    assert request.path == path
    assert request.query == {"action": "equals", field: "A&B +1", "trackingGuid": GUID}


def test_a_missing_location_is_none(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(document=[]))
    assert client.find_location("Main") is None


@pytest.mark.parametrize("header", ["X-Pagination", None])
def test_lists_are_read_to_their_last_page(client: IpaasClient, server: ScriptedServer, header: str | None) -> None:
    def respond(request: Received) -> Reply:
        number, size = int(request.query["pageNumber"]), int(request.query["pageSize"])
        items = [{"id": item} for item in range(250)][(number - 1) * size : number * size]
        pagination = f'{{"total_Count":250,"page_Size":{size},"current_Page":{number},"total_Pages":3}}'
        return Reply(document=items, headers={header: pagination} if header else {})

    server.handler = respond
    pages = list(client.products())
    assert [len(page) for page in pages] == [100, 100, 50]
    assert pages[2][-1] == {"id": "249"}
    assert len(server.requests) == (3 if header else 4)


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (Reply(document="77"), Linked("77")),
        (Reply(document=77), Linked("77")),
        (Reply(document="DELETED:77"), Deactivated("77")),
        (Reply(404, {"code": "NFND-1005", "message": "Not linked."}), None),
        (Reply(404, body=b""), None),
    ],
)
def test_external_ids_are_looked_up(
    client: IpaasClient, server: ScriptedServer, response: Reply, found: Linked | Deactivated | None
) -> None:
    server.respond(response)
    client.tracked(GUID)
    assert client.find_external("product", "a/b") == found
    (request,) = server.requests
    assert str(request) == "POST /products/v2/External/LookupSpecial"
    assert request.query == {}, "a tracked client is a different one"
    assert request.document == {"table_name": "product", "system_id": "1001", "external_id": "a/b"}


def test_external_ids_are_set(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(500), Reply(body=b""))
    client.link("product", "a", "77")
    assert len(server.requests) == 2
    assert server.requests[1].document == {
        "table_name": "product",
        "system_id": "1001",
        "external_id": "a",
        "internal_id": "77",
    }


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("product", "/products/v2/Catalog/Product/Reactivate/7"),
        ("product_model", "/products/v2/Catalog/Product/Reactivate/7"),
        ("variant", "/products/v2/Catalog/Product/Variant/Reactivate/7"),
        ("category", "/products/v2/Catalog/Category/Reactivate/7"),
    ],
)
def test_records_are_reactivated(client: IpaasClient, server: ScriptedServer, kind: Any, path: str) -> None:
    server.respond(Reply(204, body=b""))
    client.reactivate(kind, "7")
    assert str(server.requests[0]) == f"PUT {path}"


def test_custom_fields_are_listed_by_table(client: IpaasClient, server: ScriptedServer) -> None:
    fields = [{"name": "Family", "table_name": "Product"}, {"name": "Tag", "table_name": "product category"}]
    server.handler = lambda _: Reply(document=fields, headers={"X-Pagination": '{"total_Pages":1}'})
    assert client.list_custom_fields() == fields
    assert client.list_custom_fields("product") == fields[:1]


@pytest.mark.parametrize(
    "create",
    [
        lambda c: c.create_product({}),
        lambda c: c.create_category({}),
        lambda c: c.create_location({}),
        lambda c: c.create_custom_field({}),
        lambda c: c.save_variant("5", {"sku": "new"}),
    ],
)
@pytest.mark.parametrize(
    "response",
    [Reply(500), Reply(document={"id": 1}, truncated=True), Reply(body=b"<html>")],
)
def test_a_create_whose_response_is_lost_is_left_to_the_caller(
    client: IpaasClient, server: ScriptedServer, create: Call, response: Reply
) -> None:
    server.respond(response)
    with pytest.raises(TransientError) as caught:
        create(client)
    assert caught.value.possibly_stored
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "replace", [lambda c: c.replace_product("5", {"id": "5"}), lambda c: c.save_variant("5", {"id": "6"})]
)
def test_a_replacement_is_sent_again(client: IpaasClient, server: ScriptedServer, replace: Call) -> None:
    server.respond(Reply(500), Reply(document={"id": 5}))
    assert replace(client) == {"id": "5"}


def test_a_create_without_a_record_in_the_response_may_be_stored(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(204, body=b""))
    with pytest.raises(TransientError) as caught:
        client.create_product({"sku": "A"})
    assert caught.value.possibly_stored


def test_a_refused_record_is_reported_with_code_and_reason(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(400, {"code": "BIZL-1004", "message": "The sku must be unique; it is used by id 815."}))
    with pytest.raises(IpaasError, match="must be unique") as caught:
        client.create_product({"sku": "A"})
    assert caught.value.code == ErrorCode.NOT_UNIQUE
    assert caught.value.code in ErrorCode.DUPLICATES
    assert caught.value.existing_id == "815"
    assert caught.value.status == 409


def test_a_validation_error_is_not_retried_whatever_its_status(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(500, {"code": "VALD-1002", "message": "name is required"}))
    with pytest.raises(IpaasError) as caught:
        client.create_product({"sku": "A"})
    assert caught.value.code == ErrorCode.REQUIRED
    assert len(server.requests) == 1


def test_a_server_error_is_retried_whatever_its_status(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(400, {"code": "INTL-1001", "message": "oops"}), Reply(document={"id": 5}))
    assert client.get_product("5") == {"id": "5"}


def test_a_missing_permission_is_not_an_error_of_the_record(client: IpaasClient, server: ScriptedServer) -> None:
    server.respond(Reply(403, {"code": "AUTZ-1002", "message": "You may not create custom fields."}))
    with pytest.raises(AccessDeniedError, match="You may not create custom fields"):
        client.create_custom_field({"name": "A"})


def test_requests_are_counted_by_action(
    client: IpaasClient, server: ScriptedServer, statistics: RequestStatistics
) -> None:
    server.handler = lambda _: Reply(document={"id": 1})
    client.create_product({})
    client.replace_product("1", {})
    client.replace_product("1", {})
    assert statistics.snapshot().requests == {("ipaas", "product.create"): 1, ("ipaas", "product.replace"): 2}


# Responses that are not what the API promises


@pytest.mark.parametrize("given", [None, "", " ", "None", True, 1.5, {}, [1]])
@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.create_product({"sku": "A"}),
        lambda c: c.create_category({"name": "A"}),
        lambda c: c.replace_product("5", {"id": "5"}),
        lambda c: c.replace_category("5", {"id": "5"}),
        lambda c: c.save_variant("5", {"sku": "A"}),
        lambda c: c.create_location({"name": "A"}),
    ],
)
def test_a_write_without_an_id_in_its_response_may_be_stored(
    client: IpaasClient, server: ScriptedServer, call: Call, given: Any
) -> None:
    server.handler = lambda _: Reply(document={"id": given, "sku": "A"})
    with pytest.raises(MalformedResponseError) as caught:
        call(client)
    assert caught.value.possibly_stored
    assert caught.value.field == "id"
    assert len(server.requests) == 1


@pytest.mark.parametrize("document", [{}, [], ["7"], {"id": 7}, True, 1.5, "", " "])
@pytest.mark.parametrize("call", [lambda c: c.find_external("product", "a"), lambda c: c.external_id("product", "5")])
def test_an_id_is_a_text_or_a_number(client: IpaasClient, server: ScriptedServer, call: Call, document: Any) -> None:
    server.handler = lambda _: Reply(document=document)
    with pytest.raises(MalformedResponseError):
        call(client)


@pytest.mark.parametrize("document", ["None", "null", "DELETED:", "DELETED:None"])
def test_null_as_text_is_no_id_but_can_be_an_external_one(
    client: IpaasClient, server: ScriptedServer, document: str
) -> None:
    server.handler = lambda _: Reply(document=document)
    with pytest.raises(MalformedResponseError):
        client.find_external("product", "a")
    assert client.external_id("product", "5") == document


@pytest.mark.parametrize("found", [{}, "x", [None], ["x"], [{}], [{"id": None}], [{"id": {}}]])
@pytest.mark.parametrize(
    "call", [lambda c: c.find_products("A"), lambda c: list(c.products()), lambda c: c.find_location("A")]
)
def test_a_response_that_is_no_list_of_records_is_reported(
    client: IpaasClient, server: ScriptedServer, call: Call, found: Any
) -> None:
    server.handler = lambda _: Reply(document=found)
    with pytest.raises(MalformedResponseError):
        call(client)


@pytest.mark.parametrize("field", [{"id": 1}, {"id": 1, "name": None, "table_name": "product"}, {"id": 1, "name": "a"}])
def test_a_custom_field_without_a_name_is_reported(client: IpaasClient, server: ScriptedServer, field: Any) -> None:
    server.handler = lambda _: Reply(document=[field])
    with pytest.raises(MalformedResponseError):
        client.list_custom_fields()


@pytest.mark.parametrize(
    "header", [None, "x", "[]", "7", '{"total_pages": "3"}', '{"total_pages": 0}', '{"total_pages": -1}', "{"]
)
def test_an_impossible_page_count_is_ignored(client: IpaasClient, server: ScriptedServer, header: str | None) -> None:
    def respond(request: Received) -> Reply:
        number = int(request.query["pageNumber"])
        items = [{"id": item} for item in range(150)][(number - 1) * 100 : number * 100]
        return Reply(document=items, headers={} if header is None else {"X-Pagination": header})

    server.handler = respond
    assert sum(len(page) for page in client.products()) == 150


@pytest.mark.parametrize("header", [{}, {"X-Pagination": '{"total_pages": 1000000000}'}])
@pytest.mark.parametrize("items", [[{"id": 1}], []])
def test_pages_that_repeat_are_an_error(
    client: IpaasClient, server: ScriptedServer, header: dict[str, str], items: list[Any]
) -> None:
    server.handler = lambda _: Reply(document=items, headers=header)
    if not items and not header:
        assert list(client.products()) == []
        return
    with pytest.raises(TransientError, match="does not advance"):
        list(client.products())
    assert len(server.requests) <= 2
