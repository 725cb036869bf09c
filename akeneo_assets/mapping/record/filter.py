"""Decide which products are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.formulas.formula import compile_formula, plain_result
from akeneo_assets.mapping.formulas.limits import FormulaError
from akeneo_assets.mapping.numbers import as_decimal
from akeneo_assets.mapping.shapes import as_codes, as_list, as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection
    from akeneo_assets.mapping.file.settings import Filter
    from akeneo_assets.mapping.record.record_view import RecordView

CategoryParents: TypeAlias = Mapping[str, str | None]
"""The parent's code by category code; None for a root category."""

FILTERED: Final = "filtered"
"""The error code of a record that the filter excludes."""


class RecordFilter:
    """Decides which product models and products are sent.

    Args:
        settings: The filter of the mapping file.
        selection: The default channel and locale for completeness.
        category_parents: The parent of each category, so that a category includes its subcategories; without it,
            only the categories themselves match.
    """

    def __init__(self, settings: Filter, selection: Selection, category_parents: CategoryParents | None = None) -> None:
        self._settings = settings
        self._selection = selection
        self.categories = (
            None if settings.categories is None else _subtrees(settings.categories, category_parents or {})
        )
        self._formula = None if settings.expression is None else compile_formula(settings.expression)

    def check_model(self, document: JsonObject) -> None:
        """Check a product model: only its family and categories matter.

        Raises:
            RecordError: ``filtered``: it is not to be sent.
        """
        if (reason := self._family(document) or self._category(document)) is not None:
            raise left_out(reason)

    def check_product(self, document: JsonObject, view: RecordView) -> None:
        """Check a simple product, bundle or variant.

        Raises:
            RecordError: ``filtered``: it is not to be sent.
        """
        reason = (
            self._family(document)
            or self._category(document)
            or self._enabled(document)
            or self._completeness(document)
            or self._expression(view)
        )
        if reason is not None:
            raise left_out(reason)

    def _family(self, document: JsonObject) -> str | None:
        family = as_text(document.get("family"))
        wanted, unwanted = self._settings.families, self._settings.exclude_families
        if (wanted is not None and family not in wanted) or family in unwanted:
            return f"its family {family or '(none)'} is excluded"
        return None

    def _category(self, document: JsonObject) -> str | None:
        if self.categories is None or not self.categories.isdisjoint(as_codes(document.get("categories"))):
            return None
        return "it is not in any of the categories"

    def _enabled(self, document: JsonObject) -> str | None:
        enabled = bool(document.get("enabled", True))
        if self._settings.enabled in {None, enabled}:
            return None
        return f"it is {'enabled' if enabled else 'disabled'}"

    def _completeness(self, document: JsonObject) -> str | None:
        wanted = self._settings.completeness
        if wanted is None:
            return None
        channel = wanted.channel or self._selection.channel
        locale = wanted.locale or next(iter(self._selection.locales), None)
        for each in map(as_map, as_list(document.get("completenesses"))):
            if each.get("scope") == channel and each.get("locale") == locale:
                percent = as_decimal(each.get("data"))
                if percent is not None and percent >= wanted.minimum:
                    return None
                return f"it is {percent} % complete for {channel} and {locale}, but {wanted.minimum} % is required"
        return f"its completeness for {channel} and {locale} is unknown"

    def _expression(self, view: RecordView) -> str | None:
        if self._formula is None:
            return None
        try:
            result = plain_result(self._formula.evaluate(view, "filter.expression"))
        except FormulaError as error:
            return f"the filter formula {error}"
        return None if result else "the filter formula is false"


def left_out(reason: str) -> RecordError:
    """Return the error for a record that the filter excludes."""
    return RecordError(
        f"Excluded by the filter of the mapping file: {reason}. If it was sent before, "
        "it remains unchanged in iPaaS.com.",
        code=FILTERED,
    )


def _subtrees(codes: tuple[str, ...], parents: CategoryParents) -> frozenset[str]:
    """Return ``codes`` and all their subcategories."""
    wanted = set(codes)
    for category in parents:
        chain: list[str] = []
        at: str | None = category
        while at is not None and at not in wanted and at not in chain:
            chain.append(at)
            at = parents.get(at)
        if at in wanted:
            wanted.update(chain)
    return frozenset(wanted)
