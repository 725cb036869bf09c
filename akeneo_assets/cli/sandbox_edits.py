"""``akeneo-assets sandbox edit``: one edit in the local Akeneo, through the API that Akeneo has for it."""

from __future__ import annotations

import json
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import quote

from akeneo_assets.cli.display import output
from akeneo_assets.documents import JsonObject
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.credentials import AKENEO_CREDENTIALS

PATHS: Final = {
    "product": "products",
    "product_model": "product-models",
    "category": "categories",
    "option": "attributes/{0}/options",
}
"""Path by kind of record."""

_ROOT: Final = "/api/rest/v1/"
_SECONDS: Final = 30
_OK: Final = 300
_NOT_FOUND: Final = 404


def edit_record(kind: str, code: str, field: str, text: str, *, port: int, places: JsonObject) -> int:
    """Change one field of a record in the local Akeneo.

    Args:
        kind: A key of :data:`PATHS`.
        code: Identifier of a product, or code; of an option, ``attribute/code``.
        field: A property such as ``enabled``, ``sku``, ``label``, or the code of an attribute.
        text: The new value, as typed; empty removes it.
        port: Port of the local Akeneo.
        places: ``locale``, ``channel`` and ``currency``; None for the first of the first channel.

    Returns:
        The exit code.

    Raises:
        ConfigurationError: No sandbox is running, the record or field does not exist, or Akeneo refuses the value.
    """
    attribute, slash, option = code.partition("/")
    if kind == "option" and not slash:
        raise ConfigurationError(f"{code!r} is not an option. Name it like color/sage: the attribute, then its code.")
    path = PATHS[kind].format(quote(attribute, safe=""))
    record = f"{path}/{quote(option if kind == 'option' else code, safe='')}"
    akeneo = _Akeneo(port)
    if akeneo.get(record) is None:
        raise ConfigurationError(f"The sandbox has no {kind.replace('_', ' ')} {code!r}. Check the spelling.")
    akeneo.call("PATCH", record, _Patch(akeneo, kind, places).body(field, text))
    output.print(
        f"Changed {field} of {kind.replace('_', ' ')} {code}. Sensors sync it within a minute; to sync it now:"
    )
    output.print(
        "  akeneo-assets sync changes" + (" (structure is read every ten minutes)" if kind == "option" else "")
    )
    return 0


class _Patch:
    """Turns a field and a typed value into the body of a ``PATCH``."""

    def __init__(self, akeneo: _Akeneo, kind: str, places: JsonObject) -> None:
        self._akeneo = akeneo
        self._kind = kind
        self._places = places

    def body(self, field: str, text: str) -> JsonObject:
        is_product = self._kind in {"product", "product_model"}
        if field == "label" and not is_product:
            return {"labels": {self._place("locale"): text}}
        if field == "parent" and self._kind != "option":
            return {"parent": text or None}
        if field == "sku" and self._kind == "product":
            return {"identifier": text}
        if field == "enabled" and self._kind == "product":
            return {"enabled": _boolean(field, text)}
        if field == "categories" and is_product:
            return {"categories": _codes(text)}
        attribute = self._akeneo.get(f"attributes/{quote(field, safe='')}") if is_product else None
        if attribute is None:
            fields = {"category": "label, parent", "option": "label", "product_model": "categories, parent"}
            known = fields.get(self._kind, "sku, enabled, categories, parent")
            also = ", or the code of an attribute such as name or price" if is_product else ""
            raise ConfigurationError(f"There is no field {field!r}. Use one of {known}{also}.")
        entry = {
            "data": self._data(field, attribute, text) if text else None,
            "locale": self._place("locale") if attribute["localizable"] else None,
            "scope": self._place("channel") if attribute["scopable"] else None,
        }
        return {"values": {field: [entry]}}

    def _data(self, field: str, attribute: JsonObject, text: str) -> Any:
        match attribute["type"]:
            case "pim_catalog_price_collection":
                return [{"amount": text, "currency": self._place("currency")}]
            case "pim_catalog_boolean":
                return _boolean(field, text)
            case "pim_catalog_number":
                return text
            case "pim_catalog_metric":
                amount, _, unit = text.partition(" ")
                return {"amount": amount, "unit": unit or attribute["default_metric_unit"]}
            case "pim_catalog_multiselect" | "akeneo_reference_entity_collection" | "pim_catalog_asset_collection":
                return _codes(text)
            case _:
                return text

    def _place(self, name: str) -> str:
        """Return the locale, channel or currency: as given, or the first of the first channel, which is sent."""
        if self._places.get(name) is not None:
            return str(self._places[name])
        channel = self._akeneo.call("GET", "channels?limit=1")["_embedded"]["items"][0]
        return str(
            {"channel": channel["code"], "locale": channel["locales"][0], "currency": channel["currencies"][0]}[name]
        )


class _Akeneo:
    """A client of the local Akeneo, and of no other: it only knows this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        user = {"grant_type": "password", "username": AKENEO_CREDENTIALS["AKENEO_USERNAME"]}
        client = f"{AKENEO_CREDENTIALS['AKENEO_CLIENT_ID']}:{AKENEO_CREDENTIALS['AKENEO_CLIENT_SECRET']}"
        self._authorization = f"Basic {b64encode(client.encode()).decode()}"
        body = {**user, "password": AKENEO_CREDENTIALS["AKENEO_PASSWORD"]}
        _, granted = self._send("POST", "/api/oauth/v1/token", body)
        self._authorization = f"Bearer {granted['access_token']}"

    def get(self, path: str) -> JsonObject | None:
        """Return a record, None if there is none."""
        status, document = self._send("GET", _ROOT + path)
        return None if status == _NOT_FOUND else document

    def call(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        """Send a request, and report what Akeneo refuses."""
        status, document = self._send(method, _ROOT + path, body)
        if status >= _OK:
            errors = [error["message"] for error in document.get("errors", ())] or [document["message"]]
            raise ConfigurationError(f"Akeneo refused the edit, and nothing was changed: {' '.join(errors)}")
        return document

    def _send(self, method: str, path: str, body: JsonObject | None = None) -> tuple[int, JsonObject]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read()
            return response.status, json.loads(content) if content else {}
        except (OSError, HTTPException, ValueError):
            raise ConfigurationError(
                f"There is no sandbox on port {self._port}. Start one with `make dev` or `akeneo-assets sandbox`, or "
                "name its port with --akeneo-port."
            ) from None
        finally:
            connection.close()


def _boolean(field: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise ConfigurationError(f"{field} is true or false, not {text!r}.")
    return text == "true"


def _codes(text: str) -> list[str]:
    return [code for each in text.split(",") if (code := each.strip())]
