"""Conditions on the properties of products and models; the index alone evaluates them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import Final, TypeAlias

from akeneo_assets.sandbox.akeneo.date_criteria import local_date_test
from akeneo_assets.sandbox.akeneo.errors import ApiError, listed, unprocessable
from akeneo_assets.sandbox.akeneo.index import Entry, Surface
from akeneo_assets.sandbox.akeneo.search import Criterion, boolean_value, listed_values, text_value, unsupported
from akeneo_assets.sandbox.akeneo.state import AkeneoState

EntryTest: TypeAlias = Callable[[Entry], bool]

MAXIMUM_IDENTIFIERS: Final = 100

_PRODUCT_PROPERTIES: Final = frozenset(
    {"uuid", "identifier", "family", "categories", "groups", "enabled", "created", "updated", "parent"}
)
_MODEL_PROPERTIES: Final = frozenset({"identifier", "family", "categories", "created", "updated", "parent"})


def properties_of(surface: Surface) -> frozenset[str]:
    """Return the properties that :func:`property_test` supports for a list."""
    return _MODEL_PROPERTIES if surface == "product-models" else _PRODUCT_PROPERTIES


def property_test(criterion: Criterion, surface: Surface, state: AkeneoState, zone: tzinfo) -> EntryTest:
    """Return the test of a criterion on one of :func:`properties_of`.

    Raises:
        ApiError: The operator or the value is wrong, or refers to something that does not exist.
    """
    if criterion.property in {"created", "updated"}:
        test = local_date_test(criterion, zone, state.now())
        is_created = criterion.property == "created"
        return (lambda entry: test(entry.created)) if is_created else (lambda entry: test(entry.updated))
    return _TESTS[criterion.property](criterion, surface, state)


def _uuid_test(criterion: Criterion, _: Surface, __: AkeneoState) -> EntryTest:
    return _one_of(criterion, [uuid.lower() for uuid in _in_list(criterion)], lambda entry: entry.key)


def _enabled_test(criterion: Criterion, _: Surface, __: AkeneoState) -> EntryTest:
    if criterion.operator not in {"=", "!="}:
        raise unsupported(criterion)
    wanted = boolean_value(criterion) is (criterion.operator == "=")
    return lambda entry: entry.enabled is wanted


def _identifier_test(criterion: Criterion, surface: Surface, state: AkeneoState) -> EntryTest:
    if surface == "products":
        check_identifier_operator(criterion, state)
    return identifier_test(criterion, only_lists=surface == "product-models")


def check_identifier_operator(criterion: Criterion, state: AkeneoState) -> None:
    """Refuse lists of identifiers if the version does not support them.

    Raises:
        ApiError: It does not.
    """
    if criterion.operator in {"IN", "NOT IN"} and state.switches.is_before(7):
        raise unsupported(criterion)


def identifier_test(criterion: Criterion, *, only_lists: bool = False) -> EntryTest:
    """Return the test of a criterion on the main identifier (or, for models, on the code)."""
    operator = criterion.operator
    if operator in {"IN", "NOT IN"}:
        wanted = {item.lower() for item in listed_values(criterion)}
        if len(wanted) > MAXIMUM_IDENTIFIERS:
            raise ApiError(
                400, f"The identifier filter can't contain more than {MAXIMUM_IDENTIFIERS} product identifiers."
            )
        return _one_of(criterion, wanted, lambda entry: entry.order or None)
    if only_lists:
        raise unsupported(criterion)
    if operator in {"EMPTY", "NOT EMPTY"}:
        is_wanted = operator == "EMPTY"
        return lambda entry: (entry.identifier is None) is is_wanted
    if operator not in TEXT_TESTS:
        raise unsupported(criterion)
    text, compare = text_value(criterion).lower(), TEXT_TESTS[operator]
    return lambda entry: entry.identifier is not None and compare(entry.order, text)


TEXT_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "=": lambda found, text: found == text,
    "!=": lambda found, text: found != text,
    "STARTS WITH": lambda found, text: found.startswith(text),
    "CONTAINS": lambda found, text: text in found,
    "DOES NOT CONTAIN": lambda found, text: text not in found,
}
"""Comparisons of lower-case texts."""


def _in_list(criterion: Criterion) -> tuple[str, ...]:
    if criterion.operator not in {"IN", "NOT IN"}:
        raise unsupported(criterion)
    return listed_values(criterion)


def _one_of(criterion: Criterion, codes: Iterable[str], read: Callable[[Entry], str | None]) -> EntryTest:
    wanted = frozenset(codes)
    if criterion.operator == "IN":
        return lambda entry: read(entry) in wanted
    return lambda entry: read(entry) not in wanted


def _family_test(criterion: Criterion, _: Surface, state: AkeneoState) -> EntryTest:
    if criterion.operator in {"EMPTY", "NOT EMPTY"}:
        is_wanted = criterion.operator == "EMPTY"
        return lambda entry: (entry.family is None) is is_wanted
    codes = _in_list(criterion)
    for code in codes:
        if code not in state.database.structure.families:
            raise unprocessable(f'Object "family" with code "{code}" does not exist')
    return _one_of(criterion, codes, lambda entry: entry.family)


def _groups_test(criterion: Criterion, _: Surface, __: AkeneoState) -> EntryTest:
    if criterion.operator in {"EMPTY", "NOT EMPTY"}:
        is_wanted = criterion.operator == "EMPTY"
        return lambda entry: (not entry.groups) is is_wanted
    wanted, is_wanted = frozenset(_in_list(criterion)), criterion.operator == "IN"
    return lambda entry: (not wanted.isdisjoint(entry.groups)) is is_wanted


def _category_test(criterion: Criterion, _: Surface, state: AkeneoState) -> EntryTest:
    structure = state.database.structure
    existing = structure.categories.keys()
    operator = criterion.operator
    if operator == "UNCLASSIFIED":
        return lambda entry: entry.categories.isdisjoint(existing)
    if operator not in {"IN", "NOT IN", "IN OR UNCLASSIFIED", "IN CHILDREN", "NOT IN CHILDREN"}:
        raise unsupported(criterion)
    codes = listed_values(criterion)
    unknown = [code for code in codes if code not in existing]
    if unknown:
        raise unprocessable(listed("Category", "Categories", unknown, "does not exist.", "do not exist."))
    wanted = frozenset(codes)
    if operator.endswith("CHILDREN"):
        wanted |= {below for code in codes for below in structure.below(code)}
    if operator == "IN OR UNCLASSIFIED":
        return lambda entry: not entry.categories.isdisjoint(wanted) or entry.categories.isdisjoint(existing)
    is_wanted = not operator.startswith("NOT")
    return lambda entry: (not entry.categories.isdisjoint(wanted)) is is_wanted


def _parent_test(criterion: Criterion, surface: Surface, state: AkeneoState) -> EntryTest:
    operator = criterion.operator
    first = 6 if surface == "product-models" else 7
    if operator != "=" and state.switches.is_before(first):
        raise unsupported(criterion)
    if operator in {"EMPTY", "NOT EMPTY"}:
        is_wanted = operator == "EMPTY"
        return lambda entry: (entry.parent is None) is is_wanted
    if operator == "IN":
        return _one_of(criterion, listed_values(criterion), lambda entry: entry.parent)
    # `=` matches every level below, `IN` only the next.
    if operator != "=" or surface == "product-models":
        raise unsupported(criterion)
    code = text_value(criterion)
    if not state.database.has("product_model", code):
        raise unprocessable(
            f'Property "parent" expects a valid product model code. The product model does not exist, "{code}" given.'
        )
    if not state.switches.deep_parents:
        return lambda entry: entry.parent == code
    return lambda entry: code in entry.ancestors


_TESTS: Final[dict[str, Callable[[Criterion, Surface, AkeneoState], EntryTest]]] = {
    "uuid": _uuid_test,
    "identifier": _identifier_test,
    "family": _family_test,
    "categories": _category_test,
    "groups": _groups_test,
    "enabled": _enabled_test,
    "parent": _parent_test,
}
