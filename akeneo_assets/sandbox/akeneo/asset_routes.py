"""Asset families and their assets; paged by an opaque cursor only, and the server chooses the page size."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import ROOT, Call
from akeneo_assets.sandbox.akeneo.dates import shown
from akeneo_assets.sandbox.akeneo.record_lists import Collection, found, page_of_records, visible_values, without
from akeneo_assets.sandbox.akeneo.share_links import share_link
from akeneo_assets.sandbox.akeneo.state import AkeneoState

_FAMILIES = Collection("asset_family", "family", "Asset family", "asset", "Asset")


def list_asset_families(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of asset families."""
    return page_of_records(state, call, list(state.database.all("asset_family")))


def get_asset_family(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one asset family."""
    return _FAMILIES.get(state, call)


def list_asset_attributes(state: AkeneoState, call: Call) -> list[JsonObject]:
    """Respond with the attributes of an asset family, as a plain array."""
    return [without(each, "family") for each in _FAMILIES.owned(state, call, "asset_attribute")]


def list_assets(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of assets."""
    assets = found(state, call, _FAMILIES.owned(state, call, "asset"))
    return page_of_records(state, call, [_asset_body(asset, state, call) for asset in assets])


def get_asset(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one asset."""
    return _asset_body(_FAMILIES.record(state, call), state, call)


def _asset_body(asset: JsonObject, state: AkeneoState, call: Call) -> JsonObject:
    zone, is_saas = state.switches.zone, state.switches.edition == "Serenity"
    attributes = {
        each["code"]: each for each in state.database.all("asset_attribute") if each["family"] == asset["family"]
    }
    # Values of a deleted attribute are left out.
    values = {code: entries for code, entries in asset["values"].items() if code in attributes}
    return {
        "code": asset["code"],
        **({"asset_family_code": asset["family"]} if is_saas else {}),
        "values": {
            code: [_entry(entry, attributes[code], asset, state, call) for entry in entries]
            for code, entries in visible_values(call, values).items()
        },
        "created": shown(asset["created"], zone),
        "updated": shown(asset["updated"], zone),
    }


def _entry(entry: JsonObject, attribute: JsonObject, asset: JsonObject, state: AkeneoState, call: Call) -> JsonObject:
    data, kind = entry["data"], attribute["type"]
    body = dict(entry)
    if kind == "media_file":
        body["_links"] = {"download": {"href": f"{call.origin}{ROOT}/asset-media-files/{data}"}}
        if (address := share_link(asset, attribute["code"], data, state.switches)) is not None:
            body["_links"]["share_link"] = {"href": address}
    if state.switches.edition == "Serenity":
        if kind == "media_link":
            prefix, suffix = attribute["prefix"], attribute["suffix"]
            full_url = f"{prefix or ''}{data}{suffix or ''}"
            body["linked_data"] = {"full_url": full_url, "prefix": prefix, "suffix": suffix}
        body["attribute_type"] = kind
    return body
