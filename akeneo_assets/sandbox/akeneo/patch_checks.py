"""The checks that Akeneo makes before it saves a product, model, category or option."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.errors import ApiError, unprocessable, validation_failed
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.structure import Structure

_FORMAT: Final = "Check the expected format on the API documentation."
_LONGEST_TEXT: Final = 255


def check_names(body: JsonObject, allowed: frozenset[str]) -> None:
    """Refuse properties that the record does not have.

    Raises:
        ApiError: There is one.
    """
    for name in sorted(body.keys() - allowed):
        raise unprocessable(f'Property "{name}" does not exist. {_FORMAT}')


def check_references(body: JsonObject, state: AkeneoState) -> None:
    """Refuse families, categories, parents and association types that do not exist.

    Raises:
        ApiError: There is one.
    """
    structure = state.database.structure
    family, parent = body.get("family"), body.get("parent")
    if family is not None and family not in structure.families:
        raise _no_such("family", "family code", "family", family)
    if parent is not None and not state.database.has("product_model", parent):
        raise _no_such("parent", "parent code", "parent product model", parent)
    for code in body.get("categories", ()):
        if code not in structure.categories:
            raise _no_such("categories", "category code", "category", code)
    for name in ("associations", "quantified_associations"):
        for code in body.get(name, {}):
            if code not in structure.association_types:
                raise _no_such(name, "association type code", "association type", code)


def check_labels(body: JsonObject, structure: Structure) -> None:
    """Refuse labels in locales that are not activated.

    Raises:
        ApiError: There is one.
    """
    for locale in body.get("labels", {}):
        if locale not in structure.locales:
            raise validation_failed("labels", f'The locale "{locale}" does not exist or is not activated.')


def check_values(values: JsonObject, structure: Structure, *, level: frozenset[str] | None) -> None:
    """Refuse values that do not fit their attributes.

    Args:
        values: The values of a patch.
        structure: The structure of the catalogue.
        level: Attributes that a variant or model has itself; None = any.

    Raises:
        ApiError: One does not fit.
    """
    for code, entries in values.items():
        attribute = structure.attributes.get(code)
        if attribute is None:
            raise unprocessable(f"The {code} attribute does not exist in your PIM. {_FORMAT}")
        if level is not None and code not in level:
            raise validation_failed(
                "attribute", f'Cannot set the property "{code}" to this entity as it is not in the attribute set'
            )
        if not isinstance(entries, list):
            raise unprocessable(f'Property "{code}" expects an array as data, "{_name(entries)}" given. {_FORMAT}')
        for entry in entries:
            _check_place(code, entry, attribute, structure)
            if entry["data"] is not None:
                _check_data(code, entry, attribute, structure)


def level_of(document: JsonObject, kind: str, structure: Structure, state: AkeneoState) -> frozenset[str] | None:
    """Return the attributes that a record in a product tree has itself; None for a simple product."""
    parent = document.get("parent")
    root = document if kind == "product_model" and parent is None else state.database.get("product_model", parent or "")
    if root is None or (kind == "product" and parent is None):
        return None
    variant = state.database.get("family_variant", f"{root['family']}/{root['family_variant']}")
    if variant is None:
        return None
    below = {each["level"]: frozenset(each["attributes"]) for each in variant["variant_attribute_sets"]}
    if kind == "product":
        return below[max(below)]
    if parent is not None:
        return below[1]
    everything = frozenset(structure.families[root["family"]]["attributes"])
    return everything.difference(*below.values())


def _check_place(code: str, entry: Any, attribute: JsonObject, structure: Structure) -> None:
    if not isinstance(entry, dict) or not {"data", "locale", "scope"} <= entry.keys():
        raise unprocessable(
            f'Property "{code}" expects an array with valid data, one of the keys "data", "locale", "scope" is missing.'
            f" {_FORMAT}"
        )
    locale, scope = entry["locale"], entry["scope"]
    if (locale is not None) is not attribute["localizable"]:
        needs = "requires a value per locale" if locale is None else "does not require a value per locale"
        raise _misplaced(code, entry, f"The {code} attribute {needs}.")
    if (scope is not None) is not attribute["scopable"]:
        needs = "requires a value per channel" if scope is None else "does not require a value per channel"
        raise _misplaced(code, entry, f"The {code} attribute {needs}.")
    if locale is not None and locale not in structure.locales:
        raise _misplaced(
            code, entry, f"The {code} attribute requires a valid locale. The {locale} locale does not exist."
        )
    if scope is not None and scope not in structure.channels:
        raise _misplaced(code, entry, f"The {code} attribute requires a valid scope. The {scope} scope does not exist.")


def _check_data(code: str, entry: JsonObject, attribute: JsonObject, structure: Structure) -> None:
    data, kind = entry["data"], attribute["type"]
    expected, is_right = _SHAPES.get(kind, ("", lambda _: True))
    if not is_right(data):
        raise unprocessable(f'Property "{code}" expects {expected} as data, "{_name(data)}" given. {_FORMAT}')
    if kind in {"pim_catalog_identifier", "pim_catalog_text"} and len(data) > _LONGEST_TEXT:
        longest = f"The {code} attribute must not contain more than {_LONGEST_TEXT} characters."
        raise _misplaced(code, entry, f"{longest} The submitted value is too long.")
    if kind == "pim_catalog_price_collection":
        for price in data:
            if price["currency"] not in structure.currencies:
                raise _misplaced(
                    code, entry, f"The {price['currency']} currency does not exist or is not activated in your PIM."
                )
            if not _is_number(price["amount"]):
                raise _misplaced(code, entry, "This value should be a valid number.")
    if kind in {"pim_catalog_simpleselect", "pim_catalog_multiselect"}:
        options = structure.options.get(code, {})
        for option in [data] if isinstance(data, str) else data:
            if str(option).lower() not in options:
                raise _misplaced(code, entry, f"The {option} value is not in the {code} attribute option list.")


def _misplaced(code: str, entry: JsonObject, message: str) -> ApiError:
    return validation_failed("values", message, attribute=code, locale=entry["locale"], scope=entry["scope"])


def _no_such(name: str, expected: str, noun: str, code: str) -> ApiError:
    return unprocessable(
        f'Property "{name}" expects a valid {expected}. The {noun} does not exist, "{code}" given. {_FORMAT}'
    )


def _is_number(data: Any) -> bool:
    try:
        return not isinstance(data, bool) and (data is None or abs(float(data)) < float("inf"))
    except (TypeError, ValueError):
        return False


def _is_list_of(keys: Iterable[str]) -> Callable[[Any], bool]:
    wanted = frozenset(keys)
    return lambda data: (
        isinstance(data, list)
        and all(isinstance(item, dict) and item.keys() == wanted if wanted else isinstance(item, str) for item in data)
    )


_SHAPES: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "pim_catalog_identifier": ("a string", lambda data: isinstance(data, str)),
    "pim_catalog_text": ("a string", lambda data: isinstance(data, str)),
    "pim_catalog_textarea": ("a string", lambda data: isinstance(data, str)),
    "pim_catalog_simpleselect": ("a string", lambda data: isinstance(data, str)),
    "pim_catalog_date": ("a string", lambda data: isinstance(data, str)),
    "pim_catalog_boolean": ("a boolean", lambda data: isinstance(data, bool)),
    "pim_catalog_number": ("a numeric", _is_number),
    "pim_catalog_price_collection": ("an array of prices", _is_list_of(("amount", "currency"))),
    "pim_catalog_multiselect": ("an array", _is_list_of(())),
    "pim_catalog_metric": (
        "an array with amount and unit",
        lambda data: isinstance(data, dict) and data.keys() == {"amount", "unit"} and _is_number(data["amount"]),
    ),
}


def _name(data: Any) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "double", list: "array", dict: "array"}
    return names.get(type(data), "NULL")
