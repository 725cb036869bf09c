"""Searches for products and models: the criteria become one search of the index."""

from __future__ import annotations

from collections.abc import Iterable

from akeneo_assets.sandbox.akeneo.bodies import Bodies
from akeneo_assets.sandbox.akeneo.completeness import completenesses
from akeneo_assets.sandbox.akeneo.errors import not_found, unprocessable
from akeneo_assets.sandbox.akeneo.index import Entry, Surface
from akeneo_assets.sandbox.akeneo.property_criteria import (
    EntryTest,
    check_identifier_operator,
    identifier_test,
    properties_of,
    property_test,
)
from akeneo_assets.sandbox.akeneo.search import Criterion, listed_values, unsupported
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.value_criteria import NUMBER_TESTS, values_test
from akeneo_assets.sandbox.akeneo.view import View


def find(state: AkeneoState, surface: Surface, criteria: tuple[Criterion, ...]) -> list[Entry]:
    """Return the entries that the index finds, in the order of the list.

    Values are not in the index: they are looked up in the database by the first search after the index changed.

    Raises:
        ApiError: A criterion is wrong.
    """
    state.index.catch_up(state.now())
    tests = [_test(criterion, surface, state) for criterion in criteria]
    is_relative = any(criterion.operator == "SINCE LAST N DAYS" for criterion in criteria)
    cache_key = (
        criteria,
        state.database.structure_revision,
        state.switches.zone_of_searches,
        state.switches.deep_parents,
        state.now() if is_relative else None,
    )
    return state.index.search(
        surface,
        cache_key=cache_key,
        matches=lambda entry: all(test(entry) for test in tests),
        candidates=_candidates(state, surface, criteria),
    )


def _candidates(state: AkeneoState, surface: Surface, criteria: tuple[Criterion, ...]) -> Iterable[Entry] | None:
    """Return the few entries that can match if a criterion names them; None = any."""
    if surface == "product-models":
        return None
    for criterion in criteria:
        if criterion.property == "parent" and criterion.operator == "=":
            return state.index.below(str(criterion.value))
        if criterion.property == "uuid" and criterion.operator == "IN":
            entries = map(state.index.product, {uuid.lower() for uuid in listed_values(criterion)})
            return [entry for entry in entries if entry is not None]
    return None


def _test(criterion: Criterion, surface: Surface, state: AkeneoState) -> EntryTest:
    name, structure = criterion.property, state.database.structure
    if name in properties_of(surface):
        return property_test(criterion, surface, state, state.switches.zone_of_searches)
    if name == "completeness" and surface != "product-models":
        return _completeness_test(criterion, state)
    if name == structure.identifier_attribute and surface != "product-models":
        check_identifier_operator(criterion, state)
        return identifier_test(criterion)
    if name in structure.attributes:
        kind = "product_model" if surface == "product-models" else "product"
        test, bodies = values_test(criterion, structure), Bodies(state, View(), origin="")

        def matches(entry: Entry) -> bool:
            document = state.database.get(kind, entry.key)
            return document is not None and test(bodies.stored_values(document))

        return matches
    message = f'"{name}" does not exist or you do not have permission to access it.'
    raise unprocessable(message) if surface == "products-uuid" else not_found(message)


def _completeness_test(criterion: Criterion, state: AkeneoState) -> EntryTest:
    compare, bound = NUMBER_TESTS.get(criterion.operator), criterion.value
    if compare is None:
        raise unsupported(criterion)
    if criterion.scope is None:
        raise unprocessable('Property "completeness" expects a valid scope.')
    if not isinstance(bound, int):
        raise unprocessable(f'Property "completeness" expects a numeric as data, "{bound}" given.')
    bodies = Bodies(state, View(), origin="")

    def matches(entry: Entry) -> bool:
        document = state.database.get("product", entry.key)
        if document is None:
            return False
        shares = completenesses(bodies.stored_values(document), entry.family, state.database.structure)
        return any(
            compare(share["data"], bound)
            for share in shares
            if share["scope"] == criterion.scope and criterion.locale in {None, share["locale"]}
        )

    return matches
