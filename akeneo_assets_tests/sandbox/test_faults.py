"""The shared parts: faults, counters, control routes and the server, tested with the local iPaaS.com."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS, IPAAS_CREDENTIALS
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sandbox.shelf import Shelf
from akeneo_assets.settings import Settings
from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT, Client


def _statuses(ipaas: Client, count: int) -> list[int]:
    return [ipaas.catalog("GET", "Products").status_code for _ in range(count)]


def test_a_fault_affects_the_given_number_of_requests(ipaas: Client) -> None:
    ipaas.faults.add("server_error", status=503, times=2, every=2, after=1)
    assert _statuses(ipaas, 6) == [200, 503, 200, 503, 200, 200]


def test_a_fault_affects_only_matching_requests(ipaas: Client) -> None:
    ipaas.faults.add("server_error", times=None, path="pageNumber=2")
    ipaas.faults.add("server_error", times=None, action="category.*")
    assert ipaas.catalog("GET", "Products?pageNumber=2").status_code == 500
    assert ipaas.catalog("GET", "Products").status_code == 200
    assert ipaas.catalog("GET", "Categories").status_code == 500
    ipaas.faults.clear()
    assert ipaas.catalog("GET", "Categories").status_code == 200


def test_an_unknown_option_of_a_fault_is_refused(ipaas: Client) -> None:
    with pytest.raises(ValidationError, match="often"):
        ipaas.faults.add("throttle", often=3)


def test_throttling_has_three_forms(ipaas: Client) -> None:
    ipaas.faults.add("throttle")
    ipaas.faults.add("throttle", retry_after=2)
    ipaas.faults.add("throttle", retry_after=30, retry_after_date=True)
    absent, seconds, date = (ipaas.catalog("GET", "Products") for _ in range(3))
    assert {absent.status_code, seconds.status_code, date.status_code} == {429}
    assert "Retry-After" not in absent.headers
    assert seconds.headers["Retry-After"] == "2"
    assert 25 < parsedate_to_datetime(date.headers["Retry-After"]).timestamp() - time.time() <= 31


def test_a_proxy_responds_with_html(ipaas: Client) -> None:
    ipaas.faults.add("html_error")
    response = ipaas.catalog("GET", "Products")
    assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (502, "text/html")


def test_a_body_is_truncated(ipaas: Client) -> None:
    ipaas.accepted("POST", "Product", PRODUCT)
    ipaas.faults.add("truncate_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ipaas.catalog("GET", "Products")
    assert len(ipaas.accepted("GET", "Products")) == 1


def test_a_request_is_executed_if_its_response_is_lost_but_not_if_the_connection_is_reset(ipaas: Client) -> None:
    ipaas.faults.add("reset_connection")
    with pytest.raises(requests.ConnectionError):
        ipaas.catalog("POST", "Product", PRODUCT)
    assert ipaas.state.products() == []
    ipaas.faults.add("lose_response")
    assert ipaas.accepted("GET", "Products") == []
    with pytest.raises(requests.ConnectionError):
        ipaas.catalog("POST", "Product", PRODUCT)
    ipaas.faults.add("lose_response", status=500)
    assert ipaas.catalog("POST", "Product", {**PRODUCT, "sku": "stool"}).status_code == 500
    assert [product["sku"] for product in ipaas.state.products()] == ["chair", "stool"]
    assert ipaas.counters.statuses("reset") == 2


def test_a_request_is_executed_before_its_late_response(ipaas: Client) -> None:
    late = ipaas.faults.add("late_response", seconds=0.3)
    started = time.monotonic()
    with ThreadPoolExecutor(1) as threads:
        response = threads.submit(ipaas.accepted, "POST", "Product", PRODUCT)
        while not late.fired:
            time.sleep(0.01)
        assert [product["sku"] for product in ipaas.state.products()] == ["chair"]
        assert response.result()["sku"] == "chair"
    assert time.monotonic() - started >= 0.3


def test_counters_show_rate_and_concurrency(ipaas: Client) -> None:
    ipaas.faults.add("slow", times=None, seconds=0.2)
    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(lambda _: ipaas.catalog("GET", "Products").status_code, range(3))) == {200}
    assert ipaas.counters.maximum_open == 3
    assert ipaas.counters.requests("product.list") == 3
    assert ipaas.counters.maximum_in_window(60) == 3
    assert ipaas.counters.maximum_in_window(0) == 1
    ipaas.counters.reset()
    assert ipaas.counters.total == 0


def test_another_process_controls_an_app_without_being_counted(ipaas: Client) -> None:
    control = f"{ipaas.sandbox.ipaas_url}/_sandbox"
    assert requests.get(f"{control}/status", timeout=5).json()["name"] == "ipaas"
    assert requests.post(f"{control}/faults", json={"kind": "server_error"}, timeout=5).status_code == 204
    assert requests.post(f"{control}/faults", json=[{"kind": "flood"}], timeout=5).status_code == 422
    assert requests.post(f"{control}/faults", data="{", timeout=5).status_code == 400
    assert _statuses(ipaas, 2) == [500, 200]
    assert requests.get(f"{control}/faults", timeout=5).json() == [{"kind": "server_error", "fired": 1}]
    assert requests.delete(f"{control}/faults", timeout=5).status_code == 204
    counters = requests.get(f"{control}/counters?window=60", timeout=5).json()
    assert counters == {
        "total": 2,
        "requests": {"product.list": 2},
        "statuses": {"500": 1, "200": 1},
        "maximum_open": 1,
        "maximum_in_window": 2,
        "no_op_writes": {},
        "events": {},
    }
    assert requests.get(f"{control}/counters?window=soon", timeout=5).status_code == 400
    requests.post(f"{control}/counters/reset", timeout=5)
    assert ipaas.counters.total == 0


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port}"):
            Sandbox(ipaas_port=port, apps=("ipaas",))


def test_both_apps_run_and_nothing_is_left_after_stop() -> None:
    before = set(threading.enumerate())
    with Sandbox(catalogue="empty") as sandbox:
        urls = {"akeneo": sandbox.akeneo_url, "ipaas": sandbox.ipaas_url}
        for name, url in urls.items():
            assert requests.get(f"{url}/_sandbox/status", timeout=5).json()["name"] == name
        assert set(threading.enumerate()) > before
    assert set(threading.enumerate()) == before
    for url in urls.values():
        socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))).close()


def test_the_credentials_of_the_sandbox_are_the_defaults_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*AKENEO_CREDENTIALS, *IPAAS_CREDENTIALS):
        monkeypatch.delenv(name, raising=False)
    settings = Settings.from_environment(_env_file=None)
    for name, value in (AKENEO_CREDENTIALS | IPAAS_CREDENTIALS).items():
        default = getattr(settings, name.lower())
        assert value == (default if isinstance(default, str) else default.get_secret_value())


def test_the_environment_points_to_the_sandbox(ipaas: Client) -> None:
    environment = ipaas.sandbox.environment()
    assert environment == {"IPAAS_API_URL": ipaas.sandbox.ipaas_url, **IPAAS_CREDENTIALS}


def test_a_shelf_keeps_documents_and_their_order(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf.sqlite", "things")
    shelf.put_many((str(number), {"number": number}) for number in range(5))
    shelf["2"] = {"number": 22}
    del shelf["3"]
    shelf["0"]["number"] = 99
    expected = [("0", {"number": 0}), ("1", {"number": 1}), ("2", {"number": 22}), ("4", {"number": 4})]
    assert list(shelf.items()) == expected
    shelf.close()
    again = Shelf(tmp_path / "shelf.sqlite", "things")
    assert list(again.items()) == expected
    again.clear()
    assert len(again) == 0
    again.close()
