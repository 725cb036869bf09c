"""What a response of Akeneo contains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from akeneo_assets.documents import JsonObject
from akeneo_assets.http.responses import ApiResponse
from akeneo_assets.probe.facts import NotTestableError


def records_of(response: ApiResponse) -> list[JsonObject]:
    """Return the records of a page.

    Raises:
        NotTestableError: The response is not a page.
    """
    document: Any = response.document
    if response.status != requests.codes.ok:
        raise NotTestableError(f"Akeneo responded with {refusal(response)}.")
    if isinstance(document, list):
        return document
    embedded: Mapping[str, Any] = document.get("_embedded", {}) if isinstance(document, dict) else {}
    items = embedded.get("items")
    if not isinstance(items, list):
        raise NotTestableError("The response is not a page of records.")
    return items


def next_link(response: ApiResponse) -> str | None:
    """Return the address of the next page; None if there is none."""
    links = response.document.get("_links", {}) if isinstance(response.document, dict) else {}
    link = links.get("next")
    return str(link.get("href")) if isinstance(link, dict) else None


def refusal(response: ApiResponse) -> str:
    """Return the status and the message of a refusal."""
    document = response.document
    message = document.get("message") if isinstance(document, dict) else None
    return f"{response.status} ({message})" if message else str(response.status)
