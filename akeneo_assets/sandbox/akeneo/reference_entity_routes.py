"""Reference entities and their records; paged by an opaque cursor only, and the server chooses the page size."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import Call
from akeneo_assets.sandbox.akeneo.dates import shown
from akeneo_assets.sandbox.akeneo.errors import not_found
from akeneo_assets.sandbox.akeneo.record_lists import Collection, found, page_of_records, visible_values, without
from akeneo_assets.sandbox.akeneo.state import AkeneoState

_ENTITIES = Collection("reference_entity", "entity", "Reference entity", "reference_entity_record", "Record")
_TYPES_WITH_OPTIONS = frozenset({"single_option", "multiple_options"})


def list_reference_entities(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of reference entities."""
    return page_of_records(state, call, [_entity_body(entity) for entity in state.database.all("reference_entity")])


def get_reference_entity(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one reference entity."""
    return _entity_body(_ENTITIES.get(state, call))


def list_entity_attributes(state: AkeneoState, call: Call) -> list[JsonObject]:
    """Respond with the attributes of a reference entity, as a plain array."""
    attributes = _ENTITIES.owned(state, call, "reference_entity_attribute")
    return [_without_owners(attribute) for attribute in attributes]


def list_attribute_options(state: AkeneoState, call: Call) -> list[JsonObject]:
    """Respond with the options of an attribute of a reference entity, as a plain array."""
    entity, code = _ENTITIES.get(state, call)["code"], call.codes["attribute"]
    attribute = state.database.get("reference_entity_attribute", f"{entity}/{code}")
    if attribute is None or attribute["type"] not in _TYPES_WITH_OPTIONS:
        raise not_found(f'The attribute "{code}" of the reference entity "{entity}" has no options.')
    options = _ENTITIES.owned(state, call, "reference_entity_attribute_option")
    return [_without_owners(option) for option in options if option["attribute"] == code]


def list_records(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of records."""
    records = found(state, call, _ENTITIES.owned(state, call, "reference_entity_record"))
    return page_of_records(state, call, [_record_body(record, state, call) for record in records])


def get_record(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one record."""
    return _record_body(_ENTITIES.record(state, call), state, call)


def _entity_body(entity: JsonObject) -> JsonObject:
    return {"code": entity["code"], "labels": entity["labels"], "image": entity["image"]}


def _without_owners(document: JsonObject) -> JsonObject:
    return without(document, "entity", "attribute")


def _record_body(record: JsonObject, state: AkeneoState, call: Call) -> JsonObject:
    zone = state.switches.zone
    return {
        "code": record["code"],
        "values": visible_values(call, record["values"]),
        "created": shown(record["created"], zone),
        "updated": shown(record["updated"], zone),
    }
