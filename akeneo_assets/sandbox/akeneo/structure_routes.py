"""Attributes, families, channels and other structure: paged lists, sorted by code, most with a simple search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.akeneo.call import Call, page_of
from akeneo_assets.sandbox.akeneo.date_criteria import iso_date_test
from akeneo_assets.sandbox.akeneo.errors import not_found
from akeneo_assets.sandbox.akeneo.search import Criterion, boolean_value, listed_values, parse_search, unsupported
from akeneo_assets.sandbox.akeneo.state import AkeneoState
from akeneo_assets.sandbox.akeneo.structure import Structure

DocumentTest: TypeAlias = Callable[[JsonObject], bool]
MakeTest: TypeAlias = Callable[[Criterion, AkeneoState], DocumentTest]
BodyOf: TypeAlias = Callable[[JsonObject, Structure], JsonObject]

_WITH_OPTIONS: Final = ("pim_catalog_simpleselect", "pim_catalog_multiselect")


def _in(criterion: Criterion, _: AkeneoState) -> DocumentTest:
    if criterion.operator != "IN":
        raise unsupported(criterion)
    codes = frozenset(listed_values(criterion))
    return lambda document: document[criterion.property] in codes


def _equal(criterion: Criterion, _: AkeneoState) -> DocumentTest:
    if criterion.operator != "=":
        raise unsupported(criterion)
    wanted = boolean_value(criterion)
    return lambda document: document[criterion.property] is wanted


def _updated_after(criterion: Criterion, state: AkeneoState) -> DocumentTest:
    if criterion.operator != ">":
        raise unsupported(criterion)
    test = iso_date_test(criterion, state.now())
    return lambda document: test(document["updated"])


def _has_products(criterion: Criterion, state: AkeneoState) -> DocumentTest:
    if criterion.operator != "=":
        raise unsupported(criterion)
    wanted = boolean_value(criterion)
    families = state.index.families()
    return lambda document: (document["code"] in families) is wanted


def _as_stored(document: JsonObject, _: Structure) -> JsonObject:
    return {name: item for name, item in document.items() if name != "updated"}


def _attribute(document: JsonObject, structure: Structure) -> JsonObject:
    group = structure.attribute_groups.get(document["group"], {})
    return {**_as_stored(document, structure), "group_labels": group.get("labels", {})}


def _family_variant(document: JsonObject, structure: Structure) -> JsonObject:
    # Only the path contains the family.
    body = {name: item for name, item in document.items() if name != "family"}
    of_levels = {code for level in document["variant_attribute_sets"] for code in level["attributes"]}
    common = [code for code in structure.families[document["family"]]["attributes"] if code not in of_levels]
    return {**body, "common_attributes": common}


@dataclass(frozen=True)
class StructureKind:
    """One kind of structure records.

    Args:
        kind: Its kind in the database.
        noun: Its name in error messages.
        search: The searchable properties; lists without any ignore ``search``.
        body: Returns the body of a stored record.
    """

    kind: str
    noun: str
    search: Mapping[str, MakeTest] = field(default_factory=dict)
    body: BodyOf = _as_stored

    def page(self, state: AkeneoState, call: Call) -> JsonObject:
        """Respond with a page of records."""
        return self._page_of(state, call, list(state.database.all(self.kind)))

    def get(self, state: AkeneoState, call: Call) -> JsonObject:
        """Respond with one record."""
        code = call.codes["code"]
        document = state.database.get(self.kind, code)
        if document is None:
            raise not_found(f'{self.noun} "{code}" does not exist.')
        return self.body(document, state.database.structure)

    def _page_of(self, state: AkeneoState, call: Call, documents: list[JsonObject]) -> JsonObject:
        criteria = parse_search(call.query.get("search")) if self.search else ()
        tests = [self._test(criterion, state) for criterion in criteria]
        found = [document for document in documents if all(test(document) for test in tests)]
        found.sort(key=lambda document: document["code"].lower())
        return page_of(call, [self.body(document, state.database.structure) for document in found])

    def _test(self, criterion: Criterion, state: AkeneoState) -> DocumentTest:
        if criterion.property not in self.search:
            raise unsupported(criterion)
        return self.search[criterion.property](criterion, state)


class OptionKind(StructureKind):
    """The options of one attribute."""

    def page(self, state: AkeneoState, call: Call) -> JsonObject:
        """Respond with a page of options, sorted by code, not by display order."""
        attribute = select_attribute(state, call.codes["attribute"])
        return self._page_of(state, call, list(state.database.structure.options.get(attribute, {}).values()))

    def get(self, state: AkeneoState, call: Call) -> JsonObject:
        """Respond with one option."""
        attribute, code = select_attribute(state, call.codes["attribute"]), call.codes["code"]
        document = state.database.get(self.kind, f"{attribute}/{code}")
        if document is None:
            raise not_found(
                f'Attribute option "{code}" does not exist or is not an option of the attribute "{attribute}".'
            )
        return document


class FamilyVariantKind(StructureKind):
    """The variants of one family."""

    def page(self, state: AkeneoState, call: Call) -> JsonObject:
        """Respond with a page of family variants."""
        family = _family(state, call)
        documents = [found for found in state.database.all(self.kind) if found["family"] == family]
        return self._page_of(state, call, documents)

    def get(self, state: AkeneoState, call: Call) -> JsonObject:
        """Respond with one family variant."""
        family, code = _family(state, call), call.codes["code"]
        document = state.database.get(self.kind, f"{family}/{code}")
        if document is None:
            raise not_found(f'Family variant "{code}" does not exist or is not a variant of the family "{family}".')
        return self.body(document, state.database.structure)


def select_attribute(state: AkeneoState, code: str) -> str:
    """Return the code of an attribute, or refuse it if it has no options."""
    attribute = state.database.structure.attributes.get(code)
    if attribute is None:
        raise not_found(f'Attribute "{code}" does not exist.')
    if attribute["type"] not in _WITH_OPTIONS:
        types = '", "'.join(_WITH_OPTIONS)
        raise not_found(
            f'Attribute "{code}" does not support options. Only attributes of type "{types}" support options.'
        )
    return code


def _family(state: AkeneoState, call: Call) -> str:
    family = call.codes["family"]
    if family not in state.database.structure.families:
        raise not_found(f'Family "{family}" does not exist.')
    return family


_BY_CODE_AND_DATE: Final = {"code": _in, "updated": _updated_after}

STRUCTURE: Final[dict[str, StructureKind]] = {
    "attributes": StructureKind(
        "attribute",
        "Attribute",
        {**_BY_CODE_AND_DATE, "type": _in, "is_main_identifier": _equal},
        _attribute,
    ),
    "attribute-groups": StructureKind("attribute_group", "Attribute group", _BY_CODE_AND_DATE),
    "families": StructureKind("family", "Family", {**_BY_CODE_AND_DATE, "has_products": _has_products}),
    "association-types": StructureKind("association_type", "Association type"),
    "channels": StructureKind("channel", "Channel"),
    "locales": StructureKind("locale", "Locale", {"enabled": _equal}),
    "currencies": StructureKind("currency", "Currency", {"enabled": _equal}),
}
"""Kinds by path."""

ATTRIBUTE_OPTIONS: Final = OptionKind("attribute_option", "Attribute option")
FAMILY_VARIANTS: Final = FamilyVariantKind("family_variant", "Family variant", body=_family_variant)


def list_measurement_families(state: AkeneoState, _: Call) -> list[JsonObject]:
    """Respond with all measurement families: a plain array, as the real server does, contrary to its specification."""
    return list(state.database.structure.measurement_families.values())


def get_system_information(state: AkeneoState, _: Call) -> JsonObject:
    """Respond with version and edition."""
    return {"version": state.switches.version, "edition": state.switches.edition}
