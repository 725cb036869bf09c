"""Parse and validate Akeneo's records, and compute their fingerprints.

Fields that are not listed here remain unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.errors import MalformedResponseError, RecordError
from akeneo_assets.http.redaction import beginning

_PRODUCT: Final[JsonObject] = {
    "family": None,
    "parent": None,
    "categories": [],
    "values": {},
    "associations": {},
    "quantified_associations": {},
}
_DEFAULTS: Final[Mapping[str, JsonObject]] = {
    "product": {**_PRODUCT, "enabled": True, "groups": []},
    "product_model": {**_PRODUCT, "family_variant": None},
    "category": {"parent": None, "labels": {}, "values": {}},
    "attribute": {"labels": {}, "group_labels": {}, "guidelines": {}, "localizable": False, "scopable": False},
    "attribute_option": {"labels": {}, "sort_order": 0},
    "family": {"attributes": [], "attribute_requirements": {}, "labels": {}, "attribute_as_label": None},
    "family_variant": {"labels": {}, "variant_attribute_sets": []},
    "association_type": {"labels": {}, "is_quantified": False, "is_two_way": False},
    "channel": {"labels": {}, "conversion_units": {}, "currencies": [], "locales": [], "category_tree": None},
    "measurement_family": {"labels": {}, "units": {}},
    "reference_entity_record": {"values": {}},
    "reference_entity_attribute": {"labels": {}},
    "reference_entity_attribute_option": {"labels": {}},
    "asset": {"values": {}},
    "asset_attribute": {"labels": {}},
}
"""The fields that every record of a kind has after parsing. PHP's ``[]`` for an empty object is replaced."""

_CODES: Final = ("code", "identifier", "uuid", "parent", "family", "family_variant", "attribute", "group")
_CODE_LISTS: Final = ("categories", "groups", "attributes", "currencies", "locales")
"""Lists whose order has no meaning."""

_KEYS: Final = ("uuid", "identifier", "code")
_SHOWN_CHARACTERS: Final = 100
_ASSOCIATIONS: Final = frozenset({"associations", "quantified_associations"})
_LINKS: Final = frozenset({"_links", "linked_data"})
_VOLATILE: Final = frozenset({"_links", "updated", "created", "metadata", "quality_scores", "completenesses"})


def parse(kind: str, record: JsonObject) -> JsonObject:
    """Normalize and validate ``record`` in place, and return it.

    Codes become strings (some servers write a numeric code as a number), empty maps become maps (they may arrive as
    ``[]``), and fields that older versions omit are added.

    Args:
        kind: The kind in the mirror.
        record: The record from the API.

    Raises:
        MalformedResponseError: A field has the wrong type.
    """
    for name, default in _DEFAULTS[kind].items():
        given = record.get(name)
        if given is None:
            record[name] = type(default)() if isinstance(default, dict | list) else default
        elif given == [] and isinstance(default, dict):
            record[name] = {}
    for name in _ASSOCIATIONS & record.keys():
        if isinstance(record[name], dict):
            record[name] = {association_type: targets or {} for association_type, targets in record[name].items()}
    for name in _CODES:
        if type(record.get(name)) is int:
            record[name] = str(record[name])
    for name in _CODE_LISTS:
        if isinstance(codes := record.get(name), list):
            record[name] = [str(code) if type(code) is int else code for code in codes]
    _check(kind, record)
    return record


def _check(kind: str, record: JsonObject) -> None:
    """Raise an error for the first field with the wrong type."""
    try:
        # Only what the rest of the code relies on is checked here. The mapping checks the contents of fields itself.
        shape_of(kind).validate_python(record)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, problem["loc"]))
        key = next((str(record[name]) for name in _KEYS if isinstance(record.get(name), str | int)), None)
        raise MalformedResponseError(
            "Akeneo",
            kind.replace("_", " "),
            problem["msg"],
            record=key and beginning(key, _SHOWN_CHARACTERS),
            field=beginning(field, _SHOWN_CHARACTERS),
        ) from None


@cache
def shape_of(kind: str) -> TypeAdapter[Any]:
    """Return the validator for a kind; it is created on first use."""
    return TypeAdapter(_SHAPES[kind])


def _checked_values(values: dict[str, Any]) -> dict[str, Any]:
    """Check that all values are lists of objects, in bulk, because a page has thousands of them."""
    try:
        sound = {dict}.issuperset(map(type, chain.from_iterable(values.values())))
    except TypeError:
        sound = False
    if not sound:
        wrong = (code for code, entries in values.items() if not _is_list_of_objects(entries))
        raise ValueError(f"the values of the attribute {next(wrong)} are not a list of objects")
    return values


def _is_list_of_objects(entries: Any) -> bool:
    return isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)


_STRICT: Final = ConfigDict(strict=True)
_Members: TypeAlias = "dict[str, dict[str, list[str | dict[str, Any] | None]]]"


class _Record(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    code: str
    parent: str | None
    family: str | None
    updated: str | None


class _Product(_Record, total=False):
    uuid: str | None
    identifier: str | None
    family_variant: str | None
    categories: list[str]
    groups: list[str]
    enabled: bool
    values: Annotated[dict[str, Any], AfterValidator(_checked_values)]
    associations: _Members
    quantified_associations: _Members


class _Category(_Record, total=False):
    labels: dict[str, Any]
    values: dict[str, Any]


class _Family(_Record, total=False):
    attributes: list[str]
    attribute_requirements: dict[str, list[str]]


class _Level(TypedDict, total=False):
    attributes: list[str]


class _FamilyVariant(_Record, total=False):
    variant_attribute_sets: list[_Level]


class _Channel(_Record, total=False):
    currencies: list[str]
    locales: list[str]


class _ListedRecord(_Record, total=False):
    values: Annotated[dict[str, Any], AfterValidator(_checked_values)]


_SHAPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(_DEFAULTS, _Record),
    "product": _Product,
    "product_model": _Product,
    "category": _Category,
    "family": _Family,
    "family_variant": _FamilyVariant,
    "channel": _Channel,
    "reference_entity_record": _ListedRecord,
    "asset": _ListedRecord,
}


def content_hash(kind: str, record: JsonObject) -> str:
    """Return the fingerprint of a record's content, regardless of its order and of when it was saved.

    Args:
        kind: The kind in the mirror.
        record: A parsed record, which is not modified.
    """
    content = {name: value for name, value in record.items() if name not in _VOLATILE}
    for name in _CODE_LISTS:
        if name in content:
            content[name] = sorted(content[name])
    for name, canonical in _CANONICAL.get(kind, {}).items():
        content[name] = canonical(content[name])
    return fingerprint(content)


def edited_at(record: JsonObject) -> float | None:
    """Return when a record was last edited, in epoch seconds; None if Akeneo does not say."""
    try:
        return datetime.fromisoformat(str(record["updated"]).replace("Z", "+00:00")).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None


def product_key(record: JsonObject, product_id_format: Literal["UUID", "Identifier"]) -> str:
    """Return the key of a product in the chosen format.

    Raises:
        RecordError: The product has no such id.
    """
    key = record.get("uuid" if product_id_format == "UUID" else "identifier")
    if key:
        return str(key)
    raise RecordError(
        f"A product of the family {record.get('family') or 'none'} has no {product_id_format}. "
        "Add one in Akeneo, or check AKENEO_PRODUCT_ID_FORMAT.",
        code="missing_key",
    )


def main_identifier(record: JsonObject, identifier_attribute: str | None) -> str | None:
    """Return the main identifier of a product; None if it has none.

    Args:
        record: A parsed product.
        identifier_attribute: Code of the main identifier attribute. In ``products-uuid``, products contain their
            identifier only as a value of this attribute.
    """
    identifier = record.get("identifier")
    if identifier is None and identifier_attribute is not None:
        values = record["values"].get(identifier_attribute) or [{}]
        identifier = values[0].get("data")
    return None if identifier is None else str(identifier)


def _without_links(values: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        if all(map(_LINKS.isdisjoint, chain.from_iterable(values.values()))):
            return values
    except TypeError:  # a value that is no list
        pass
    return {
        attribute: [_without_link(entry) for entry in entries] if isinstance(entries, list) else entries
        for attribute, entries in values.items()
    }


def _without_link(entry: JsonObject) -> JsonObject:
    if "linked_data" in entry:
        entry = {**entry, "linked_data": _without_signatures(entry["linked_data"])}
    return {name: part for name, part in entry.items() if name != "_links"} if "_links" in entry else entry


def _without_signatures(linked: Any) -> Any:
    """Return linked data with the query removed from its URLs.

    Akeneo does not document how long a share link of an asset is valid. If links expire and change with every response,
    only their query changes; the path identifies family, attribute and file.
    """
    if isinstance(linked, dict):
        return {
            name: part.partition("?")[0] if name == "href" and isinstance(part, str) else _without_signatures(part)
            for name, part in linked.items()
        }
    return [_without_signatures(each) for each in linked] if isinstance(linked, list) else linked


def _sorted_members(associations: Mapping[str, Any]) -> JsonObject:
    # A member is a code, an object with a quantity, or null (a product without an identifier, in identifier mode).
    return {
        association_type: {
            relation: sorted(members, key=_member_order) if len(members) > 1 else members
            for relation, members in targets.items()
        }
        for association_type, targets in associations.items()
    }


def _member_order(member: Any) -> str:
    if isinstance(member, dict):
        return str(member.get("uuid") or member.get("identifier") or member.get("code"))
    return str(member)


def _sorted_requirements(requirements: Mapping[str, Any]) -> JsonObject:
    return {channel: sorted(map(str, attributes)) for channel, attributes in requirements.items()}


def _sorted_sets(attribute_sets: list[JsonObject]) -> list[JsonObject]:
    # Axes are not sorted, because their order is the order of the options.
    return [{**level, "attributes": sorted(map(str, level.get("attributes", ())))} for level in attribute_sets]


_LINKED_RECORD: Final[Mapping[str, Callable[[Any], Any]]] = {
    "values": _without_links,
    "associations": _sorted_members,
    "quantified_associations": _sorted_members,
}
_CANONICAL: Final[Mapping[str, Mapping[str, Callable[[Any], Any]]]] = {
    "product": _LINKED_RECORD,
    "product_model": _LINKED_RECORD,
    "category": {"values": _without_links},
    "reference_entity_record": {"values": _without_links},
    "asset": {"values": _without_links},
    "family": {"attribute_requirements": _sorted_requirements},
    "family_variant": {"variant_attribute_sets": _sorted_sets},
}
