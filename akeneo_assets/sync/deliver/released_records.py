"""Turns records that were read from iPaaS.com into payloads, for example to release a record that has moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from akeneo_assets.documents import JsonObject

DISABLED: Final = "Disabled"

_READ_ONLY: Final = frozenset({"external_ids", "parent_id", "tracking_guid"})
_REFERENCES: Final = frozenset({"categories", "related_products", "kit", "inventory"})


def writable(record: JsonObject) -> JsonObject:
    """Turn a record that was read into the payload of a whole-record write. Its external ids stay as they are.

    Args:
        record: A product with its variants, or a variant.
    """
    body = {name: value for name, value in record.items() if name not in _READ_ONLY and value is not None}
    if "categories" in body:
        body["categories"] = [{"id": each.get("category_id", each.get("id"))} for each in body["categories"]]
    if "variants" in body:
        body["variants"] = [writable(variant) for variant in body["variants"]]
    return body


def with_temporary_sku(record: JsonObject) -> JsonObject:
    """Return the payload that gives a record a temporary SKU and leaves the rest unchanged."""
    return {**writable(record), "sku": f"{record['sku']}-{record['id']}"}


def released(record: JsonObject) -> JsonObject:
    """Return the payload that releases a record: it gives up its SKU and is no longer for sale.

    References are left out, because a target may no longer exist. Its variants stay.
    """
    body = without_references(writable(record))
    mark = f"-{record['id']}"
    sku = str(record["sku"])
    return {**body, "sku": sku if sku.endswith(mark) else f"{sku}{mark}", "status": DISABLED}


def is_released(record: JsonObject) -> bool:
    """Whether a record of iPaaS.com was released."""
    return str(record.get("sku", "")).endswith(f"-{record['id']}") and record.get("status") == DISABLED


def without_references(body: JsonObject) -> JsonObject:
    """Return a body without references to other records, also in its variants."""
    kept = {name: value for name, value in body.items() if name not in _REFERENCES}
    if "variants" in kept:
        kept["variants"] = [without_references(variant) for variant in kept["variants"]]
    return kept


def with_option_values(payload: JsonObject, variants: Iterable[JsonObject]) -> JsonObject:
    """Return a product's payload with all option values of these variants.

    They may be missing in the mapped model, which only has the options of the variants that Akeneo lists now.
    """
    options = {option["option_name"]: {**option, "values": [*option["values"]]} for option in payload["options"]}
    for variant in variants:
        for choice in variant.get("options") or ():
            name = choice["option_name"]
            values = options.setdefault(name, {"option_name": name, "values": []})["values"]
            if choice["value"] not in {value["value"] for value in values}:
                values.append({"option_name": name, "value": choice["value"]})
    return {**payload, "options": list(options.values())}


def with_destination_variants(payload: JsonObject, destination_variants: Iterable[JsonObject]) -> JsonObject:
    """Return a product's payload with the variants that only iPaaS.com has, and their option values.

    Args:
        payload: The payload of the product.
        destination_variants: Variants in iPaaS.com; those whose SKU is in the payload are left out.
    """
    known = {variant.get("sku") for variant in payload["variants"]}
    added = [variant for variant in destination_variants if variant.get("sku") not in known]
    return with_option_values({**payload, "variants": [*payload["variants"], *added]}, added) if added else payload
