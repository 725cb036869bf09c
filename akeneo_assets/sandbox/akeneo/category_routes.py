"""Categories: the list, its searches, and single categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from akeneo_assets.documents import JsonObject, fingerprint
from akeneo_assets.sandbox.akeneo.bodies import bent
from akeneo_assets.sandbox.akeneo.call import Call, page_of
from akeneo_assets.sandbox.akeneo.dates import iso_moment, shown
from akeneo_assets.sandbox.akeneo.errors import bad_request, not_found
from akeneo_assets.sandbox.akeneo.search import Criterion, parse_search
from akeneo_assets.sandbox.akeneo.state import AkeneoState

CategoryTest: TypeAlias = Callable[[JsonObject], bool]


def list_categories(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with a page of categories, in no guaranteed order."""
    structure = state.database.structure
    tests = [_test(criterion, state) for criterion in parse_search(call.query.get("search"))]
    codes = structure.tree_order()
    if state.switches.category_order == "children_first":
        codes.reverse()
    elif state.switches.category_order == "shuffled":
        codes.sort(key=fingerprint)
    found = (structure.categories[code] for code in codes)
    return page_of(call, [_body(category, state, call) for category in found if all(test(category) for test in tests)])


def get_category(state: AkeneoState, call: Call) -> JsonObject:
    """Respond with one category."""
    code = call.codes["code"]
    category = state.database.structure.categories.get(code)
    if category is None:
        raise not_found(f'Category "{code}" does not exist.')
    return _body(category, state, call)


def _body(category: JsonObject, state: AkeneoState, call: Call) -> JsonObject:
    body = {
        "code": category["code"],
        "parent": category["parent"],
        "updated": shown(category["updated"], state.switches.zone),
        "labels": category["labels"],
    }
    if call.flag("with_position"):
        siblings = state.database.structure.category_children[category["parent"]]
        body["position"] = siblings.index(category["code"]) + 1 if category["parent"] else 1
    if call.flag("with_enriched_attributes") and not state.switches.is_before(8):
        body["values"] = category["values"]
    return bent(
        body,
        lists_for_empty_maps=state.switches.lists_for_empty_maps,
        numeric_codes_as_integers=state.switches.numeric_codes_as_integers,
    )


def _test(criterion: Criterion, state: AkeneoState) -> CategoryTest:
    available = [name for name in _TESTS if name not in _SINCE_6 or not state.switches.is_before(6)]
    if criterion.property not in available:
        raise bad_request(
            f'Available search filters are "{", ".join(available)}" and you tried to search on'
            f' unavailable filter "{criterion.property}"'
        )
    return _TESTS[criterion.property](criterion, state)


def _code(criterion: Criterion, _: AkeneoState) -> CategoryTest:
    codes = criterion.value
    if criterion.operator != "IN" or not isinstance(codes, tuple):
        raise bad_request(
            'In order to search on category codes you must use "IN" operator and an array of category codes as value'
        )
    return lambda category: category["code"] in codes


def _parent(criterion: Criterion, state: AkeneoState) -> CategoryTest:
    structure = state.database.structure
    code = criterion.value
    if criterion.operator != "=" or not isinstance(code, str):
        raise bad_request(
            'In order to search on category parent you must use "=" operator and a category code as value'
        )
    if code not in structure.categories:
        raise bad_request(f"Parent code {code} does not exist.")
    if not state.switches.deep_parents:
        return lambda category: category["parent"] == code
    # All levels below, although the filter is named parent.
    below = frozenset(structure.below(code))
    return lambda category: category["code"] in below


def _is_root(criterion: Criterion, _: AkeneoState) -> CategoryTest:
    if criterion.operator != "=" or not isinstance(criterion.value, bool):
        raise bad_request('In order to search on category is_root you must use "=" operator and a boolean as value')
    return lambda category: (category["parent"] is None) is criterion.value


def _updated(criterion: Criterion, _: AkeneoState) -> CategoryTest:
    if criterion.operator != ">":
        raise bad_request('In order to search on category updated date you must use ">" operator')
    moment = iso_moment(criterion.value)
    if moment is None:
        raise bad_request("This value is not in a valid ISO 8601 standard datetime format")
    return lambda category: category["updated"] > moment


_TESTS: Final[dict[str, Callable[[Criterion, AkeneoState], CategoryTest]]] = {
    "code": _code,
    "parent": _parent,
    "is_root": _is_root,
    "updated": _updated,
}
_SINCE_6: Final = frozenset({"is_root", "updated"})
