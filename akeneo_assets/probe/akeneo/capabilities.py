"""What the facts about Akeneo tell the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from akeneo_assets.akeneo.capabilities import OptionalSearch
from akeneo_assets.probe.facts import Result, Verdict

SEARCHES: Final[Mapping[str, OptionalSearch]] = {
    "akeneo.filters.products.parent.in": "products_by_parents",
    "akeneo.filters.products.identifier.in": "products_by_identifiers",
    "akeneo.filters.product-models.parent.in": "models_by_parents",
    "akeneo.filters.categories.is_root.equals": "category_roots",
}
"""Fact about a search that older versions refuse → its name."""

_IS_ACCEPTED: Final[Mapping[Verdict, bool]] = {"as assumed": True, "handled": False}


def capabilities_of(results: Iterable[Result]) -> dict[str, Any]:
    """Return what the engine can rely on."""
    found: dict[str, Any] = {}
    for result in results:
        key, verdict = result.fact.key, result.found.verdict
        found |= result.found.capabilities
        if key in SEARCHES and verdict in _IS_ACCEPTED:
            found[SEARCHES[key]] = _IS_ACCEPTED[verdict]
    return found
