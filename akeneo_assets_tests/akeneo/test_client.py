from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.search import Search
from akeneo_assets.errors import AccessDeniedError, ConfigurationError, TransientError
from akeneo_assets.http.responses import ApiError
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets_tests.akeneo.conftest import Build, calls, page, with_tokens
from akeneo_assets_tests.http.scripted_server import Reply, ScriptedServer


def error(status: int, message: str) -> Reply:
    return Reply(status, {"code": status, "message": message})


def test_eight_threads_log_in_once(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = with_tokens(lambda _: Reply(document={"version": "1", "edition": "CE"}))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.system_information(), range(24)))
    assert len(calls(server)) == 24
    assert len(server.requests) == 25


@pytest.mark.parametrize(("id_format", "endpoint"), [("UUID", "products-uuid"), ("Identifier", "products")])
def test_the_id_format_decides_which_products_are_listed(build: Build, id_format: str, endpoint: str) -> None:
    assert build("http://pim.example", product_id_format=id_format).products_endpoint == endpoint


def test_records_are_parsed_and_keep_unknown_fields(client: AkeneoClient, server: ScriptedServer) -> None:
    item = {"uuid": "u1", "values": [], "categories": [12], "future": {"field": [1]}}
    server.handler = with_tokens(
        lambda request: Reply(document=page(*([] if "search_after" in request.query else [item])))
    )
    ((record,),) = client.list("products-uuid", search=Search().where("family", "EMPTY"))
    assert record["values"] == {}
    assert record["categories"] == ["12"]
    assert record["future"] == {"field": [1]}
    assert record["enabled"] is True
    assert calls(server)[0].query["search"] == '{"family":[{"operator":"EMPTY"}]}'


def test_count_takes_one_request(client: AkeneoClient, server: ScriptedServer, statistics: RequestStatistics) -> None:
    server.handler = with_tokens(lambda _: Reply(document=page({"uuid": "1"}, count=12_345)))
    assert client.count("products-uuid", Search().where("enabled", "=", True)) == 12_345
    (request,) = calls(server)
    assert request.query == {
        "limit": "1",
        "with_count": "true",
        "search": '{"enabled":[{"operator":"=","value":true}]}',
    }
    assert statistics.snapshot().requests["akeneo", "products-uuid.count"] == 1


@pytest.mark.parametrize(
    ("message", "permission"),
    [
        ("Access forbidden. You are not allowed to list categories.", "List categories"),
        ("You are not allowed to access the web API.", "Overall Web API access"),
    ],
)
def test_a_missing_permission_is_named(
    client: AkeneoClient, server: ScriptedServer, message: str, permission: str
) -> None:
    server.handler = with_tokens(lambda _: error(403, message))
    with pytest.raises(AccessDeniedError) as caught:
        list(client.list("categories"))
    assert message in str(caught.value)
    assert f'Enable "{permission}"' in str(caught.value)
    assert "System > Roles > Web API permissions" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (422, 'Attribute "colour" does not exist.'),
        (422, 'Attributes "a, b" do not exist.'),
        (422, 'Scope "shop" does not exist.'),
        (422, 'Locale "xx_XX" does not exist or is not activated.'),
        (422, 'Locale "de_DE" is not activated for the scope "ecommerce".'),
        (422, 'Category "old" does not exist.'),
        (422, '"colour" does not exist or you do not have permission to access it.'),
        (404, '"colour" does not exist or you do not have permission to access it.'),
        (422, 'Filter on property "colour" is not supported or does not support operator "BETWEEN"'),
        (422, 'Attribute "name" expects a locale, none given.'),
    ],
)
def test_a_stale_code_names_the_mapping_file(
    client: AkeneoClient, server: ScriptedServer, status: int, message: str
) -> None:
    server.handler = with_tokens(lambda _: error(status, message))
    with pytest.raises(ConfigurationError, match="AKENEO_ASSETS_MAPPING") as caught:
        list(client.list("product-models", search=Search().where("colour", "=", "x")))
    assert message.rstrip(".") in str(caught.value)
    assert len(calls(server)) == 1


@pytest.mark.parametrize("message", ["You cannot request more than 100 items.", '"x" is not a valid page number.'])
def test_other_refusals_are_not_changed(client: AkeneoClient, server: ScriptedServer, message: str) -> None:
    server.handler = with_tokens(lambda _: error(422, message))
    with pytest.raises(ApiError) as caught:
        list(client.list("families"))
    assert caught.value.status == 422


def test_a_list_of_a_deleted_record_is_an_error_of_that_record(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = with_tokens(lambda _: error(404, 'Attribute "color" does not exist.'))
    with pytest.raises(ApiError) as caught:
        list(client.list("attributes/{}/options", codes=["color"]))
    assert caught.value.status == 404


def test_an_akeneo_without_uuids_names_the_setting(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = with_tokens(lambda _: error(404, 'No route found for "GET /api/rest/v1/products-uuid"'))
    with pytest.raises(ConfigurationError, match="AKENEO_PRODUCT_ID_FORMAT"):
        list(client.list("products-uuid"))


def test_an_error_is_never_the_end_of_a_list(client: AkeneoClient, server: ScriptedServer) -> None:
    full = [{"uuid": f"{number:04}"} for number in range(100)]
    server.handler = with_tokens(
        lambda request: (
            Reply(502)
            if "search_after" in request.query
            else Reply(document=page(*full, following="http://x/?search_after=0099"))
        )
    )
    pages = client.list("products-uuid")
    assert len(next(pages)) == 100
    with pytest.raises(TransientError):
        next(pages)


def test_an_old_akeneo_has_no_version(client: AkeneoClient, server: ScriptedServer) -> None:
    server.handler = with_tokens(lambda _: error(404, "No route found"))
    assert client.system_information() == {"version": "", "edition": ""}
