"""Paths in a mapping file."""

from __future__ import annotations

from typing import TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""The keys and list positions that lead to a part of the file."""


def place_text(place: Place) -> str:
    """Format a path for messages, e.g. ``product.custom_fields.attributes[2]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
