"""Stored values as a body shows them: references to deleted things are left out silently, and no date changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.dates import midnight
from akeneo_assets.sandbox.akeneo.share_links import linked_assets
from akeneo_assets.sandbox.akeneo.structure import Structure
from akeneo_assets.sandbox.akeneo.switches import Switches
from akeneo_assets.sandbox.akeneo.view import View

Reader: TypeAlias = Callable[[Any, JsonObject, Structure], Any]

_FILES: Final = frozenset({"pim_catalog_image", "pim_catalog_file"})
_ASSETS: Final = "pim_catalog_asset_collection"
_SELECTS: Final = frozenset({"pim_catalog_simpleselect", "pim_catalog_multiselect"})


class ValueReader:
    """Converts stored values to those of a body.

    Args:
        structure: The structure of the catalogue.
        view: What the request asks for.
        switches: The server's time zone, in which date values are at midnight, and the edition: SaaS shows more.
        origin: Scheme, host and port for links.
    """

    def __init__(self, structure: Structure, view: View, switches: Switches, *, origin: str) -> None:
        self._structure = structure
        self._zone = switches.zone
        self._switches = switches
        self._view = view
        self._origin = origin
        self._is_saas = switches.edition == "Serenity"

    def read(self, values: JsonObject) -> JsonObject:
        """Return the values of a body."""
        wanted = self._view.attributes
        result: JsonObject = {}
        for code, entries in values.items():
            attribute = self._structure.attributes.get(code)
            if attribute is None or (wanted is not None and code not in wanted):
                continue
            shown = [
                body
                for entry in entries
                if self._is_visible(entry) and (body := self._entry(entry, attribute)) is not None
            ]
            if shown:
                result[code] = shown
        return result

    def _is_visible(self, entry: JsonObject) -> bool:
        locale, scope, view = entry["locale"], entry["scope"], self._view
        if locale is not None and (
            locale not in self._structure.locales or (view.locales is not None and locale not in view.locales)
        ):
            return False
        if scope is None:
            return True
        channel = self._structure.channels.get(scope)
        return channel is not None and view.scope in {None, scope} and (locale is None or locale in channel["locales"])

    def _entry(self, entry: JsonObject, attribute: JsonObject) -> JsonObject | None:
        kind = attribute["type"]
        data: Any
        if kind == "pim_catalog_date":
            data = midnight(entry["data"], self._zone)
        elif reader := _READERS.get(kind):
            data = reader(entry["data"], attribute, self._structure)
        else:
            data = entry["data"]
        if data is None:
            return None
        body = {"locale": entry["locale"], "scope": entry["scope"], "data": data}
        if kind in _FILES:
            body["_links"] = {"download": {"href": f"{self._origin}/api/rest/v1/media-files/{data}/download"}}
        if self._is_saas:
            body["attribute_type"] = kind
            if attribute["reference_data_name"]:
                body["reference_data_name"] = attribute["reference_data_name"]
        if self._view.attribute_options and kind in _SELECTS:
            body["linked_data"] = self._linked_data(attribute["code"], data)
        if self._view.asset_share_links and self._is_saas and kind == _ASSETS:
            family = attribute["reference_data_name"]
            body["linked_data"] = linked_assets(family, data, self._structure, self._switches)
        return body

    def _linked_data(self, attribute: str, data: str | list[str]) -> JsonObject:
        options = self._structure.options[attribute]

        def link(code: str) -> JsonObject:
            option = options[code.lower()]
            return {"attribute": attribute, "code": option["code"], "labels": option["labels"]}

        return link(data) if isinstance(data, str) else {code: link(code) for code in data}


def _option(data: Any, attribute: JsonObject, structure: Structure) -> Any:
    return data if data.lower() in structure.options.get(attribute["code"], {}) else None


def _options(data: Any, attribute: JsonObject, structure: Structure) -> Any:
    existing = structure.options.get(attribute["code"], {})
    return [code for code in data if code.lower() in existing] or None


def _record(data: Any, attribute: JsonObject, structure: Structure) -> Any:
    return data if data in structure.records.get(attribute["reference_data_name"], ()) else None


def _records(data: Any, attribute: JsonObject, structure: Structure) -> Any:
    existing = structure.records.get(attribute["reference_data_name"], ())
    return [code for code in data if code in existing] or None


def _assets(data: Any, attribute: JsonObject, structure: Structure) -> Any:
    existing = structure.assets.get(attribute["reference_data_name"], {})
    return [code for code in data if code in existing] or None


def _prices(data: Any, _: JsonObject, structure: Structure) -> Any:
    return [price for price in data if price["currency"] in structure.currencies] or None


_READERS: Final[dict[str, Reader]] = {
    "pim_catalog_simpleselect": _option,
    "pim_catalog_multiselect": _options,
    "akeneo_reference_entity": _record,
    "akeneo_reference_entity_collection": _records,
    _ASSETS: _assets,
    "pim_catalog_price_collection": _prices,
}
