"""The axis values of a variant, its own or those of the product model above it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.options import AxisValue, OptionMapper
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.mapping.shapes import as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject

Inherited: TypeAlias = "dict[str | None, JsonObject]"
"""The values of product models by model code."""


def inherited_values(models: Iterable[JsonObject]) -> Inherited:
    """Return the values of product models by model code."""
    return {as_text(model.get("code")): as_map(model.get("values")) for model in models}


class AxisReader:
    """Reads the axis values of variants.

    Args:
        reader: Reads values.
        options: Turns an axis value into an option value.
    """

    def __init__(self, reader: ValueReader, options: OptionMapper) -> None:
        self._reader = reader
        self._options = options

    def values(self, axes: tuple[str, ...], document: JsonObject, inherited: Inherited) -> dict[str, AxisValue]:
        """Return the value of each axis of a variant.

        Raises:
            RecordError: ``missing_axis_value``.
        """
        found = self.known_values(axes, document, inherited)
        for axis in axes:
            if axis not in found:
                raise RecordError(
                    f"The variant has no value for the axis {axis}. Fill it in Akeneo, on the variant or on the "
                    "product model above it.",
                    code="missing_axis_value",
                )
        return found

    def known_values(self, axes: tuple[str, ...], document: JsonObject, inherited: Inherited) -> dict[str, AxisValue]:
        """Return the values of the axes that have one."""
        return dict(self._known_values(axes, document, inherited))

    def _known_values(
        self, axes: tuple[str, ...], document: JsonObject, inherited: Inherited
    ) -> Iterator[tuple[str, AxisValue]]:
        values = as_map(document.get("values"))
        parent = inherited.get(as_text(document.get("parent")), {})
        for axis in axes:
            entry = self._reader.choose(values.get(axis) or parent.get(axis))
            value = None if entry is None else self._options.value(axis, entry)
            if value is not None:
                yield axis, value
