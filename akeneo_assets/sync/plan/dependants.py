"""Marks the records as due that depend on changes of Akeneo's structure, without reading Akeneo.

If the label of an option changes, Akeneo does not update the modified date of any product. The mirror knows which
records use the option.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.shapes import as_codes, as_list, as_map, as_text
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS
from akeneo_assets.store.mirror import destination
from akeneo_assets.store.records import StructureChange
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.structure import LIST_KIND

_NAMING_KINDS: Final = ("attribute", "reference_entity_attribute", "reference_entity_record")
_RECORDS_AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Dependence:
    """The content that makes a product or product model depend on a change.

    Attributes:
        everything: Whether all records depend on it.
        families: Codes of changed families.
        family_variants: Codes of changed family variants.
        association_types: Codes of changed association types.
        attributes: Codes of changed attributes.
        choices: Attribute → case-folded codes of changed options or reference entity records.
    """

    everything: bool = False
    families: Collection[str] = ()
    family_variants: Collection[str] = ()
    association_types: Collection[str] = ()
    attributes: Collection[str] = ()
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)

    def concerns(self, document: JsonObject) -> bool:
        """Whether a record depends on the change."""
        if document.get("family") in self.families or document.get("family_variant") in self.family_variants:
            return True
        values = as_map(document.get("values"))
        if any(code in values for code in self.attributes):
            return True
        if any(_names(values.get(attribute), codes) for attribute, codes in self.choices.items()):
            return True
        associated = (as_map(document.get(name)) for name in ("associations", "quantified_associations"))
        return bool(self.association_types) and any(
            code in types for types in associated for code in self.association_types
        )


OF_ALL_RECORDS: Final = ("channel", "measurement_family")
"""The kinds of the structure that every record depends on; of the others, :func:`dependence_on` finds the few."""


def dependence_on(changes: Iterable[StructureChange], structure: Structure) -> Dependence:
    """Return the content that makes records depend on these changes.

    Args:
        changes: The changes.
        structure: The attributes, to find those that contain reference entity records, and the reference entity
            records, which may contain options and other records.
    """
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        keys[change.kind].add(change.key)
    choices: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys.pop("attribute_option", ()):
        attribute, _, code = key.partition("/")
        choices[attribute].add(code.casefold())
    records = {_owned(key) for key in keys.pop("reference_entity_record", ())}
    options = {_owned(key) for key in keys.pop("reference_entity_attribute_option", ())}
    records.update(_records_that_hold(records, options, structure))
    described = (*keys.pop("reference_entity_attribute", ()), *keys.pop("asset_attribute", ()))
    owners = {_owned(key)[0] for key in described}
    # An asset attribute refers to its asset family like to a reference entity.
    for owner, code in (*records, *(_owned(key) for key in keys.pop("asset", ()))):
        for each in structure.attributes.values():
            if each.reference_entity == owner:
                choices[each.code].add(code)
    keys["attribute"].update(each.code for each in structure.attributes.values() if each.reference_entity in owners)
    return Dependence(
        families=keys.pop("family", set()),
        family_variants={key.partition("/")[2] for key in keys.pop("family_variant", ())},
        association_types=keys.pop("association_type", set()),
        attributes=keys.pop("attribute"),
        choices=choices,
        # OF_ALL_RECORDS, and every kind that is not handled above.
        everything=bool(keys.keys() - {LIST_KIND}),
    )


def mark_dependants(store: Store) -> int:
    """Mark the records as due that depend on outstanding changes of the structure.

    A change is outstanding until all of its records are marked. If a run is killed, the next one marks them.

    Args:
        store: The state.

    Returns:
        How many changes were handled.
    """
    changes = store.structure_changes.outstanding()
    if not changes:
        return 0
    structure = Structure.from_documents({kind: store.mirror.all_documents(kind) for kind in _NAMING_KINDS})
    dependence = dependence_on(changes, structure)
    if dependence.everything:
        store.work.mark_everything()
    else:
        for kind in PRODUCT_SOURCE_KINDS:
            _mark(store, kind, dependence)
        store.work.mark_blocked()
    store.structure_changes.follow(changes)
    return len(changes)


def _mark(store: Store, kind: str, dependence: Dependence) -> None:
    due: list[tuple[str, str]] = []
    for key, document in store.mirror.all_documents(kind):
        if dependence.concerns(document):
            record = destination(kind, key, as_text(document.get("parent")))
            due += [record] if record is not None else []
        if len(due) >= _RECORDS_AT_ONCE:
            store.work.mark(due)
            due.clear()
    store.work.mark(due)


def _owned(key: str) -> tuple[str, str]:
    """Return everything before the last part of a key, and the last part case-folded."""
    owner, _, code = key.rpartition("/")
    return owner, code.casefold()


def _records_that_hold(
    records: Collection[tuple[str, str]], options: Collection[tuple[str, str]], structure: Structure
) -> Iterator[tuple[str, str]]:
    """Yield entity and code of the records that directly contain one of these records or options.

    Records that only contain them through another record do not count: only the label of that record is used.

    Args:
        records: Entity and code.
        options: ``<entity>/<attribute>`` and code.
        structure: The records, and those of their attributes that the mapping uses.
    """
    if not records and not options:
        return
    for entity, attributes in structure.record_attributes.items():
        for name, attribute in attributes.items():
            codes = {code for owner, code in records if owner == attribute.entity}
            codes.update(code for owner, code in options if owner == f"{entity}/{name}")
            if codes:
                holding = structure.records.get(entity, {}).items()
                yield from ((entity, code) for code, record in holding if _names(record.values.get(name), codes))


def _names(entries: object, codes: Collection[str]) -> bool:
    for entry in as_list(entries):
        data = as_map(entry).get("data")
        named = as_codes(data) if isinstance(data, list) else (as_text(data),)
        if any(code is not None and code.casefold() in codes for code in named):
            return True
    return False
