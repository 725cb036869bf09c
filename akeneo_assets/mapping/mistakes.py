"""Errors in a mapping file that prevent it from being loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from akeneo_assets.errors import ConfigurationError

SETTING: Final = "AKENEO_ASSETS_MAPPING"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error in a mapping file.

    Args:
        line: Its line; None if the file cannot be read at all.
        place: Its path in the file, e.g. ``product.name``; None for the whole file.
        message: What is wrong.
        cure: What to do.
    """

    line: int | None
    place: str | None
    message: str
    cure: str

    def __str__(self) -> str:
        """Return the error as one line."""
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{'' if self.place is None else f'{self.place}: '}{self.message} {self.cure}"


class MappingFileError(ConfigurationError):
    """A mapping file cannot be loaded.

    Args:
        path: The file.
        mistakes: All errors in it.
    """

    def __init__(self, path: str | Path, mistakes: Sequence[Mistake]) -> None:
        lines = "\n  ".join(map(str, mistakes))
        super().__init__(f"The mapping file {path} is invalid:\n  {lines}", settings=(SETTING,))
        self.mistakes = tuple(mistakes)


class MistakeError(ValueError):
    """A part of a mapping file is invalid.

    Args:
        message: What is wrong.
        cure: What to do.
    """

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.cure = cure
