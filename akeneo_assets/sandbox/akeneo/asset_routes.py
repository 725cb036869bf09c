"""Asset families and their assets; paged by an opaque cursor only, and the server chooses the page size."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import ROOT, Call
from akeneo_assets.sandbox.akeneo.dates import shown
from akeneo_assets.sandbox.akeneo.errors import not_found
from akeneo_assets.sandbox.akeneo.record_lists import found, page_of_records, visible_values
from akeneo_assets.sandbox.akeneo.share_links import share_link
from akeneo_assets.sandbox.akeneo.state import AkeneoState


def list_asset_families(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of asset families."""
    return page_of_records(state, call, list(state.database.all("asset_family")))


def get_asset_family(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one asset family."""
    return _family(state, call)


def list_asset_attributes(state: AkeneoState, call: Call) -> list[JsonObject]:
    """Respond with the attributes of an asset family, as a bare array."""
    family = _family(state, call)["code"]
    return [_without_family(each) for each in state.database.all("asset_attribute") if each["family"] == family]


def list_assets(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of assets."""
    family = _family(state, call)["code"]
    assets = [asset for asset in state.database.all("asset") if asset["family"] == family]
    return page_of_records(state, call, [_asset_body(asset, state, call) for asset in found(state, call, assets)])


def get_asset(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one asset."""
    family, code = _family(state, call)["code"], call.codes["code"]
    asset = state.database.get("asset", f"{family}/{code}")
    if asset is None:
        raise not_found(f'Asset "{code}" does not exist for the asset family "{family}".')
    return _asset_body(asset, state, call)


def _family(state: AkeneoState, call: Call) -> JsonObject:
    code = call.codes["family"]
    # The code is case-sensitive, unlike that of a product family.
    family = state.database.get("asset_family", code)
    if family is None:
        raise not_found(f'Asset family "{code}" does not exist.')
    return family


def _without_family(document: JsonObject) -> JsonObject:
    return {name: item for name, item in document.items() if name != "family"}


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
