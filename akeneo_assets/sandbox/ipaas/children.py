"""How a PUT of a whole record treats its nested children.

A child with an id is kept. A child without one is new, even if an equal one exists: the existing one is dropped, as
are all that the request leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas import identifiers
from akeneo_assets.sandbox.ipaas.errors import RefusedError, not_found


@dataclass(frozen=True)
class ChildRule:
    """How the children of one field are distinguished.

    Args:
        table: Their table.
        natural_key: Fields that identify a child for a user.
        immutable: Fields that a kept child may not change.
        children: Rules of their own children, by field.
    """

    table: str
    natural_key: tuple[str, ...]
    immutable: tuple[str, ...] = ()
    children: Mapping[str, ChildRule] = field(default_factory=dict)


_ARTICLE = {
    "kit": ChildRule(
        identifiers.KIT, ("sku",), children={"components": ChildRule(identifiers.KIT_COMPONENT, ("sku",))}
    ),
    "alternate_ids": ChildRule(identifiers.ALTERNATE_ID, ("alternate_id_type_id", "alternate_id")),
    "related_products": ChildRule(identifiers.RELATED_PRODUCT, ("related_sku", "related_id", "related_type")),
}
VARIANT_CHILDREN = {**_ARTICLE, "inventory": ChildRule(identifiers.VARIANT_INVENTORY, ("location_id",))}
PRODUCT_CHILDREN = {
    **_ARTICLE,
    "inventory": ChildRule(identifiers.PRODUCT_INVENTORY, ("location_id",)),
    "units": ChildRule(identifiers.UNIT, ("name",)),
    "options": ChildRule(
        identifiers.OPTION,
        ("option_name",),
        children={"values": ChildRule(identifiers.OPTION_VALUE, ("value",), immutable=("value",))},
    ),
    "variants": ChildRule(identifiers.VARIANT, ("sku",), children=VARIANT_CHILDREN),
}


@dataclass
class Dropped:
    """What a write did to the existing children.

    Args:
        recreated: How many children were deleted and created again, because they were sent without an id.
        removed: How many were left out.
        ids: The tables and ids of all dropped ones, their own children included.
    """

    recreated: int = 0
    removed: int = 0
    ids: set[tuple[str, str]] = field(default_factory=set)


def merge_children(
    document: JsonObject,
    previous: JsonObject,
    rules: Mapping[str, ChildRule],
    sequence: identifiers.Sequence,
    dropped: Dropped,
    *,
    checks_immutable: bool = True,
) -> None:
    """Assign ids to the children of ``document``, in place, and count the children of ``previous`` that are dropped.

    Raises:
        RefusedError: ``NFND-1005`` if an id belongs to no child of the record, ``VALD-1043`` if an option value
            changes.
    """
    for name, rule in rules.items():
        before = {str(child["id"]): child for child in _as_list(previous.get(name))}
        fresh: set[tuple[Any, ...]] = set()
        for child in _as_list(document.get(name)):
            if "id" in child:
                old = before.pop(child["id"], None)
                if old is None:
                    raise not_found(rule.table, child["id"])
                if checks_immutable:
                    _check_immutable(rule, child, old)
                child["id"] = old["id"]
            else:
                old = {}
                child["id"] = sequence.take(rule.table)
                fresh.add(_natural_key(rule, child))
            merge_children(child, old, rule.children, sequence, dropped, checks_immutable=checks_immutable)
        for child_id, child in before.items():
            dropped.ids.add((rule.table, child_id))
            dropped.ids.update((table, str(below["id"])) for table, below in walk(child, rule.children))
            if _natural_key(rule, child) in fresh:
                dropped.recreated += 1
            else:
                dropped.removed += 1


def walk(document: JsonObject, rules: Mapping[str, ChildRule]) -> Iterator[tuple[str, JsonObject]]:
    """Yield the children of ``document`` and their children, each with its table."""
    for name, rule in rules.items():
        for child in _as_list(document.get(name)):
            yield rule.table, child
            yield from walk(child, rule.children)


def _as_list(value: Any) -> list[JsonObject]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _natural_key(rule: ChildRule, child: JsonObject) -> tuple[Any, ...]:
    return tuple(child.get(name) for name in rule.natural_key)


def _check_immutable(rule: ChildRule, child: JsonObject, old: JsonObject) -> None:
    for name in rule.immutable:
        if child.get(name) != old.get(name):
            raise RefusedError("VALD-1043", f"The {name} of the {rule.table} with Id {child['id']} cannot change.")
