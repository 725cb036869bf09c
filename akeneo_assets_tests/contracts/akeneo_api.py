"""A minimal client of the local Akeneo: it sends requests as given and returns complete responses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS
from akeneo_assets.sandbox.server import Sandbox

CLIENT = (AKENEO_CREDENTIALS["AKENEO_CLIENT_ID"], AKENEO_CREDENTIALS["AKENEO_CLIENT_SECRET"])
USER = {
    "grant_type": "password",
    "username": AKENEO_CREDENTIALS["AKENEO_USERNAME"],
    "password": AKENEO_CREDENTIALS["AKENEO_PASSWORD"],
}


def search(**criteria: Any) -> str:
    """Return a ``search`` parameter; a criterion is ``(operator, value)`` or a whole condition."""
    return json.dumps(
        {
            name: [criterion if isinstance(criterion, dict) else {"operator": criterion[0], "value": criterion[1]}]
            for name, criterion in criteria.items()
        },
        separators=(",", ":"),
    )


class AkeneoApi:
    """Requests with a token of the password grant."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.state = sandbox.akeneo
        self.edit = sandbox.akeneo.edit
        self.switches = sandbox.akeneo.switches
        self.faults = sandbox.akeneo_faults
        self.session = requests.Session()
        self.log_in()

    def log_in(self) -> None:
        token = self.token(json=USER, auth=CLIENT).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def token(self, **request: Any) -> requests.Response:
        return requests.post(f"{self.sandbox.akeneo_url}/api/oauth/v1/token", timeout=10, **request)

    def get(self, path: str, **parameters: Any) -> requests.Response:
        return self.session.get(f"{self.sandbox.akeneo_url}/api/rest/v1/{path}", params=parameters, timeout=10)

    def document(self, path: str, **parameters: Any) -> Any:
        response = self.get(path, **parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def items(self, path: str, **parameters: Any) -> list[JsonObject]:
        """Return the items of the first page of a hundred."""
        found: list[JsonObject] = self.document(path, limit=100, **parameters)["_embedded"]["items"]
        return found

    def pages(self, path: str, **parameters: Any) -> Iterator[JsonObject]:
        """Follow the links of a list to its end, as a simple client does."""
        page = self.document(path, **parameters)
        yield page
        while link := page["_links"].get("next"):
            query = {name: texts[0] for name, texts in parse_qs(urlsplit(link["href"]).query).items()}
            page = self.document(path, **query)
            yield page

    def product(self, identifier: str, **parameters: Any) -> JsonObject:
        """Return a product by uuid, found by its identifier."""
        body: JsonObject = self.document(f"products-uuid/{self.state.product_uuid(identifier)}", **parameters)
        return body

    def identifiers(self, **parameters: Any) -> set[str]:
        """Return the identifiers of the products that a search on products-uuid finds, in all pages."""
        pages = self.pages("products-uuid", limit=100, pagination_type="search_after", **parameters)
        return {
            item["values"]["sku"][0]["data"]
            for page in pages
            for item in page["_embedded"]["items"]
            if "sku" in item["values"]
        }
