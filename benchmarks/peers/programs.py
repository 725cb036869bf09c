"""What the other programs do. Runs in ``.venv-peers``: ``python programs.py NAME`` prints how many records it handled.

Each is written as its documentation suggests, in the fewest lines.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

AKENEO = os.environ["AKENEO_API_URL"]
CREDENTIALS = (os.environ["AKENEO_CLIENT_ID"], os.environ["AKENEO_CLIENT_SECRET"])
USER = {
    "grant_type": "password",
    "username": os.environ["AKENEO_USERNAME"],
    "password": os.environ["AKENEO_PASSWORD"],
}
PRODUCTS = f"{AKENEO}/api/rest/v1/products-uuid?limit=100&pagination_type=search_after"
CHAINS = 3


def token() -> str:
    """Return an access token of Akeneo."""
    import requests

    response = requests.post(f"{AKENEO}/api/oauth/v1/token", json=USER, auth=CREDENTIALS, timeout=60)
    return str(response.json()["access_token"])


def pages() -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of all products, one after the other."""
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token()}"
    url: str | None = PRODUCTS
    while url:
        page = session.get(url, timeout=60).json()
        yield page["_embedded"]["items"]
        url = page["_links"].get("next", {}).get("href")


def requests_loop() -> int:
    """Follow ``next`` with requests."""
    return sum(len(page) for page in pages())


def httpx_chains() -> int:
    """Follow ``next`` with httpx, three families at a time."""
    import httpx

    async def family(client: httpx.AsyncClient, search: str, free: asyncio.Semaphore) -> int:
        count, url = 0, f"{PRODUCTS}&search={search}"
        async with free:
            while url:
                page = (await client.get(url)).json()
                count += len(page["_embedded"]["items"])
                url = page["_links"].get("next", {}).get("href")
        return count

    async def read() -> int:
        headers = {"Authorization": f"Bearer {token()}"}
        async with httpx.AsyncClient(headers=headers, timeout=60) as client:
            families = (await client.get(f"{AKENEO}/api/rest/v1/families?limit=100")).json()["_embedded"]["items"]
            searches = [f'{{"family":[{{"operator":"IN","value":["{each["code"]}"]}}]}}' for each in families]
            searches.append('{"family":[{"operator":"EMPTY"}]}')
            free = asyncio.Semaphore(CHAINS)
            return sum(await asyncio.gather(*(family(client, each, free) for each in searches)))

    return asyncio.run(read())


def pyakeneo() -> int:
    """Iterate over the products of pyakeneo."""
    from pyakeneo.client import Client

    client = Client(AKENEO, *CREDENTIALS, USER["username"], USER["password"])
    found = client.products.fetch_list({"limit": 100, "pagination_type": "search_after"})
    return sum(1 for _ in found)


def dlt_rest_client() -> int:
    """Paginate with dlt's REST client."""
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

    client = RESTClient(
        base_url=f"{AKENEO}/api/rest/v1/",
        auth=BearerTokenAuth(token()),
        paginator=JSONLinkPaginator(next_url_path="_links.next.href"),
        data_selector="_embedded.items",
    )
    params = {"limit": 100, "pagination_type": "search_after"}
    return sum(len(page) for page in client.paginate("products-uuid", params=params))


def naive_sync() -> int:
    """Look each product up by its SKU, then create or replace it, one after the other."""
    import requests

    ipaas = os.environ["IPAAS_API_URL"]
    session = requests.Session()

    def log_in(method: str, path: str, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = session.request(method, f"{ipaas}/sso/v2/{path}", **body, timeout=60).json()
        if "access_token" in found:
            session.headers["Authorization"] = f"Bearer {found['access_token']}"
        return found

    credentials = {"email_address": os.environ["IPAAS_USERNAME"], "password": os.environ["IPAAS_PASSWORD"]}
    user = log_in("POST", "Auth/Login", json=credentials)
    companies: Any = log_in("GET", f"User/{user['id']}/Companies")
    log_in("GET", f"User/ChangeCompany/{companies[0]['id']}")
    count = 0
    for page in pages():
        for product in page:
            sku = product["values"].get("sku", [{}])[0].get("data")
            if sku is None:
                continue
            names = product["values"].get("name") or [{"data": sku}]
            body = {"sku": sku, "name": names[0]["data"], "type": "Physical", "status": "Active"}
            body |= {"tracking_method": "Product", "default_price": 0}
            products = f"{ipaas}/products/v2/Catalog/Product"
            hits = session.get(f"{products}s", params={"action": "equals", "Sku": sku}, timeout=60).json()
            if hits:
                session.put(f"{products}/{hits[0]['id']}", json={"id": hits[0]["id"], **body}, timeout=60)
            else:
                session.post(products, json=body, timeout=60)
            count += 1
    return count


PROGRAMS: dict[str, Callable[[], int]] = {
    each.__name__: each for each in (requests_loop, httpx_chains, pyakeneo, dlt_rest_client, naive_sync)
}

if __name__ == "__main__":
    print(PROGRAMS[sys.argv[1]]())
