"""Line numbers of the parts of a mapping file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import yaml

from akeneo_assets.mapping.file.place import place_text

if TYPE_CHECKING:
    from akeneo_assets.mapping.file.place import Place


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each path in a valid mapping file, such as ``product.custom_fields.all``."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return {} if node is None else dict(_lines((), node))


def line_of(place: str, lines: dict[str, int]) -> int | None:
    """Return the line of a path, or of its nearest parent in the file; None if the file contains neither."""
    around = [each for each in lines if place == each or place.startswith((f"{each}.", f"{each}["))]
    return lines[max(around, key=len)] if around else None


def _lines(place: Place, node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*place, str(key.value))
            yield place_text(below), key.start_mark.line + 1
            yield from _lines(below, value)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            below = (*place, index)
            yield place_text(below), value.start_mark.line + 1
            yield from _lines(below, value)
