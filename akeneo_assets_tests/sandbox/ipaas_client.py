"""A small client of the local iPaaS.com, over a real socket."""

from __future__ import annotations

from typing import Any

import requests

from akeneo_assets.sandbox.ipaas.tokens import API_KEY
from akeneo_assets.sandbox.server import Sandbox

PRODUCT: dict[str, Any] = {
    "sku": "chair",
    "name": "Chair",
    "type": "Physical",
    "tracking_method": "Product",
    "status": "Active",
    "default_price": 10,
}
COLOURS: dict[str, Any] = {"option_name": "Colour", "values": [{"value": "Red"}, {"value": "Blue"}]}
SHIRT: dict[str, Any] = {
    **PRODUCT,
    "sku": "shirt",
    "tracking_method": "Variant",
    "options": [COLOURS],
    "variants": [
        {"sku": "shirt-red", "options": [{"option_name": "Colour", "value": "Red"}]},
        {"sku": "shirt-blue", "options": [{"option_name": "Colour", "value": "Blue"}]},
    ],
}


class Client:
    """Calls the routes with an API key."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.state = sandbox.ipaas
        self.counters = sandbox.ipaas_counters
        self.faults = sandbox.ipaas_faults
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {API_KEY}"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.sandbox.ipaas_url}{path}", json=body, timeout=10, **options)

    def catalog(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.call(method, f"/products/v2/Catalog/{path}", body, **options)

    def accepted(self, method: str, path: str, body: Any = None) -> Any:
        """Return the record in the response to a call under Catalog."""
        response = self.catalog(method, path, body)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Return the status and code of a refused call under Catalog."""
        response = self.catalog(method, path, body)
        return response.status_code, response.json()["code"]


def writable(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record from a response as a client would send it back, with all ids."""
    document = {name: value for name, value in record.items() if name not in {"id", "parent_id"}}
    document["categories"] = [{"id": category["category_id"]} for category in record["categories"]]
    document["variants"] = [
        {**variant, "categories": [{"id": category["category_id"]} for category in variant["categories"]]}
        for variant in record["variants"]
    ]
    return document
