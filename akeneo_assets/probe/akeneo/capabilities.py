"""What the facts about Akeneo tell the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from akeneo_assets.akeneo.capabilities import OptionalSearch
from akeneo_assets.probe.facts import Result

SEARCHES: Final[Mapping[str, OptionalSearch]] = {
    "akeneo.filters.products.parent.in": "products_by_parents",
    "akeneo.filters.products.identifier.in": "products_by_identifiers",
    "akeneo.filters.product-models.parent.in": "models_by_parents",
    "akeneo.filters.categories.is_root.equals": "category_roots",
}
"""Fact about a search that older versions refuse → its name."""


def capabilities_of(results: Iterable[Result]) -> dict[str, Any]:
    """Return what the engine can rely on."""
    found: dict[str, Any] = {}
    refused: set[str] = set()
    for result in results:
        key, capabilities = result.fact.key, result.found.capabilities
        found |= capabilities
        refused.update(capabilities.get("refused_searches", ()))
        if key in SEARCHES and result.found.verdict == "handled":
            refused.add(SEARCHES[key])
    return found | {"refused_searches": sorted(refused)}
