"""Empties the fields that iPaaS.com has and that are no longer sent, by what empties them there."""

from __future__ import annotations

from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.sync.deliver.child_ids import children_of
from akeneo_assets.sync.destination import Capabilities

_CUSTOM: Final = "custom_fields."
_EMPTY: Final = (None, "")


def with_emptied_fields(
    payload: JsonObject, entry: LedgerEntry | None, capabilities: Capabilities
) -> tuple[JsonObject, JsonObject]:
    """Explicitly empty each field that was accepted before and is no longer sent.

    If a write merges, a field that is left out would keep its value. If it replaces, this makes no difference.

    Args:
        payload: The composed payload of one record. The payloads of its variants are not changed.
        entry: The ledger entry of the record, or of the record whose place it takes over.
        capabilities: What empties a field.

    Returns:
        The payload, and the fields that keep their value, because nothing empties them, with that value. A custom field
        has ``custom_fields.`` in front of its name.
    """
    gone = _gone(payload, entry)
    result = dict(payload)
    for name, value in gone.items():
        if not name.startswith(_CUSTOM):
            result[name] = [] if isinstance(value, list) else capabilities.empty(name)
    if custom := [name.removeprefix(_CUSTOM) for name in gone if name.startswith(_CUSTOM)]:
        result["custom_fields"] = [*payload.get("custom_fields", ()), *_emptied(custom, capabilities)]
    kept = {name: value for name, value in gone.items() if not (isinstance(value, list) or capabilities.stores(name))}
    return result, kept


def still_has(response: JsonObject, name: str) -> bool:
    """Whether a record has a value in a field that should be empty, according to the response to its write."""
    if not name.startswith(_CUSTOM):
        return response.get(name) not in _EMPTY
    fields = children_of(response, "custom_fields")
    named = (each for each in fields if each.get("custom_field_name") == name.removeprefix(_CUSTOM))
    # Unlike an empty field, an empty list is not left out of a whole record.
    return "custom_fields" not in response or any(each.get("value") not in _EMPTY for each in named)


def _gone(payload: JsonObject, entry: LedgerEntry | None) -> JsonObject:
    """Return the last values of the fields that iPaaS.com has and that the payload does not contain."""
    if entry is None or entry.document is None:
        return {}
    composed = {"kit": entry.document["kit"], "parent_id": entry.document["parent"]}
    accepted = {
        **entry.document.get("kept", {}),
        **_flat(entry.document["payload"]),
        **{name: given for name, given in composed.items() if given is not None},
    }
    sent = _flat(payload)
    return {name: value for name, value in accepted.items() if name not in sent}


def _emptied(names: list[str], capabilities: Capabilities) -> list[JsonObject]:
    """Return the values that empty custom fields; none if they are left out."""
    by = capabilities.custom_fields_emptied_by
    if by not in {"null", "text"}:
        return []
    return [{"custom_field_name": name, "value": None if by == "null" else ""} for name in names]


def _flat(payload: JsonObject) -> JsonObject:
    """Return the fields of a payload, each custom field by its name."""
    custom = {f"{_CUSTOM}{each['custom_field_name']}": each["value"] for each in payload.get("custom_fields") or ()}
    return {name: value for name, value in payload.items() if name != "custom_fields"} | custom
